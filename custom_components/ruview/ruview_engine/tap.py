"""What follows one link frame by frame: motion, introspection, and the history that the room looks back on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .introspection.introspector import ChangeModel, Introspector
from .introspection.look_back import Seen
from .introspection.snapshot import Snapshot
from .links.link import Link
from .links.motion import MotionMeter, MotionSample
from .links.quiet import QuietModel
from .links.ring import Stored
from .links.sample import Sample
from .room.window import LinkWindow
from .shapes import Times, Vector

#: Motion values remembered. Origin: derived, the longest slow window (60 s) at 143 Hz, the fastest link recorded.
N_HISTORY: Final = 8640


#: Introspection is set up anew when the measured rate has moved by more than this factor. Origin: spec of
#: `Introspector.set_rate`, a quarter.
RATE_FACTOR: Final = 1.25

#: Samples between two looks at the rate. Origin: chosen, a look costs a median; rates move over minutes.
RATE_LOOK: Final = 32

#: Motion is also handed out from so long before a window. Origin: chosen; older than `links.motion_state.SILENT_S` a
#: value says nothing about the window's first samples.
BEFORE_S: Final = 5.0


class Tap:
    """Owned by the engine, one per link. `calibrate` replaces what was learnt from a baseline.

    introspector : None when introspection is switched off
    """

    def __init__(self, link: Link, *, is_introspecting: bool = True) -> None:
        self.link = link
        self.meter = MotionMeter(None, link.active)
        self.motion: MotionSample | None = None
        self.introspector = Introspector(link.id, link.active) if is_introspecting else None
        self._until_look = RATE_LOOK // 4
        self._times: Times = np.full(N_HISTORY, -np.inf)
        self._z: Vector = np.full(N_HISTORY, np.nan)
        self._n = 0

    def calibrate(self, quiet: QuietModel | None, change: ChangeModel | None) -> None:
        """Stand on these models of quiet from now on; the past judged by the former ones is forgotten."""
        self.meter = MotionMeter(quiet, self.link.active)
        self.motion = None
        if self.introspector is not None:
            self.introspector.set_change_model(change)
        self._times.fill(-np.inf)
        self._z.fill(np.nan)

    def update(self, sample: Sample) -> Snapshot | None:
        """Take one sample of this link; what introspection sees, None when it is switched off."""
        motion = self.meter.update(sample)
        snapshot = None
        introspector = self.introspector
        if introspector is not None:
            self._until_look -= 1
            if not self._until_look:
                self._follow_rate(introspector)
            was_alarmed = introspector.is_alarmed
            snapshot = introspector.update(sample, motion)
            if introspector.is_alarmed and not was_alarmed:
                self.meter.pool_anew()
            elif motion is not None and introspector.is_known_shape:
                motion = self.meter.take_back(motion)
        if motion is not None:
            self.motion = motion
            row = self._n % N_HISTORY
            self._times[row] = motion.at_s
            self._z[row] = np.nan if motion.score is None else motion.score
            self._n += 1
        return snapshot

    def _follow_rate(self, introspector: Introspector) -> None:
        self._until_look = RATE_LOOK
        fs_hz = self.link.fs_hz
        if fs_hz is not None and not 1.0 / RATE_FACTOR < fs_hz / introspector.fs_hz < RATE_FACTOR:
            introspector.set_rate(fs_hz)

    def slow_job(self) -> Callable[[], Seen] | None:
        """What looks back on the link's last seconds, in any thread; None when introspection is switched off."""
        return None if self.introspector is None else self.introspector.job()

    def apply(self, seen: Seen) -> None:
        """Take what that found."""
        if self.introspector is not None:
            self.introspector.take(seen)

    def window(
        self, seconds: float, now_s: float, *, frequency_mhz: int | None, access_point: str | None
    ) -> LinkWindow:
        """The last seconds of the link with the motion that was measured at each sample."""
        none = np.empty(0)
        head = LinkWindow(
            link=self.link.id,
            times=none,
            profiles=np.empty((0, self.link.layout.n_pairs), dtype=np.float32),
            levels=none,
            rssi_dbm=none,
            frequency_mhz=frequency_mhz,
            access_point=access_point,
        )
        stored = self.stored(seconds, now_s)
        return head if stored is None else stored.window(head)

    def stored(self, seconds: float, now_s: float) -> StoredLink | None:
        """The last seconds of the link and of its motion as they lie in the rings; None before the first sample."""
        stored = self.link.stored(seconds, now_s)
        if stored is None:
            return None
        row = self._n % N_HISTORY
        after_s = now_s - seconds - BEFORE_S
        pieces = (slice(row, N_HISTORY), slice(0, row))
        kept = [slice(p.start + int(np.searchsorted(self._times[p], after_s)), p.stop) for p in pieces]
        return StoredLink(
            samples=stored,
            motion_times=tuple(self._times[piece].copy() for piece in kept),
            motion_z=tuple(self._z[piece].copy() for piece in kept),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredLink:
    """What `Tap.stored` copied; `window` turns it into what the room computes with, in any thread."""

    samples: Stored
    motion_times: tuple[Times, ...]
    motion_z: tuple[Vector, ...]

    def window(self, head: LinkWindow) -> LinkWindow:
        """`head`, which says whose window it is, with the samples and the motion that was measured at each."""
        window = self.samples.window()
        return replace(
            head,
            times=window.times,
            profiles=window.profiles,
            levels=window.levels,
            rssi_dbm=window.rssi,
            motion_z=self._motion_at(window.times),
        )

    def _motion_at(self, times: Times) -> Vector:
        """(n,) the newest motion value at or before each time; NaN where the meter had none."""
        history, values = np.concatenate(self.motion_times), np.concatenate(self.motion_z)
        if not len(history):
            return np.full(len(times), np.nan)
        index = np.searchsorted(history, times + 1e-9, side="right") - 1
        return np.asarray(np.where(index >= 0, values[np.maximum(index, 0)], np.nan), dtype=np.float64)
