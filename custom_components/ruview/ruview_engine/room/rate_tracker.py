"""A rate over time: not believed at once, smoothed while believed, gone when its evidence is gone."""

from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTracker:
    """What a room remembers about one rate from tick to tick.

    looks : (time, rate or None) of the last `N_LOOKS` looks, oldest first
    """

    looks: tuple[tuple[float, float | None], ...] = ()

    @property
    def expected_bpm(self) -> float | None:
        """The rate named consistently until the last look: what the next look may continue. None otherwise."""
        agreeing = self._agreeing()
        return float(np.median(agreeing)) if agreeing else None

    def follow(self, at_s: float, reading: Reading[float]) -> tuple[RateTracker, Reading[float]]:
        """The tracker after one look, and the reading to show.

        A value appears when two of the last three looks, this one included, agree within `STEP`; it is the median of
        the agreeing ones. A look without a value is passed on as it is: a reading never outlives its evidence.
        """
        is_consecutive = bool(self.looks) and 0.0 < at_s - self.looks[-1][0] <= FORGET_S
        before = self.looks if is_consecutive else ()
        after = RateTracker(looks=(*before, (at_s, reading.value))[-N_LOOKS:])
        if reading.value is None:
            return after, reading
        rate_bpm = after.expected_bpm
        if rate_bpm is None:
            return after, replace(reading, value=None, confidence=0.0, why_not=WhyNot.WARMING_UP)
        return after, replace(reading, value=rate_bpm)

    def _agreeing(self) -> list[float]:
        """Remembered rates near the newest; empty when too few of the recent ones are."""
        newest = self.looks[-1][1] if self.looks else None
        if newest is None:
            return []
        near = [value is not None and abs(value - newest) <= STEP * newest for _, value in self.looks]
        if sum(near[-N_RECENT:]) < N_CONSISTENT:
            return []
        return [value for (_, value), is_near in zip(self.looks, near, strict=True) if is_near and value is not None]
