"""Subsequence dynamic time warping of a stream against many templates at once, one column per sample.

Source: SPRING (Sakurai, Faloutsos, Yamamuro, ICDE 2007) with the symmetric2 weights of Sakoe and Chiba (1978).
The column recurrence

    D'[j] = min(D[j] + c[j],  D[j−1] + w·c[j],  D'[j−1] + c[j])        w = 2 for symmetric2, D[−1] = 0 for a new start

is sequential in j only through the last term. With u[j] the smaller of the first two and C the running sum of c, it
is exactly `D' = C + running minimum of (u − C)`: a handful of array operations for all cells of all templates.

Cost and start are carried in one 64-bit integer, cost in fixed point above, start below. Adding a cost leaves the
start alone, and taking a minimum takes the start of the cheaper path with it, so start tracking (which the band
needs) is free.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ShapeError
from ..shapes import Matrix, Vector

#: Low bits of a cell: the sample number of its start, modulo 2^16. Origin: derived, a live path is at most twice its
#: template long and templates are far shorter than 2^15.
START_BITS: Final = 16
#: Fractional bits of a cost. Origin: chosen, 1e-6 of a unit; costs are nats or squared deviations of order one.
FRACTION_BITS: Final = 20
#: One cell's cost is cut here so that no path sum can reach `DEAD`. Origin: derived, 2^16 · 2 · 256 · 2 < 2^(61−36).
MAX_CELL_COST: Final = float(1 << 15)
#: A cell no path may use. Origin: derived, above every sum and far enough from 2^63 to add to.
DEAD: Final = 1 << 61
#: Longest template. Origin: derived from `MAX_CELL_COST`; 256 samples are 12.8 s at 20 Hz.
MAX_TEMPLATE: Final = 256
_START_MASK: Final = (1 << START_BITS) - 1
_UNIT: Final = float(1 << FRACTION_BITS)


class SpringBank:
    """All templates of equal width against one stream.

    Parameters
    ----------
    templates : each (n_k, n_dims), finite, 1 ≤ n_k ≤ 256
    bands : per template the largest allowed |samples used − template elements used|; None means as long as the template
    scales : per template the factor on the squared Euclidean distance; 1 by default
    diagonal_weight : 2 for symmetric2, 1 for symmetric1

    Source
    ------
    docs/algorithms/introspection.md#spring; slow twin: tests/engine/oracle/dtw.py
    """

    def __init__(
        self,
        templates: list[Matrix],
        *,
        bands: list[int | None] | None = None,
        scales: list[float] | None = None,
        diagonal_weight: int = 2,
    ) -> None:
        if not templates:
            raise ShapeError("a bank needs at least one template")
        if diagonal_weight not in (1, 2):
            raise ShapeError(f"diagonal_weight must be 1 or 2, not {diagonal_weight}")
        n_dims = templates[0].shape[-1]
        for template in templates:
            if template.ndim != 2 or template.shape[1] != n_dims or not 1 <= len(template) <= MAX_TEMPLATE:
                raise ShapeError(f"templates must be (1..{MAX_TEMPLATE}, {n_dims}), found {template.shape}")
            if not np.isfinite(template).all():
                raise ShapeError("a template contains a number that is not finite")
        self.n_dims = int(n_dims)
        self.lengths: NDArray[np.int64] = np.array([len(t) for t in templates])
        self.n_templates = len(templates)
        self.n_columns = int(self.lengths.max())
        self._diagonal_weight = diagonal_weight
        self._prepare(templates, bands or [None] * len(templates), scales or [1.0] * len(templates))
        self.reset()

    def _prepare(self, templates: list[Matrix], bands: list[int | None], scales: list[float]) -> None:
        shape = (self.n_templates, self.n_columns)
        rows = np.zeros((*shape, self.n_dims + 2))
        for k, (template, scale) in enumerate(zip(templates, scales, strict=True)):
            n = len(template)
            rows[k, :n, : self.n_dims] = -2.0 * template * scale
            rows[k, :n, -2] = scale
            rows[k, :n, -1] = (template**2).sum(axis=1) * scale
        self._rows = np.ascontiguousarray(rows.reshape(-1, self.n_dims + 2) * _UNIT)
        self._vector = np.ones(self.n_dims + 2)
        column = np.arange(1, self.n_columns + 1)
        width = np.array([n if band is None else band for n, band in zip(self.lengths, bands, strict=True)])
        # |n − column| ≤ width as one unsigned comparison: n − column + width lies in [0, 2·width].
        self._band_shift: NDArray[np.int64] = np.ascontiguousarray(width[:, None] - column[None, :] + 1)
        self._band_width: NDArray[np.uint64] = np.broadcast_to((2 * width)[:, None], shape).astype(np.uint64)
        self._cost_float = np.empty(self.n_templates * self.n_columns)
        for name in ("_cost", "_sum", "_best", "_frames"):
            setattr(self, name, np.zeros(shape, dtype=np.int64))
        self._cost: NDArray[np.int64]
        self._sum: NDArray[np.int64]
        self._best: NDArray[np.int64]
        self._frames: NDArray[np.int64]
        self._outside = np.zeros(shape, dtype=np.bool_)

    def reset(self) -> None:
        """Forget every path; equals a new bank."""
        self._cells: NDArray[np.int64] = np.full((self.n_templates, self.n_columns), DEAD, dtype=np.int64)
        self._time = -1

    def update(self, vector: Vector) -> None:
        """Take one sample, (n_dims,). Raises ShapeError for a wrong length or a number that is not finite."""
        if vector.shape != (self.n_dims,):
            raise ShapeError(f"expected ({self.n_dims},), found {vector.shape}")
        norm = float(np.dot(vector, vector))
        if not norm < np.inf:
            raise ShapeError("a sample contains a number that is not finite")
        self._time += 1
        cost, cells, best = self._cost, self._cells, self._best
        self._vector[:-2] = vector
        self._vector[-2] = norm
        np.dot(self._rows, self._vector, out=self._cost_float)
        np.clip(self._cost_float, 0.0, MAX_CELL_COST * _UNIT, out=self._cost_float)
        np.copyto(cost.reshape(-1), self._cost_float, casting="unsafe")
        np.left_shift(cost, START_BITS, out=cost)
        # the diagonal predecessor: the cell to the left one sample ago; in the first column, a path that starts now
        best[:, 1:] = cells[:, :-1]
        best[:, 0] = self._time & _START_MASK
        if self._diagonal_weight == 2:
            np.add(best, cost, out=best)
        np.minimum(best, cells, out=best)
        np.add.accumulate(cost, axis=1, out=self._sum)
        np.add(best, cost, out=best)
        np.subtract(best, self._sum, out=best)
        np.minimum.accumulate(best, axis=1, out=best)
        np.add(best, self._sum, out=cells)
        self._apply_band()

    def _apply_band(self) -> None:
        frames, cells = self._frames, self._cells
        np.subtract(self._time, cells, out=frames)
        np.bitwise_and(frames, _START_MASK, out=frames)
        np.add(frames, self._band_shift, out=self._sum)
        np.greater(self._sum.view(np.uint64), self._band_width, out=self._outside)
        np.copyto(cells, DEAD, where=self._outside)
        np.minimum(cells, DEAD, out=cells)

    def distances(self) -> Matrix:
        """(n_templates, n_columns) weighted path cost ending in each cell now; inf where no path may end."""
        cost = (self._cells >> START_BITS) / _UNIT
        cost[self._cells >= DEAD] = np.inf
        cost[np.arange(self.n_columns)[None, :] >= self.lengths[:, None]] = np.inf
        return cost

    def n_frames(self) -> NDArray[np.int64]:
        """(n_templates, n_columns) samples each path has used; only meaningful where `distances` is finite."""
        return ((self._time - self._cells) & _START_MASK) + 1

    @property
    def packed(self) -> NDArray[np.int64]:
        """The cells as they are kept; read-only use by the matcher, which cannot afford copies."""
        return self._cells

    @property
    def time(self) -> int:
        """Number of the newest sample, from 0; −1 before the first."""
        return self._time
