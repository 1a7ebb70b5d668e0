"""A rate over time: not believed at once, smoothed while believed, gone when its evidence is gone."""

from dataclasses import dataclass, replace
from typing import Final, Self

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
class RateTrack:
    """What a room remembers about a rate from tick to tick: (time, value or None) of the last looks."""

    looks: tuple[tuple[float, float | None], ...] = ()

    def follow(self, at_s: float, reading: Reading[float]) -> tuple[Self, Reading[float]]:
        """The next track and the reading to show.

        A value appears when two of the last three looks, this one included, agree within `STEP`; it is the median of
        the agreeing ones. A look without a value is passed on as it is: a reading never outlives its evidence.
        """
        looks = self.looks
        if looks and not 0.0 < at_s - looks[-1][0] <= FORGET_S:
            looks = ()
        looks = (*looks, (at_s, reading.value))[-N_LOOKS:]
        track = replace(self, looks=looks)
        if reading.value is None:
            return track, reading
        newest = reading.value
        agreeing = [value is not None and abs(value - newest) <= STEP * newest for _, value in looks]
        if sum(agreeing[-N_RECENT:]) < N_CONSISTENT:
            return track, replace(reading, value=None, confidence=0.0, why_not=WhyNot.WARMING_UP)
        values = [value for (_, value), agrees in zip(looks, agreeing, strict=True) if agrees and value is not None]
        return track, replace(reading, value=float(np.median(values)))
