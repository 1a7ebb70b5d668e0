"""A rate over time: not believed at once, smoothed while believed, held for moments in which it is too weak to be read.

A rate is the mean of half a minute. Seconds after it was read, most of the frames it was read from are still being
looked at, and nobody who has not moved breathes otherwise: what has changed is how well it shows. So it holds for a
moment, with its age beside it, unless the room moves or the rhythm itself stops or becomes another.
"""

from dataclasses import dataclass, replace
from math import inf
from typing import Final

import numpy as np

from .reading import Reading, WhyNot

#: Looks remembered; the reported rate is the median of the agreeing ones. Origin: chosen; 30-s windows move by a
#: second per look, so five looks are nearly the same data and a median only removes a slip.
N_LOOKS: Final = 5

#: Of the last three looks, this many must name one rate before anything is said. Origin: chosen.
N_CONSISTENT: Final = 2
N_RECENT: Final = 3

#: Looks further apart are not consecutive: everything before is forgotten. Origin: chosen, three ticks.
FORGET_S: Final = 3.5

#: Consecutive looks at one breath differ by less than this part. Origin: measured — 4.5 % is the largest step between
#: 30-s windows one second apart in the paced recordings.
STEP: Final = 0.10

#: Energy of a look's last third, against its mean, below which the rhythm is ending. Origin: `periodicity.Limits`.
ENDING: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTracker:
    """What a room remembers about one rate from tick to tick.

    looks : (time, rate or None) of the last `N_LOOKS` looks, oldest first
    told, told_s : the last reading that stood on its own look, and when
    """

    looks: tuple[tuple[float, float | None], ...] = ()
    told: Reading[float] | None = None
    told_s: float = -inf

    def expected_bpm(self, at_s: float, hold_s: float = 0.0) -> float | None:
        """The rate that a look at `at_s` may continue: that of the last look, or what still holds. None without."""
        is_newest = bool(self.looks) and self.looks[-1][0] == self.told_s
        return self.told.value if self.told is not None and (is_newest or self.holds(at_s, hold_s)) else None

    def is_told(self, at_s: float) -> bool:
        """The look at `at_s` itself stands behind the rate that is shown."""
        return self.told is not None and self.told_s == at_s

    def follow(self, at_s: float, reading: Reading[float], hold_s: float = 0.0) -> tuple[RateTracker, Reading[float]]:
        """The tracker after one look, and the reading to show.

        A value appears when two of the last three looks, this one included, agree within `STEP`, or when this one goes
        on with what was told before; it is the median of the agreeing ones. A look that sees too little shows what was
        told less than `hold_s` ago, its age as `held_s`; any other reason ends that.

        hold_s : at most the time since something moved; 0 never holds
        """
        is_consecutive = bool(self.looks) and 0.0 < at_s - self.looks[-1][0] <= FORGET_S
        before = self if is_consecutive else RateTracker()
        looks = (*before.looks, (at_s, reading.value))[-N_LOOKS:]
        if reading.value is None:
            if before.told is None or not (before.holds(at_s, hold_s) and _is_only_weak(reading)):
                return RateTracker(looks=looks), reading
            evidence = (*reading.evidence, ("held_s", at_s - before.told_s))
            return replace(before, looks=looks), replace(before.told, evidence=evidence)
        agreeing = _agreeing(looks, before.expected_bpm(at_s, hold_s))
        if not agreeing:
            none = replace(reading, value=None, confidence=0.0, why_not=WhyNot.WEAK_EVIDENCE)
            return RateTracker(looks=looks), none
        shown = replace(reading, value=float(np.median(agreeing)))
        return RateTracker(looks=looks, told=shown, told_s=at_s), shown

    def holds(self, at_s: float, hold_s: float) -> bool:
        """What was told is young enough to be shown again."""
        return at_s - self.told_s < hold_s


def _agreeing(looks: tuple[tuple[float, float | None], ...], expected_bpm: float | None) -> list[float]:
    """Remembered rates near the newest; empty when too few of the recent ones are, and none was told."""
    newest = looks[-1][1]
    if newest is None:
        return []
    near = [value is not None and abs(value - newest) <= STEP * newest for _, value in looks]
    goes_on = expected_bpm is not None and abs(expected_bpm - newest) <= STEP * newest
    if sum(near[-N_RECENT:]) + goes_on < N_CONSISTENT:
        return []
    return [value for (_, value), is_near in zip(looks, near, strict=True) if is_near and value is not None]


def _is_only_weak(reading: Reading[float]) -> bool:
    """The look neither says why a rate must not be said, nor that the rhythm is ending."""
    tail_share = dict(reading.evidence).get("tail_share")
    return reading.why_not is WhyNot.WEAK_EVIDENCE and tail_share is not None and tail_share >= ENDING
