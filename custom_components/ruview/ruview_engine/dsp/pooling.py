"""Fewer, better columns: neighbours averaged, because what moves is coherent over them and what is noise is not."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Neighbouring columns that share one answer. Origin: measured — on ESP32 captures quiet noise is nearly
#: independent per tone while motion is coherent over about ten (3 MHz); four stay inside that and gain 6 dB.
COLUMNS_PER_POOL: Final = 4

#: More pools cost time and add no independent look at the room. Origin: measured — 3.5 looks in 20 MHz.
MAX_POOLS: Final = 16

#: Multiplications in one matrix product up to which OpenBLAS stays in the caller's thread. Origin: its
#: `GEMM_MULTITHREAD_THRESHOLD` (4 · 2¹⁶); waking a second thread costs twenty times the product.
ONE_THREAD: Final = 1 << 18


def pool_columns(values: NDArray[np.floating], active: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Average neighbouring active columns.

    Parameters
    ----------
    values : (n, n_columns) one row per frame
    active : (n_columns,) bool, columns that carry a value

    Returns
    -------
    (n, n_pools) float32; n_pools = 0 when nothing is active; of a row with a value that is no number, none is one
    """
    return group_means(values, _pools(active.tobytes()))


def group_means(values: NDArray[np.floating], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, n_groups) float32 weighted sums of the columns of (n, n_columns), as products that one thread makes."""
    values = np.asarray(values, dtype=np.float32)
    means = np.empty((len(values), weights.shape[1]), np.float32)
    if not means.size:
        return means
    height = max(1, ONE_THREAD // weights.size)
    whole = len(values) - len(values) % height
    with np.errstate(invalid="ignore", over="ignore"):
        blocks = values[:whole].reshape(-1, height, len(weights))
        np.matmul(blocks, weights, out=means[:whole].reshape(-1, height, weights.shape[1]))
        np.matmul(values[whole:], weights, out=means[whole:])
    return means


def group_weights(groups: NDArray[np.integer]) -> NDArray[np.float32]:
    """(n_columns, n_groups) what `group_means` needs: equal shares of each group's columns.

    groups : (n_columns,) the group of each column, −1 of none
    """
    weights = np.equal.outer(groups, np.arange(groups.max(initial=-1) + 1)).astype(np.float32)
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1.0))


@lru_cache(maxsize=64)
def _pools(active: bytes) -> NDArray[np.float32]:
    """The weights of each pool; the same for every window of a link."""
    is_active = np.frombuffer(active, dtype=np.bool_)
    columns = np.flatnonzero(is_active)
    n_pools = min(MAX_POOLS, -(-len(columns) // COLUMNS_PER_POOL))
    groups = np.full(len(is_active), -1)
    for pool, part in enumerate(np.array_split(columns, n_pools) if n_pools else ()):
        groups[part] = pool
    return group_weights(groups)
