"""Do neighbouring trajectories drift apart: the largest Lyapunov exponent, as a diagnostic with an interval.

Rosenstein, Collins and De Luca (1993) on the points of a `NeighbourRing`: every point's nearest neighbour is followed
for some samples, and the mean logarithmic distance grows with slope λ. Three seconds of noisy CSI cannot tell chaos
from breathing (docs/algorithms/introspection.md#lyapunov), so the exponent never decides the regime.

The work is cut into steps of a few microseconds, one per frame, so that no frame pays for a whole report.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.neighbours import NeighbourRing
from ..shapes import Matrix, Vector
from .why_unknown import WhyUnknown

#: Samples a pair is followed. Origin: chosen, 0.4 s at 20 Hz; longer and CSI neighbours have reached the size of the
#: whole set.
HORIZON: Final = 8
#: Frames over which one report is spread. Points this old may vanish meanwhile and are left out from the start.
N_STEPS: Final = 3
#: Trajectories per bootstrap block; neighbours in time share their fate. Origin: derived, a body's path stays
#: correlated over about the horizon.
BLOCK: Final = 8
#: Bootstrap resamples. Origin: chosen, the 2.5 % quantile then rests on five values.
N_RESAMPLES: Final = 200
#: Smallest squared distance that has a logarithm worth taking. Origin: chosen, 1e-9 of a feature of order one.
TINY: Final = 1e-18


@dataclass(frozen=True, slots=True, kw_only=True)
class LyapunovReading:
    """exponent in 1/s with its 95 % block-bootstrap interval; None with the reason in `why_not`."""

    exponent: float | None
    interval: tuple[float, float] | None
    why_not: WhyUnknown | None = None


class Lyapunov:
    """Reports on a ring of points: `begin`, then `step` once per frame; `reading` changes with the last step."""

    def __init__(self, ring: NeighbourRing) -> None:
        self._ring = ring
        n = ring.n_points - HORIZON - N_STEPS
        self._ahead = np.arange(1, HORIZON + 1)
        centred = self._ahead - self._ahead.mean()
        self._slope: Vector = centred / float((centred**2).sum())
        n_blocks = max(n // BLOCK, 1)
        draws = np.random.default_rng(0).integers(0, n_blocks, (N_RESAMPLES, n_blocks))
        counts = np.stack([np.bincount(d, minlength=n_blocks) for d in draws])
        self._weights: Matrix = counts / n_blocks
        self._n_blocks = n_blocks
        self.reset()

    def reset(self) -> None:
        """Nothing known, nothing under way."""
        self._step = 0
        self._logs: Matrix | None = None
        self._pair: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self.reading = LyapunovReading(exponent=None, interval=None, why_not=WhyUnknown.SHORT_TRAJECTORY)

    def begin(self) -> None:
        """Start a report on what the ring holds now."""
        if self._ring.is_full:
            self._step = 1

    def step(self, fs_hz: float) -> None:
        """Do the next piece of work, if any."""
        if self._step == 1:
            self._pair = self._neighbours()
        elif self._step == 2 and self._pair is not None:
            self._logs = self._follow(*self._pair)
        elif self._step == 3 and self._logs is not None:
            self.reading = self._report(self._logs, fs_hz)
        else:
            return
        self._step = (self._step + 1) % (N_STEPS + 1)

    def _neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Slots of all points that can be followed, and of each one's nearest neighbour among them."""
        slots = self._ring.slots_by_age()[N_STEPS : self._ring.n_points - HORIZON]
        among = self._ring.squared[slots[:, None], slots[None, :]]
        return slots, slots[among.argmin(axis=1)]

    def _follow(self, slots: NDArray[np.int64], nearest: NDArray[np.int64]) -> Matrix:
        """(n, HORIZON) log distances 1…HORIZON samples later."""
        n = self._ring.n_points
        here = (slots[:, None] + self._ahead) % n
        there = (nearest[:, None] + self._ahead) % n
        squared = self._ring.squared[here, there]
        np.maximum(squared, TINY, out=squared)
        return np.asarray(0.5 * np.log(squared))

    def _report(self, logs: Matrix, fs_hz: float) -> LyapunovReading:
        slopes = logs @ self._slope * fs_hz
        blocks = slopes[: self._n_blocks * BLOCK].reshape(self._n_blocks, -1).mean(axis=1)
        resampled = np.sort(self._weights @ blocks)
        exponent = float(blocks.mean())
        if not np.isfinite(exponent):
            return LyapunovReading(exponent=None, interval=None, why_not=WhyUnknown.GAPS)
        low, high = float(resampled[N_RESAMPLES // 40]), float(resampled[-N_RESAMPLES // 40 - 1])
        return LyapunovReading(exponent=exponent, interval=(low, high))
