"""Arrivals in time: rate and jitter over the last seconds, and counts that forget."""

import math
from collections import deque
from itertools import pairwise
from statistics import median
from typing import Final

#: Rates look back so far. Origin: chosen; at the slowest useful stream (0.3 Hz, idle channel) three arrivals remain.
RATE_WINDOW_S: Final = 10.0

#: A rate needs at least so much time since the first arrival. Origin: chosen; one interval is not a rate.
MIN_SPAN_S: Final = 1.0

#: A stream goes on while its silence is not longer than so many of its mean intervals. Origin: chosen; Poisson arrivals
#: exceed it once in 20 intervals, and then only lose the finer estimate.
GOING_ON: Final = 3.0


class Pace:
    """When packets of one kind came. At most `size` arrivals are kept; beyond that the window is shorter."""

    __slots__ = ("_times", "first_s", "last_s", "n")

    def __init__(self, size: int) -> None:
        self.n = 0
        self.first_s: float | None = None
        self.last_s: float | None = None
        self._times: deque[float] = deque(maxlen=size)

    def update(self, at_s: float) -> None:
        """One arrival; the caller's clock does not go back."""
        if self.first_s is None:
            self.first_s = at_s
        self.last_s = at_s
        self.n += 1
        self._times.append(at_s)

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the last arrival; None before the first."""
        return None if self.last_s is None else max(0.0, now_s - self.last_s)

    def rate_hz(self, now_s: float) -> float | None:
        """Arrivals per second over the last `RATE_WINDOW_S`; 0 after a silence, None while too young to say.

        While arrivals go on it is the inverse of their mean interval, which counting would blur by one arrival; once
        the stream pauses, it is the count over the window, so that it falls.
        """
        if self.first_s is None or self.last_s is None or now_s - self.first_s < MIN_SPAN_S:
            return None
        since_s = now_s - RATE_WINDOW_S
        recent = [at_s for at_s in self._times if at_s > since_s]
        if not recent:
            return 0.0
        span_s = self.last_s - recent[0]
        n_intervals = len(recent) - 1
        if n_intervals and span_s > 0 and now_s - self.last_s <= GOING_ON * span_s / n_intervals:
            return n_intervals / span_s
        return len(recent) / min(RATE_WINDOW_S, now_s - self.first_s)

    def jitter_s(self) -> float | None:
        """Median distance of the newest intervals from their median; None with fewer than eight."""
        times = list(self._times)[-129:]
        if len(times) < 9:
            return None
        intervals = [later - earlier for earlier, later in pairwise(times)]
        middle = median(intervals)
        return median(abs(interval - middle) for interval in intervals)


class Tally:
    """A count over the last `window_s` seconds, in twelve steps."""

    __slots__ = ("_counts", "_slot", "_slot_s", "_until_s")

    _N_SLOTS: Final = 12

    def __init__(self, window_s: float) -> None:
        self._slot_s = window_s / self._N_SLOTS
        self._counts = [0] * self._N_SLOTS
        self._slot: int | None = None
        self._until_s = -math.inf

    def add(self, n: int, at_s: float) -> None:
        """Count `n` things that happened at `at_s`."""
        if at_s >= self._until_s:
            self._advance(at_s)
        self._counts[-1] += n

    def total(self, now_s: float) -> int:
        """Things within the window that ends now."""
        self._advance(now_s)
        return sum(self._counts)

    def _advance(self, at_s: float) -> None:
        slot = int(at_s // self._slot_s)
        if self._slot is not None:
            if slot <= self._slot:
                return
            n_new = min(slot - self._slot, self._N_SLOTS)
            self._counts = self._counts[n_new:] + [0] * n_new
        self._slot = slot
        self._until_s = (slot + 1) * self._slot_s
