"""The recent path of a link through its bands, and once a second what that path says about its dynamics.

The frame path only remembers. Distances, exponent and dimension take 0.2 ms and change little from frame to frame, so
they are worked out beside it: `job` copies what it needs, and what it returns may run in any thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.neighbours import squared_distances
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
    """What the path says; `era` is that of the trajectory it was read from."""

    era: int
    lyapunov: LyapunovReading
    dimension: DimensionReading


class Trajectory:
    """The last `N_POINTS` points, each the bands now and a little while ago.

    era : counts the interruptions; a reading of an earlier era speaks of a path that is forgotten
    reading : the newest that was taken
    """

    def __init__(self, n_bands: int, fs_hz: float) -> None:
        self.era = 0
        self._n_bands = n_bands
        self.set_rate(fs_hz)

    def set_rate(self, fs_hz: float) -> None:
        """Begin anew at another rate."""
        self._fs_hz = fs_hz
        self._delay = max(round(EMBED_S * fs_hz), 1)
        self._theiler = min(max(round(THEILER_S * fs_hz), 2), N_POINTS // 4)
        self._rows: NDArray[np.float32] = np.zeros((N_POINTS + self._delay, self._n_bands), dtype=np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget the path."""
        self.era += 1
        self._n_seen = 0
        self.reading = TrajectoryReading(
            era=self.era,
            lyapunov=LyapunovReading(exponent=None, interval=None, why_not=WhyUnknown.SHORT_TRAJECTORY),
            dimension=DimensionReading(dimension=None, confidence=0.0, why_not=WhyUnknown.SHORT_TRAJECTORY),
        )

    def update(self, bands: NDArray[np.float32]) -> None:
        """Take one sample's bands, (n_bands,)."""
        self._rows[self._n_seen % len(self._rows)] = bands
        self._n_seen += 1

    def job(self) -> Callable[[], TrajectoryReading] | None:
        """What reads the path as it is now, in any thread; None while it is too short."""
        rows = self._rows
        if self._n_seen < len(rows):
            return None
        oldest = self._n_seen % len(rows)
        ordered = np.concatenate((rows[oldest:], rows[:oldest]))
        era, delay, theiler, fs_hz = self.era, self._delay, self._theiler, self._fs_hz

        def read() -> TrajectoryReading:
            points = np.hstack((ordered[delay:], ordered[:-delay])).astype(np.float64)
            squared = squared_distances(points, theiler)
            return TrajectoryReading(
                era=era, lyapunov=_LYAPUNOV.read(squared, fs_hz), dimension=_DIMENSION.read(squared)
            )

        return read

    def take(self, reading: TrajectoryReading) -> None:
        """What a job found, unless the path has been interrupted meanwhile."""
        if reading.era == self.era:
            self.reading = reading
