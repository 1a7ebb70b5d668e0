"""What the last seconds of a link say that no single frame can: how its path diverges, and whether it repeats itself.

Nobody needs to know that at every frame, and it would cost as much as the frame. The frame path only keeps its samples;
`job` takes those that have come, and what it returns may run in any thread; `take` brings back what it found.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..links.sample import MAX_GAP_S, Sample
from .rhythm import Echo, Rhythm
from .trajectory import UNREAD, Path, TrajectoryReading

#: Samples kept for a job that does not come, and bytes of their profiles. Origin: chosen; jobs come every second: 3 s
#: at 160 Hz, 5 s of 192 pairs at 50 Hz, and a tenth of what the link's ring may hold.
MAX_UNREAD: Final = 512
MAX_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """Everything that has been read so far; never changed, only followed by another."""

    path: Path
    echo: Echo
    last_s: float = -math.inf

    @classmethod
    def new(cls, n_bands: int, fs_hz: float) -> Self:
        """Nothing."""
        return cls(path=Path.new(n_bands, fs_hz), echo=Echo.new(n_bands))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What a job found in the samples up to number `last_index`, which `past` knows and `before` did not."""

    before: Past
    past: Past
    last_index: int
    trajectory: TrajectoryReading
    rhythm: Rhythm | None


class LookBack:
    """One link's, driven by its introspector.

    bands : (n_bands, n_pairs) what the path leads through
    trajectory, rhythm : what the newest job found; the rhythm is None if it is fainter than faint
    """

    def __init__(self, bands: NDArray[np.float32], fs_hz: float) -> None:
        self._bands = bands
        self._fs_hz = fs_hz
        self._unread: deque[Sample] = deque(maxlen=min(MAX_UNREAD, MAX_BYTES // bands[0].nbytes))
        #: For every frame: keep a sample until it is read. Glitches and duplicates must not be given.
        self.update = self._unread.append
        self.reset()

    def reset(self) -> None:
        """Forget everything; equals new."""
        self._unread.clear()
        self._past = Past.new(len(self._bands), self._fs_hz)
        self.trajectory = UNREAD
        self.rhythm: Rhythm | None = None

    def set_rate(self, fs_hz: float) -> None:
        """The path begins anew at another rate; rhythms are in seconds and go on."""
        self._fs_hz = fs_hz
        self._past = replace(self._past, path=Path.new(len(self._bands), fs_hz))
        self.trajectory = UNREAD

    def job(self) -> Callable[[], Seen] | None:
        """What reads the samples that have come since the last reading, in any thread; None if there are none."""
        before, samples, bands, fs_hz = self._past, list(self._unread), self._bands, self._fs_hz
        if not samples:
            return None

        def read() -> Seen:
            times = np.array([sample.at_s for sample in samples])
            rows = (np.stack([sample.profile for sample in samples]) @ bands.T).astype(np.float64)
            # where no job came for long, the oldest samples are lost
            known = Past.new(len(bands), fs_hz) if times[0] - before.last_s > MAX_GAP_S else before
            past = Past(path=known.path.after(rows), echo=known.echo.after(times, rows), last_s=float(times[-1]))
            return Seen(
                before=before,
                past=past,
                last_index=samples[-1].index,
                trajectory=past.path.read(),
                rhythm=past.echo.clearest(),
            )

        return read

    def take(self, seen: Seen) -> None:
        """What a job found, unless the past has been interrupted or read by another one meanwhile."""
        if seen.before is not self._past:
            return
        self._past, self.trajectory, self.rhythm = seen.past, seen.trajectory, seen.rhythm
        unread = self._unread
        while unread and unread[0].index <= seen.last_index:
            unread.popleft()
