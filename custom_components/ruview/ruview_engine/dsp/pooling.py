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


def pool_columns(values: NDArray[np.floating], active: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Average neighbouring active columns.

    Parameters
    ----------
    values : (n, n_columns) one row per frame
    active : (n_columns,) bool, columns that carry a value

    Returns
    -------
    (n, n_pools) float32; n_pools = 0 when nothing is active; a pool with a value that is no number is none itself
    """
    columns, starts, counts = _pools(active.tobytes())
    if not len(starts):
        return np.zeros((len(values), 0), dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        # Sums, no matrix product: faster at this width, and BLAS would wake a second thread for it.
        sums = np.add.reduceat(np.asarray(values, dtype=np.float32)[:, columns], starts, axis=1)
        return np.asarray(sums / counts, dtype=np.float32)


@lru_cache(maxsize=64)
def _pools(active: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The active columns, where each pool begins among them, and its size; the same for every window of a link."""
    columns = np.flatnonzero(np.frombuffer(active, dtype=np.bool_))
    n_pools = min(MAX_POOLS, -(-len(columns) // COLUMNS_PER_POOL))
    sizes = [len(part) for part in np.array_split(columns, n_pools)] if n_pools else []
    counts = np.array(sizes, dtype=np.float32)
    return columns, np.cumsum([0, *sizes[:-1]]).astype(np.intp) if sizes else np.empty(0, np.intp), counts
