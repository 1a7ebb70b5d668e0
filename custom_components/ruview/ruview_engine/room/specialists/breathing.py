"""How fast does the person in the room breathe?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...dsp.periodicity import Band, Evidence, Limits, NoRhythm, Rhythm, line_limit_db
from ...dsp.spectral_line import MAX_DB
from ...errors import Damaged
from ...links.link_id import LinkId
from ..absence import Untaught, WhyAbsent
from ..link_rhythm import WHY, link_rhythm
from ..rate_fusion import RoomRhythm, fuse
from ..rate_tracker import STEP
from ..reading import Reading, WhyNot
from ..specialist import Quality, SpecialistProvenance
from ..window import LinkWindow

#: 6–30 breaths per minute: adults at rest and school children. Origin: SENSING §4.
BREATHING_BAND: Final = Band(from_hz=0.1, to_hz=0.5)

#: Grid: ten times the overtone that still carries a breath's shape; averaging frames into 100 ms also gains 10 dB
#: against receiver noise at 100 frames/s. Origin: derived; 20 Hz gives the same figures on the recordings at twice
#: the cost.
GRID_HZ: Final = 10.0

#: The window everything is judged on. Origin: SENSING §4; four periods of 8 /min.
WINDOW_S: Final = 30.0
#: For slow breath: four periods of 4 /min, and 3 dB against noise. Origin: SENSING §4.
LONG_WINDOW_S: Final = 60.0
#: Slower than this a line has to exceed what unknown rooms were seen to do, taught or not: it is judged on a whole
#: minute, of which the empty minute held one, and slow wandering is strongest there. Origin: derived, four periods of
#: `WINDOW_S`; seen in a simulated empty hour, 13.2–13.8 dB at 5.6–5.9 /min for twelve seconds.
SLOW_BPM: Final = 8.0
#: Right after motion or start: only rates of four periods in 15 s (16 /min up). Origin: SENSING §4.
SHORT_WINDOW_S: Final = 15.0
#: Four periods everywhere; and a short stretch has fewer chances to contradict a random bump. Origin: measured on
#: random-walk noise, docs/algorithms/rates.md.
SHORT_LIMITS: Final = Limits(min_cycles=4.0, regularity=0.50)

#: A rate that was told within `HOLD_S` may go on with less: nobody stops breathing between two looks, and whoever does
#: fails the tail test. Origin: chosen; the paced recordings stay above 0.55, so this is for weaker ones.
CONTINUING: Final = Limits(regularity=0.35, weakest_lag=0.10, agreement=0.60, above_lower_db=0.0)
CONTINUING_LESS_DB: Final = 3.0

#: More motion than this in the window and its rhythm is the walker's. Origin: SENSING §4 ("≥ 80 % still").
MAX_MOVING_SHARE: Final = 0.2
#: Unless the evidence is beyond anything movement makes: a chest in the line of sight is itself motion to a sensitive
#: meter. Origin: measured — 30–36 dB and 0.75 for the chest, at most 15.2 dB, 0.61 only at 11 dB, for movement.
UNMISTAKABLE_DB: Final = 22.0
UNMISTAKABLE_REGULARITY: Final = 0.60

#: "Now" for motion, in seconds: one and a half slow ticks. Origin: chosen.
NOW_S: Final = 1.5

#: A rate that was told this long ago still holds while nobody has moved and it is only too weak to be read anew.
#: Origin: derived, a third of `WINDOW_S`: of what it was read from, two thirds are still being looked at.
HOLD_S: Final = WINDOW_S / 3

#: What half a minute has to show before a whole one is worth its milliseconds. Origin: measured — two of three empty
#: windows stay below.
PROMISING_DB: Final = 7.0
PROMISING_REGULARITY: Final = 0.10

#: From here on an empty room's line counts as something that resembles breath. Origin: chosen, half of the limit.
NEAR_REGULARITY: Final = 0.20

#: What the breathing anchors ask for, per minute, with 1.5 /min of tolerance on each side. Origin: ADR-151 §2.2.
ANCHOR_BPM: Final[Mapping[str, tuple[float, float]]] = {"breathe_slow": (4.5, 10.5), "breathe_normal": (10.5, 19.5)}

#: Looks at a recorded anchor or baseline are this far apart. Origin: chosen.
STRIDE_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathingSpecialist:
    """Works untrained; what enrolment adds is how strong a line each link shows with nobody there.

    empty_line_db : link → strongest breath-like line in the empty room, see `empty_line_db`
    """

    provenance: SpecialistProvenance | None = None
    empty_line_db: Mapping[str, float] = field(default_factory=dict)

    def read(
        self,
        windows: Sequence[LinkWindow],
        *,
        at_s: float,
        moving_at_s: Sequence[float] = (),
        expected_bpm: float | None = None,
    ) -> Reading[float]:
        """One look at all links.

        Parameters
        ----------
        windows : one per link, the last 60 s or what there is
        moving_at_s : the slow ticks (once a second) of the last minute at which the room was in motion
        expected_bpm : the rate that still holds (`RateTracker.expected_bpm`); continuing it asks for less

        Returns
        -------
        Breaths per minute with evidence (line_db, regularity, agreement, n_cycles, window_s, tail_share, n_links), or
        why not
        """
        if not windows:
            return Reading.none(WhyNot.NO_FRAMES)
        best = self._look(windows, at_s, WINDOW_S, Limits(), expected_bpm)
        if self._is_worth_a_minute(best):
            minute = self._look(windows, at_s, LONG_WINDOW_S, Limits(), expected_bpm)
            best = _decided(minute, best) if _has_few_cycles(best) else _better(best, minute)
        elif isinstance(best.found, WhyNot) or len(moving_at_s):
            best = _better(best, self._look(windows, at_s, SHORT_WINDOW_S, SHORT_LIMITS, None))
        if isinstance(best.found, WhyNot):
            return Reading.none(best.found)
        if _is_moving(moving_at_s, at_s, best.found) and not _is_unmistakable(best.found):
            return _without(best.found, WhyNot.MOVING)
        if isinstance(best.found, NoRhythm):
            return _without(best.found, WHY[best.found.reason])
        return Reading(
            value=best.found.rate_bpm,
            confidence=best.found.confidence,
            evidence=(*_named(best.found.evidence), ("n_links", float(best.n_links))),
        )

    @classmethod
    def fit(
        cls,
        anchors: Mapping[str, Sequence[LinkWindow]],
        empty: Sequence[LinkWindow],
        *,
        version: int,
        trained_at_s: float,
        anchor_set_hash: str,
        baseline_hash: str,
    ) -> Self:
        """Learn from the empty room what to exceed, and measure on the breathing anchors whether that is possible.

        Parameters
        ----------
        anchors : label → the anchor's windows, one per link; `breathe_slow` and `breathe_normal` are used
        empty : the baseline's windows, one per link

        Raises
        ------
        Untaught when there is no breathing anchor, or none of them shows a breath in the band it asked for
        """
        told = {label: anchors[label] for label in ANCHOR_BPM if anchors.get(label)}
        if not told:
            raise Untaught(WhyAbsent.NOT_ENROLLED, "breathing needs breathe_slow or breathe_normal")
        levels = {str(window.link): empty_line_db(window) for window in empty}
        untested = cls(empty_line_db={link: level for link, level in levels.items() if level is not None})
        right = [_is_right(untested, label, windows) for label, windows in told.items()]
        n_right = sum(sum(looks) for looks in right)
        n_looks = sum(len(looks) for looks in right)
        if not n_right:
            detail = f"no breath in its band in any of {n_looks} looks at {', '.join(told)}"
            raise Untaught(WhyAbsent.NO_BREATH, detail)
        quality = Quality(measure="rate_in_band", score=n_right / n_looks, n_blocks=len(told))
        provenance = SpecialistProvenance(
            version=version,
            trained_at_s=trained_at_s,
            anchor_set_hash=anchor_set_hash,
            baseline_hash=baseline_hash,
            backbone_rev=None,
            quality=quality,
        )
        return cls(provenance=provenance, empty_line_db=untested.empty_line_db)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the provenance is stored beside it by the bank."""
        return {"empty_line_db": dict(self.empty_line_db)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible numbers."""
        try:
            levels = {str(LinkId.parse(link)): float(level) for link, level in stored["empty_line_db"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"breathing specialist: {error}") from error
        if not all(-MAX_DB <= level <= MAX_DB for level in levels.values()):
            raise Damaged(f"breathing specialist: line levels {levels} beyond ±{MAX_DB} dB")
        return cls(provenance=provenance, empty_line_db=levels)

    def _is_worth_a_minute(self, best: RoomRhythm) -> bool:
        """A minute is looked at when half of it shows a slow or a promising candidate; noise is not looked at twice."""
        if isinstance(best.found, WhyNot) or best.found.evidence is None:
            return False
        evidence = best.found.evidence
        if isinstance(best.found, Rhythm):
            return _has_few_cycles(best)
        return evidence.line_db > PROMISING_DB and evidence.regularity > PROMISING_REGULARITY

    def _look(
        self, windows: Sequence[LinkWindow], at_s: float, duration_s: float, limits: Limits, expected_bpm: float | None
    ) -> RoomRhythm:
        candidates = [
            link_rhythm(window, at_s=at_s, duration_s=duration_s, grid_hz=GRID_HZ, band=BREATHING_BAND)
            for window in windows
        ]

        def limits_of(link: LinkId, evidence: Evidence) -> Limits:
            limit_db = line_limit_db(BREATHING_BAND, duration_s, self.empty_line_db.get(str(link)))
            if evidence.rate_bpm < SLOW_BPM:
                limit_db = max(limit_db, line_limit_db(BREATHING_BAND, duration_s))
            if expected_bpm is None or abs(evidence.rate_bpm - expected_bpm) > STEP * expected_bpm:
                return replace(limits, line_db=limit_db)
            return replace(CONTINUING, line_db=limit_db - CONTINUING_LESS_DB)

        return fuse(candidates, limits_of)


def empty_line_db(window: LinkWindow) -> float | None:
    """Strongest line in any 30 s of an empty room's recording that came near a rhythm.

    Lines without regularity do not count: whatever their strength, regularity refuses them again. 0 when there was no
    other; None when the recording is too short or too sparse to say.
    """
    levels = []
    for end_s in _looks_at(window, WINDOW_S):
        seen = window.between(end_s - WINDOW_S - 1.0, end_s)
        found = link_rhythm(seen, at_s=end_s, duration_s=WINDOW_S, grid_hz=GRID_HZ, band=BREATHING_BAND).found
        evidence = found.evidence if isinstance(found, NoRhythm) else found
        if isinstance(evidence, Evidence):
            levels.append(evidence.line_db if evidence.regularity >= NEAR_REGULARITY else 0.0)
    return max(levels) if levels else None


def _looks_at(window: LinkWindow, duration_s: float) -> NDArray[np.float64]:
    if window.span_s < duration_s - 1.0:
        return np.empty(0)
    first = float(window.times[0]) + duration_s
    last = float(window.times[-1])
    return np.arange(min(first, last), last + 1e-9, STRIDE_S, dtype=np.float64)


def _is_right(specialist: BreathingSpecialist, label: str, windows: Sequence[LinkWindow]) -> list[bool]:
    """For every look at an anchor: is the rate in the band that was asked for?"""
    low, high = ANCHOR_BPM[label]
    longest = max(windows, key=lambda window: window.span_s)
    answers = []
    for end_s in _looks_at(longest, WINDOW_S):
        seen = [window.between(float(window.times[0]), end_s) for window in windows if len(window)]
        value = specialist.read(seen, at_s=end_s).value
        answers.append(value is not None and low <= value <= high)
    return answers


def _has_few_cycles(best: RoomRhythm) -> bool:
    return isinstance(best.found, Rhythm) and best.found.evidence.n_cycles < Limits().n_cycles


def _decided(minute: RoomRhythm, half: RoomRhythm) -> RoomRhythm:
    """Three periods may be somebody who sways on their feet: where there is a whole minute, it decides."""
    return half if isinstance(minute.found, WhyNot) else minute


def _better(one: RoomRhythm, other: RoomRhythm) -> RoomRhythm:
    """A rhythm over none; of two, the one with more periods; of none, the one that could look."""
    if isinstance(other.found, Rhythm):
        if not isinstance(one.found, Rhythm) or other.found.evidence.n_cycles > one.found.evidence.n_cycles:
            return other
        return one
    return other if isinstance(one.found, WhyNot) and not isinstance(other.found, WhyNot) else one


def _is_moving(moving_at_s: Sequence[float], at_s: float, found: Rhythm | NoRhythm) -> bool:
    """Now, or for more than a fifth of what was looked at."""
    duration_s = WINDOW_S if found.evidence is None else found.evidence.duration_s
    n_moving = sum(at_s - duration_s < moment <= at_s for moment in moving_at_s)
    is_now = any(at_s - NOW_S < moment <= at_s for moment in moving_at_s)
    return is_now or n_moving > MAX_MOVING_SHARE * duration_s


def _is_unmistakable(found: Rhythm | NoRhythm) -> bool:
    return (
        isinstance(found, Rhythm)
        and found.evidence.line_db >= UNMISTAKABLE_DB
        and found.evidence.regularity >= UNMISTAKABLE_REGULARITY
    )


def _named(evidence: Evidence | None) -> tuple[tuple[str, float], ...]:
    if evidence is None:
        return ()
    return (
        ("rate_bpm", evidence.rate_bpm),
        ("line_db", evidence.line_db),
        ("regularity", evidence.regularity),
        ("agreement", evidence.agreement),
        ("n_cycles", evidence.n_cycles),
        ("window_s", evidence.duration_s),
        ("tail_share", evidence.tail_share),
    )


def _without(found: Rhythm | NoRhythm, why_not: WhyNot) -> Reading[float]:
    return Reading(value=None, confidence=0.0, why_not=why_not, evidence=_named(found.evidence))
