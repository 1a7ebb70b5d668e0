"""Subsequence dynamic time warping of a stream against many templates at once, one column per sample.

Source: SPRING (Sakurai, Faloutsos, Yamamuro, ICDE 2007) with the symmetric2 weights of Sakoe and Chiba (1978).
The column recurrence

    D'[j] = min(D[j] + c[j],  D[j−1] + w·c[j],  D'[j−1] + c[j])        w = 2 for symmetric2, D[−1] = 0 for a new start

is sequential in j only through the last term. With C the running sum of c along the template it is exactly,
for w = 2,

    D' = C + running minimum of (min(E[j], E[j−1]) + c[j])          E = D − C

C comes from `template_costs` by one product, and c is its step. Templates lie side by side, the same element of all of
them in a row, so that the running minimum is made by doubling: of 1, 2, 4 … rows at once.

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
from .template_costs import FRACTION_BITS, START_BITS, UNIT, TemplateCosts

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
_PACKED: Final = float(1 << (FRACTION_BITS + START_BITS))
_COST_MASK: Final = ~_START_MASK
_LOW_WORD: Final = 0 if sys.byteorder == "little" else 3
# Operands that are arrays already: numpy takes 0.3 µs to make one of a number, as long as the addition itself.
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

    # more than 30 attributes do not fit into what Python keeps inside an object, and a sample looks at 39
    __slots__ = (
        "_band_limit",
        "_band_shift",
        "_begin",
        "_cells",
        "_clock",
        "_cost",
        "_costs",
        "_diagonal_weight",
        "_doublings",
        "_ends",
        "_found",
        "_found_at",
        "_inner_cells",
        "_inner_sums",
        "_is_paid_apart",
        "_lag",
        "_lanes",
        "_largest_toll",
        "_outside",
        "_paid",
        "_paid_all",
        "_reached",
        "_relative",
        "_relative_before",
        "_relative_here",
        "_rows",
        "_settled_at",
        "_start_row",
        "_starts",
        "_step",
        "_sums",
        "_sums_before",
        "_time",
        "_tolls",
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
        # Row 0 holds the paths that start now, template elements are rows 1…: "the element before" is then the same
        # flat array shifted by a row, and no copy is needed.
        n = self.n_templates
        self._width = self.n_columns + 1
        self._lanes = np.arange(n)
        n_cells = self._width * n
        self._costs = TemplateCosts(templates, scales)
        self._sums = self._costs.sums
        half = np.array([n if band is None else band for n, band in zip(self.lengths, bands, strict=True)])
        # |n − row| ≤ half as one unsigned comparison: n − row + half lies in [0, 2·half], modulo 2^16.
        shift = half[None, :] - np.arange(self._width)[:, None]
        self._band_shift: NDArray[np.uint16] = (shift.reshape(-1) & _START_MASK).astype(np.uint16)
        self._band_limit = np.tile(2 * half, self._width).astype(np.uint16)
        self._begin = np.array(0, dtype=np.int64)
        self._relative = np.zeros(n_cells, dtype=np.int64)
        self._cost = np.zeros(n_cells - n, dtype=np.int64)
        self._cells = np.empty(n_cells, dtype=np.int64)
        self._clock = np.empty(n_cells, dtype=np.uint16)
        self._lag = np.empty(n_cells, dtype=np.uint16)
        self._outside = np.zeros(n_cells, dtype=np.bool_)
        # views that every sample needs: making them anew costs as much as an addition
        self._start_row, self._rows = self._cells[:n], self._cells[n:]
        self._inner_cells = self._rows.reshape(self.n_columns, n)
        self._starts = self._cells.view(np.uint16)[_LOW_WORD::4]
        self._inner_sums, self._sums_before = self._sums[n:], self._sums[:-n]
        self._relative_here, self._relative_before = self._relative[n:], self._relative[:-n]
        self._step, self._reached, self._doublings = _running_minimum(self.n_columns, n)

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
        self._costs.take(vector)
        self._time += 1
        if self._time % SETTLE_AFTER == 0 and self._owes_much():
            self._settle()
        cells, sums, cost, step = self._cells, self._sums, self._cost, self._step
        minimum = np.minimum
        self._begin[...] = self._paid_all + (self._time & _START_MASK)
        np.add(self._paid, self._begin, self._start_row)
        np.subtract(self._inner_sums, self._sums_before, cost)
        np.subtract(cells, sums, self._relative)
        if self._diagonal_weight == 2:
            minimum(self._relative_here, self._relative_before, step)
            np.add(step, cost, step)
        else:
            np.add(self._relative_here, cost, step)
            minimum(step, self._relative_before, step)
        for here, before, both in self._doublings:
            minimum(here, before, both)
        np.add(self._reached, self._inner_sums, self._rows)
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

    def _owes_much(self) -> bool:
        """Rewards and tolls nearly cancel, but each of them grows."""
        each = self._largest_toll * (self._time - self._settled_at)
        if self._is_paid_apart:
            each = int(np.abs(self._paid).max())
        return max(abs(self._paid_all), each) > MAX_PAID

    def _settle(self) -> None:
        """Take what was paid off the cells, so that no number grows without bound."""
        paid = self._paid + self._paid_all
        cells = self._inner_cells
        np.subtract(cells, paid, out=cells, where=cells < DEAD // 2)
        self._paid[:] = 0
        self._paid_all = 0
        self._settled_at = self._time

    def distances(self) -> Matrix:
        """(n_templates, n_columns) weighted path cost ending in each cell now; inf where no path may end."""
        cells = self._inner_cells.T - (self._paid + self._paid_all)[:, None]
        cost = (cells >> START_BITS) / UNIT
        cost[cells >= DEAD // 2] = np.inf
        cost[np.arange(self.n_columns)[None, :] >= self.lengths[:, None]] = np.inf
        return cost

    def n_frames(self) -> NDArray[np.int64]:
        """(n_templates, n_columns) samples each path has used; only meaningful where `distances` is finite."""
        return ((self._time - self._inner_cells.T) & _START_MASK) + 1

    def cheapest(self) -> Vector:
        """(n_templates,) cost of each template's cheapest path now."""
        return ((self._cheapest_cells()[0] - self._paid_all) >> START_BITS) / UNIT

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
            self._ends = self._inner_cells.argmin(axis=0)
            self._found = self._rows[self._ends * self.n_templates + self._lanes]
            self._found -= self._paid
            self._found_at = self._time
        return self._found, self._ends

    @property
    def time(self) -> int:
        """Number of the newest sample, from 0; −1 before the first."""
        return self._time


def _running_minimum(
    n_rows: int, n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]]:
    """Where (n_rows · n,) numbers are put, where the minimum over each and all rows before appears, and how.

    Each of the steps (here, before, both) takes the minimum of two arrays into the third. They go to and fro between
    two buffers: in place numpy would have to copy first. Before the first row lies what no minimum takes.
    """
    reach = 1 << max(n_rows - 1, 0).bit_length() >> 1
    source, target = (np.full((reach + n_rows) * n, DEAD) for _ in range(2))
    first = source[reach * n :]
    steps = []
    height = 1
    while height < n_rows:
        stop = len(source) - height * n
        steps.append((source[reach * n :], source[(reach - height) * n : stop], target[reach * n :]))
        source, target = target, source
        height *= 2
    return first, source[reach * n :], steps


def packed(costs: Vector) -> NDArray[np.int64]:
    """Costs as cells hold them: fixed point, the bits of the start empty."""
    return np.asarray((costs * _PACKED).astype(np.int64) & _COST_MASK)
