"""What one sample costs against every element of many templates, summed along each, by a single product.

A cell's cost is the scaled squared distance s·‖x − t‖², linear in (x, ‖x‖², 1); so is the sum over a template's first j
elements. Running sums of the coefficients therefore make all running sums of costs of a sample in one product, and what
a single cell costs is the step between two of them.

Costs are fixed point, as cells of `spring` hold them: an integer in the upper bits of 64, the lower bits empty.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ShapeError
from ..shapes import Matrix, Vector

#: Low bits of a cell, kept empty here: the sample number of a path's start, modulo 2^16. Origin: derived, a live path
#: is at most twice its template long and templates are far shorter than 2^15.
START_BITS: Final = 16
#: Fractional bits of a cost. Origin: chosen, 1e-6 of a unit; costs are nats or squared deviations of order one.
FRACTION_BITS: Final = 20
#: One cell's cost is cut here so that no path sum can reach a dead cell's. Origin: derived, 2^15 · 2 · 256 · 2 <
#: 2^(61−36).
MAX_CELL_COST: Final = float(1 << 15)
UNIT: Final = float(1 << FRACTION_BITS)
#: Added to a number that is smaller than 2^51, it makes the low bits of the double an integer, two's complement.
_TO_INTEGER: Final = 1.5 * 2.0**52
#: Squared norms beyond are as good as this one: every cell is at its limit. Origin: chosen, far from overflow.
_MAX_NORM: Final = 1e250
# An operand that is an array already: numpy takes 0.3 µs to make one of a number, as long as the addition itself.
_SHIFT: Final = np.array(START_BITS, dtype=np.uint64)


class TemplateCosts:
    """All templates of equal width, side by side: the same element of all of them in a row, a row of zeros before.

    Parameters
    ----------
    templates : each (n_k, n_dims), finite
    scales : per template the factor on the squared Euclidean distance

    `sums` is (n_rows · n,) with n_rows = longest + 1, made anew in place by every `take`.
    """

    __slots__ = (
        "_columns",
        "_middle",
        "_n",
        "_offset",
        "_safe_norm",
        "_sum_bits",
        "_sum_float",
        "_sum_words",
        "_vector",
        "sums",
    )

    def __init__(self, templates: list[Matrix], scales: list[float]) -> None:
        n_rows, self._n = max(map(len, templates)) + 1, len(templates)
        n_dims = templates[0].shape[1]
        self._middle: Vector = np.concatenate(templates).mean(axis=0)
        costs = np.zeros((n_rows, self._n, n_dims + 2))
        largest = 0.0
        for k, (template, scale) in enumerate(zip(templates, scales, strict=True)):
            end = len(template) + 1
            centred = template - self._middle
            norms = (centred**2).sum(axis=1)
            largest = max(largest, float(norms.max()))
            costs[1:end, k, :-2] = -2.0 * centred * scale
            costs[1:end, k, -2] = scale
            costs[1:end, k, -1] = norms * scale
            # beyond a shorter template's end nothing may go on
            costs[end:, k, -1] = MAX_CELL_COST
        sums = costs.cumsum(axis=0).reshape(n_rows * self._n, -1).T * UNIT
        sums[-1] += _TO_INTEGER
        self._columns: NDArray[np.float64] = np.ascontiguousarray(sums)
        # ‖x − s‖² ≤ 2(‖x‖² + ‖s‖²): below this squared norm no cell can reach the limit.
        self._safe_norm = MAX_CELL_COST / (2.0 * max(max(scales), 1e-12)) - largest
        self._vector = np.ones(n_dims + 2)
        self._offset = self._vector[:-2]
        self._sum_float = np.empty(n_rows * self._n)
        self._sum_bits = self._sum_float.view(np.uint64)
        self.sums: NDArray[np.int64] = np.zeros(n_rows * self._n, dtype=np.int64)
        self._sum_words = self.sums.view(np.uint64)

    def take(self, vector: Vector) -> None:
        """One sample, (n_dims,). Raises ShapeError for a number that is not finite; then `sums` is as before."""
        offset = np.subtract(vector, self._middle, self._offset)
        norm = float(offset.dot(offset))
        if not norm < np.inf:
            raise ShapeError("a sample contains a number that is not finite")
        self._vector[-2] = min(norm, _MAX_NORM)
        self._vector.dot(self._columns, self._sum_float)
        if norm > self._safe_norm:
            self._limit()
        np.left_shift(self._sum_bits, _SHIFT, self._sum_words)

    def _limit(self) -> None:
        """Sum up anew what cells may cost at most."""
        sums = self._sum_float.reshape(-1, self._n)
        costs = np.clip(np.diff(sums, axis=0), 0.0, MAX_CELL_COST * UNIT)
        sums[0] = _TO_INTEGER
        sums[1:] = _TO_INTEGER + costs.cumsum(axis=0)
