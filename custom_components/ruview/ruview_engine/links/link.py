"""One transmitter heard by one node in one layout: its rate, its past, its counters."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import ActiveMask, Profile
from .layout import Layout
from .link_id import LinkId
from .quality import LinkQuality, QualityMeter
from .rate import RateMeter
from .ring import SPAN_S, Ring, Stored, Window
from .sample import Sample

#: Level and RSSI are means with this memory. Origin: chosen; slower than a person crossing (seconds), faster
#: than the temperature drift of a gain stage (minutes).
LEVEL_TAU_S: Final = 20.0


class Link:
    """Owns everything that is remembered about one `LinkId`.

    `frames` counts everything given to the link, `n_glitches` and `n_duplicates` what of it is not used.
    """

    __slots__ = (
        "_quality",
        "_rate",
        "_ring",
        "active",
        "frames",
        "id",
        "last_s",
        "layout",
        "n_duplicates",
        "n_glitches",
    )

    def __init__(self, link_id: LinkId, layout: Layout, active: ActiveMask) -> None:
        self.id = link_id
        self.layout = layout
        self.active = active
        self.active.setflags(write=False)
        self._rate = RateMeter()
        self._ring: Ring | None = None
        self._quality = QualityMeter()
        self.frames = 0
        self.n_glitches = 0
        self.n_duplicates = 0
        self.last_s: float | None = None

    def accept(
        self, profile: Profile, level: float, rssi_dbm: int | None, at_s: float, *, is_glitch: bool, is_duplicate: bool
    ) -> Sample:
        """Take one frame of this link and return it as a sample."""
        gap_s = self._rate.update(at_s)
        if self.last_s is not None and at_s < self.last_s:
            at_s = self.last_s
        self.last_s = at_s
        # by position, which is twice as quick as by name
        sample = Sample(self.id, at_s, self.frames, profile, level, rssi_dbm, gap_s, is_glitch, is_duplicate)
        self.frames += 1
        self.n_glitches += is_glitch
        self.n_duplicates += is_duplicate
        if sample.is_usable:
            if self._ring is None:
                self._ring = Ring(self.layout.n_pairs)
            self._ring.append(at_s, profile, level, math.nan if rssi_dbm is None else rssi_dbm)
        self._quality.update(sample)
        return sample

    def window(self, seconds: float, now_s: float) -> Window:
        """Copies of the usable samples in (now − seconds, now]; `seconds` ≤ 75."""
        stored = self.stored(seconds, now_s)
        if stored is None:
            none = np.empty(0)
            empty = np.empty((0, self.layout.n_pairs), dtype=np.float32)
            return Window(times=none, profiles=empty, levels=none, rssi=none)
        return stored.window()

    def stored(self, seconds: float, now_s: float) -> Stored | None:
        """The same as the ring holds it, to be widened elsewhere; None before the first usable sample."""
        return None if self._ring is None else self._ring.stored(min(seconds, SPAN_S), now_s)

    @property
    def fs_hz(self) -> float | None:
        """Measured rate; None before four intervals."""
        return self._rate.get()

    @property
    def level(self) -> float | None:
        """Mean raw amplitude, recent."""
        return self._recently(lambda stored: stored.levels)

    @property
    def rssi_dbm(self) -> float | None:
        """Mean RSSI, recent; None when the board's reports are useless."""
        return self._recently(lambda stored: stored.rssi)

    def _recently(self, values_of: Callable[[Stored], tuple[NDArray[np.float32], ...]]) -> float | None:
        """Mean of what the ring holds, weighed by age when somebody asks rather than followed at every frame."""
        stored = None if self.last_s is None else self.stored(SPAN_S, self.last_s)
        if stored is None:
            return None
        values = np.concatenate(values_of(stored))
        is_known = np.isfinite(values)
        if not is_known.any():
            return None
        times = np.concatenate(stored.times)
        weights = np.exp((times - times[-1]) / LEVEL_TAU_S)
        return float(np.average(values[is_known], weights=weights[is_known]))

    @property
    def nbytes(self) -> int:
        """Memory of the ring."""
        return 0 if self._ring is None else self._ring.nbytes

    def quality(self, now_s: float) -> LinkQuality:
        """How fit for sensing the link is now, and why."""
        return self._quality.get(now_s, self.fs_hz, n_active=int(self.active.sum()))
