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
    (n, n_pools) float32; n_pools = 0 when nothing is active; a row with a value that is no number is none itself
    """
    matrix = _pooling_matrix(active.tobytes(), len(active))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(values, dtype=np.float32) @ matrix


@lru_cache(maxsize=64)
def _pooling_matrix(active: bytes, n_columns: int) -> NDArray[np.float32]:
    """(n_columns, n_pools) with weights that sum to one per pool; the same for every window of a link."""
    columns = np.flatnonzero(np.frombuffer(active, dtype=np.bool_))
    n_pools = min(MAX_POOLS, -(-len(columns) // COLUMNS_PER_POOL))
    matrix = np.zeros((n_columns, n_pools), dtype=np.float32)
    for pool, members in enumerate(np.array_split(columns, n_pools) if n_pools else ()):
        matrix[members, pool] = 1.0 / len(members)
    matrix.setflags(write=False)
    return matrix
