"""A profile's blocks: neighbouring bins averaged, so that noise shrinks and motion does not."""

from typing import Final

import numpy as np

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
