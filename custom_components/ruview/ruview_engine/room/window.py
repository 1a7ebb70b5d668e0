"""What the room looks at: a stretch of one link, copied out of its ring."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..links.link_id import LinkId
from ..links.rate import rate_of
from ..links.ring import Window
from ..links.sample import MAX_GAP_S
from ..shapes import ActiveMask, Profiles, Times, Vector

#: Profiles are divided by their mean; a bin a thousand times above it is a broken frame, not a channel.
#: Origin: chosen; int8 I/Q of 306 bins cannot exceed 306.
MAX_PROFILE: Final = 1e3
#: A link in its own right has so many frames in its window, the last of them so long ago at most. Origin: chosen.
ALIVE_FRAMES: Final = 30
ALIVE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkWindow:
    """Samples of one link in time order; glitches and duplicates already left out.

    times : (n,) arrival, monotonic seconds, increasing
    profiles : (n, n_pairs) float32, mean 1 over the active bins, 0 elsewhere
    levels : (n,) mean amplitude over the active bins, chip units at unknown gain
    rssi_dbm : (n,) NaN where the board's report is useless
    motion_z : (n,) standardised log motion energy of the link's meter, NaN while it warms up; None without a meter
    frequency_mhz, access_point : what the node says about its radio, when it says so
    """

    link: LinkId
    times: Times
    profiles: Profiles
    levels: Vector
    rssi_dbm: Vector
    motion_z: Vector | None = None
    frequency_mhz: int | None = None
    access_point: str | None = None

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(
        cls, link: LinkId, window: Window, *, motion_z: Vector | None = None, frequency_mhz: int | None = None
    ) -> Self:
        """What `Link.window` copied out of its ring, as the room takes it."""
        return cls(
            link=link,
            times=window.times,
            profiles=window.profiles,
            levels=window.levels,
            rssi_dbm=window.rssi,
            motion_z=motion_z,
            frequency_mhz=frequency_mhz,
        )

    @property
    def active(self) -> ActiveMask:
        """(n_pairs,) bins that carry a value in at least one frame."""
        return np.asarray(np.any(self.profiles > 0, axis=0))

    @property
    def rate_hz(self) -> float | None:
        """Frames per second; None with fewer than three frames."""
        return rate_of(self.times)

    @property
    def span_s(self) -> float:
        """Seconds from the first to the last sample."""
        return float(self.times[-1] - self.times[0]) if len(self.times) > 1 else 0.0

    @property
    def longest_gap_s(self) -> float:
        """The longest silence inside the window."""
        return float(np.diff(self.times).max()) if len(self.times) > 1 else 0.0

    def is_alive(self, at_s: float) -> bool:
        """Enough recent frames to be a link in its own right."""
        return len(self) >= ALIVE_FRAMES and at_s - float(self.times[-1]) <= ALIVE_S

    def between(self, from_s: float, to_s: float) -> LinkWindow:
        """The samples with from_s ≤ time ≤ to_s; views, no copies."""
        first, last = np.searchsorted(self.times, [from_s, np.nextafter(to_s, np.inf)])
        cut = slice(int(first), int(last))
        return replace(
            self,
            times=self.times[cut],
            profiles=self.profiles[cut],
            levels=self.levels[cut],
            rssi_dbm=self.rssi_dbm[cut],
            motion_z=None if self.motion_z is None else self.motion_z[cut],
        )

    def since_gap(self) -> LinkWindow:
        """Only what follows the last silence longer than `MAX_GAP_S`: nothing may look across it."""
        gaps = np.flatnonzero(np.diff(self.times) > MAX_GAP_S)
        return self if not len(gaps) else self.between(float(self.times[gaps[-1] + 1]), float(self.times[-1]))

    def _is_possible(self) -> NDArray[np.bool_]:
        """(n,) whether a frame's values are numbers that a board can have sent, not all of them nothing."""
        values = self.profiles
        # NaN is in no range. Nearly always the extremes of all frames together settle the question.
        if values.min(initial=0.0) >= 0.0 and values.max(initial=0.0) <= MAX_PROFILE:
            return np.asarray(np.einsum("tp->t", values) > 0.0)
        with np.errstate(invalid="ignore"):
            return np.asarray(((values >= 0) & (values <= MAX_PROFILE)).all(axis=1) & values.any(axis=1))

    def cleaned(self) -> LinkWindow:
        """The window without frames that are not finite, negative, absurd, empty, or older than one before."""
        if not len(self.times):
            return self
        good = np.isfinite(self.times) & self._is_possible()
        newest = np.maximum.accumulate(np.where(good, self.times, -np.inf))
        good[1:] &= self.times[1:] > newest[:-1]
        if good.all():
            return self
        return replace(
            self,
            times=self.times[good],
            profiles=self.profiles[good],
            levels=self.levels[good],
            rssi_dbm=self.rssi_dbm[good],
            motion_z=None if self.motion_z is None else self.motion_z[good],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoomInputs:
    """Everything one slow tick needs; frozen, so that it can run in another thread.

    windows : the last `life.WINDOW_S` seconds of every link of the room's nodes
    is_moving : what the fast motion state of the engine says; None lets the room judge by itself
    heart_rates : measurements of other devices that may feed the heart specialist: (source, per minute, confidence)
    """

    at_s: float
    windows: tuple[LinkWindow, ...]
    is_moving: bool | None = None
    heart_rates: tuple[tuple[str, float, float], ...] = ()

    def by_link(self) -> Mapping[LinkId, LinkWindow]:
        """The windows, keyed by their link."""
        return {window.link: window for window in self.windows}
