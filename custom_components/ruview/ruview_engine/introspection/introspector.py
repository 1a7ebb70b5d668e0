"""One link's tap: every sample becomes a snapshot, at once, beside the window path (ADR-099 D2, D4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..links.encoder import Encoder
from ..links.link_id import LinkId
from ..links.motion import MotionSample
from ..links.sample import Sample
from ..shapes import ActiveMask, Profiles
from .change import FALSE_ALARMS_PER_DAY, ChangeDetector, frames_between_alarms
from .features import band_matrix
from .library import Library
from .look_back import LookBack, Seen
from .matcher import SignatureMatcher
from .novelty import NoveltyModel
from .regime import RegimeClassifier
from .snapshot import Regime, Snapshot
from .trajectory import TrajectoryReading
from .why_unknown import WhyUnknown

#: Bands of the trajectory and of the rhythm. Origin: derived, twice the 3.5 independent looks of HT20.
N_BANDS: Final = 8
#: Seconds between slow judgements. Origin: spec, SENSING §2.
JUDGE_S: Final = 1.0
#: The same until something has been said. Origin: chosen; a change can only be told from a known regime, so the first
#: word must not come late.
FIRST_JUDGE_S: Final = 0.25
#: Rate assumed before one is measured. Origin: spec, the boards' 20 ms send gate gives 15–25 Hz in the field.
DEFAULT_FS_HZ: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrospectionSettings:
    """What a person may set.

    false_alarms_per_day : per link; thresholds follow from it
    glitch_guard : a change must show in two samples. False is for scalar streams without radio glitches
    """

    false_alarms_per_day: float = FALSE_ALARMS_PER_DAY
    glitch_guard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChangeModel:
    """A link's quiet as introspection needs it; fitted with the baseline (slow, ≈ 0.1 s), stored with it."""

    novelty: NoveltyModel

    @classmethod
    def fit(
        cls, windows: list[Profiles], *, fs_hz: float, settings: IntrospectionSettings = IntrospectionSettings()
    ) -> Self:
        """From quiet stretches (n, n_pairs). Raises ShapeError for too little material."""
        novelty = NoveltyModel.fit(
            windows,
            fs_hz=fs_hz,
            frames_between_alarms=frames_between_alarms(fs_hz, settings.false_alarms_per_day),
            is_guarded=settings.glitch_guard,
        )
        return cls(novelty=novelty)


class Introspector:
    """Per frame, per link, never window-blocked.

    Parameters
    ----------
    link : whose samples these are
    change : the link's quiet; None = no baseline yet: change and regime say so
    library : signatures; put a new one with `set_library` at any time
    fs_hz : measured rate of the link; `set_rate` when it has moved by more than a quarter
    encoder : the trained encoder, for `vec128` signatures
    """

    def __init__(
        self,
        link: LinkId,
        active: ActiveMask,
        *,
        change: ChangeModel | None = None,
        library: Library | None = None,
        fs_hz: float = DEFAULT_FS_HZ,
        encoder: Encoder | None = None,
    ) -> None:
        self.link = link
        self._name = str(link)
        self._active = np.asarray(active, dtype=np.bool_)
        self._encoder = encoder
        self._library = library or Library()
        n_bands = min(N_BANDS, int(self._active.sum()))
        bands: NDArray[np.float32] = band_matrix(self._active, n_bands).astype(np.float32)
        self._look_back = LookBack(bands, fs_hz)
        self._regime = RegimeClassifier()
        self._fs_hz = fs_hz
        self._change_model = change
        self._configure()
        self.frame_count = 0

    def _configure(self) -> None:
        model = self._change_model
        self._change = ChangeDetector(None if model is None else model.novelty)
        self._judged_s: float | None = None
        self._published = False
        self._snapshot: Snapshot | None = None
        #: The reading that `_why_not` speaks of, while there is a score.
        self._explained: TrajectoryReading | None = None
        self._why_not: tuple[tuple[str, WhyUnknown], ...] = ()
        self._follow_rate()

    def _follow_rate(self) -> None:
        self._match_anew()
        self._look_back.set_rate(self._fs_hz)
        self._matches = self._matcher.rest

    @property
    def fs_hz(self) -> float:
        """The rate everything is set up for."""
        return self._fs_hz

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first usable sample."""
        return self._snapshot

    @property
    def is_alarmed(self) -> bool:
        """A change is going on."""
        return self._change.is_alarmed

    @property
    def is_known_shape(self) -> bool:
        """The room looks at this moment as it is known to look in the quiet."""
        return self._change.is_known

    @property
    def is_calibrated(self) -> bool:
        """A baseline of this link is known."""
        return self._change_model is not None

    def set_library(self, library: Library) -> None:
        """Hot reload: the next sample is matched against the new library; idle is learnt anew."""
        self._library = library
        self._match_anew()

    def set_encoder(self, encoder: Encoder | None) -> None:
        """Another encoder, or none, from the next sample on; idle is learnt anew."""
        self._encoder = encoder
        self._match_anew()

    def _match_anew(self) -> None:
        self._matcher = SignatureMatcher(
            self._library, layout=self.link.layout, active=self._active, fs_hz=self._fs_hz, encoder=self._encoder
        )

    def set_change_model(self, change: ChangeModel | None) -> None:
        """A new baseline, or none."""
        self._change_model = change
        self.reset()

    def set_rate(self, fs_hz: float) -> None:
        """Signatures and trajectory start anew at another rate; change and regime go on."""
        self._fs_hz = fs_hz
        self._follow_rate()

    def reset(self) -> None:
        """Forget everything but models and library; equals new but for the frame count."""
        self._configure()
        self._look_back.reset()
        self._regime.reset()

    def job(self) -> Callable[[], Seen] | None:
        """What looks back on the last seconds: run it once a second in any thread, and `take` what it returns."""
        return self._look_back.job()

    def take(self, seen: Seen) -> None:
        """What that found: snapshots and regime stand on it from the next sample on."""
        self._look_back.take(seen)

    def update(self, sample: Sample, motion: MotionSample | None = None) -> Snapshot:
        """One frame to one snapshot; `motion` is the link's motion meter's answer to the same sample.

        Glitches and duplicates are counted and change nothing else.
        """
        self.frame_count += 1
        if not sample.is_usable:
            return self._publish(sample, changed=False)
        if sample.breaks_window:
            self._break()
        at_s, change = sample.at_s, self._change
        has_begun = change.update(sample)
        is_alarmed = change.is_alarmed
        self._matches = self._matcher.update(sample, is_still=not is_alarmed)
        self._look_back.update(sample)
        energy = None if motion is None else motion.z
        changed = self._regime.update(
            at_s, level=change.level, energy=energy, has_begun=has_begun, is_alarmed=is_alarmed
        )
        changed |= self._judge(at_s)
        return self._publish(sample, changed=changed)

    def _break(self) -> None:
        self._look_back.reset()
        self._regime.break_window()
        self._judged_s = None

    def _judge(self, at_s: float) -> bool:
        """Once a second, has the regime changed by what the second was like; oftener until something is said."""
        if self._judged_s is None:
            self._judged_s = at_s
        is_first = not self._published and self._change.level is not None
        if at_s - self._judged_s < (FIRST_JUDGE_S if is_first else JUDGE_S):
            return False
        self._judged_s = at_s
        return self._regime.judge(at_s, self._look_back.rhythm)

    def _publish(self, sample: Sample, *, changed: bool) -> Snapshot:
        self._published |= changed
        score, reading, regime = self._change.score, self._look_back.trajectory, self._regime
        lyapunov, dimension = reading.lyapunov, reading.dimension
        if score is None or reading is not self._explained:
            self._explained = None if score is None else reading
            self._why_not = self._reasons(score, reading)
        # by position, which is three times as quick as by name
        self._snapshot = snapshot = Snapshot(
            int(sample.at_s * 1e9),
            self.link.node,
            self._name,
            self.frame_count,
            regime.regime,
            regime.confidence,
            changed and regime.is_news,
            lyapunov.exponent,
            lyapunov.interval,
            dimension.dimension,
            dimension.confidence,
            score,
            None if score is None else 1.0,
            self._matches,
            self._why_not,
        )
        return snapshot

    def _reasons(self, score: float | None, reading: TrajectoryReading) -> tuple[tuple[str, WhyUnknown], ...]:
        lyapunov, dimension = reading.lyapunov, reading.dimension
        reasons: list[tuple[str, WhyUnknown]] = []
        if score is None:
            why = WhyUnknown.NO_BASELINE if self._change_model is None else WhyUnknown.SHORT_PAST
            reasons += [("change_score", why), ("change_threshold", why)]
            if self._regime.regime is Regime.UNKNOWN:
                reasons.append(("regime", why))
        if lyapunov.why_not is not None:
            reasons.append(("lyapunov_exponent", lyapunov.why_not))
            reasons.append(("lyapunov_interval", lyapunov.why_not))
        if dimension.why_not is not None:
            reasons.append(("attractor_dim", dimension.why_not))
        return tuple(reasons)
