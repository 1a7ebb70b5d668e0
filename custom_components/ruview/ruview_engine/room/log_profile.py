"""Log-profile: the shape of a frame over a few bands, in log units, free of gain.

A channel keeps its value over about ten tones (3 MHz, 70 ns delay spread), so a 20 MHz link has three to four
independent looks and many tones say the same thing. Averaging neighbours into bands keeps the looks, drops
quantisation noise, and makes covariances learnable from a minute of frames.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..dsp.pooling import group_means, group_weights
from ..dsp.resample import interpolated
from ..shapes import ActiveMask, Matrix, Profiles, Times, Vector

#: Bands per link at most. Origin: chosen; ≥ 4 per independent look of HT20, and 12 blocks of 5 s still shrink well.
MAX_BANDS: Final = 16
#: Smallest amplitude relative to the frame's mean that still counts. Origin: derived, one LSB at a mean of 50 LSB
#: is 0.02; below a quarter of it the log is quantisation noise.
FLOOR: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bands:
    """Which bins are averaged into which band.

    edges : (n_bands + 1,) cuts into the list of active bins
    active : (n_pairs,) bool
    """

    edges: NDArray[np.int64]
    active: ActiveMask

    def __len__(self) -> int:
        return len(self.edges) - 1

    @classmethod
    def over(cls, active: ActiveMask) -> Self:
        """Equal shares of the active bins; at least one band."""
        n_active = int(np.count_nonzero(active))
        n_bands = max(1, min(MAX_BANDS, n_active // 3))
        return cls(edges=np.linspace(0, n_active, n_bands + 1).astype(np.int64), active=np.asarray(active, bool))

    def log(self, profiles: Profiles) -> Matrix:
        """(n, n_pairs) → (n, n_bands): log of each band's mean, minus the mean over bands, so gain cancels exactly.

        Source: log-ratio of an amplitude to the frame's geometric band mean; SENSING §3 "log-profile".
        """
        if not len(profiles):
            return np.empty((0, len(self)))
        means = group_means(profiles, _weights(self.active.tobytes(), self.edges.tobytes()))
        overall = _over_bands(means)
        logs = np.log(np.maximum(means, FLOOR * np.where(overall > 0, overall, 1.0))).astype(np.float64)
        return np.asarray(logs - _over_bands(logs))


@lru_cache(maxsize=64)
def _weights(active: bytes, edges: bytes) -> NDArray[np.float32]:
    """Of each bin in each band."""
    is_active = np.frombuffer(active, np.bool_)
    groups = np.full(len(is_active), -1)
    sizes = np.diff(np.frombuffer(edges, np.int64))
    groups[is_active] = np.repeat(np.arange(len(sizes)), sizes)
    return group_weights(groups)


def _over_bands[Real: np.floating](rows: NDArray[Real]) -> NDArray[Real]:
    """(n, 1) mean over the bands; along so short an axis `mean` takes four times as long."""
    return np.asarray(np.einsum("tb->t", rows)[:, None] / rows.dtype.type(rows.shape[1]))


def mean_square(rows: Matrix) -> Vector:
    """(n,) mean over the bands of the squares of (n, n_bands), without a matrix of squares."""
    return np.asarray(np.einsum("tb,tb->t", rows, rows) / rows.shape[1])


def block_means(times: Times, values: Matrix, block_s: float, *, min_samples: int = 3) -> tuple[Vector, Matrix]:
    """Mean of each `block_s` slice counted back from the newest sample, oldest first; thin blocks are left out.

    Returns the end time of each block (n_blocks,) and the means (n_blocks, n_bands).
    """
    if not len(times):
        return np.empty(0), np.empty((0, values.shape[1]))
    ages = np.floor((times[-1] - times) / block_s).astype(np.int64)
    first_of_block = np.flatnonzero(np.diff(ages, prepend=ages[0] + 1))
    counts = np.diff(first_of_block, append=len(times))
    means = np.add.reduceat(values, first_of_block, axis=0) / counts[:, None]
    ends = times[-1] - ages[first_of_block] * block_s
    full = counts >= min_samples
    return ends[full], means[full]


def resample(times: Times, values: Matrix, rate_hz: float) -> Matrix:
    """Mean of the samples in each slot of 1/`rate_hz` seconds; empty slots are filled by straight lines.

    Returns (n_slots, n_bands), the newest slot last. The caller makes sure that no gap is long enough to matter.
    """
    slots = np.floor((times - times[-1]) * rate_hz + 1e-9).astype(np.int64)
    slots -= slots[0]
    first = np.flatnonzero(np.diff(slots, prepend=-1))
    means = np.add.reduceat(values, first, axis=0) / np.diff(first, append=len(times))[:, None]
    n_slots = int(slots[-1]) + 1
    return np.asarray(means) if len(first) == n_slots else interpolated(slots[first], means, n_slots)
