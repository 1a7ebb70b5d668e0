"""How fast does the heart of the person in the room beat? Almost always: unknown, and said so.

At 2.4 GHz the beat moves the signal 24 dB less than the breath. A rate is given only when somebody still breathes
visibly in the line of sight, frames come fast, the line is far above the noise, and independent quarters of the data
agree. In simulation what is given is right; docs/algorithms/rates.md says how rarely it is given. There is no public
ESP32 recording with a reference pulse: on real people this is unproven.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from ...dsp.faint_line import FaintLine, faint_line
from ...dsp.periodicity import Band, line_limit_db
from ...errors import Damaged
from ..absence import Untaught, WhyAbsent
from ..link_rhythm import link_grid
from ..reading import Reading, WhyNot
from ..specialist import Quality, SpecialistProvenance
from ..window import LinkWindow

#: 45–150 beats per minute. Origin: ADR-151 "heart 0.8–3.0 Hz", cut where a resting person cannot be.
HEART_BAND: Final = Band(from_hz=0.75, to_hz=2.5)

#: Grid: noise is measured between 5 and 9 Hz. Origin: derived.
GRID_HZ: Final = 20.0
#: Slowest grid on which the band and its noise fit. Origin: derived.
SLOWEST_HZ: Final = 8.0

#: Preferred and shortest window. Origin: peers §2c: 30 s still at least; 60 s gain 3 dB.
LONG_WINDOW_S: Final = 60.0
WINDOW_S: Final = 30.0

#: From this rate on the ordinary limit holds. Origin: peers §2c, averaging gains 5 dB over 20 frames/s.
FAST_HZ: Final = 60.0
#: Slower links have to show this much more. Origin: chosen.
SLOW_LINK_EXTRA_DB: Final = 4.0

#: Quarters of the data that must name the rate by themselves. Origin: derived — one names it by chance with 8 %, so
#: three of four with 0.2 %, on top of the line's 10⁻⁶.
MIN_VOTES: Final = 3

#: Two links that see one heart differ by less. Origin: the bar of 5 /min.
SAME_BPM: Final = 5.0

#: A device that measures hearts is believed from this confidence on. Origin: chosen.
MIN_DEVICE_CONFIDENCE: Final = 0.5

#: Looks at a recorded anchor are this far apart. Origin: chosen.
STRIDE_S: Final = 2.0

#: Still anchors that a heart could show in. Origin: ADR-151 §2.4 ("quiescent anchors").
QUIESCENT: Final = ("sleep_posture", "lie_down", "sit", "breathe_slow", "breathe_normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatSpecialist:
    """Works untrained. `expected_db` is the line that enrolment saw; None when nobody's heart was ever visible here."""

    provenance: SpecialistProvenance | None = None
    expected_db: float | None = None

    def read(
        self,
        windows: Sequence[LinkWindow],
        *,
        at_s: float,
        breathing: Reading[float],
        moving_at_s: Sequence[float] = (),
        devices: Sequence[tuple[str, float, float]] = (),
    ) -> Reading[float]:
        """One look.

        Parameters
        ----------
        windows : one per link, the last 60 s or what there is
        breathing : the breathing reading of the same moment; without a visible breath no heart is visible either
        moving_at_s : the slow ticks of the last minute at which the room was in motion
        devices : (source, beats per minute, confidence 0–1) from devices that measure hearts

        Returns
        -------
        Beats per minute; evidence has `line_db`, `n_votes`, `window_s`, `n_links`, or `from_device`
        """
        trusted = [one for one in devices if one[2] >= MIN_DEVICE_CONFIDENCE and _in_band(one[1])]
        if trusted:
            _, rate_bpm, confidence = max(trusted, key=lambda one: one[2])
            return Reading(value=rate_bpm, confidence=min(confidence, 1.0), evidence=(("from_device", 1.0),))
        if breathing.value is None:
            return Reading.none(breathing.why_not or WhyNot.WEAK_EVIDENCE)
        if not windows:
            return Reading.none(WhyNot.NO_FRAMES)
        duration_s = LONG_WINDOW_S if max(one.span_s for one in windows) >= LONG_WINDOW_S - 1.0 else WINDOW_S
        if any(at_s - duration_s < moment <= at_s for moment in moving_at_s):
            return Reading.none(WhyNot.MOVING)
        looks = [_look(window, at_s, duration_s, breathing.value / 60.0) for window in windows]
        return _decide(looks, duration_s)

    @classmethod
    def fit(
        cls,
        anchors: Mapping[str, Sequence[LinkWindow]],
        breathing_of: Callable[..., Reading[float]],
        *,
        version: int,
        trained_at_s: float,
        anchor_set_hash: str,
        baseline_hash: str,
    ) -> Self:
        """Look for a heart in the quiescent anchors.

        Parameters
        ----------
        anchors : label → the anchor's windows, one per link
        breathing_of : callable (windows, at_s) → Reading, normally `BreathingSpecialist.read`

        Raises
        ------
        Untaught when no heart is visible in any of them, which is the usual case
        """
        seen: list[Reading[float]] = []
        for label in QUIESCENT:
            windows = anchors.get(label) or ()
            if not windows or max(one.span_s for one in windows) < WINDOW_S - 1.0:
                continue
            at_s = max(float(one.times[-1]) for one in windows if len(one))
            seen.append(cls().read(windows, at_s=at_s, breathing=breathing_of(windows, at_s=at_s)))
        values = [one for one in seen if one.value is not None]
        if not values:
            raise Untaught(WhyAbsent.NO_HEARTBEAT, f"no heartbeat visible in {len(seen)} still anchors")
        rates = sorted(one.value for one in values if one.value is not None)
        middle = rates[len(rates) // 2]
        near = [one for one in values if one.value is not None and abs(one.value - middle) <= 2 * SAME_BPM]
        provenance = SpecialistProvenance(
            version=version,
            trained_at_s=trained_at_s,
            anchor_set_hash=anchor_set_hash,
            baseline_hash=baseline_hash,
            backbone_rev=None,
            quality=Quality(measure="rate_repeats", score=len(near) / len(seen), n_blocks=len(seen)),
        )
        return cls(provenance=provenance, expected_db=max(dict(one.evidence)["line_db"] for one in near))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the provenance is stored beside it by the bank."""
        return {"expected_db": self.expected_db}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible numbers."""
        try:
            expected = None if stored["expected_db"] is None else float(stored["expected_db"])
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"heartbeat specialist: {error}") from error
        if expected is not None and not 0.0 < expected < 100.0:
            raise Damaged(f"heartbeat specialist: a line of {expected} dB")
        return cls(provenance=provenance, expected_db=expected)


def _look(window: LinkWindow, at_s: float, duration_s: float, breath_hz: float) -> FaintLine | WhyNot:
    """One link's line if it clears every limit, else why not."""
    grid = link_grid(window, at_s=at_s, duration_s=duration_s, grid_hz=GRID_HZ, slowest_hz=SLOWEST_HZ)
    if isinstance(grid, WhyNot):
        return grid
    line = faint_line(grid.values, rate_hz=grid.rate_hz, band=HEART_BAND, slow_hz=breath_hz)
    is_fast = (window.rate_hz or 0.0) >= FAST_HZ
    limit_db = line_limit_db(HEART_BAND, duration_s) + (0.0 if is_fast else SLOW_LINK_EXTRA_DB)
    if line is None or line.line_db < limit_db:
        return WhyNot.WEAK_EVIDENCE
    if line.n_votes < MIN_VOTES:
        return WhyNot.DISAGREEMENT
    return WhyNot.AMBIGUOUS if line.may_be_sideband else line


def _decide(looks: Sequence[FaintLine | WhyNot], duration_s: float) -> Reading[float]:
    lines = [look for look in looks if isinstance(look, FaintLine)]
    if not lines:
        return Reading.none(next(look for look in looks if isinstance(look, WhyNot)))
    best = max(lines, key=lambda line: line.line_db)
    if any(abs(line.hz - best.hz) * 60.0 > SAME_BPM for line in lines):
        return Reading.none(WhyNot.DISAGREEMENT)
    share = 1.0 - 10.0 ** (-(best.line_db - 6.0) / 10.0)
    return Reading(
        value=60.0 * best.hz,
        confidence=min(share * best.n_votes / 4.0, 1.0),
        evidence=(
            ("line_db", best.line_db),
            ("n_votes", float(best.n_votes)),
            ("window_s", duration_s),
            ("n_links", float(len(lines))),
        ),
    )


def _in_band(rate_bpm: float) -> bool:
    return 60.0 * HEART_BAND.from_hz <= rate_bpm <= 60.0 * HEART_BAND.to_hz
