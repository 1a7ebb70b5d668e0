"""A fall to another level: when values below a level are no longer its scatter."""

import math
from typing import Final

#: Values that stay below for this long have fallen. Origin: derived, the memory of a decision
#: (`links.motion.SCORE_S`) and three times what neighbouring values of the change share; lulls of a walk are shorter.
FALL_S: Final = 0.6
#: And at least so many of them. Origin: derived, fewer have no scatter.
MIN_VALUES: Final = 3


class Fall:
    """Values below a level, without interruption. `has_happened` once they are a level of their own.

    Attributes
    ----------
    n, seconds : how many they are, and how long they have lasted
    """

    __slots__ = ("_square_sum", "_sum", "n", "seconds")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A value was not below: whatever was begins anew."""
        self.n = 0
        self.seconds = 0.0
        self._sum = 0.0
        self._square_sum = 0.0

    def update(self, value: float, dt: float) -> None:
        """Take a value below the level, `dt` seconds after the one before."""
        self.n += 1
        self.seconds += dt
        self._sum += value
        self._square_sum += value * value

    @property
    def has_happened(self) -> bool:
        """Are they a level of their own?"""
        return self.seconds >= FALL_S and self.n >= MIN_VALUES

    @property
    def mean(self) -> float:
        """Of the values; 0 without any."""
        return self._sum / self.n if self.n else 0.0

    @property
    def deviation(self) -> float:
        """Their standard deviation; 0 without any."""
        return math.sqrt(max(self._square_sum / self.n - self.mean**2, 0.0)) if self.n else 0.0
