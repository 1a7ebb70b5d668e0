"""How many independent variables the recent trajectory shows: correlation dimension, or why it cannot be said."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..shapes import Matrix
from .why_unknown import WhyUnknown

#: Shares of all pairs that count as near, for two scales that must agree. Origin: chosen, the scaling region of a few
#: hundred points lies between noise (below) and the size of the set (above).
SMALL: Final = 0.05
LARGE: Final = 0.15
#: Every how-many-th point is used as a centre; bounds the cost of one report. Origin: chosen, 16 × 96 pairs.
STRIDE: Final = 6
#: Largest relative disagreement of the two scales. Origin: chosen, beyond it there is no scaling region.
MAX_DISAGREEMENT: Final = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionReading:
    """dimension ≥ 0 or None with the reason; confidence 0–1 from the agreement of two scales."""

    dimension: float | None
    confidence: float
    why_not: WhyUnknown | None = None


class AttractorDimension:
    """Takens' maximum-likelihood estimator (1985) for trajectories of `n_points` points; `read` keeps nothing.

    n points cannot show more than 2·log10(n) dimensions (Eckmann and Ruelle 1992): a larger estimate is noise filling
    the embedding space and is reported as None.
    """

    def __init__(self, n_points: int) -> None:
        self._limit = 2.0 * float(np.log10(n_points))

    def read(self, squared: Matrix) -> DimensionReading:
        """The dimension behind (n_points, n_points) squared distances."""
        pairs = squared[::STRIDE].ravel()
        n = int(LARGE * pairs.size)
        near = np.sort(np.partition(pairs, n)[: n + 1])
        near = near[np.searchsorted(near, 0.0, side="right") :]
        n = int(SMALL / LARGE * len(near))
        if n < 20 or not np.isfinite(near[-1]):
            return DimensionReading(dimension=None, confidence=0.0, why_not=WhyUnknown.FEW_POINTS)
        logs = np.log(near)
        large = -2.0 / float((logs[:-1] - logs[-1]).mean())
        small = -2.0 / float((logs[:n] - logs[n]).mean())
        disagreement = abs(large - small) / (large + small)
        if large > self._limit:
            return DimensionReading(dimension=None, confidence=0.0, why_not=WhyUnknown.FILLS_SPACE)
        if disagreement > MAX_DISAGREEMENT:
            return DimensionReading(dimension=None, confidence=0.0, why_not=WhyUnknown.NO_SCALING)
        return DimensionReading(dimension=large, confidence=1.0 - disagreement / MAX_DISAGREEMENT)
