"""Estimators that take one number at a time and need no memory worth the name."""

from collections import deque
from statistics import median
from typing import Final

from ..errors import ShapeError

#: Share by which a running quantile moves per value. Origin: chosen; 0.05 settles within about 60 values
#: and leaves a ripple of 5 %; smaller is too slow for a link of 3 Hz.
QUANTILE_STEP: Final = 0.05


class RunningQuantile:
    """Quantile of a positive quantity, tracked on a multiplicative scale.

    Source: Robbins–Monro on log x; each value moves the estimate up by q or down by 1 − q steps.
    """

    __slots__ = ("_down", "_up", "quantile", "start", "step", "value")

    def __init__(self, quantile: float = 0.5, start: float | None = None, step: float = QUANTILE_STEP) -> None:
        if not 0.0 < quantile < 1.0:
            raise ShapeError(f"a quantile lies between 0 and 1, found {quantile}")
        self.quantile = quantile
        self.start = start
        self.step = step
        self._up = 1.0 + 2.0 * step * quantile
        self._down = 1.0 - 2.0 * step * (1.0 - quantile)
        self.value = start

    def reset(self) -> None:
        """Forget everything."""
        self.value = self.start

    def update(self, value: float) -> float:
        """Take one value ≥ 0 and return the estimate."""
        now = self.value
        if now is None or now <= 0.0:
            self.value = now = value
        elif value > now:
            self.value = now = now * self._up
        else:
            self.value = now = now * self._down
        return now


class RunningMedian:
    """Exact median of the last `size` values; None until `size` // 2 have arrived."""

    __slots__ = ("_values", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: deque[float] = deque(maxlen=size)

    def reset(self) -> None:
        """Forget everything."""
        self._values.clear()

    def update(self, value: float) -> None:
        """Take one value."""
        self._values.append(value)

    def get(self) -> float | None:
        """The median now."""
        return median(self._values) if len(self._values) * 2 >= self.size else None


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
