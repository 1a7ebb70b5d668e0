"""Rows that training works on: eight features per frame, with time and origin."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ShapeError
from ..shapes import Matrix, Times, Vector
from .encoder import N_FEATURES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureTable:
    """n rows in time order.

    at_s : (n,) seconds, not decreasing
    node : (n,) integer node id
    features : (n, 8) finite
    motion : (n,) strength of movement, any monotone scale; only used to find transitions
    link : (n,) integer, which link of its node a row is from; features of two links are never "the same view".
        Left out: one link per node.
    """

    at_s: Times
    node: NDArray[np.int64]
    features: Matrix
    motion: Vector
    link: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        n = len(self.at_s)
        if not len(self.link) and n:
            object.__setattr__(self, "link", self.node.copy())
        if self.features.shape != (n, N_FEATURES) or any(
            column.shape != (n,) for column in (self.node, self.motion, self.link)
        ):
            raise ShapeError(
                f"{n} times, features {self.features.shape}, nodes {self.node.shape}, motion {self.motion.shape}, "
                f"links {self.link.shape}"
            )
        if n and (np.any(np.diff(self.at_s) < 0) or not np.all(np.isfinite(self.features))):
            raise ShapeError("feature rows must be finite and in time order")

    def __len__(self) -> int:
        return len(self.at_s)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Self:
        """The chosen rows, in their order."""
        return type(self)(
            at_s=self.at_s[rows],
            node=self.node[rows],
            features=self.features[rows],
            motion=self.motion[rows],
            link=self.link[rows],
        )


def thinned(n_rows: int, at_most: int) -> slice:
    """Every row, or every second, third, …, so that no more than `at_most` are left. Neighbours are nearly copies."""
    return slice(None, None, -(-n_rows // at_most) or 1)
