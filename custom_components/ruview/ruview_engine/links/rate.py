"""How often a link speaks, measured, never assumed."""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

import numpy as np

from ..shapes import Times

#: Intervals, and the time, whose mean is one look at the rate. Origin: measured: frames come in bursts
#: (pulse_wifi_esp32: a quarter of the intervals below 2 ms, the others about 11), and the median interval then jumps
#: between 70 and 500 Hz at 107 Hz; means over a fifth of a second stay within a quarter.
BLOCK: Final = 8
BLOCK_S: Final = 0.2
#: No more of the past than this counts, as long as `MIN_BLOCKS` remain. Origin: chosen; a transmitter that was told
#: apart from others leaves a link that speaks more rarely from then on.
SPAN_S: Final = 8.0
MIN_BLOCKS: Final = 3
#: Intervals before anything is said. Origin: chosen, half of a look.
MIN_INTERVALS: Final = 4
#: Longer silences are holes, not intervals. Origin: measured, holes of 2–30 s happen on real boards; idle channels
#: speak every 3 s.
MAX_INTERVAL_S: Final = 10.0


def rate_of(times: Times) -> float | None:
    """Hz of a stretch of (n,) ascending times by the same rule; None with fewer than three, or all at once."""
    steps = np.diff(times)
    if len(steps) < 2 or times[-1] <= times[0]:
        return None
    block = min(max(BLOCK, round(BLOCK_S / max(float(steps[steps <= MAX_INTERVAL_S].mean()), 1e-6))), len(steps))
    means = steps[: len(steps) - len(steps) % block].reshape(-1, block).mean(axis=1)
    interval_s = float(np.median(means))
    return 1.0 / interval_s if interval_s > 0.0 else None


class RateMeter:
    """Frames per second from the median of means of some intervals; None until four intervals are known.

    The mean does not care how frames are bunched, the median not about holes.
    """

    __slots__ = ("_blocks", "_last_s", "_n", "_ordered", "_span_s", "_sum_s", "interval_s")

    def __init__(self) -> None:
        self._blocks: deque[tuple[float, float]] = deque()
        self._ordered: list[float] = []
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._blocks.clear()
        self._ordered.clear()
        self._span_s = 0.0
        self._sum_s = 0.0
        self._n = 0
        self._last_s: float | None = None
        self.interval_s: float | None = None

    def update(self, at_s: float) -> float | None:
        """Take an arrival and return the silence before it; None for the first."""
        if self._last_s is None:
            self._last_s = at_s
            return None
        gap_s = at_s - self._last_s
        if gap_s < 0.0:
            gap_s = 0.0
        else:
            self._last_s = at_s
        if gap_s <= MAX_INTERVAL_S:
            self._sum_s += gap_s
            self._n += 1
            if self._n >= BLOCK and self._sum_s >= BLOCK_S:
                self._close()
            elif not self._ordered and self._n >= MIN_INTERVALS and self._sum_s > 0.0:
                self.interval_s = self._sum_s / self._n
        return gap_s

    def _close(self) -> None:
        """A look is complete."""
        mean_s, self._sum_s, n = self._sum_s / self._n, 0.0, self._n
        self._n = 0
        self._blocks.append((mean_s, mean_s * n))
        self._span_s += mean_s * n
        insort(self._ordered, mean_s)
        while self._span_s > SPAN_S and len(self._ordered) > MIN_BLOCKS:
            oldest_s, span_s = self._blocks.popleft()
            del self._ordered[bisect_left(self._ordered, oldest_s)]
            self._span_s -= span_s
        n = len(self._ordered)
        self.interval_s = 0.5 * (self._ordered[(n - 1) // 2] + self._ordered[n // 2])

    def get(self) -> float | None:
        """Hz, or None."""
        return 1.0 / self.interval_s if self.interval_s else None
