"""How much a link's profile has changed within a tenth of a second, and how much of that is noise."""

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..frame_value import frame_value
from ..shapes import Matrix, Profile
from .rate import RateMeter
from .sample import MAX_GAP_S

#: The lag. Origin: derived, a body at 0.6 m/s moves half a wavelength of path (6 cm) in 0.1 s; measured, the best
#: single lag of 0.05–0.5 s that does not respond to breathing.
LAG_S: Final = 0.1
#: The long lag, for the ratio that tells motion from noise. Origin: measured, motion has grown by 0.3–0.6 (log) from
#: 0.1 to 0.3 s on all recordings, white noise by 0.
LONG_LAG_S: Final = 0.3
#: Frames within this time are averaged. Origin: derived, a walking body's echoes turn by ≤ 0.4 of a period in 45 ms.
AVERAGE_S: Final = 0.045
#: A median of three goes before averages of at least this many frames. Origin: derived; with fewer it would correlate
#: what is averaged and change the scale of white noise.
MEDIAN_FROM: Final = 3
#: No more frames than this are averaged, and histories are this long. Origin: derived, 0.45 s at 160 Hz and 8 more.
MAX_AVERAGE: Final = 8
HISTORY: Final = 128
#: So many frames back a lag may begin: what is averaged there must still be held.
REACH: Final = HISTORY - 2 - MAX_AVERAGE
#: At averages of at least `MEDIAN_FROM` the noise is the middle one of three looks so many frames apart. Origin:
#: derived, a second difference spans three frames, so a wild frame spoils one look; measured, while somebody walks a
#: tenth of the frames are wild and the floor rose over the walk.
NOISE_STEP: Final = 3
#: The log energy of nothing at all, e.g. identical integers. Origin: chosen, −100 dB of relative change.
TINY: Final = 1e-10


@frame_value()
class Change:
    """One frame's change, all as energy per block in units of the projection, one frame's noise = 1 when whitened.

    fast : over 0.1 s, the smaller of two looks back, so that a wild frame counts once and not when it leaves
    slow : over 0.3 s
    noise : from frame to frame, with anything smooth removed (second difference)
    ripple_fast, ripple_slow : what the ripples changed over 0.1 and 0.3 s; in no common unit with the others
    """

    fast: float
    slow: float
    noise: float
    ripple_fast: float = 1.0
    ripple_slow: float = 1.0


#: Part of the slow energy that a constant velocity leaves in the fast energy: (0.1 s / 0.3 s)². Origin: derived.
#: Breathing is such a movement; walking loses its way within 0.1 s.
DRIFT_SHARE: Final = (LAG_S / LONG_LAG_S) ** 2
#: No more than this part of the fast energy is explained away. Origin: chosen, keeps the logarithm finite.
MAX_DRIFT: Final = 0.8


def undrifted(change: Change) -> float:
    """The fast energy without what a constant velocity explains: without breathing and slow drift."""
    return max(change.fast - DRIFT_SHARE * change.slow, (1.0 - MAX_DRIFT) * change.fast)


def coherence(change: Change) -> float:
    """How much more blocks change than ripples, log, mean of 0.1 and 0.3 s: the same for any amount of tone noise."""
    return 0.5 * math.log(undrifted(change) * change.slow / (change.ripple_fast * change.ripple_slow))


class LagEnergy:
    """Differences of a projected profile over fixed times, at any frame rate.

    At high rates frames are averaged over 45 ms after a median of three; below 33 Hz single frames are used. Energies
    are scaled by the number averaged, so that white noise gives the same value at any rate.

    Parameters
    ----------
    projection : (n_blocks, n_pairs)
    ripple : (n_ripples, n_pairs) what is looked at beside the blocks; None = nothing
    """

    __slots__ = (
        "_at",
        "_coefficients",
        "_interval_s",
        "_lag_at",
        "_long_at",
        "_n_average",
        "_n_blocks",
        "_noises",
        "_parts",
        "_projection",
        "_rate",
        "_scale",
        "_step",
        "_sum",
        "_sums",
        "_times",
        "_x1",
        "_x2",
    )

    def __init__(self, projection: Matrix, ripple: Matrix | None = None) -> None:
        rows = projection if ripple is None else np.vstack((projection, ripple))
        self._projection: NDArray[np.float32] = np.ascontiguousarray(rows, dtype=np.float32)
        self._n_blocks = len(projection)
        is_block = np.arange(len(rows)) < len(projection)
        self._parts = np.column_stack((is_block, ~is_block)).astype(np.float64)
        self._rate = RateMeter()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._rate.reset()
        self._sums: NDArray[np.float64] = np.zeros((HISTORY, len(self._projection)))
        self._times = [0.0] * HISTORY
        self._interval_s: float | None = None
        self._set_average(1)
        self._restart()

    def _restart(self) -> None:
        """Begin a new stretch after a silence."""
        self._at = -1
        self._sum: NDArray[np.float64] = np.zeros(len(self._projection))
        self._lag_at = 0
        self._long_at = 0
        self._x1: NDArray[np.float32] | None = None
        self._x2: NDArray[np.float32] | None = None
        self._step: NDArray[np.float32] | None = None
        self._noises: deque[float] = deque(maxlen=2 * NOISE_STEP)

    def _follow(self, interval_s: float | None) -> None:
        """Average as many frames as the new rate allows."""
        self._interval_s = interval_s
        n_average = 1 if interval_s is None else min(max(round(AVERAGE_S / interval_s), 1), MAX_AVERAGE)
        if n_average != self._n_average:
            self._set_average(n_average)

    def _set_average(self, n_average: int) -> None:
        self._n_average = n_average
        w = 1.0 / n_average
        self._coefficients = np.array(
            [[w, -w, -w, w, 0, 0, 0, 0], [w, -w, 0, 0, -w, w, 0, 0], [w, -w, 0, 0, 0, 0, -w, w]], dtype=np.float64
        )
        self._scale = n_average / (2.0 * self._n_blocks)

    @property
    def fs_hz(self) -> float | None:
        """Measured rate."""
        return self._rate.get()

    def update(self, at_s: float, profile: Profile) -> Change | None:
        """Take one usable frame; None until 0.3 s have been seen since the start or the last silence."""
        gap_s = self._rate.update(at_s)
        if gap_s is None or gap_s > MAX_GAP_S:
            self._restart()
        interval_s = self._rate.interval_s
        if interval_s != self._interval_s:
            self._follow(interval_s)
        n_average = self._n_average
        x = self._projection.dot(profile)
        x1, x2, last_step = self._x1, self._x2, self._step
        self._x1, self._x2 = x, x1
        self._step = step = None if x1 is None else x - x1
        smooth = x
        if n_average >= MEDIAN_FROM and x1 is not None and x2 is not None:
            smooth = np.maximum(np.minimum(x, x1), np.minimum(np.maximum(x, x1), x2))
        self._at = now = self._at + 1
        self._sum += smooth
        self._sums[now % HISTORY] = self._sum
        times = self._times
        times[now % HISTORY] = at_s
        if step is None or last_step is None or now <= n_average:
            return None
        lag_at, long_at = self._look_back(now, at_s)
        second_at = lag_at - n_average
        if second_at < n_average or times[long_at % HISTORY] > at_s - 0.5 * LONG_LAG_S:
            return None
        rows = (now, now - n_average, lag_at, second_at, second_at, second_at - n_average, long_at, long_at - n_average)
        steps = self._coefficients.dot(self._sums.take(rows, 0, None, "wrap"))
        steps *= steps
        (fast_1, ripple_1), (fast_2, ripple_2), (slow, ripple_slow) = steps.dot(self._parts).tolist()
        n_blocks, scale = self._n_blocks, self._scale
        bend = (step - last_step)[:n_blocks]
        noise = self._typical(float(bend.dot(bend)) / (6.0 * n_blocks) + TINY)
        fast = (fast_1 if fast_1 < fast_2 else fast_2) * scale + TINY
        slow = slow * scale + TINY
        if len(x) == n_blocks:
            return Change(fast, slow, noise)
        ripple_fast = (ripple_1 if ripple_1 < ripple_2 else ripple_2) * scale + TINY
        return Change(fast, slow, noise, ripple_fast, ripple_slow * scale + TINY)

    def _typical(self, noise: float) -> float:
        """The middle one of three looks at the noise that share no frame, at a high rate."""
        noises = self._noises
        typical = noise
        if self._n_average >= MEDIAN_FROM and len(noises) == 2 * NOISE_STEP:
            oldest, middle = noises[0], noises[NOISE_STEP]
            typical = max(min(oldest, middle), min(max(oldest, middle), noise))
        noises.append(noise)
        return typical

    def _look_back(self, now: int, at_s: float) -> tuple[int, int]:
        """The newest frames not after the lag and the long lag, else the oldest ones held; they only move forward."""
        times = self._times
        lag_at, long_at = self._lag_at, self._long_at
        oldest = max(now - REACH, self._n_average)
        if long_at < oldest:
            long_at = oldest
            lag_at = max(lag_at, oldest)
        until_s = at_s - LAG_S
        while times[(lag_at + 1) % HISTORY] <= until_s:
            lag_at += 1
        until_s = at_s - LONG_LAG_S
        while times[(long_at + 1) % HISTORY] <= until_s:
            long_at += 1
        self._lag_at, self._long_at = lag_at, long_at
        return lag_at, long_at
