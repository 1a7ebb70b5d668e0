"""How often a link speaks, measured, never assumed."""

from collections import deque
from statistics import median
from typing import Final

#: Intervals the median is taken over. Origin: chosen; 0.6 s at 100 Hz, 20 s at 3 Hz.
N_INTERVALS: Final = 64
#: No more of the past than this counts, as long as `MIN_INTERVALS` remain. Origin: chosen; a transmitter that was told
#: apart from others leaves a link that speaks more rarely from then on.
SPAN_S: Final = 8.0
MIN_INTERVALS: Final = 8
#: Recomputed every so many samples. Origin: chosen; a median of 64 costs 3 µs, so 0.4 µs per sample.
EVERY: Final = 8
#: Samples nearer together than this arrived in one burst; then counting is truer than the median. Origin: chosen, a
#: tenth of the shortest interval a board can send (20 ms gate: 2 ms).
BURST_S: Final = 0.002
#: Longer silences are holes, not intervals. Origin: measured, holes of 2–30 s happen on real boards; idle channels
#: speak every 3 s.
MAX_INTERVAL_S: Final = 10.0


class RateMeter:
    """Frames per second from the median interval; None until four intervals are known."""

    __slots__ = ("_intervals", "_last_s", "_since", "_span_s", "interval_s")

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=N_INTERVALS)
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._intervals.clear()
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
        intervals = self._intervals
        if len(intervals) == N_INTERVALS:
            self._span_s -= intervals.popleft()
        intervals.append(gap_s)
        self._span_s += gap_s
        while self._span_s > SPAN_S and len(intervals) > MIN_INTERVALS:
            self._span_s -= intervals.popleft()

    def _measure(self) -> None:
        self._since = 0
        if len(self._intervals) < 4:
            return
        middle = median(self._intervals)
        if middle < BURST_S:
            middle = sum(self._intervals) / len(self._intervals)
        if middle > 0.0:
            self.interval_s = middle

    def get(self) -> float | None:
        """Hz, or None."""
        return 1.0 / self.interval_s if self.interval_s else None
