"""A rate over time: not believed at once, smoothed while believed, gone when its evidence is gone."""

from collections import deque
from dataclasses import replace
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


class RateTracker:
    """Feed one reading per slow tick; get the reading to show. `N_LOOKS` looks are all its state."""

    __slots__ = ("_looks",)

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float | None]] = deque(maxlen=N_LOOKS)

    def reset(self) -> None:
        """As new."""
        self._looks.clear()

    @property
    def rate_bpm(self) -> float | None:
        """The rate named consistently until the last look: what the next look may continue. None otherwise."""
        agreeing = self._agreeing()
        return float(np.median(agreeing)) if agreeing else None

    def update(self, at_s: float, reading: Reading[float]) -> Reading[float]:
        """One look.

        A value appears when two of the last three looks, this one included, agree within `STEP`; it is the median of
        the agreeing ones. A look without a value is passed on as it is: a reading never outlives its evidence.
        """
        if self._looks and not 0.0 < at_s - self._looks[-1][0] <= FORGET_S:
            self._looks.clear()
        self._looks.append((at_s, reading.value))
        if reading.value is None:
            return reading
        agreeing = self._agreeing()
        if not agreeing:
            return replace(reading, value=None, confidence=0.0, why_not=WhyNot.WARMING_UP)
        return replace(reading, value=float(np.median(agreeing)))

    def _agreeing(self) -> list[float]:
        """Remembered rates near the newest; empty when too few of the recent ones are."""
        newest = self._looks[-1][1] if self._looks else None
        if newest is None:
            return []
        near = [value is not None and abs(value - newest) <= STEP * newest for _, value in self._looks]
        if sum(near[-N_RECENT:]) < N_CONSISTENT:
            return []
        return [value for (_, value), is_near in zip(self._looks, near, strict=True) if is_near and value is not None]
