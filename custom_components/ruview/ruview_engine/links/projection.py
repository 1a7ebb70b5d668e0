"""What is taken from a profile: blocks, where motion lives, and ripple, where only noise does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import ActiveMask, Matrix

#: Blocks across the active bins. Origin: derived; motion is coherent over ≈ 10 bins, noise over one, so 14 blocks of
#: 4 bins keep the 3.5–5 independent looks of 20 MHz and halve the noise; a whitening of 14 × 14 needs 280 frames.
N_BLOCKS: Final = 14


def block_means(active: ActiveMask, n_blocks: int = N_BLOCKS) -> Matrix:
    """Matrix that averages neighbouring active bins.

    Parameters
    ----------
    active : (n_pairs,) bool

    Returns
    -------
    (min(n_blocks, n_active), n_pairs); every row sums to 1
    """
    bins = np.flatnonzero(active)
    parts = np.array_split(bins, min(n_blocks, len(bins)))
    matrix = np.zeros((len(parts), len(active)))
    for row, part in zip(matrix, parts, strict=True):
        row[part] = 1.0 / len(part)
    return matrix


#: Rows of ripple. Origin: chosen; their energy over 0.1 and 0.3 s scatters by 0.3 (log), less than that of the blocks.
N_RIPPLES: Final = 16


def ripples(active: ActiveMask, n_ripples: int = N_RIPPLES) -> Matrix:
    """Cosines across the active bins that turn over within two to four bins: too quick for a body, not for noise.

    Parameters
    ----------
    active : (n_pairs,) bool

    Returns
    -------
    (≤ n_ripples, n_pairs), orthonormal: the upper half of the DCT-II over the active bins, evenly thinned
    """
    n = int(active.sum())
    return waves(active, np.unique(np.linspace(n // 2, n - 1, min(n_ripples, n - n // 2)).round()))


def waves(active: ActiveMask, orders: NDArray[np.floating]) -> Matrix:
    """Cosines across the active bins with these numbers of half-waves: rows of the DCT-II, (n_orders, n_pairs)."""
    bins = np.flatnonzero(active)
    n = len(bins)
    matrix = np.zeros((len(orders), len(active)))
    matrix[:, bins] = np.sqrt(2.0 / n) * np.cos(np.pi / n * np.outer(orders, np.arange(n) + 0.5))
    return matrix
