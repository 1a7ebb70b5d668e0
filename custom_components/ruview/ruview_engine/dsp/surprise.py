"""How unlikely a value is in the quiet, in nats: −ln P(X > x).

Any statistic becomes comparable this way, and the heavier its quiet tail is on a given link (foreign frames, gain
steps), the less a large value counts there. In quiet the surprise is exponential with mean 1, whatever the statistic.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ..errors import ShapeError
from ..shapes import Vector
from .tail import Tail

#: Survival probabilities of the knots below the tail. Origin: chosen; linear between them in nats.
KNOTS: Final = (0.95, 0.75, 0.5, 0.25, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """Quantiles for the body, a generalised Pareto law for the tail.

    levels : values with survival `KNOTS`, rising; the last is where the tail begins
    scale, shape : of the tail
    """

    levels: tuple[float, ...]
    scale: float
    shape: float

    @classmethod
    def fit(cls, values: Vector) -> Self:
        """From quiet values. Raises ShapeError for fewer than ten."""
        tail = Tail.fit(values, fraction=KNOTS[-1])
        body = np.quantile(values, [1.0 - k for k in KNOTS[:-1]])
        levels = np.maximum.accumulate(np.append(body, tail.threshold))
        return cls(levels=tuple(levels.tolist()), scale=max(tail.scale, 1e-9), shape=tail.shape)

    def of(self, x: float) -> float:
        """Nats, ≥ 0, unbounded above; 0.05 for anything below the lowest knot."""
        levels = self.levels
        top = levels[-1]
        if x >= top:
            excess = (x - top) / self.scale
            if self.shape > 1e-6:
                return _NATS[-1] + math.log1p(self.shape * excess) / self.shape
            return _NATS[-1] + excess
        if x <= levels[0]:
            return _NATS[0]
        i = 1
        while x > levels[i]:
            i += 1
        width = levels[i] - levels[i - 1]
        share = (x - levels[i - 1]) / width if width > 0.0 else 1.0
        return _NATS[i - 1] + share * (_NATS[i] - _NATS[i - 1])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"levels": list(self.levels), "scale": self.scale, "shape": self.shape}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises ShapeError where the numbers cannot be a distribution."""
        levels = tuple(float(v) for v in data["levels"])
        scale, shape = float(data["scale"]), float(data["shape"])
        rising = all(a <= b for a, b in itertools.pairwise(levels))
        if len(levels) != len(KNOTS) or not rising or not scale > 0.0 or not 0.0 <= shape < 1.0:
            raise ShapeError(f"not a distribution: levels {levels}, scale {scale}, shape {shape}")
        return cls(levels=levels, scale=scale, shape=shape)


_NATS: Final = tuple(-math.log(k) for k in KNOTS)
#: Where the tail begins. Origin: derived, −ln of the last knot's survival.
TAIL_NATS: Final = _NATS[-1]
