"""What lies beyond the largest value seen: peaks over a threshold."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ..errors import ShapeError
from ..shapes import Vector

#: Fraction of the data that counts as tail. Origin: chosen, the usual compromise; 0.05–0.15 move the 1/day change
#: thresholds on the recordings by less than 10 %.
TAIL_FRACTION: Final = 0.10
#: Bounds of the shape. Origin: chosen. Below 0 a tail would end at a value that 10 s of data cannot know; above 0.4
#: the moment estimate itself is meaningless at these sample sizes.
MIN_SHAPE: Final = 0.0
MAX_SHAPE: Final = 0.4
#: Fewest exceedances for a shape of its own. Origin: chosen, σ(ξ) ≈ 1/√n is then < 0.2.
MIN_EXCEEDANCES: Final = 30
#: Shape assumed below that. Origin: chosen, heavier than the median of the quiet recordings: too little data must make
#: the detector slower, not bolder.
UNKNOWN_SHAPE: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Generalised Pareto law above `threshold`: P(x > threshold + y) = rate · (1 + shape·y/scale)^(−1/shape).

    Source: Pickands (1975); fitted by probability-weighted moments (Hosking and Wallis 1987); the shape is bounded.
    """

    threshold: float
    rate: float
    scale: float
    shape: float

    @classmethod
    def fit(cls, values: Vector, fraction: float = TAIL_FRACTION) -> Self:
        """Fit to the upper `fraction` of the values. Raises ShapeError for fewer than ten values."""
        if len(values) < 10:
            raise ShapeError(f"a tail needs at least 10 values, found {len(values)}")
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        n = max(round(fraction * len(ordered)), 3)
        threshold = float(ordered[-n - 1])
        excess = ordered[-n:] - threshold
        mean = max(float(excess.mean()), 1e-9)
        shape = UNKNOWN_SHAPE
        if n >= MIN_EXCEEDANCES:
            weights = (n - 1 - np.arange(n)) / (n - 1)
            second = float((weights * excess).mean())
            shape = float(np.clip(2.0 - mean / max(mean - 2.0 * second, 1e-12), MIN_SHAPE, MAX_SHAPE))
        return cls(threshold=threshold, rate=n / len(ordered), scale=mean * (1.0 - shape), shape=shape)

    def level(self, probability: float) -> float:
        """The value exceeded with this probability, at most `rate`; an extrapolation by construction."""
        if not 0.0 < probability <= self.rate:
            raise ShapeError(f"probability must be in (0, {self.rate:.3g}], found {probability:.3g}")
        ratio = self.rate / probability
        if self.shape < 1e-6:
            return self.threshold + self.scale * float(np.log(ratio))
        return self.threshold + self.scale / self.shape * (float(ratio**self.shape) - 1.0)

    def draw(self, n: int, rng: np.random.Generator) -> Vector:
        """(n,) random values above the threshold."""
        exponential = rng.standard_exponential(n)
        if self.shape < 1e-6:
            return np.asarray(self.threshold + self.scale * exponential)
        return np.asarray(self.threshold + self.scale / self.shape * np.expm1(self.shape * exponential))
