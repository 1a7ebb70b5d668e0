"""Is this frame newer than what we have? Sequence numbers, and clocks that count from boot.

Facts this rests on (upstream report §1.9): the counter is the node's own, also counts frames the node then did not
send (steps of 1 and 2 are normal on firmware up to 0.8.12), and starts again at every boot.
"""

from enum import StrEnum
from typing import Final

#: Frames that may arrive out of order. Origin: spec, RFC 4303 §3.4.3 (64-bit window); 1.3 s at the usual 50 Hz gate.
WINDOW: Final = 64

#: Larger steps are counted as loss. Origin: measured, ADR-364 (PR): +1 and +2 are the node's own send gate.
NORMAL_STEP: Final = 2

#: A larger step forward is no loss but another counter. Origin: chosen; ten minutes at 50 Hz. A board that was away
#: for longer starts a new count rather than reporting hours of loss.
MAX_STEP: Final = 30_000

_WRAP: Final = 1 << 32
_MASK: Final = (1 << WINDOW) - 1


class Freshness(StrEnum):
    """What a sequence number says about its frame."""

    NEW = "new"
    DUPLICATE = "duplicate"
    LATE = "late"
    SUSPECT = "suspect"
    REBOOTED = "rebooted"

    @property
    def is_usable(self) -> bool:
        """The frame is in time order and was not seen before."""
        return self is Freshness.NEW or self is Freshness.REBOOTED


class SequenceWindow:
    """Order of one node's CSI frames.

    A number far from the newest is a reboot, a long absence, or a straggler. The first one is `SUSPECT` and not used;
    if the next continues from it the count has moved (backwards: a reboot), if the old goes on it was a straggler.
    """

    __slots__ = ("_newest", "_seen", "_suspect", "n_lost", "n_steps", "n_wide_steps")

    def __init__(self) -> None:
        self.n_lost = 0
        self.n_steps = 0
        self.n_wide_steps = 0
        self._newest: int | None = None
        self._seen = 0
        self._suspect: int | None = None

    @property
    def newest(self) -> int | None:
        """The number of the newest frame; None before the first."""
        return self._newest

    def update(self, sequence: int) -> Freshness:
        """Judge one frame's number, 0 … 2³²−1."""
        newest = self._newest
        if newest is None:
            self._start(sequence)
            return Freshness.NEW
        step = (sequence - newest) % _WRAP
        if 0 < step <= MAX_STEP:
            self._newest = sequence
            self._seen = (self._seen << step | 1) & _MASK if step < WINDOW else 1
            self._suspect = None
            self.n_steps += 1
            if step > 1:
                self.n_wide_steps += 1
                if step > NORMAL_STEP:
                    self.n_lost += step - 1
            return Freshness.NEW
        behind = -step % _WRAP
        if behind < WINDOW:
            if self._seen >> behind & 1:
                return Freshness.DUPLICATE
            self._seen |= 1 << behind
            return Freshness.LATE
        return self._far_away(sequence)

    def restart(self) -> None:
        """The node has certainly rebooted (its clock went back): the next number starts a new count."""
        self._newest = None
        self._suspect = None

    def _far_away(self, sequence: int) -> Freshness:
        if self._suspect is not None and 0 < (sequence - self._suspect) % _WRAP <= WINDOW:
            is_behind = self._newest is not None and sequence < self._newest
            self._start(sequence)
            return Freshness.REBOOTED if is_behind else Freshness.NEW
        self._suspect = sequence
        return Freshness.SUSPECT

    def _start(self, sequence: int) -> None:
        self._newest = sequence
        self._seen = 1
        self._suspect = None


class BootClock:
    """A clock that counts from boot, as one kind of packet reports it.

    It going back is a reboot; it standing still while packets arrive is a stall. Wraps of 32-bit milliseconds are not
    reboots.
    """

    __slots__ = ("_at_s", "_uptime_us", "n_stalls")

    def __init__(self) -> None:
        self.n_stalls = 0
        self._uptime_us: int | None = None
        self._at_s = 0.0

    def update(self, uptime_us: int, at_s: float) -> bool:
        """Take one report; True when the board has rebooted since the last."""
        before, self._uptime_us = self._uptime_us, uptime_us
        since_s, self._at_s = at_s - self._at_s, at_s
        if before is None:
            return False
        if uptime_us == before and since_s >= MIN_STALL_S:
            self.n_stalls += 1
        went_back = uptime_us < before - BACKLASH_US
        return went_back and not (before > MS_WRAP_US - NEAR_WRAP_US and uptime_us < NEAR_WRAP_US)


#: Two reports at least so far apart must differ. Origin: chosen; vitals come every second, feature states five times.
MIN_STALL_S: Final = 0.5

#: A report may be overtaken by its neighbour. Origin: chosen; out-of-order delivery on a LAN stays within milliseconds.
BACKLASH_US: Final = 1_000_000

#: 32-bit milliseconds end here. Origin: derived, 2³² × 1000.
MS_WRAP_US: Final = (1 << 32) * 1000

#: How near to the end and to the start a wrap is believed. Origin: chosen; ten minutes of silence may lie between.
NEAR_WRAP_US: Final = 600_000_000
