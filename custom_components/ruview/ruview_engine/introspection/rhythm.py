"""Does the link repeat itself: a running autocorrelation of the profile, cheap enough for every frame.

Samples are averaged onto a grid, freed of slow drift, and multiplied with their own past; products are remembered
exponentially. Once a second the lags are searched for a peak that is repeated at twice its lag.

Source: maximal-ratio combining of autocorrelations after SMARS (Zhang et al. 2019); the slow path's estimator in
`dsp.periodicity` is more careful and answers *how fast*; this one answers *whether*, every second.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..shapes import Vector

#: Grid. Origin: derived, resolves 2 Hz; breathing needs 0.1–0.6.
GRID_HZ: Final = 5.0
#: Longest lag: two periods of the slowest rhythm. Origin: derived.
MAX_LAG_S: Final = 24.0
#: Shortest period. Origin: derived, 2.5 grid steps.
MIN_PERIOD_S: Final = 0.5
#: Slowest rhythm of interest. Origin: spec, SENSING §4: 6 breaths a minute, and a fifth slower.
MAX_PERIOD_S: Final = 12.0
#: Memory of the products. Origin: chosen, the last 30 s carry 86 % of the weight: three periods at 0.1 Hz.
MEMORY_S: Final = 15.0
#: Drift removal. Origin: derived, passes 0.1 Hz with 0.97.
DRIFT_S: Final = 6.0
#: Weight of a feature whose neighbouring cells do not agree. Origin: chosen; keeps fast rhythms, whose do not.
MIN_WEIGHT: Final = 0.1
#: How far a peak must rise above what white noise of the same number of looks reaches, √(2 ln n_lags / n). Origin:
#: measured on the pulse recordings: empty rooms stay below 0.15, breathing gives 0.2–0.8; 1.8 puts the bar at 0.24.
NOISE_MARGIN: Final = 1.8
#: The second peak must reach this share of the first one's bar. Origin: measured, empty ≤ 0.09, breathing ≥ 0.1.
SECOND_SHARE: Final = 0.5
#: How near the first peak must come to the highest. Origin: chosen, multiples of a steady period lose little height.
FIRST_SHARE: Final = 0.8
#: Independent looks that several features count for. Origin: measured, 3.5 per link.
LOOKS: Final = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """period_s : of the best repetition · peak, second : correlation after one and two periods · bar : for peak."""

    period_s: float
    peak: float
    second: float
    bar: float

    @property
    def is_clear(self) -> bool:
        """Both peaks stand out."""
        return self.peak >= self.bar and self.second >= SECOND_SHARE * self.bar


class RhythmMeter:
    """Feature vectors with times in; `report()` once a second."""

    def __init__(self, n_dims: int) -> None:
        self._n_lags = int(MAX_LAG_S * GRID_HZ)
        self._keep = float(np.exp(-1.0 / (MEMORY_S * GRID_HZ)))
        self._follow = 1.0 / (DRIFT_S * GRID_HZ)
        self._n_dims = n_dims
        n_looks = 2.0 * MEMORY_S * GRID_HZ * min(n_dims, LOOKS)
        self._bar = NOISE_MARGIN * float(np.sqrt(2.0 * np.log(self._n_lags) / n_looks))
        self._past = np.zeros((2 * (self._n_lags + 1), n_dims))
        self._products = np.zeros((self._n_lags + 1, n_dims))
        self._work = np.zeros_like(self._products)
        self.reset()

    def reset(self) -> None:
        """Forget everything; equals new."""
        self._past[:] = 0.0
        self._products[:] = 0.0
        self._drift = np.zeros(self._n_dims)
        self._sum = np.zeros(self._n_dims)
        self._count = 0
        self._cell: int | None = None
        self._head = 0
        self.n_cells = 0

    def update(self, at_s: float, vector: Vector) -> None:
        """Take one sample; a new grid cell costs one multiply-add over all lags."""
        cell = int(at_s * GRID_HZ)
        if self._cell is None:
            self._cell = cell
            self._drift[:] = vector
        if cell != self._cell and self._count:
            mean = self._sum / self._count
            for _ in range(min(cell - self._cell, int(GRID_HZ))):
                self._advance(mean)
            self._cell = cell
            self._sum[:] = 0.0
            self._count = 0
        self._sum += vector
        self._count += 1

    def _advance(self, mean: Vector) -> None:
        self.n_cells += 1
        step = max(1.0 / self.n_cells, self._follow)
        deviation = mean - self._drift
        self._drift += step * deviation
        n = self._n_lags + 1
        # newest first, kept twice, so that the last n cells are always one contiguous piece
        self._head = (self._head - 1) % n
        self._past[self._head] = deviation
        self._past[self._head + n] = deviation
        np.multiply(self._past[self._head : self._head + n], deviation, out=self._work)
        self._products *= self._keep
        self._products += self._work

    def correlation(self) -> Vector | None:
        """(n_lags + 1,) autocorrelation, features weighted by their own smoothness; None before two grid seconds."""
        if self.n_cells < 2 * GRID_HZ:
            return None
        energy = np.maximum(self._products[0], 1e-30)
        weights = (MIN_WEIGHT + np.maximum(self._products[1] / energy, 0.0)) / energy
        total = float((weights * energy).sum())
        if total <= 1e-9:
            return np.zeros(self._n_lags + 1)
        return np.asarray(self._products @ weights / total)

    def report(self) -> Rhythm | None:
        """The clearest repetition with both periods inside what has been heard; None if there is no peak."""
        rho = self.correlation()
        if rho is None:
            return None
        below = int((rho <= 0.0).argmax())
        first = max(below, int(np.ceil(MIN_PERIOD_S * GRID_HZ)))
        last = min(int(MAX_PERIOD_S * GRID_HZ), self._n_lags // 2, self.n_cells // 2)
        if below == 0 or first >= last:
            return None
        # a period repeats at all its multiples: take the first peak that is nearly as high as the highest
        part = rho[first : last + 1]
        high = (
            (part >= FIRST_SHARE * part.max()) & (part >= rho[first - 1 : last]) & (part >= rho[first + 1 : last + 2])
        )
        lag = first + int(high.argmax() if high.any() else part.argmax())
        if lag in (first, last) and not rho[lag] > max(rho[lag - 1], rho[min(lag + 1, self._n_lags)]):
            return None
        around = max(lag // 8, 1)
        second = float(rho[2 * lag - around : min(2 * lag + around, self._n_lags) + 1].max())
        return Rhythm(period_s=lag / GRID_HZ, peak=float(rho[lag]), second=second, bar=self._bar)
