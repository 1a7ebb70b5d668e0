"""The last n points of a trajectory and all distances between them."""

import numpy as np
from numpy.typing import NDArray

from ..errors import ShapeError
from ..shapes import Matrix, Vector


class NeighbourRing:
    """Squared distances in slot order; a slot is overwritten n points later.

    Points are only kept as they come; the rows of the new ones are worked out together when `squared` is read.

    Pairs closer than `theiler` slots on the ring count as infinitely far: neighbours must be near in space, not merely
    in time (Theiler 1986). The ring's seam makes a few distant pairs unusable too, which costs `theiler` pairs of n²/2.

    Parameters
    ----------
    n_points : ring length · n_dims : width of a point · theiler : excluded time distance in samples
    """

    def __init__(self, n_points: int, n_dims: int, theiler: int) -> None:
        if not 1 <= theiler < n_points // 2:
            raise ShapeError(f"theiler must be 1…{n_points // 2 - 1}, found {theiler}")
        self.n_points = n_points
        self.theiler = theiler
        slots = np.arange(n_points)
        apart = (slots[:, None] - slots[None, :]) % n_points
        self._banned = np.minimum(apart, n_points - apart) < theiler
        self._points = np.zeros((n_points, n_dims))
        self._norms = np.zeros(n_points)
        self._squared: Matrix = np.full((n_points, n_points), np.inf)
        self.reset()

    def reset(self) -> None:
        """Forget all points; equals new."""
        self.n_seen = 0
        self._n_known = 0
        self._norms[:] = np.inf
        self._points[:] = 0.0
        self._squared[:] = np.inf

    @property
    def is_full(self) -> bool:
        """Every slot holds a point."""
        return self.n_seen >= self.n_points

    @property
    def newest(self) -> int:
        """Slot of the newest point."""
        return (self.n_seen - 1) % self.n_points

    def slots_by_age(self) -> NDArray[np.int64]:
        """(n_points,) slots from the oldest point to the newest."""
        return (np.arange(self.n_points) + self.n_seen) % self.n_points

    def update(self, point: Vector) -> None:
        """Take one point, (n_dims,). Raises ShapeError for a number that is not finite."""
        norm = float(point.dot(point))
        if not norm < np.inf:
            raise ShapeError("a trajectory point contains a number that is not finite")
        slot = self.n_seen % self.n_points
        self.n_seen += 1
        self._points[slot] = point
        self._norms[slot] = norm

    @property
    def squared(self) -> Matrix:
        """(n_points, n_points) squared distances of all points taken so far; inf where a slot is empty or too near."""
        self.refresh()
        return self._squared

    def refresh(self) -> None:
        """Work out the rows of the points that came since; cheap when called every few points, else with `squared`."""
        n_new = min(self.n_seen - self._n_known, self.n_points)
        if not n_new:
            return
        slots = np.arange(self.n_seen - n_new, self.n_seen) % self.n_points
        self._n_known = self.n_seen
        rows = self._points[slots] @ self._points.T
        rows *= -2.0
        rows += self._norms
        rows += self._norms[slots, None]
        np.maximum(rows, 0.0, out=rows)
        np.copyto(rows, np.inf, where=self._banned[slots])
        self._squared[slots] = rows
        self._squared[:, slots] = rows.T
