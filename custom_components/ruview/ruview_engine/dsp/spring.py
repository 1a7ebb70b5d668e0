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

import sys
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
_PACKED: Final = float(1 << (FRACTION_BITS + START_BITS))
_COST_MASK: Final = ~_START_MASK
_LOW_WORD: Final = 0 if sys.byteorder == "little" else 3


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
        # Column 0 holds the path that starts now; template elements are columns 1…: "the cell to the left" is then
        # the same flat array shifted by one, and no copy is needed.
        self._width = self.n_columns + 1
        shape = (self.n_templates, self._width)
        rows = np.zeros((*shape, self.n_dims + 2))
        for k, (template, scale) in enumerate(zip(templates, scales, strict=True)):
            n = len(template) + 1
            rows[k, 1:n, : self.n_dims] = -2.0 * template * scale
            rows[k, 1:n, -2] = scale
            rows[k, 1:n, -1] = (template**2).sum(axis=1) * scale
            # beyond a shorter template's end nothing may go on
            rows[k, n:, -1] = MAX_CELL_COST
        self._rows = np.ascontiguousarray(rows.reshape(-1, self.n_dims + 2) * _UNIT)
        self._vector = np.ones(self.n_dims + 2)
        # ‖x − s‖² ≤ 2(‖x‖² + ‖s‖²): below this squared norm no cell can reach MAX_CELL_COST.
        norm = max(float((t**2).sum(axis=1).max()) for t in templates)
        self._safe_norm = MAX_CELL_COST / (2.0 * max(max(scales), 1e-12)) - norm
        half = np.array([n if band is None else band for n, band in zip(self.lengths, bands, strict=True)])
        # |n − column| ≤ half as one unsigned comparison: n − column + half lies in [0, 2·half], modulo 2^16.
        shift = half[:, None] - np.arange(self._width)[None, :] + 1
        self._band_shift: NDArray[np.uint16] = (shift.reshape(-1) & _START_MASK).astype(np.uint16)
        self._band_limit = np.repeat(2 * half, self._width).astype(np.uint16)
        n_cells = self.n_templates * self._width
        self._cost_float = np.empty(n_cells)
        self._cost = np.zeros(n_cells, dtype=np.int64)
        self._sum = np.zeros(n_cells, dtype=np.int64)
        self._best = np.zeros(n_cells, dtype=np.int64)
        self._clock = np.zeros(n_cells, dtype=np.uint16)
        self._outside = np.zeros(n_cells, dtype=np.bool_)
        self._cost_rows, self._sum_rows = self._cost.reshape(shape), self._sum.reshape(shape)
        self._best_rows = self._best.reshape(shape)
        self._first = np.arange(self.n_templates) * self._width + 1
        self._inner_best = self._best_rows[:, 1:]

    def reset(self) -> None:
        """Forget every path; equals a new bank."""
        self._cells: NDArray[np.int64] = np.full(self.n_templates * self._width, DEAD, dtype=np.int64)
        self._starts = self._cells.view(np.uint16)[_LOW_WORD::4]
        self._start_column = self._cells[:: self._width]
        self._time = -1

    def update(self, vector: Vector, reward: Vector | None = None) -> None:
        """Take one sample, (n_dims,).

        `reward` (n_templates,) is taken off the cost of every path for having used this sample: with the cost of a
        rival hypothesis as reward the cheapest path is the likeliest one, and its cost the negative log-likelihood
        ratio. Without it this is plain DTW. Raises ShapeError for a wrong length or a number that is not finite.
        """
        if vector.shape != (self.n_dims,):
            raise ShapeError(f"expected ({self.n_dims},), found {vector.shape}")
        norm = float(np.dot(vector, vector))
        if not norm < np.inf:
            raise ShapeError("a sample contains a number that is not finite")
        self._time += 1
        cost, cells, best, total = self._cost, self._cells, self._best, self._sum
        self._vector[:-2] = vector
        self._vector[-2] = norm
        np.dot(self._rows, self._vector, out=self._cost_float)
        if norm > self._safe_norm:
            np.clip(self._cost_float, 0.0, MAX_CELL_COST * _UNIT, out=self._cost_float)
        np.copyto(cost, self._cost_float, casting="unsafe")
        np.left_shift(cost, START_BITS, out=cost)
        self._start_column[:] = self._time & _START_MASK
        # u − C with C the running sum that includes this cell: u = c + …, so the exclusive sum is subtracted instead
        if self._diagonal_weight == 2:
            np.add(cells[:-1], cost[1:], out=best[1:])
        else:
            best[1:] = cells[:-1]
        np.minimum(best, cells, out=best)
        np.add.accumulate(self._cost_rows, axis=1, out=self._sum_rows)
        if reward is not None:
            np.subtract(self._best_rows, (reward * _PACKED).astype(np.int64)[:, None] & _COST_MASK, out=self._best_rows)
        np.subtract(best[1:], total[:-1], out=best[1:])
        np.minimum.accumulate(self._inner_best, axis=1, out=self._inner_best)
        np.add(best, total, out=cells)
        np.add(self._band_shift, self._time & _START_MASK, out=self._clock)
        np.subtract(self._clock, self._starts, out=self._clock)
        np.greater(self._clock, self._band_limit, out=self._outside)
        np.copyto(cells, DEAD, where=self._outside)

    def _cells_of(self) -> NDArray[np.int64]:
        return self._cells.reshape(self.n_templates, self._width)[:, 1:]

    def distances(self) -> Matrix:
        """(n_templates, n_columns) weighted path cost ending in each cell now; inf where no path may end."""
        cells = self._cells_of()
        cost = (cells >> START_BITS) / _UNIT
        cost[cells >= DEAD] = np.inf
        cost[np.arange(self.n_columns)[None, :] >= self.lengths[:, None]] = np.inf
        return cost

    def n_frames(self) -> NDArray[np.int64]:
        """(n_templates, n_columns) samples each path has used; only meaningful where `distances` is finite."""
        return ((self._time - self._cells_of()) & _START_MASK) + 1

    def cheapest(self) -> tuple[Vector, NDArray[np.intp]]:
        """(n_templates,) cost of each template's cheapest path now, and the element it ends in, from 0."""
        cells = self._cells_of()
        ends = cells.argmin(axis=1)
        return (self._cells.take(self._first + ends) >> START_BITS) / _UNIT, ends

    @property
    def time(self) -> int:
        """Number of the newest sample, from 0; −1 before the first."""
        return self._time
