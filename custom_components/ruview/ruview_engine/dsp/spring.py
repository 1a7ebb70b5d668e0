"""Subsequence dynamic time warping of a stream against many templates at once, one column per sample.

Source: SPRING (Sakurai, Faloutsos, Yamamuro, ICDE 2007) with the symmetric2 weights of Sakoe and Chiba (1978).
The column recurrence

    D'[j] = min(D[j] + c[j],  D[j−1] + w·c[j],  D'[j−1] + c[j])        w = 2 for symmetric2, D[−1] = 0 for a new start

is sequential in j only through the last term. With u[j] the smaller of the first two and C the running sum of c, it
is exactly `D' = C + running minimum of (u − C)`: a handful of array operations for all cells of all templates.

Cost and start are carried in one 64-bit integer, cost in fixed point above, start below. Adding a cost leaves the
start alone, and taking a minimum takes the start of the cheaper path with it, so start tracking (which the band
needs) is free. What every path of a template is paid for a sample is not taken off its cells one by one: new paths
begin that much higher instead, and the sum is taken off whenever a cost is read.
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
#: One cell's cost is cut here so that no path sum can reach `DEAD`. Origin: derived, 2^15 · 2 · 256 · 2 < 2^(61−36).
MAX_CELL_COST: Final = float(1 << 15)
#: All cells' costs together stay below this, for they are summed in one go. Origin: derived, 2^(25+36) = `DEAD`; a bank
#: of 800 templates of 64 samples still has 645 units for a cell, far more than a path can be paid for its samples.
MAX_TOTAL_COST: Final = float(1 << 25)
#: A cell no path may use. Origin: derived, above every sum and far enough from 2^63 to add to.
DEAD: Final = 1 << 61
#: Longest template. Origin: derived from `MAX_CELL_COST`; 256 samples are 12.8 s at 20 Hz.
MAX_TEMPLATE: Final = 256
#: What has been paid is taken off the cells for good beyond this, which is looked at once in so many samples. Origin:
#: derived, 128 payments of less than `MAX_CELL_COST` stay below 2^(15+7+36), an eighth of `DEAD`; at five units a
#: sample it happens every few hours.
MAX_PAID: Final = 1 << 57
SETTLE_AFTER: Final = 128
_START_MASK: Final = (1 << START_BITS) - 1
_UNIT: Final = float(1 << FRACTION_BITS)
_PACKED: Final = float(1 << (FRACTION_BITS + START_BITS))
_COST_MASK: Final = ~_START_MASK
_LOW_WORD: Final = 0 if sys.byteorder == "little" else 3
# Operands that are arrays already: numpy takes 0.3 µs to make one of a number, as long as the addition itself.
_SHIFT: Final = np.array(START_BITS)
_NEXT: Final = np.array(1, dtype=np.uint16)
_DEAD: Final = np.array(DEAD)


class SpringBank:
    """All templates of equal width against one stream.

    Parameters
    ----------
    templates : each (n_k, n_dims), finite, 1 ≤ n_k ≤ 256
    bands : per template the largest allowed |samples used − template elements used|; None means as long as the template
    scales : per template the factor on the squared Euclidean distance; 1 by default
    tolls : per template what a path pays for each sample besides its cells; none by default
    diagonal_weight : 2 for symmetric2, 1 for symmetric1

    Source
    ------
    docs/algorithms/introspection.md#spring; slow twin: tests/engine/oracle/dtw.py
    """

    # more than 30 attributes do not fit into what Python keeps inside an object, and a sample looks at 45
    __slots__ = (
        "_band_limit",
        "_band_shift",
        "_before",
        "_begin",
        "_best",
        "_best_after",
        "_cells",
        "_clock",
        "_columns",
        "_cost",
        "_cost_after",
        "_cost_float",
        "_diagonal_weight",
        "_ends",
        "_first",
        "_found",
        "_found_at",
        "_inner_best",
        "_inner_cells",
        "_is_paid_apart",
        "_lag",
        "_largest_toll",
        "_limit",
        "_middle",
        "_offset",
        "_outside",
        "_paid",
        "_paid_all",
        "_safe_norm",
        "_settled_at",
        "_start_column",
        "_starts",
        "_sum_before",
        "_time",
        "_tolls",
        "_vector",
        "_vector_offset",
        "_width",
        "lengths",
        "n_columns",
        "n_dims",
        "n_templates",
    )

    def __init__(
        self,
        templates: list[Matrix],
        *,
        bands: list[int | None] | None = None,
        scales: list[float] | None = None,
        tolls: Vector | None = None,
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
        self._tolls = None if tolls is None else packed(tolls)
        self._largest_toll = 0 if self._tolls is None else int(np.abs(self._tolls).max())
        self._prepare(templates, bands or [None] * len(templates), scales or [1.0] * len(templates))
        self.reset()

    def _prepare(self, templates: list[Matrix], bands: list[int | None], scales: list[float]) -> None:
        # Column 0 holds the path that starts now; template elements are columns 1…: "the cell to the left" is then
        # the same flat array shifted by one, and no copy is needed.
        self._width = self.n_columns + 1
        shape = (self.n_templates, self._width)
        n_cells = self.n_templates * self._width
        self._limit = min(MAX_CELL_COST, MAX_TOTAL_COST / n_cells)
        # single precision is enough for distances from the templates' middle, not from the origin
        self._middle: Vector = np.concatenate(templates).mean(axis=0)
        rows = np.zeros((*shape, self.n_dims + 2))
        largest = 0.0
        for k, (template, scale) in enumerate(zip(templates, scales, strict=True)):
            n = len(template) + 1
            centred = template - self._middle
            norms = (centred**2).sum(axis=1)
            largest = max(largest, float(norms.max()))
            rows[k, 1:n, : self.n_dims] = -2.0 * centred * scale
            rows[k, 1:n, -2] = scale
            rows[k, 1:n, -1] = norms * scale
            # beyond a shorter template's end nothing may go on
            rows[k, n:, -1] = self._limit
        self._columns: NDArray[np.float32] = np.ascontiguousarray(
            rows.reshape(-1, self.n_dims + 2).T * _UNIT, dtype=np.float32
        )
        # ‖x − s‖² ≤ 2(‖x‖² + ‖s‖²): below this squared norm no cell can reach the limit.
        self._safe_norm = self._limit / (2.0 * max(max(scales), 1e-12)) - largest
        half = np.array([n if band is None else band for n, band in zip(self.lengths, bands, strict=True)])
        # |n − column| ≤ half as one unsigned comparison: n − column + half lies in [0, 2·half], modulo 2^16.
        shift = half[:, None] - np.arange(self._width)[None, :]
        self._band_shift: NDArray[np.uint16] = (shift.reshape(-1) & _START_MASK).astype(np.uint16)
        self._band_limit = np.repeat(2 * half, self._width).astype(np.uint16)
        self._begin = np.array(0, dtype=np.int64)
        self._offset = np.empty(self.n_dims)
        self._vector: NDArray[np.float32] = np.ones(self.n_dims + 2, dtype=np.float32)
        self._cost_float: NDArray[np.float32] = np.empty(n_cells, dtype=np.float32)
        self._cost = np.zeros(n_cells, dtype=np.int64)
        self._best = np.zeros(n_cells, dtype=np.int64)
        self._cells = np.empty(n_cells, dtype=np.int64)
        self._clock = np.empty(n_cells, dtype=np.uint16)
        self._lag = np.empty(n_cells, dtype=np.uint16)
        self._outside = np.zeros(n_cells, dtype=np.bool_)
        self._first = np.arange(self.n_templates) * self._width + 1
        # views that every sample needs: making them anew costs as much as an addition
        self._inner_best = self._best.reshape(shape)[:, 1:]
        self._inner_cells = self._cells.reshape(shape)[:, 1:]
        self._starts = self._cells.view(np.uint16)[_LOW_WORD::4]
        self._start_column = self._cells[:: self._width]
        self._before, self._cost_after = self._cells[:-1], self._cost[1:]
        self._best_after, self._sum_before = self._best[1:], self._cost[:-1]
        self._vector_offset = self._vector[:-2]

    def reset(self) -> None:
        """Forget every path; equals a new bank."""
        self._cells.fill(DEAD)
        self._clock[:] = self._band_shift
        #: What cells are too high by: for all templates, and for each.
        self._paid_all = 0
        self._paid: NDArray[np.int64] = np.zeros(self.n_templates, dtype=np.int64)
        self._is_paid_apart = False
        self._time = self._settled_at = -1
        self._found_at = -2

    def update(self, vector: Vector, reward: Vector | float | None = None) -> None:
        """Take one sample, (n_dims,).

        `reward`, one for all or (n_templates,), is taken off the cost of every path for having used this sample: with
        the cost of a rival hypothesis as reward the cheapest path is the likeliest one, and its cost the negative
        log-likelihood ratio. Without it this is plain DTW. Raises ShapeError for a wrong length or a number that is
        not finite.
        """
        if vector.shape != (self.n_dims,):
            raise ShapeError(f"expected ({self.n_dims},), found {vector.shape}")
        self._take_costs(vector)
        self._time += 1
        if self._time % SETTLE_AFTER == 0 and self._owes_much():
            self._settle()
        cells, best, cost = self._cells, self._best, self._cost
        after = self._best_after
        self._begin[...] = self._paid_all + (self._time & _START_MASK)
        np.add(self._paid, self._begin, self._start_column)
        # u − C with C the running sum that includes this cell: u = c + …, so the exclusive sum is subtracted instead
        if self._diagonal_weight == 2:
            np.add(self._before, self._cost_after, after)
        else:
            after[:] = self._before
        np.minimum(best, cells, best)
        # one sum over all templates, in place of the costs: only differences within a template are looked at
        np.add.accumulate(cost, 0, None, cost)
        np.subtract(after, self._sum_before, after)
        np.minimum.accumulate(self._inner_best, 1, None, self._inner_best)
        np.add(best, cost, cells)
        np.add(self._clock, _NEXT, self._clock)
        np.subtract(self._clock, self._starts, self._lag)
        np.greater(self._lag, self._band_limit, self._outside)
        np.putmask(cells, self._outside, _DEAD)
        if isinstance(reward, np.ndarray):
            self._paid += packed(reward)
            self._is_paid_apart = True
        elif reward is not None:
            self._paid_all += int(reward * _PACKED) & _COST_MASK
        if self._tolls is not None:
            np.subtract(self._paid, self._tolls, self._paid)

    def _take_costs(self, vector: Vector) -> None:
        """What every cell costs for this sample, as cells hold it."""
        offset = np.subtract(vector, self._middle, self._offset)
        norm = float(offset.dot(offset))
        if not norm < np.inf:
            raise ShapeError("a sample contains a number that is not finite")
        if norm <= self._safe_norm:
            self._vector_offset[:] = offset
            self._vector[-2] = norm
            self._vector.dot(self._columns, self._cost_float)
        else:
            costs = np.append(offset, (norm, 1.0)).dot(self._columns.astype(np.float64))
            self._cost_float[:] = np.clip(costs, 0.0, self._limit * _UNIT)
        self._cost[:] = self._cost_float
        np.left_shift(self._cost, _SHIFT, self._cost)

    def _owes_much(self) -> bool:
        """Rewards and tolls nearly cancel, but each of them grows."""
        each = self._largest_toll * (self._time - self._settled_at)
        if self._is_paid_apart:
            each = int(np.abs(self._paid).max())
        return max(abs(self._paid_all), each) > MAX_PAID

    def _settle(self) -> None:
        """Take what was paid off the cells, so that no number grows without bound."""
        paid = self._paid + self._paid_all
        cells = self._cells.reshape(self.n_templates, self._width)
        np.subtract(cells, paid[:, None], out=cells, where=cells < DEAD // 2)
        self._paid[:] = 0
        self._paid_all = 0
        self._settled_at = self._time

    def distances(self) -> Matrix:
        """(n_templates, n_columns) weighted path cost ending in each cell now; inf where no path may end."""
        cells = self._inner_cells - (self._paid + self._paid_all)[:, None]
        cost = (cells >> START_BITS) / _UNIT
        cost[cells >= DEAD // 2] = np.inf
        cost[np.arange(self.n_columns)[None, :] >= self.lengths[:, None]] = np.inf
        return cost

    def n_frames(self) -> NDArray[np.int64]:
        """(n_templates, n_columns) samples each path has used; only meaningful where `distances` is finite."""
        return ((self._time - self._inner_cells) & _START_MASK) + 1

    def cheapest(self) -> Vector:
        """(n_templates,) cost of each template's cheapest path now."""
        return ((self._cheapest_cells()[0] - self._paid_all) >> START_BITS) / _UNIT

    def cheapest_ends(self) -> NDArray[np.intp]:
        """(n_templates,) the element that path ends in, from 0."""
        return self._cheapest_cells()[1]

    def nearest(self, limits: NDArray[np.int64]) -> float:
        """By how much the cheapest path of all templates is dearer than its limit; (n_templates,) as `packed` makes."""
        over = self._cheapest_cells()[0] - limits
        return float(over.item(over.argmin()) - self._paid_all) / _PACKED

    def _cheapest_cells(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """(n_templates,) each one's cheapest cell, what it paid taken off, and its element; found once a sample."""
        if self._found_at != self._time:
            self._ends = self._inner_cells.argmin(axis=1)
            self._found = self._cells[self._ends + self._first]
            self._found -= self._paid
            self._found_at = self._time
        return self._found, self._ends

    @property
    def time(self) -> int:
        """Number of the newest sample, from 0; −1 before the first."""
        return self._time


def packed(costs: Vector) -> NDArray[np.int64]:
    """Costs as cells hold them: fixed point, the bits of the start empty."""
    return np.asarray((costs * _PACKED).astype(np.int64) & _COST_MASK)
