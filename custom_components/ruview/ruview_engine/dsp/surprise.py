"""How unlikely a value is in the quiet, in nats: −ln P(X > x) under a normal law.

Any statistic becomes comparable this way. In quiet the surprise is exponential with mean 1, whatever the statistic.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ..errors import ShapeError
from ..shapes import Vector

#: Share of a normal law below location − scale. Origin: derived.
BELOW: Final = 0.1587
#: The smallest probability with a logarithm. Origin: derived, near the smallest double.
TINY: Final = 1e-300
_ROOT_2: Final = math.sqrt(2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """A normal law that the lower half of quiet has told: what happens above may be somebody, or another state."""

    location: float
    scale: float

    @classmethod
    def fit(cls, values: Vector, min_scale: float, max_scale: float) -> Self:
        """From quiet values, up to 16 % of which may be something else. Raises ShapeError for fewer than ten."""
        if len(values) < 10 or not np.isfinite(values).all():
            raise ShapeError(f"a law needs at least 10 finite values, found {len(values)}")
        location = float(np.median(values))
        scale = location - float(np.quantile(values, BELOW))
        return cls(location=location, scale=min(max(scale, min_scale), max_scale))

    def of(self, x: float) -> float:
        """Nats, ≥ 0."""
        return -math.log(max(0.5 * math.erfc((x - self.location) / (_ROOT_2 * self.scale)), TINY))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"location": self.location, "scale": self.scale}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises ShapeError where the numbers cannot be a distribution."""
        location, scale = float(data["location"]), float(data["scale"])
        if not (math.isfinite(location) and 0.0 < scale < math.inf):
            raise ShapeError(f"not a distribution: location {location}, scale {scale}")
        return cls(location=location, scale=scale)
