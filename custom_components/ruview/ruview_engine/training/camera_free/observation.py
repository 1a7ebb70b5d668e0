"""What the nodes themselves say per second: the CSI side of the multi-modal timeline of ADR-071 phase 0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import ShapeError
from ...shapes import Matrix, Times, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """A grid of m seconds and what each of n nodes measured in each; NaN where a node was silent.

    grid : (m,) seconds, one apart
    nodes : the n node ids, in column order
    presence : (m, n) the board's own presence score; unbounded, only its rank within the recording is used
    motion : (m, n) strength of movement, any scale
    rssi_dbm : (m, n)
    n_persons : (m, n) the board's own count
    periodicity : (m, n) 0–1, height of the autocorrelation peak of the motion series around walking cadence
    upper, lower : (m, n) movement in the upper and lower half of the bins, any scale
    """

    grid: Times
    nodes: tuple[int, ...]
    presence: Matrix
    motion: Matrix
    rssi_dbm: Matrix
    n_persons: Matrix
    periodicity: Matrix
    upper: Matrix
    lower: Matrix

    def __post_init__(self) -> None:
        shape = (len(self.grid), len(self.nodes))
        for name in ("presence", "motion", "rssi_dbm", "n_persons", "periodicity", "upper", "lower"):
            found = getattr(self, name).shape
            if found != shape:
                raise ShapeError(f"{name} has shape {found}, expected {shape}")

    def __len__(self) -> int:
        return len(self.grid)


def rank(values: Matrix) -> Matrix:
    """(m, n) share of a node's own finite values that are smaller: 0–1, free of the node's scale; NaN stays NaN."""
    result = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        known = np.isfinite(values[:, column])
        if known.sum() > 1:
            order = np.argsort(np.argsort(values[known, column], kind="stable"), kind="stable")
            result[known, column] = order / (known.sum() - 1)
    return result


def mean_over_nodes(values: Matrix) -> Vector:
    """(m,) mean of the nodes that spoke; NaN where none did."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def is_known(*columns: Vector) -> NDArray[np.bool_]:
    """(m,) True where every given column is finite."""
    return np.asarray(np.all([np.isfinite(column) for column in columns], axis=0))
