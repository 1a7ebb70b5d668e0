"""How fit for sensing a link is, in parts that can be explained."""

from dataclasses import dataclass
from typing import Final

from .sample import Sample

#: Rate that is as good as any. Origin: derived, gestures and walking need lags of 50–100 ms: ≥ 20 Hz.
FULL_RATE_HZ: Final = 20.0
#: Below this a link cannot tell motion within a second. Origin: chosen, two intervals per second.
MIN_RATE_HZ: Final = 2.0
#: Bins that are as good as any. Origin: derived, 3.5 independent looks in 20 MHz; 24 bins across them are enough.
FULL_BINS: Final = 24
#: Share of glitches and repetitions is looked at over about this many frames. Origin: chosen.
MEMORY_FRAMES: Final = 500.0
#: Share of the time that silences take is looked at over about this long, s. Origin: chosen, the longest slow window.
MEMORY_S: Final = 60.0
#: A link that has been silent this long is not used. Origin: chosen, the motion state is unknown after 3 s.
SILENT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkQuality:
    """Parts in 0–1 and their product.

    rate : frames per second against what motion needs
    usable : share of frames that are neither glitch nor repetition
    coverage : share of the last minute with frames, and active bins
    score : product; 0 = not to be used
    """

    rate: float
    usable: float
    coverage: float
    score: float
    fs_hz: float | None


class QualityMeter:
    """Follows the parts of a link's quality; a few operations per frame."""

    __slots__ = ("_last_s", "_lost_s", "_seen_s", "_usable")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._usable = 1.0
        self._seen_s = 0.0
        self._lost_s = 0.0
        self._last_s: float | None = None

    def update(self, sample: Sample) -> None:
        """Take one sample."""
        usable = self._usable
        if usable < 1.0 or not sample.is_usable:
            self._usable = usable + (sample.is_usable - usable) / MEMORY_FRAMES
        self._last_s = sample.at_s
        gap_s = sample.gap_s
        if not gap_s:
            return
        keep = 1.0 - gap_s / MEMORY_S if gap_s < MEMORY_S else 0.0
        self._seen_s = self._seen_s * keep + gap_s
        if self._lost_s or sample.breaks_window:
            self._lost_s = self._lost_s * keep + (gap_s if sample.breaks_window else 0.0)

    def get(self, now_s: float, fs_hz: float | None, *, n_active: int) -> LinkQuality:
        """The quality now."""
        is_silent = self._last_s is None or now_s - self._last_s > SILENT_S
        rate = 0.0 if fs_hz is None or is_silent else min(fs_hz / FULL_RATE_HZ, 1.0)
        if fs_hz is not None and fs_hz < MIN_RATE_HZ:
            rate = 0.0
        whole = 1.0 - self._lost_s / self._seen_s if self._seen_s > 0.0 else 0.0
        coverage = whole * min(n_active / FULL_BINS, 1.0)
        usable = max(self._usable, 0.0)
        return LinkQuality(
            rate=rate,
            usable=usable,
            coverage=coverage,
            score=rate * usable * coverage,
            fs_hz=fs_hz,
        )
