"""Where a link's quiet energy lies today: follows noise, refuses to follow motion."""

import math
from dataclasses import dataclass
from typing import Final

from .fall import Fall
from .lag_energy import Change, undrifted

#: At and above this rate the frame-to-frame noise is nearly free of motion and sets the floor by itself. Origin:
#: measured, walking raises it by 0.3–2 (log) at 100 Hz against 1.5–4 for the energy; at 20 Hz both rise alike.
FAST_HZ: Final = 40.0
#: Memory of the noise, s: the longer of this and `NOISE_FRAMES`. Origin: chosen, half a second of walking or of
#: glitches.
NOISE_S: Final = 0.5
NOISE_FRAMES: Final = 30.0
#: Memory of smoothness and spread at a low rate, s. Origin: measured, 3–5 s separate quiet from walking at 10 Hz.
TEXTURE_S: Final = 4.0
#: Nothing is called noise before this much of it has been seen. Origin: chosen, half of the pool.
TEXTURE_AFTER_S: Final = 2.0
#: Texture (smoothness + spread of the log energy, above that of quiet): its scatter in quiet and what is called
#: noise. Origin: measured at 10 and 20 Hz over all recordings; spread: quiet 0.35–0.8 (5–95 %), walking 0.7–1.1;
#: smoothness: quiet −0.3–0.4, walking 0.1–1.3. At 40 Hz and above smoothness alone, over 0.1 s: quiet ≤ 0.5 (95 %),
#: walking ≥ 1.0.
TEXTURE_SCALE: Final = 0.25
NOISE_TEXTURE: Final = 0.25
#: The quiet spread a model may claim. Origin: measured, as above; a model learned among foreign frames must not
#: excuse a walk.
SPREAD_RANGE: Final = (0.55, 0.8)
NOISE_SMOOTHNESS: Final = 0.5
#: Down: noise below the floor is proof, but one estimate scatters by 0.2. Origin: measured.
DOWN_MARGIN: Final = 0.3
DOWN_S: Final = 3.0
DOWN_NEAR_S: Final = 15.0
#: Up at a high rate. Origin: chosen, a person's quick movement is over, a fan's noise is not.
UP_FAST_S: Final = 3.0
#: Up at a low rate: noise texture for this long first, then with this time constant. Origin: measured, walking has
#: noise texture for less than 2 % of its time and never for 4 s.
UP_WAIT_S: Final = 4.0
UP_SLOW_S: Final = 6.0
#: A slow link's noise is not believed to rise further above the model than this, unless its texture is certain.
#: Origin: measured, 1.6 between days; a body sampled below its own speed (5 Hz) is white, scatters by 0.9 and lies
#: 3–5 above.
MAX_DAILY: Final = 2.0
CERTAIN_TEXTURE: Final = 0.1
#: What looks like noise on a slow link is taken for noise at once up to so much above the floor. Origin: chosen, half
#: of what noise was seen to rise between days (1.6); walking lies 2–5 above the floor and must not drown while its
#: texture is not yet known.
MAX_RISE: Final = 0.8
#: One frame's log energy deviates from the pool by no more than this, once there is a pool of so many frames. Origin:
#: measured, walking scatters by 1.2; a foreign frame lies 4 higher and one in ten of them would look like walking.
MAX_DEVIATION: Final = 1.5
CLIP_AFTER: Final = 8
#: Bounds of the floor's offset, log energy. Origin: chosen, a factor 55 of noise; measured between days ± 1.7.
MAX_OFFSET: Final = 4.0
#: Uncertainty of the floor (log energy): in the same place as the model, in another level or RSSI, confirmed. Origin:
#: measured, quiet of one room on several days at equal level differs by 0.1–0.7, at another level by up to 1.5.
SAME_SIGMA: Final = 0.4
OTHER_SIGMA: Final = 1.0
CONFIRMED_SIGMA: Final = 0.15
#: Seconds of noise texture that confirm a floor. Origin: chosen.
CONFIRM_S: Final = 10.0
#: Without noise texture a slow link's floor grows uncertain again with this time constant, as uncertain as in the same
#: place on another day. Origin: chosen, a minute; measured, 30 and 60 s do the same, and after a minute of walking the
#: quiet of one link lay 0.8 higher than before.
FORGET_S: Final = 60.0
#: At a high rate the noise itself is seen, moving or not. Origin: derived, 20 frames.
CONFIRM_FAST_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietLevels:
    """Where the logs of the energies lie in the quiet, on one link.

    fast, scale : location and scale of the undrifted fast energy
    noise : mean of the frame-to-frame noise
    slow : mean of slow / noise
    spread : standard deviation of the fast energy, the smaller of each two neighbours, clipped
    """

    fast: float
    scale: float
    noise: float
    slow: float
    spread: float


class NoiseFloor:
    """Offset of today's quiet energy from the model's, with its uncertainty.

    Attributes
    ----------
    offset : log energy, today minus model
    effective : the same, raised at once to what has the texture of noise
    sigma : standard deviation of that, log energy
    smoothness : pooled log (slow / noise) minus its quiet value; 0 = white noise. At high rates (fast / noise), because
        breathing is smooth over 0.3 s and only motion over 0.1 s
    spread : pooled standard deviation of the log fast energy, the smaller of each two neighbours: a wild frame is alone
    texture : smoothness and spread of the recent change above those of quiet: near 0 for noise, 1.2 for motion
    """

    __slots__ = (
        "_fall",
        "_gap_s",
        "_mean",
        "_noise",
        "_noise_s",
        "_pooled",
        "_pooled_s",
        "_previous",
        "_quiet_spread",
        "_square",
        "_weight",
        "effective",
        "levels",
        "offset",
        "sigma",
        "smoothness",
        "spread",
        "texture",
    )

    def __init__(self, levels: QuietLevels, offset: float, sigma: float) -> None:
        self.levels = levels
        self._quiet_spread = min(max(levels.spread, SPREAD_RANGE[0]), SPREAD_RANGE[1])
        self.offset = offset
        self.effective = offset
        self.sigma = sigma
        self.smoothness = 0.0
        self.spread = 0.0
        self._noise = 0.0
        self._mean = 0.0
        self._square = 0.0
        self._weight = 0.0
        self._pooled = 0.0
        self._pooled_s = 0.0
        self._noise_s = 0.0
        self._gap_s = 0.0
        self._previous = math.inf
        self._fall = Fall()
        self._see_texture()

    def update(self, change: Change, dt: float, fs_hz: float) -> None:
        """Take one frame's change.

        Parameters
        ----------
        dt : seconds since the previous one
        fs_hz : measured rate
        """
        is_fast = fs_hz >= FAST_HZ
        gap_s, self._gap_s = max(dt, self._gap_s), dt
        if is_fast and gap_s > 1.0 / FAST_HZ:
            return  # Where frames are lost, two that follow each other differ by movement, and noise cannot be seen.
        self._weight += 1.0
        self._pooled += 1.0
        self._pooled_s += dt
        share = max(1.0 / self._weight, min(dt / max(NOISE_S, NOISE_FRAMES / max(fs_hz, 1.0)), 1.0))
        log_noise = math.log(change.noise)
        self._noise += (log_noise - self._noise) * share
        levels = self.levels
        if is_fast:
            smooth = math.log(undrifted(change)) - levels.fast + levels.noise
        else:
            smooth = math.log(change.slow) - levels.slow
        self.smoothness += (smooth - log_noise - self.smoothness) * share
        fast = min(change.fast, self._previous)
        self._previous = change.fast
        log_fast = math.log(fast)
        if is_fast or not self._has_fallen(log_fast, dt):
            self._scatter(log_fast, dt)
        self._see_texture()
        self._follow(self._noise - levels.noise, dt, is_fast=is_fast)

    def _scatter(self, log_fast: float, dt: float) -> None:
        share = max(1.0 / self._pooled, min(dt / TEXTURE_S, 1.0))
        step = log_fast - self._mean
        if self._pooled > CLIP_AFTER:
            step = min(max(step, -MAX_DEVIATION), MAX_DEVIATION)
        self._mean += step * share
        self._square += (step * step * (1.0 - share) - self._square) * share
        self.spread = math.sqrt(self._square)

    def _has_fallen(self, log_fast: float, dt: float) -> bool:
        """Has the change just come down for good? Texture is then that of what has come since."""
        fall = self._fall
        if self._pooled <= CLIP_AFTER or log_fast - self._mean >= -MAX_DEVIATION:
            if fall.n:
                fall.reset()
            return False
        fall.update(log_fast, dt)
        if not fall.has_happened:
            return False
        # somebody's end is no scatter of the quiet that follows, and their smoothness is over too
        self._pooled, self._pooled_s, self._mean = float(fall.n), fall.seconds, fall.mean
        self.spread = fall.deviation
        self._square = self.spread**2
        self._weight = 1.0
        fall.reset()
        return True

    def interrupt(self) -> None:
        """A silence: what came before says nothing about the texture of what comes now."""
        self._pooled = 0.0
        self._pooled_s = 0.0
        self._fall.reset()
        self._noise_s = 0.0
        self.smoothness = 0.0
        self._weight = min(self._weight, 3.0)
        self._see_texture()

    @property
    def is_noise(self) -> bool:
        """Has the change the texture of noise now, at a low rate?"""
        return self._pooled_s >= TEXTURE_AFTER_S and self.texture < NOISE_TEXTURE

    def _see_texture(self) -> None:
        self.texture = max(self.smoothness, 0.0) + self.spread - self._quiet_spread

    def _follow(self, observed: float, dt: float, *, is_fast: bool) -> None:
        if is_fast:
            is_noise = self.smoothness < NOISE_SMOOTHNESS
        else:
            is_noise = self.is_noise and (observed < MAX_DAILY or self.texture < CERTAIN_TEXTURE)
        self._noise_s = self._noise_s + dt if is_noise else 0.0
        offset = self.offset
        error = observed - offset
        tau_s = math.inf
        if error < -DOWN_MARGIN:
            tau_s = DOWN_S
        elif error < 0.0:
            tau_s = DOWN_NEAR_S
        elif is_fast and is_noise:
            tau_s = UP_FAST_S
        elif not is_fast and self._noise_s > UP_WAIT_S:
            tau_s = UP_SLOW_S
        if tau_s < math.inf:
            self.offset = offset = min(max(offset + error * min(dt / tau_s, 1.0), -MAX_OFFSET), MAX_OFFSET)
        self.effective = offset
        if is_noise:
            self.effective = max(offset, observed if is_fast else min(observed, offset + MAX_RISE))
        if is_fast or (is_noise and abs(error) < 2.0 * DOWN_MARGIN):
            decay = min(dt / (CONFIRM_FAST_S if is_fast else CONFIRM_S), 1.0)
            self.sigma += (CONFIRMED_SIGMA - self.sigma) * decay
        elif not is_noise and self.sigma < SAME_SIGMA:
            self.sigma += (SAME_SIGMA - self.sigma) * min(dt / FORGET_S, 1.0)
