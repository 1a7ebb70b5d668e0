"""Frames to windows of 16 frames or one second, whichever comes first."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..links.sample import Sample

#: Window length. Origin: spec, ADR-099 §1.1 (rvcsi WindowBuffer).
MAX_FRAMES: Final = 16
MAX_SECONDS: Final = 1.0
#: Logistic from motion energy to presence score. Origin: spec, rvcsi window statistics.
PRESENCE_GAIN: Final = 8.0
PRESENCE_CENTRE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStats:
    """One closed window of one link.

    motion_energy : mean over neighbouring frames of the RMS change of the profile, no unit
    presence_score : logistic of it, 0–1; 0.40 for no change at all
    quality : share of frames that were usable, 0–1
    """

    at_s: float
    n_frames: int
    seconds: float
    motion_energy: float
    presence_score: float
    quality: float


class WindowBuffer:
    """Collects usable samples of one link; closes on count or on time."""

    def __init__(self, max_frames: int = MAX_FRAMES, max_seconds: float = MAX_SECONDS) -> None:
        self._max_frames = max_frames
        self._max_seconds = max_seconds
        self.reset()

    def reset(self) -> None:
        """Drop the open window; equals new."""
        self._start_s = 0.0
        self._n = 0
        self._n_refused = 0
        self._energy = 0.0
        self._last: NDArray[np.float32] | None = None

    def update(self, sample: Sample) -> WindowStats | None:
        """Take one sample; the window's statistics if this sample closes it."""
        if not sample.is_usable:
            self._n_refused += 1
            return None
        if sample.breaks_window or (self._last is not None and len(self._last) != len(sample.profile)):
            self.reset()
        if self._n == 0:
            self._start_s = sample.at_s
        if self._last is not None and self._n > 0:
            step = sample.profile - self._last
            self._energy += math.sqrt(float(np.dot(step, step)) / len(step))
        self._last = sample.profile
        self._n += 1
        seconds = sample.at_s - self._start_s
        if self._n < self._max_frames and seconds < self._max_seconds:
            return None
        energy = self._energy / max(self._n - 1, 1)
        stats = WindowStats(
            at_s=sample.at_s,
            n_frames=self._n,
            seconds=seconds,
            motion_energy=energy,
            presence_score=1.0 / (1.0 + math.exp(-PRESENCE_GAIN * (energy - PRESENCE_CENTRE))),
            quality=self._n / (self._n + self._n_refused),
        )
        self.reset()
        return stats
