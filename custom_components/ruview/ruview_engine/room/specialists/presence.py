"""Is somebody in the room? Three log-likelihood ratios per link; `presence_belief` makes one belief per room of them.

motion        a body that moves shakes the shape far above the quiet
micro-motion  a body that is still breathes and sways between 0.1 and 0.6 Hz
static shift  a body that does neither visibly still stands in the way

Evidence of one link is correlated over time (windows overlap), over bands (`LOOKS`) and partly between links, so
a window of micro-motion counts once however often it is looked at, and each sum over links is divided by the root of
their number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, log1p
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.link_id import LinkId
from ...shapes import Matrix, Vector
from ..evidence import LinkEvidence
from ..link_baseline import LinkBaseline
from ..micro_motion import MICRO_WINDOW_S
from ..specialist import SpecialistProvenance
from .static_shift import STRAY, STRAY_UNFOLLOWED, StaticShift, log_mean_exp

#: Growth of the slow/noise log ratio by an unknown still person. Origin: measured, pulse resp_* 0.6–3.9.
GENERIC_MICRO: Final = (1.0, 2.0, 3.5)
#: Width of each micro-motion hypothesis. Origin: measured, spread between windows of one person 0.5–0.7.
MICRO_WIDTH: Final = 0.6
#: Strongest line of an empty room and its spread, dB. Origin: measured, 20 empty minutes: 1–9.6, one 15.1.
LINE_EMPTY_DB: Final = (5.0, 2.5)
#: Bounds of one ratio per window, (against, for) presence. Untrained, silence is weak evidence: this link may be blind.
#: Origin: chosen; a blind link then needs two minutes to clear a room by itself: a minute of a person behind a closed
#: door (pulse resp_puerta) looks like a minute of the empty room. Trained, a link that sees nothing may still look past
#: the place: it speaks against somebody less (e³ = 20 : 1) than one that sees a body speaks for them, and two of the
#: former do not outweigh one of the latter; how sure all of them may be together is `presence_belief.MAX_LOG_ODDS`.
BOUNDS_UNTRAINED: Final = {"static": (-0.5, 4.0), "micro": (-0.5, 6.0)}
BOUNDS_TRAINED: Final = {"static": (-3.0, 12.0), "micro": (-2.0, 6.0)}
#: While somebody is taught, what one link may say against them by its profile (it may be blind), and by slow movement
#: (it may look along the one direction in which the chest does not move). Origin: the bounds above.
LEAST_STATIC: Final = BOUNDS_UNTRAINED["static"][0]
MICRO: Final = BOUNDS_TRAINED["micro"]
#: z from which motion speaks for presence, and how fast per unit. Origin: measured: 1.5-s means of z in the quiet stay
#: below 1.5 in 99.9 % of seconds.
MOTION_FROM_Z: Final = 1.5
MOTION_GAIN: Final = 2.0
MOTION_BOUNDS: Final = (-0.02, 5.0)
#: A rate that both estimators stand behind, per second: it outweighs anything but the end of its own window.
#: Origin: measured, no empty recording gives a rate (docs/algorithms/rates.md).
BREATH_RATIO: Final = 0.6
#: Loud but without pattern over frequency: interference. Origin: see `emptiness.MOTION_COHERENCE`.
PATTERN_FROM: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkSensitivity:
    """What enrolment learnt about one link.

    prototypes : (n_anchors, n_bands) static shift of each still anchor
    placement : (n_anchors, n_bands) how far the same pose may lie from its prototype another day, log units
    micro_growths, micro_width : growth of the slow/noise log ratio during each still anchor, and its spread
    may_clear : every posture was recognised without having been taught, so that silence says something
    """

    prototypes: Matrix
    placement: Matrix
    micro_growths: tuple[float, ...]
    micro_width: float
    may_clear: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """The three log-likelihood ratios of one moment, fused over links.

    motion, micro : per second of new evidence; they accumulate in the filter
    static : of the whole situation; it is the same fact every second, so it is added once, never accumulated
    doubt : what `static` were if the reference had just been seen: hours excuse a shift, but prove no emptiness
    """

    motion: float
    micro: float
    static: float
    doubt: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PresenceSpecialist:
    """Untrained without `links`; then every link is judged by generic people and silence counts little."""

    links: Mapping[LinkId, LinkSensitivity]
    provenance: SpecialistProvenance | None = None

    @property
    def may_clear(self) -> bool:
        """The absence of a person's signs is a sign of absence; untrained, nobody has shown the contrary."""
        return all(one.may_clear for one in self.links.values())

    def ratios(
        self,
        evidence: tuple[LinkEvidence, ...],
        known: Mapping[LinkId, LinkBaseline],
        *,
        use_static: bool = True,
        is_moving: bool | None = None,
        has_breath: bool = False,
        ages_s: Mapping[LinkId, float] | None = None,
    ) -> Ratios | None:
        """Fuse what the fresh links say; None when no link is fresh.

        Parameters
        ----------
        use_static : False while something has changed that the profile depends on
        is_moving : the room's motion state, which weighs links and looks; None leaves every link its own word
        has_breath : a rate of breath is being read
        ages_s : seconds since each link's reference was last seen to be the empty room's; none is taken for new
        """
        ages_s = ages_s or {}
        fresh = [one for one in evidence if one.is_fresh and one.link in known]
        if not fresh:
            return None
        correlation = float(np.sqrt(len(fresh)))
        motion = sum(motion_ratio(one) for one in fresh) / correlation
        if is_moving is False:
            motion = min(motion, 0.0)  # one noisy link's energy, or one noisy look
        micro = sum(self._micro_ratio(one, known[one.link]) for one in fresh) / correlation / MICRO_WINDOW_S
        if has_breath:
            micro = max(micro, BREATH_RATIO)
        if not use_static:
            return Ratios(motion=motion, micro=micro, static=0.0)
        both = [self._static_ratios(one, known[one.link], ages_s.get(one.link, 0.0)) for one in fresh]
        static, doubt = (sum(values) / correlation for values in zip(*both, strict=True))
        return Ratios(motion=motion, micro=micro, static=static, doubt=doubt)

    def _micro_ratio(self, one: LinkEvidence, known: LinkBaseline) -> float:
        """Slow movement: heavier-tailed than normal in the empty room, shifted up by a person."""
        if one.micro is None or (one.motion_z or 0.0) > MOTION_FROM_Z:
            return 0.0
        line, spread = max(LINE_EMPTY_DB[0], known.line_db), LINE_EMPTY_DB[1]
        by_line = 0.5 * ((one.micro.line_db - line) / spread) ** 2 if one.micro.line_db > line else 0.0
        of_line = by_line - 2.0 if one.micro.agreement > 0.8 else -np.inf
        low, high = (BOUNDS_TRAINED if one.link in self.links else BOUNDS_UNTRAINED)["micro"]
        growth = one.micro.log_ratio - known.micro_location
        return float(np.clip(max(self.micro_ratio(one.link, growth, known), of_line), low, high))

    def micro_ratio(self, link: LinkId, growth: float, known: LinkBaseline) -> float:
        """A person against the empty room by one window's growth of the slow/noise log ratio; not bounded."""
        learnt = self.links.get(link)
        empty = _log_student(growth / known.micro_scale) - log(known.micro_scale)
        shifts = GENERIC_MICRO if learnt is None else learnt.micro_growths
        width = MICRO_WIDTH if learnt is None else learnt.micro_width
        person = log_mean_exp([_log_normal((growth - shift) / width) - log(width) for shift in shifts])
        return person - empty

    def _static_ratios(self, one: LinkEvidence, known: LinkBaseline, age_s: float) -> tuple[float, float]:
        """Static shift: near zero in the empty room, near a prototype or anywhere with a person."""
        if one.shift is None or (one.motion_z or 0.0) > MOTION_FROM_Z:
            return 0.0, 0.0
        since = None if one.since is None else one.since.delta
        return self.static_ratios(one.link, one.shift.delta, known, age_s, since)

    def static_ratios(
        self, link: LinkId, delta: Vector, known: LinkBaseline, age_s: float = 0.0, since: Vector | None = None
    ) -> tuple[float, float]:
        """A person against the empty room by the deviation of a 5-s mean, within `BOUNDS_*`.

        Once with the reference as old as it is, once as if it had been seen empty a moment ago.

        since : the deviation from where the empty room's profile was last seen, if that is not the reference
        """
        found = self._shift(link, delta, known, since=since, age_s=age_s)
        low, high = (BOUNDS_TRAINED if link in self.links else BOUNDS_UNTRAINED)["static"]
        return float(np.clip(found.aged, low, high)), float(np.clip(found.fresh, low, high))

    def shift_ratio(self, link: LinkId, delta: Vector, known: LinkBaseline, *, is_fresh: bool = False) -> float:
        """While somebody is taught: the same, not bounded.

        is_fresh : the reference is of this very minute; else nothing followed it for half an hour
        """
        found = self._shift(link, delta, known, stray=STRAY if is_fresh else STRAY_UNFOLLOWED)
        return found.fresh if is_fresh else found.unfollowed

    def _shift(
        self,
        link: LinkId,
        delta: Vector,
        known: LinkBaseline,
        *,
        since: Vector | None = None,
        age_s: float = np.inf,
        stray: tuple[float, float] = STRAY,
    ) -> StaticShift:
        """The deviation, beside what enrolment learnt about this link."""
        learnt = self.links.get(link)
        prototypes, placement = (None, None) if learnt is None else (learnt.prototypes, learnt.placement)
        return StaticShift.of(
            delta, known, prototypes=prototypes, placement=placement, since=since, age_s=age_s, stray=stray
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            str(link): {
                "prototypes": one.prototypes,
                "placement": one.placement,
                "micro_growths": list(one.micro_growths),
                "micro_width": one.micro_width,
                "may_clear": one.may_clear,
            }
            for link, one in self.links.items()
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible numbers."""
        links = {}
        for name, one in stored.items():
            learnt = LinkSensitivity(
                prototypes=np.asarray(one["prototypes"], np.float64),
                placement=np.asarray(one["placement"], np.float64),
                micro_growths=tuple(map(float, one["micro_growths"])),
                micro_width=float(one["micro_width"]),
                may_clear=bool(one.get("may_clear", False)),
            )
            finite = (
                np.isfinite(learnt.prototypes).all() and np.isfinite([*learnt.micro_growths, learnt.micro_width]).all()
            )
            if not finite or learnt.micro_width <= 0 or not np.all(learnt.placement > 0):
                raise Damaged(f"presence specialist: impossible numbers for {name}")
            if learnt.prototypes.ndim != 2 or learnt.prototypes.shape != learnt.placement.shape:
                raise Damaged(f"presence specialist: shapes of {name} do not fit")
            links[LinkId.parse(name)] = learnt
        return cls(links=links, provenance=provenance)


def motion_ratio(one: LinkEvidence) -> float:
    """Gross motion of one link; loud without pattern counts a fifth."""
    if one.motion_z is None:
        return 0.0
    ratio = MOTION_GAIN * (one.motion_z - MOTION_FROM_Z)
    if ratio > 0 and one.coherence < PATTERN_FROM:
        ratio *= 0.2
    return float(np.clip(ratio, *MOTION_BOUNDS))


def _log_normal(x: float) -> float:
    return -0.5 * x * x - 0.919


def _log_student(x: float, degrees: float = 4.0) -> float:
    """Student's t with 4 degrees: what a robust scale from a few windows deserves. log Γ terms: −0.981."""
    return -0.5 * (degrees + 1.0) * log1p(x * x / degrees) - 0.981
