"""All distances between the points of a trajectory, but for those that are near merely in time."""

import numpy as np

from ..errors import ShapeError
from ..shapes import Matrix


def squared_distances(points: Matrix, theiler: int) -> Matrix:
    """Squared Euclidean distances; neighbours must be near in space, not merely in time (Theiler 1986).

    Parameters
    ----------
    points : (n, n_dims) in time order
    theiler : pairs fewer samples apart than this count as infinitely far, a point and itself included

    Returns
    -------
    (n, n) ≥ 0, symmetric

    Raises
    ------
    ShapeError where `theiler` leaves no pair
    """
    n = len(points)
    if not 1 <= theiler < n:
        raise ShapeError(f"theiler must be 1…{n - 1}, found {theiler}")
    norms = np.square(points).sum(axis=1)
    squared = points @ points.T
    squared *= -2.0
    squared += norms
    squared += norms[:, None]
    np.maximum(squared, 0.0, out=squared)
    when = np.arange(n)
    squared[np.abs(when[:, None] - when) < theiler] = np.inf
    return squared
