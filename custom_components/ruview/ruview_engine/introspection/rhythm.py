"""Does the link repeat itself: a running autocorrelation of the profile, cheap enough for every frame.

Samples are averaged onto a grid, freed of slow drift, and multiplied with their own past; products are remembered
exponentially. Once a second the lags are searched for a peak that is repeated at twice its lag.

Source: maximal-ratio combining of autocorrelations after SMARS (Zhang et al. 2019); the slow path's estimator in
`dsp.periodicity` is more careful and answers *how fast*; this one answers *whether*, every second.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Matrix, Vector

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
MIN_WEIGHT: Final = 0.02
#: Correlation of neighbouring cells beyond which a feature is not trusted more. Origin: chosen, 17 dB.
MAX_SMOOTH: Final = 0.98
#: How far a peak must rise above what white noise of the same number of looks reaches, √(2 ln n_lags / n). Origin:
#: measured on the pulse recordings: empty rooms stay below 0.15, breathing gives 0.2–0.8; 1.8 puts the bar at 0.24.
NOISE_MARGIN: Final = 1.8
#: The second peak must reach this share of the first one's bar. Origin: measured, empty ≤ 0.09, breathing ≥ 0.1.
SECOND_SHARE: Final = 0.5
#: How near the first peak must come to the highest. Origin: chosen, multiples of a steady period lose little height.
FIRST_SHARE: Final = 0.8
#: A repetition below this share of the bar is none, also for who has seen it clearer. Origin: chosen, hysteresis.
FAINT_SHARE: Final = 0.65
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
        self._keep = np.array(np.exp(-1.0 / (MEMORY_S * GRID_HZ)))
        self._follow = 1.0 / (DRIFT_S * GRID_HZ)
        self._n_dims = n_dims
        n_looks = 2.0 * MEMORY_S * GRID_HZ * min(n_dims, LOOKS)
        self._bar = NOISE_MARGIN * float(np.sqrt(2.0 * np.log(self._n_lags) / n_looks))
        self._past: Matrix = np.zeros((2 * (self._n_lags + 1), n_dims))
        self._products: Matrix = np.zeros((self._n_lags + 1, n_dims))
        self._work = np.zeros_like(self._products)
        self.reset()

    def reset(self) -> None:
        """Forget everything; equals new."""
        self._past[:] = 0.0
        self._products[:] = 0.0
        self._drift = np.zeros(self._n_dims)
        self._sum: NDArray[np.float32] = np.zeros(self._n_dims, dtype=np.float32)
        self._count = 0
        self._cell: int | None = None
        self._head = 0
        self._forget_report()
        self.n_cells = 0

    def update(self, at_s: float, vector: NDArray[np.float32]) -> None:
        """Take one sample, (n_dims,); a new grid cell costs one multiply-add over all lags."""
        cell = int(at_s * GRID_HZ)
        if self._cell is None:
            self._cell = cell
            self._drift[:] = vector
        if cell != self._cell and self._count:
            mean = np.divide(self._sum, self._count, dtype=np.float64)
            for _ in range(min(cell - self._cell, int(GRID_HZ))):
                self._advance(mean)
            self._cell = cell
            self._sum.fill(0.0)
            self._count = 0
        np.add(self._sum, vector, out=self._sum)
        self._count += 1

    def _forget_report(self) -> None:
        self._rho: Vector | None = None
        self._rhythm: Rhythm | None = None
        self._is_reported = False

    def _advance(self, mean: Vector) -> None:
        self._forget_report()
        self.n_cells += 1
        step = max(1.0 / self.n_cells, self._follow)
        deviation = mean - self._drift
        self._drift += step * deviation
        n = self._n_lags + 1
        # newest first, kept twice, so that the last n cells are always one contiguous piece
        head = self._head = (self._head - 1) % n
        past = self._past
        past[head] = deviation
        past[head + n] = deviation
        np.multiply(past[head : head + n], deviation, out=self._work)
        np.multiply(self._products, self._keep, out=self._products)
        np.add(self._products, self._work, out=self._products)

    def correlation(self) -> Vector | None:
        """(n_lags + 1,) autocorrelation, features weighted by signal over noise (what neighbouring cells share is signal).

        None before two grid seconds.
        """
        if self.n_cells < 2 * GRID_HZ:
            return None
        # a few numbers each: plain floats are quicker than arrays
        energies = [max(energy, 1e-30) for energy in self._products[0].tolist()]
        smooth = [
            min(max(neighbour / energy, 0.0), MAX_SMOOTH)
            for neighbour, energy in zip(self._products[1].tolist(), energies, strict=True)
        ]
        shares = [MIN_WEIGHT + part / (1.0 - part) for part in smooth]
        total = sum(shares)
        weights = [share / (energy * total) for share, energy in zip(shares, energies, strict=True)]
        return np.asarray(self._products.dot(weights))

    def prepare(self) -> None:
        """Do a part of the next `report` ahead, if it is not done: no single sample needs to pay for all of it."""
        if self._is_reported:
            return
        if self._rho is None:
            self._rho = self.correlation()
            self._is_reported = self._rho is None
        else:
            self._rhythm = self._clearest(self._rho)
            self._is_reported = True

    def report(self) -> Rhythm | None:
        """The clearest repetition with both periods inside what has been heard; None if it is fainter than faint."""
        while not self._is_reported:
            self.prepare()
        return self._rhythm

    def _clearest(self, correlation: Vector) -> Rhythm | None:
        shortest = math.ceil(MIN_PERIOD_S * GRID_HZ)
        last = min(int(MAX_PERIOD_S * GRID_HZ), self._n_lags // 2, self.n_cells // 2)
        if float(correlation[shortest : last + 1].max()) < FAINT_SHARE * self._bar:
            return None
        rho: list[float] = correlation.tolist()
        below = next((lag for lag, value in enumerate(rho) if value <= 0.0), 0)
        first = max(below, shortest)
        if below == 0 or first >= last:
            return None
        # a period repeats at all its multiples: take the first peak that is nearly as high as the highest
        highest = max(rho[first : last + 1])
        high = FIRST_SHARE * highest
        for lag in range(first, last + 1):
            if high <= rho[lag] and rho[lag - 1] <= rho[lag] >= rho[lag + 1]:
                break
        else:
            lag = rho.index(highest, first)
        if lag in (first, last) and not rho[lag] > max(rho[lag - 1], rho[min(lag + 1, self._n_lags)]):
            return None
        around = max(lag // 8, 1)
        second = max(rho[2 * lag - around : min(2 * lag + around, self._n_lags) + 1])
        return Rhythm(period_s=lag / GRID_HZ, peak=rho[lag], second=second, bar=self._bar)
