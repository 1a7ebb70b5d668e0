"""A mean that takes one number at a time and needs no memory worth the name."""

from ..errors import ShapeError


class DecayingMean:
    """Mean with exponential forgetting in seconds, correct from the first value on."""

    __slots__ = ("_at_s", "_sum", "_weight", "tau_s")

    def __init__(self, tau_s: float) -> None:
        if tau_s <= 0.0:
            raise ShapeError(f"a time constant is positive, found {tau_s}")
        self.tau_s = tau_s
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._at_s: float | None = None
        self._sum = 0.0
        self._weight = 0.0

    def update(self, at_s: float, value: float) -> float:
        """Take one value at its time and return the mean."""
        last_s, self._at_s = self._at_s, at_s
        keep = 1.0
        if last_s is not None and at_s > last_s:
            keep = 1.0 - (at_s - last_s) / self.tau_s
            if keep < 0.0:
                keep = 0.0
        self._sum = total = self._sum * keep + value
        self._weight = weight = self._weight * keep + 1.0
        return total / weight

    def get(self) -> float | None:
        """The mean now, None before the first value."""
        return self._sum / self._weight if self._weight else None
