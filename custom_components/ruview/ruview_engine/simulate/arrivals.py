"""When frames come: the board's two gates, the network's jitter, holes, losses, repetitions and foreign frames."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .randomness import Streams

#: Intervals between a board's frames in units of their mean, as quantiles. Origin: measured, two-board recording,
#: 5,309 frames: 1 % 1.9 ms, 5 % 13.5, 25 % 37.6, 50 % 50.1, 75 % 53.4, 95 % 62.3, 99 % 87, largest 125; mean 45.2
#: ms.
_QUANTILE: Final = np.array([0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0])
_INTERVAL: Final = np.array([0.02, 0.042, 0.30, 0.83, 1.11, 1.18, 1.38, 1.92, 2.77])
_MEAN: Final = float(np.sum(np.diff(_QUANTILE) * (_INTERVAL[1:] + _INTERVAL[:-1]) / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imperfections:
    """How bad the radio, the board and the network are; shares are of all frames.

    lost : numbered and sent, never arrives
    skipped : numbered on the board and not sent (steps of the sequence that mean nothing)
    repeated : the very bytes of the frame before, under the next number
    glitched, glitch_run : frames of foreign shape, and how many follow each other on average unless a run is cut short
    holes_per_hour, hole_s : silences and their shortest and longest duration
    delay_s : mean of the exponential network delay
    """

    lost: float = 0.002
    skipped: float = 0.22
    repeated: float = 0.01
    glitched: float = 0.01
    glitch_run: float = 2.0
    holes_per_hour: float = 0.5
    hole_s: tuple[float, float] = (2.0, 12.0)
    delay_s: float = 0.0015


#: Origin: measured: 21–28 % numbers skipped on firmware ≤ 0.8.12 (upstream report §1.9); glitches 0–14 % (median
#: 1–2 %), up to 7 % with runs up to 21; repetitions 1–13 % in some recordings; losses and holes: chosen within what
#: the README of the recordings lists.
TYPICAL: Final = Imperfections()
#: A quiet radio, for tests of one effect at a time.
NONE: Final = Imperfections(lost=0, skipped=0, repeated=0, glitched=0, holes_per_hour=0, delay_s=0)
#: As bad as the worst recording.
POOR: Final = Imperfections(lost=0.02, skipped=0.28, repeated=0.05, glitched=0.07, glitch_run=4.0, holes_per_hour=6)

#: A run of foreign frames ends within this time. Origin: measured at 100 Hz, ≤ 21 frames; a slower link hears
#: fewer of them.
GLITCH_RUN_S: Final = 0.2


class Arrivals:
    """The frame clock of one board."""

    def __init__(self, rate_hz: float, imperfections: Imperfections, streams: Streams) -> None:
        self._rate_hz = rate_hz
        self._imperfections = imperfections
        self._rng = streams.generator("arrivals")
        self._next_s: float | None = None
        self._glitches_left = 0
        self._hole_end_s = 0.0
        self._next_hole_s: float | None = None

    def between(self, begin_s: float, end_s: float, rate_factor: float = 1.0) -> NDArray[np.float64]:
        """Ascending moments in [begin_s, end_s) at which the board hears a frame."""
        rate = self._rate_hz * rate_factor
        if self._next_s is None or self._next_s < begin_s:
            self._next_s = begin_s + float(self._rng.random()) / rate
        n = int((end_s - begin_s) * rate * 1.6) + 8
        moments: list[NDArray[np.float64]] = []
        while self._next_s < end_s:
            steps = np.interp(self._rng.random(n), _QUANTILE, _INTERVAL) / (_MEAN * rate)
            times = self._next_s + np.concatenate([[0.0], np.cumsum(steps)])
            inside = times < end_s
            moments.append(times[:-1][inside[:-1]])
            self._next_s = float(times[np.argmin(inside)] if not inside[-1] else times[-1])
        times = np.concatenate(moments) if moments else np.empty(0)
        return times[~self._in_hole(times, begin_s, end_s)]

    def delays(self, n: int) -> NDArray[np.float64]:
        """(n,) seconds from board to host."""
        return self._rng.exponential(self._imperfections.delay_s, n) if self._imperfections.delay_s else np.zeros(n)

    def glitches(self, n: int) -> NDArray[np.bool_]:
        """(n,) which of the next frames have a foreign shape."""
        marks = np.zeros(n, bool)
        share, run = self._imperfections.glitched, self._imperfections.glitch_run
        if share == 0:
            return marks
        longest = max(round(GLITCH_RUN_S * self._rate_hz), 1)
        mean = run * (1 - (1 - 1 / run) ** longest)
        begins = self._rng.random(n) < share / (mean * (1 - share))
        lengths = np.minimum(self._rng.geometric(1 / run, n), longest)
        for k in range(n):
            if self._glitches_left == 0 and begins[k]:
                self._glitches_left = int(lengths[k])
            if self._glitches_left:
                marks[k] = True
                self._glitches_left -= 1
        return marks

    def chosen(self, n: int, share: float) -> NDArray[np.bool_]:
        """(n,) True for `share` of the next frames."""
        return self._rng.random(n) < share

    def _in_hole(self, times: NDArray[np.float64], begin_s: float, end_s: float) -> NDArray[np.bool_]:
        per_s = self._imperfections.holes_per_hour / 3600
        if per_s == 0:
            return np.zeros(len(times), bool)
        if self._next_hole_s is None:
            self._next_hole_s = begin_s + float(self._rng.exponential(1 / per_s))
        marks = times < self._hole_end_s
        while self._next_hole_s < end_s:
            start = self._next_hole_s
            self._hole_end_s = start + float(self._rng.uniform(*self._imperfections.hole_s))
            self._next_hole_s = self._hole_end_s + float(self._rng.exponential(1 / per_s))
            marks |= (times >= start) & (times < self._hole_end_s)
        return marks
