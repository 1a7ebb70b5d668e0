"""The recent path of a link through its bands, and what that path says about its dynamics.

Distances, exponent and dimension take 0.2 ms and change little from frame to frame, so they are worked out beside the
frames, once a second (`look_back.py`).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ..dsp.neighbours import squared_distances
from ..shapes import Matrix
from .dimension import AttractorDimension, DimensionReading
from .lyapunov import Lyapunov, LyapunovReading
from .why_unknown import WhyUnknown

#: Points of the trajectory. Origin: derived, 4.8 s at 20 Hz and 73 KB of distances.
N_POINTS: Final = 96
#: Delay of the embedding and exclusion around each point, seconds. Origin: chosen, a quarter period of a 1.5 Hz step.
EMBED_S: Final = 0.15
THEILER_S: Final = 0.4

_LYAPUNOV: Final = Lyapunov(N_POINTS)
_DIMENSION: Final = AttractorDimension(N_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryReading:
    """What the path says."""

    lyapunov: LyapunovReading
    dimension: DimensionReading


#: Of a path that is too short.
UNREAD: Final = TrajectoryReading(
    lyapunov=LyapunovReading(exponent=None, interval=None, why_not=WhyUnknown.SHORT_TRAJECTORY),
    dimension=DimensionReading(dimension=None, confidence=0.0, why_not=WhyUnknown.SHORT_TRAJECTORY),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """The last points, each the bands now and a little while ago; never changed, only followed by another.

    rows : (≤ N_POINTS + delay, n_bands), newest last · fs_hz : their rate
    """

    rows: Matrix
    fs_hz: float

    @classmethod
    def new(cls, n_bands: int, fs_hz: float) -> Self:
        """Nowhere yet."""
        return cls(rows=np.zeros((0, n_bands)), fs_hz=fs_hz)

    def after(self, rows: Matrix) -> Self:
        """The same with these points, (n, n_bands), oldest first."""
        return type(self)(rows=np.concatenate((self.rows, rows))[-(N_POINTS + self._delay) :], fs_hz=self.fs_hz)

    def read(self) -> TrajectoryReading:
        """Exponent and dimension, or that the path is too short for them."""
        delay = self._delay
        if len(self.rows) < N_POINTS + delay:
            return UNREAD
        theiler = min(max(round(THEILER_S * self.fs_hz), 2), N_POINTS // 4)
        squared = squared_distances(np.hstack((self.rows[delay:], self.rows[:-delay])), theiler)
        return TrajectoryReading(lyapunov=_LYAPUNOV.read(squared, self.fs_hz), dimension=_DIMENSION.read(squared))

    @property
    def _delay(self) -> int:
        return max(round(EMBED_S * self.fs_hz), 1)
