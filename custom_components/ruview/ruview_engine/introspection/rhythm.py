"""Does the link repeat itself: a running autocorrelation of the profile.

Samples are averaged onto a grid, freed of slow drift, and multiplied with their own past; products are remembered
exponentially, and the lags are searched for a peak that is repeated at twice its lag. All of it is done beside the
frames, once a second (`look_back.py`).

Source: maximal-ratio combining of autocorrelations after SMARS (Zhang et al. 2019); the slow path's estimator in
`dsp.periodicity` is more careful and answers *how fast*; this one answers *whether*, every second.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np

from ..shapes import Matrix, Times, Vector

#: Grid. Origin: derived, resolves 2 Hz; breathing needs 0.1–0.6.
GRID_HZ: Final = 5.0
#: Longest lag: two periods of the slowest rhythm. Origin: derived.
MAX_LAG_S: Final = 24.0
N_LAGS: Final = int(MAX_LAG_S * GRID_HZ)
#: Cells in a row that a silence may leave empty; they are as the one before them. Origin: derived, a longer one is
#: a new start.
MAX_EMPTY: Final = int(GRID_HZ)
#: Shortest period. Origin: derived, 2.5 grid steps.
MIN_PERIOD_S: Final = 0.5
#: Slowest rhythm of interest. Origin: spec, SENSING §4: 6 breaths a minute, and a fifth slower.
MAX_PERIOD_S: Final = 12.0
#: Memory of the products. Origin: chosen, the last 30 s carry 86 % of the weight: three periods at 0.1 Hz.
MEMORY_S: Final = 15.0
KEEP: Final = math.exp(-1.0 / (MEMORY_S * GRID_HZ))
#: Drift removal. Origin: derived, passes 0.1 Hz with 0.97.
DRIFT_S: Final = 6.0
FOLLOW: Final = 1.0 / (DRIFT_S * GRID_HZ)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Echo:
    """How much a link's past repeats itself; never changed, only followed by another.

    past : (N_LAGS + 1, n_dims) deviations of the newest grid cells from the drift, newest first
    products : (N_LAGS + 1, n_dims) running sums of each cell times the one so many cells before it
    drift : (n_dims,), None before the first sample · n_cells : complete so far
    cell, total, count : number, sum (n_dims,) and samples of the cell that is not complete
    """

    past: Matrix
    products: Matrix
    drift: Vector | None
    n_cells: int
    cell: int
    total: Vector
    count: int

    @classmethod
    def new(cls, n_dims: int) -> Self:
        """Nothing heard yet."""
        nothing = np.zeros((N_LAGS + 1, n_dims))
        return cls(past=nothing, products=nothing, drift=None, n_cells=0, cell=0, total=np.zeros(n_dims), count=0)

    def after(self, times: Times, rows: Matrix) -> Self:
        """The same with these samples heard, (n,) and (n, n_dims), n ≥ 1."""
        cells = (times * GRID_HZ).astype(np.int64)
        drift = rows[0] if self.drift is None else self.drift
        cell, total, count = (self.cell, self.total, self.count) if self.count else (int(cells[0]), self.total, 0)
        means: list[Vector] = []
        edges = (np.flatnonzero(np.diff(cells)) + 1).tolist()
        for start, stop in pairwise([0, *edges, len(cells)]):
            here = int(cells[start])
            if here != cell:
                means += [total / count] * min(here - cell, MAX_EMPTY)
                cell, total, count = here, np.zeros_like(total), 0
            total = total + rows[start:stop].sum(axis=0)
            count += stop - start
        n, products = self.n_cells, self.products
        # newest first: every cell goes before those that were there
        past = np.concatenate((np.zeros((len(means), rows.shape[1])), self.past))
        for row, mean in zip(reversed(range(len(means))), means, strict=True):
            n += 1
            past[row] = deviation = mean - drift
            drift = drift + max(1.0 / n, FOLLOW) * deviation
            products = products * KEEP + past[row : row + N_LAGS + 1] * deviation
        return type(self)(
            past=past[: N_LAGS + 1].copy(),
            products=products,
            drift=drift,
            n_cells=n,
            cell=cell,
            total=total,
            count=count,
        )

    def correlation(self) -> Vector | None:
        """(N_LAGS + 1,) autocorrelation, features weighted by signal over noise (what neighbours share is signal).

        None before two grid seconds.
        """
        if self.n_cells < 2 * GRID_HZ:
            return None
        energy = np.maximum(self.products[0], 1e-30)
        smooth = np.clip(self.products[1] / energy, 0.0, MAX_SMOOTH)
        shares = MIN_WEIGHT + smooth / (1.0 - smooth)
        return np.asarray(self.products.dot(shares / (energy * shares.sum())))

    def clearest(self) -> Rhythm | None:
        """The clearest repetition with both periods inside what has been heard; None if it is fainter than faint."""
        correlation = self.correlation()
        if correlation is None:
            return None
        bar = bar_for(self.past.shape[1])
        shortest = math.ceil(MIN_PERIOD_S * GRID_HZ)
        last = min(int(MAX_PERIOD_S * GRID_HZ), N_LAGS // 2, self.n_cells // 2)
        if float(correlation[shortest : last + 1].max()) < FAINT_SHARE * bar:
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
        if lag in (first, last) and not rho[lag] > max(rho[lag - 1], rho[min(lag + 1, N_LAGS)]):
            return None
        around = max(lag // 8, 1)
        second = max(rho[2 * lag - around : min(2 * lag + around, N_LAGS) + 1])
        return Rhythm(period_s=lag / GRID_HZ, peak=rho[lag], second=second, bar=bar)


def bar_for(n_dims: int) -> float:
    """The height at which a peak of so many features stands out of noise."""
    n_looks = 2.0 * MEMORY_S * GRID_HZ * min(n_dims, LOOKS)
    return NOISE_MARGIN * math.sqrt(2.0 * math.log(N_LAGS) / n_looks)
