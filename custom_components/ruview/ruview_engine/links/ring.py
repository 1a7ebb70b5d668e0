"""The recent past of a link in bounded memory, for the slow path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Profiles, Times, Vector

#: How far back a window can reach. Origin: derived, the longest slow window is 60 s, plus half a tick of slack.
SPAN_S: Final = 75.0
#: Bytes of profiles per link. Origin: derived, 4 nodes × 3 links × 2 MB = 24 MB; 64 pairs reach back 75 s at 200 Hz,
#: 192 pairs at 70 Hz (boards are gated at 50 Hz); beyond that the reach shrinks, not the rate.
MAX_BYTES: Final = 2_000_000
#: Rows are never needed above this rate. Origin: measured, the fastest recording has 143 Hz.
MAX_RATE_HZ: Final = 160.0
#: First allocation in rows; doubled as needed. Origin: chosen, 6 s at full rate, a minute at 6 Hz.
FIRST_ROWS: Final = 384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """A copied stretch of one link, oldest first; glitches and repetitions are left out.

    times : (n,) s · profiles : (n, n_pairs) · levels : (n,) mean amplitude · rssi : (n,) dBm, NaN when unknown
    """

    times: Times
    profiles: Profiles
    levels: Vector
    rssi: Vector

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """A stretch as the ring holds it, in at most two pieces; `window` does the rest, in any thread.

    Copying and widening a minute of profiles costs milliseconds that the event loop does not have, so they stay where
    they are: `n_lost` tells how many of the oldest were written over meanwhile, and those are left out.
    """

    times: tuple[Times, ...]
    profiles: tuple[NDArray[np.float16], ...]
    levels: tuple[NDArray[np.float32], ...]
    rssi: tuple[NDArray[np.float32], ...]
    n_lost: Callable[[], int]

    def window(self) -> Window:
        """The same as arrays to compute with."""
        n = sum(map(len, self.times))
        profiles = np.empty((n, self.profiles[0].shape[1]), dtype=np.float32)
        np.concatenate(self.profiles, out=profiles)
        first = min(self.n_lost(), n)
        return Window(
            times=np.concatenate(self.times)[first:],
            profiles=profiles[first:],
            levels=np.concatenate(self.levels)[first:].astype(np.float64),
            rssi=np.concatenate(self.rssi)[first:].astype(np.float64),
        )


class Ring:
    """Rows of (time, profile, level, RSSI). Profiles are half floats: their rounding, 0.02 %, is 1 % of tone jitter."""

    __slots__ = (
        "_capacity",
        "_levels",
        "_n_taken",
        "_next",
        "_profiles",
        "_rows",
        "_rssi",
        "_span_s",
        "_times",
        "n_pairs",
    )

    def __init__(self, n_pairs: int, span_s: float = SPAN_S, max_bytes: int = MAX_BYTES) -> None:
        self.n_pairs = n_pairs
        self._span_s = span_s
        self._capacity = max(min(int(span_s * MAX_RATE_HZ), max_bytes // (2 * n_pairs)), 2)
        self._n_taken = 0
        self._allocate(min(FIRST_ROWS, self._capacity))

    def _allocate(self, rows: int) -> None:
        self._times: NDArray[np.float64] = np.full(rows, -np.inf)
        self._profiles: NDArray[np.float16] = np.zeros((rows, self.n_pairs), dtype=np.float16)
        self._levels: NDArray[np.float32] = np.zeros(rows, dtype=np.float32)
        self._rssi: NDArray[np.float32] = np.full(rows, np.nan, dtype=np.float32)
        self._rows = 0
        self._next = 0

    def __len__(self) -> int:
        return self._rows

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays."""
        return self._times.nbytes + self._profiles.nbytes + self._levels.nbytes + self._rssi.nbytes

    def append(self, at_s: float, profile: NDArray[np.float32], level: float, rssi_dbm: float) -> None:
        """Take one usable sample."""
        if self._next == len(self._times):
            self._grow_or_wrap()
        row = self._next
        # counted first: whoever reads this row from another thread must find out
        self._n_taken += 1
        self._times[row] = at_s
        self._profiles[row] = profile
        self._levels[row] = level
        self._rssi[row] = rssi_dbm
        self._next = row + 1
        if self._rows <= row:
            self._rows = row + 1

    def _grow_or_wrap(self) -> None:
        """Called with a full buffer: double it while allowed, else write over the oldest."""
        rows = len(self._times)
        if rows >= self._capacity or self._times[0] < self._times[-1] - self._span_s:
            self._next = 0
            return
        times, profiles, levels, rssi = self._times, self._profiles, self._levels, self._rssi
        self._allocate(min(2 * rows, self._capacity))
        self._times[:rows] = times
        self._profiles[:rows] = profiles
        self._levels[:rows] = levels
        self._rssi[:rows] = rssi
        self._rows = self._next = rows

    def stored(self, seconds: float, now_s: float) -> Stored:
        """Everything in (now − seconds, now], in time order, as it is; profiles are not copied."""
        first = self._next - self._rows
        pieces = [slice(max(first, 0), self._next)]
        if first < 0:
            pieces.insert(0, slice(first + len(self._times), len(self._times)))
        cut = []
        for piece in pieces:
            start, stop = np.searchsorted(self._times[piece], [now_s - seconds, now_s], side="right").tolist()
            cut.append(slice(piece.start + start, piece.start + stop))
        profiles, n_taken = self._profiles, self._n_taken
        spare = (cut[0].start - self._next) % len(self._times)

        def n_lost() -> int:
            # a ring that has grown writes elsewhere
            return max(self._n_taken - n_taken - spare, 0) if self._profiles is profiles else 0

        return Stored(
            times=tuple(self._times[piece].copy() for piece in cut),
            profiles=tuple(profiles[piece] for piece in cut),
            levels=tuple(self._levels[piece].copy() for piece in cut),
            rssi=tuple(self._rssi[piece].copy() for piece in cut),
            n_lost=n_lost,
        )

    def window(self, seconds: float, now_s: float) -> Window:
        """Copies of everything in (now − seconds, now], in time order."""
        return self.stored(seconds, now_s).window()

    def clear(self) -> None:
        """Forget everything, keep the memory."""
        self._allocate(len(self._times))
