"""Where a link's quiet energy lies today: follows noise, refuses to follow motion."""

import math
from typing import Final

from .lag_energy import Change

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
#: Texture (smoothness + spread of the log energy) of noise stays below this. Origin: measured at 10 Hz: quiet 0.65 ±
#: 0.25 (worst session 0.94), walking 1.7 ± 0.45; at 100 Hz smoothness alone: quiet ≤ 0.5 (q95), walking ≥ 1.0.
NOISE_TEXTURE: Final = 1.2
NOISE_SMOOTHNESS: Final = 0.5
#: Down: noise below the floor is proof, but one estimate scatters by 0.2. Origin: measured.
DOWN_MARGIN: Final = 0.3
DOWN_S: Final = 3.0
DOWN_NEAR_S: Final = 15.0
#: Up at a high rate. Origin: chosen, a person's quick movement is over, a fan's noise is not.
UP_FAST_S: Final = 3.0
#: Up at a low rate: noise texture for this long first, then with this time constant; when the floor is still
#: uncertain, and when it has been confirmed. Origin: measured, walking has noise texture for 8 s in less than 1 % of
#: its time.
UP_WAIT_S: Final = 8.0
UP_SLOW_S: Final = 8.0
UP_CONFIRMED_WAIT_S: Final = 30.0
UP_CONFIRMED_S: Final = 60.0
#: Bounds of the floor's offset, log energy. Origin: chosen, a factor 55 of noise; measured between days ± 1.7.
MAX_OFFSET: Final = 4.0
#: Uncertainty of the floor (log energy): in the same place as the model, in another level or RSSI, confirmed. Origin:
#: measured, quiet of one room on several days at equal level differs by 0.1–0.7, at another level by up to 1.5.
SAME_SIGMA: Final = 0.4
OTHER_SIGMA: Final = 1.0
CONFIRMED_SIGMA: Final = 0.15
#: Seconds of noise texture that confirm a floor. Origin: chosen.
CONFIRM_S: Final = 10.0
#: At a high rate the noise itself is seen, moving or not. Origin: derived, 20 frames.
CONFIRM_FAST_S: Final = 0.2


class NoiseFloor:
    """Offset of today's quiet energy from the model's, with its uncertainty.

    Attributes
    ----------
    offset : log energy, today minus model
    effective : the same, raised at once to noise that has the texture of noise (high rates only)
    sigma : standard deviation of that, log energy
    smoothness : pooled log (slow / noise) minus its quiet value; 0 = white noise
    spread : pooled standard deviation of the log fast energy
    """

    __slots__ = (
        "_mean",
        "_noise",
        "_noise_s",
        "_pooled",
        "_pooled_s",
        "_slow",
        "_square",
        "_weight",
        "effective",
        "offset",
        "sigma",
        "smoothness",
        "spread",
    )

    def __init__(self, offset: float, sigma: float) -> None:
        self.offset = offset
        self.effective = offset
        self.sigma = sigma
        self.smoothness = 0.0
        self.spread = 0.0
        self._noise = 0.0
        self._slow = 0.0
        self._mean = 0.0
        self._square = 0.0
        self._weight = 0.0
        self._pooled = 0.0
        self._pooled_s = 0.0
        self._noise_s = 0.0

    def update(self, change: Change, dt: float, fs_hz: float, noise_location: float, slow_location: float) -> None:
        """Take one frame's change.

        Parameters
        ----------
        dt : seconds since the previous one
        fs_hz : measured rate
        noise_location, slow_location : the model's mean log noise and mean log (slow / noise)
        """
        is_fast = fs_hz >= FAST_HZ
        self._weight += 1.0
        self._pooled += 1.0
        self._pooled_s += dt
        share = max(1.0 / self._weight, min(dt / max(NOISE_S, NOISE_FRAMES / max(fs_hz, 1.0)), 1.0))
        log_noise = math.log(change.noise)
        self._noise += (log_noise - self._noise) * share
        self._slow += (math.log(change.slow) - log_noise - self._slow) * share
        log_fast = math.log(change.fast)
        share = max(1.0 / self._pooled, min(dt / TEXTURE_S, 1.0))
        self._mean += (log_fast - self._mean) * share
        self._square += ((log_fast - self._mean) ** 2 - self._square) * share
        self.smoothness = self._slow - slow_location
        self._follow(self._noise - noise_location, dt, is_fast=is_fast)

    def interrupt(self) -> None:
        """A silence: what came before says nothing about the texture of what comes now."""
        self._pooled = 0.0
        self._pooled_s = 0.0
        self._noise_s = 0.0
        self._slow = 0.0
        self._weight = min(self._weight, 3.0)

    @property
    def is_noise(self) -> bool:
        """Has the change the texture of noise now, at a low rate?"""
        return self._pooled_s >= TEXTURE_AFTER_S and self.smoothness + self.spread < NOISE_TEXTURE

    def _follow(self, observed: float, dt: float, *, is_fast: bool) -> None:
        is_noise = self.smoothness < NOISE_SMOOTHNESS if is_fast else self.is_noise
        self._noise_s = self._noise_s + dt if is_noise else 0.0
        error = observed - self.offset
        tau_s = math.inf
        if error < -DOWN_MARGIN:
            tau_s = DOWN_S
        elif error < 0.0:
            tau_s = DOWN_NEAR_S
        elif is_fast and is_noise:
            tau_s = UP_FAST_S
        elif not is_fast:
            is_sure = self.sigma < SAME_SIGMA
            if self._noise_s > (UP_CONFIRMED_WAIT_S if is_sure else UP_WAIT_S):
                tau_s = UP_CONFIRMED_S if is_sure else UP_SLOW_S
        self.offset = min(max(self.offset + error * min(dt / tau_s, 1.0), -MAX_OFFSET), MAX_OFFSET)
        self.effective = max(self.offset, observed) if is_fast and is_noise else self.offset
        if is_fast or (is_noise and abs(error) < 2.0 * DOWN_MARGIN):
            decay = min(dt / (CONFIRM_FAST_S if is_fast else CONFIRM_S), 1.0)
            self.sigma += (CONFIRMED_SIGMA - self.sigma) * decay
