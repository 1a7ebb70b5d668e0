"""How much a link's profile has changed within a tenth of a second, and how much of that is noise."""

import math
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
        "_cumulative",
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
        self._cumulative: NDArray[np.float64] = np.zeros((HISTORY, len(self._projection)))
        self._times = [0.0] * HISTORY
        self._interval_s: float | None = None
        self._set_average(1)
        self._restart()

    def _restart(self) -> None:
        """Begin a new stretch after a silence."""
        self._at = -1
        self._lag_at = 0
        self._long_at = 0
        self._x1: NDArray[np.float32] | None = None
        self._x2: NDArray[np.float32] | None = None
        self._step: NDArray[np.float32] | None = None
        self._noises: list[float] = []

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
        step = None if x1 is None else x - x1
        self._x1, self._x2, self._step = x, x1, step
        smooth = x
        if n_average >= MEDIAN_FROM and x1 is not None and x2 is not None:
            smooth = np.maximum(np.minimum(x, x1), np.minimum(np.maximum(x, x1), x2))
        last = self._at
        now = last + 1
        self._at = now
        if now:
            np.add(self._cumulative[last % HISTORY], smooth, out=self._cumulative[now % HISTORY])
        else:
            self._cumulative[0] = smooth
        times = self._times
        times[now % HISTORY] = at_s
        if step is None or last_step is None:
            return None
        oldest = max(now - HISTORY + 2 + MAX_AVERAGE, n_average)
        lag_at = self._back(self._lag_at, oldest, now, at_s - LAG_S)
        long_at = self._back(self._long_at, oldest, now, at_s - LONG_LAG_S)
        self._lag_at, self._long_at = lag_at, long_at
        second_at = lag_at - n_average
        if second_at < n_average or times[long_at % HISTORY] > at_s - 0.5 * LONG_LAG_S:
            return None
        rows = [now, now - n_average, lag_at, second_at, second_at, second_at - n_average, long_at, long_at - n_average]
        steps = self._coefficients.dot(self._cumulative.take(rows, 0, None, "wrap"))
        n_blocks = self._n_blocks
        scale = self._scale
        np.multiply(steps, steps, out=steps)
        (fast_1, ripple_1), (fast_2, ripple_2), (slow, ripple_slow) = steps.dot(self._parts).tolist()
        bend = np.subtract(step, last_step)[:n_blocks]
        noise = self._typical(float(bend.dot(bend)) / (6.0 * n_blocks) + TINY)
        fast, slow = min(fast_1, fast_2) * scale + TINY, slow * scale + TINY
        if len(x) == n_blocks:
            return Change(fast, slow, noise)
        return Change(fast, slow, noise, min(ripple_1, ripple_2) * scale + TINY, ripple_slow * scale + TINY)

    def _typical(self, noise: float) -> float:
        """The middle one of three looks at the noise that share no frame, at a high rate."""
        noises = self._noises
        noises.append(noise)
        if self._n_average < MEDIAN_FROM or len(noises) <= 2 * NOISE_STEP:
            del noises[: -2 * NOISE_STEP]
            return noise
        oldest, middle = noises.pop(0), noises[NOISE_STEP - 1]
        return max(min(oldest, middle), min(max(oldest, middle), noise))

    def _back(self, at: int, oldest: int, now: int, until_s: float) -> int:
        """The newest frame not after `until_s`, else the previous frame; `at` only ever moves forward."""
        times = self._times
        at = max(at, oldest)
        newest = now - 1
        while at < newest and times[(at + 1) % HISTORY] <= until_s:
            at += 1
        return min(at, newest)
