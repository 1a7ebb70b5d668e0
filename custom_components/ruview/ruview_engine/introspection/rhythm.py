"""Does the link repeat itself: a running autocorrelation of the profile.

Samples are averaged onto a grid, freed of slow drift, and multiplied with their own past; products are remembered
exponentially, and the lags are searched for a peak that is repeated at twice its lag. The frame path only averages:
the rest takes as long as half a frame, changes little within a second, and is worked out beside it (`job`, `take`).

Source: maximal-ratio combining of autocorrelations after SMARS (Zhang et al. 2019); the slow path's estimator in
`dsp.periodicity` is more careful and answers *how fast*; this one answers *whether*, every second.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..shapes import Matrix, Vector

#: Grid. Origin: derived, resolves 2 Hz; breathing needs 0.1–0.6.
GRID_HZ: Final = 5.0
#: Longest lag: two periods of the slowest rhythm. Origin: derived.
MAX_LAG_S: Final = 24.0
N_LAGS: Final = int(MAX_LAG_S * GRID_HZ)
#: Cells that may wait for a job; where none comes, the rhythm begins anew. Origin: chosen, jobs come every second.
MAX_WAITING: Final = N_LAGS
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
    """How much the grid cells so far resemble their own past; never changed, only followed by another.

    past : (N_LAGS + 1, n_dims) deviations of the newest cells from the drift, newest first
    products : (N_LAGS + 1, n_dims) running sums of each cell times the one so many cells before it
    drift : (n_dims,) · n_cells : heard so far
    """

    past: Matrix
    products: Matrix
    drift: Vector
    n_cells: int = 0

    @classmethod
    def before(cls, first: NDArray[np.floating]) -> Self:
        """Nothing heard yet; the drift begins at `first`, (n_dims,)."""
        nothing = np.zeros((N_LAGS + 1, len(first)))
        return cls(past=nothing, products=nothing, drift=np.asarray(first, dtype=np.float64))

    def after(self, means: list[Vector]) -> Self:
        """The same with these cells heard, oldest first."""
        n, drift, products = self.n_cells, self.drift, self.products
        # newest first: every cell goes before those that were there
        past = np.concatenate((np.zeros((len(means), len(drift))), self.past))
        for row, mean in zip(reversed(range(len(means))), means, strict=True):
            n += 1
            deviation = mean - drift
            drift = drift + max(1.0 / n, FOLLOW) * deviation
            past[row] = deviation
            products = products * KEEP + past[row : row + N_LAGS + 1] * deviation
        return type(self)(past=past[: N_LAGS + 1].copy(), products=products, drift=drift, n_cells=n)

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RhythmReading:
    """What a job found: the clearest repetition, if any, in `echo`, which follows `before` by `n_cells` cells."""

    before: Echo
    echo: Echo
    n_cells: int
    rhythm: Rhythm | None


class RhythmMeter:
    """Feature vectors with times in. Once a second `job` is run anywhere and its reading given back with `take`.

    rhythm : the clearest repetition with both periods inside what had been heard when the newest reading was begun;
        None if it is fainter than faint
    """

    def __init__(self, n_dims: int) -> None:
        self._n_dims = n_dims
        n_looks = 2.0 * MEMORY_S * GRID_HZ * min(n_dims, LOOKS)
        self._bar = NOISE_MARGIN * float(np.sqrt(2.0 * np.log(N_LAGS) / n_looks))
        self.reset()

    def reset(self) -> None:
        """Forget everything; equals new."""
        self.rhythm: Rhythm | None = None
        self._echo: Echo | None = None
        self._waiting: deque[Vector] = deque()
        self._sum: NDArray[np.float32] = np.zeros(self._n_dims, dtype=np.float32)
        self._count = 0
        self._cell = -1

    def update(self, at_s: float, vector: NDArray[np.float32]) -> None:
        """Take one sample, (n_dims,)."""
        cell = int(at_s * GRID_HZ)
        if cell != self._cell:
            self._close(cell, vector)
        self._sum += vector
        self._count += 1

    def _close(self, cell: int, vector: NDArray[np.float32]) -> None:
        """The sample begins another cell of the grid; cells that nothing fell into are as the one before them."""
        if self._count:
            mean = np.divide(self._sum, self._count, dtype=np.float64)
            for _ in range(min(cell - self._cell, int(GRID_HZ))):
                self._waiting.append(mean)
        if self._echo is None or len(self._waiting) > MAX_WAITING:
            self.reset()
            self._echo = Echo.before(vector)
        self._cell = cell
        self._sum.fill(0.0)
        self._count = 0

    def job(self) -> Callable[[], RhythmReading] | None:
        """What reads the cells that have come since the last reading, in any thread; None if there are none."""
        echo, waiting, bar = self._echo, list(self._waiting), self._bar
        if echo is None or not waiting:
            return None

        def read() -> RhythmReading:
            now = echo.after(waiting)
            return RhythmReading(before=echo, echo=now, n_cells=len(waiting), rhythm=clearest(now, bar))

        return read

    def take(self, reading: RhythmReading) -> None:
        """What a job found, unless the past has been interrupted or read by another one meanwhile."""
        if reading.before is not self._echo:
            return
        self._echo, self.rhythm = reading.echo, reading.rhythm
        for _ in range(reading.n_cells):
            self._waiting.popleft()


def clearest(echo: Echo, bar: float) -> Rhythm | None:
    """The clearest repetition with both periods inside what has been heard; None if it is fainter than faint."""
    correlation = echo.correlation()
    if correlation is None:
        return None
    shortest = math.ceil(MIN_PERIOD_S * GRID_HZ)
    last = min(int(MAX_PERIOD_S * GRID_HZ), N_LAGS // 2, echo.n_cells // 2)
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
