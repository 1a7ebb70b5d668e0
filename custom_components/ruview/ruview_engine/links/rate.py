"""How often a link speaks, measured, never assumed."""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

#: Intervals the median is taken over. Origin: chosen; 0.6 s at 100 Hz, 20 s at 3 Hz.
N_INTERVALS: Final = 64
#: No more of the past than this counts, as long as `MIN_INTERVALS` remain. Origin: chosen; a transmitter that was told
#: apart from others leaves a link that speaks more rarely from then on.
SPAN_S: Final = 8.0
MIN_INTERVALS: Final = 8
#: Looked at every so many samples. Origin: chosen; whoever adapts to a rate should not do so at every frame.
EVERY: Final = 8
#: Samples nearer together than this arrived in one burst; then counting is truer than the median. Origin: chosen, a
#: tenth of the shortest interval a board can send (20 ms gate: 2 ms).
BURST_S: Final = 0.002
#: Longer silences are holes, not intervals. Origin: measured, holes of 2–30 s happen on real boards; idle channels
#: speak every 3 s.
MAX_INTERVAL_S: Final = 10.0


class RateMeter:
    """Frames per second from the median interval; None until four intervals are known.

    The intervals are kept in order of size too: one in and one out cost a tenth of sorting them, at every frame alike.
    """

    __slots__ = ("_intervals", "_last_s", "_ordered", "_since", "_span_s", "interval_s")

    def __init__(self) -> None:
        self._intervals: deque[float] = deque()
        self._ordered: list[float] = []
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._intervals.clear()
        self._ordered.clear()
        self._span_s = 0.0
        self._last_s: float | None = None
        self._since = 0
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
            self._keep(gap_s)
            self._since += 1
            if self._since >= EVERY or self.interval_s is None:
                self._measure()
        return gap_s

    def _keep(self, gap_s: float) -> None:
        if len(self._ordered) == N_INTERVALS:
            self._drop()
        self._intervals.append(gap_s)
        insort(self._ordered, gap_s)
        self._span_s += gap_s
        while self._span_s > SPAN_S and len(self._ordered) > MIN_INTERVALS:
            self._drop()

    def _drop(self) -> None:
        oldest = self._intervals.popleft()
        del self._ordered[bisect_left(self._ordered, oldest)]
        self._span_s -= oldest

    def _measure(self) -> None:
        self._since = 0
        n = len(self._ordered)
        if n < 4:
            return
        middle = 0.5 * (self._ordered[(n - 1) // 2] + self._ordered[n // 2])
        if middle < BURST_S:
            middle = sum(self._intervals) / n
        if middle > 0.0:
            self.interval_s = middle

    def get(self) -> float | None:
        """Hz, or None."""
        return 1.0 / self.interval_s if self.interval_s else None
