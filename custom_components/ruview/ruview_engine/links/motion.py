"""Is somebody moving: one number per frame, and one per second or so, for one link."""

import math
from dataclasses import dataclass
from typing import Final

from ..dsp.running import RunningQuantile
from ..shapes import ActiveMask
from .lag_energy import Change, LagEnergy
from .projection import block_means
from .quiet import QuietModel
from .sample import Sample

#: z is clipped here: beyond it only outliers differ. Origin: chosen; one wild frame cannot outweigh a second of quiet.
Z_LIMIT: Final = 8.0
#: Memory of `score`. Origin: derived, decisions are per second.
SCORE_S: Final = 0.6
#: At and above this rate the frame-to-frame noise is free of motion and sets the floor by itself. Origin: measured,
#: walking raises it by 0.3–2 (log) at 100 Hz against 1.5–4 for the energy; at 20 Hz both rise alike.
FAST_HZ: Final = 40.0
#: How fast the floor follows. Down at once: less noise than the floor is proof. Up only while the change looks like
#: noise.
DOWN_S: Final = 2.0
UP_FAST_S: Final = 3.0
UP_SLOW_S: Final = 15.0
#: The pooled ratio slow / noise above which change counts as smooth, i.e. as motion. Origin: measured, quiet ≤ 0.4
#: (q95 of 3-s pools at 10 Hz), motion 0.5–0.7 (median) at 10 Hz, ≥ 1.5 at 100 Hz.
WHITE_RATIO: Final = 0.35
#: Bounds of the floor's offset from the model, log energy. Origin: chosen, a factor 55 of noise; measured over days
#: ±1.5.
MAX_OFFSET: Final = 4.0
#: Uncertainty of the floor on a link whose level or RSSI is not that of the model. Origin: measured, between sessions
#: of one room the quiet log energy differs by up to 1.5; within one level by 0.15.
NEW_PLACE_SIGMA: Final = 1.0
SAME_PLACE_SIGMA: Final = 0.15
#: What counts as the same level and RSSI. Origin: measured, ± 5 % and ± 2 dB between sessions with the same noise.
LEVEL_TOLERANCE: Final = 0.15
RSSI_TOLERANCE_DB: Final = 4.0
#: White seconds after which a new floor is believed. Origin: chosen.
BELIEF_S: Final = 10.0
#: Location of the log fast energy over the noise, for white noise; used before a model exists. Origin: derived, the
#: smaller of two χ²₁₄ looks at lag 0.1 s against the median of one: −0.2; measured over quiet recordings −0.25 … 0.1.
WHITE_LOCATION: Final = -0.1
WHITE_SCALE: Final = 0.45
#: Without a model nothing is said before this much has been seen. Origin: chosen.
LEARN_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSample:
    """One frame's motion on one link.

    z : standardised log energy of the change within 0.1 s, −8…8; about N(0, 1) in the quiet. Neighbouring values are
    dependent over 0.15–0.2 s (lag and average overlap): take n / (0.2 · fs) as the number of independent values score
    : z pooled over about a second with the evidence of smoothness; what seconds-scale decisions use smoothness : log
    ratio of change over 0.3 s to frame-to-frame noise, minus its quiet value; 0 = noise floor : how far the noise
    floor has moved from the model, log energy is_calibrated : False without a model: z then stands on a floor the
    meter found by itself
    """

    at_s: float
    z: float
    score: float
    smoothness: float
    floor: float
    is_calibrated: bool


class MotionMeter:
    """From samples to motion, with a floor that follows noise and never follows motion.

    Parameters
    ----------
    model : what quiet looks like; None = find a floor alone, and say so
    active : bins to use without a model; default: those the first sample has
    """

    def __init__(self, model: QuietModel | None = None, active: ActiveMask | None = None) -> None:
        self._model = model
        self._active = active
        self.reset()

    def reset(self) -> None:
        """Forget everything but the model."""
        model = self._model
        self._energy = LagEnergy(model.projection) if model is not None else None
        self._noise = RunningQuantile(0.5)
        self._slow = RunningQuantile(0.5)
        self._offset = 0.0
        self._sigma: float | None = None
        self._white_s = 0.0
        self._seen_s = 0.0
        self._score = 0.0
        self._smooth = 0.0
        self._last_s: float | None = None

    @property
    def is_calibrated(self) -> bool:
        """Does the meter stand on a model?"""
        return self._model is not None

    def update(self, sample: Sample) -> MotionSample | None:
        """Take one sample; None for unusable ones and until the recent past is known."""
        if not sample.is_usable:
            return None
        energy = self._energy
        if energy is None:
            active = self._active if self._active is not None else sample.profile > 0
            energy = self._energy = LagEnergy(block_means(active))
        change = energy.update(sample.at_s, sample.profile)
        if change is None:
            return None
        last_s, self._last_s = self._last_s, sample.at_s
        dt = min(sample.at_s - last_s, 1.0) if last_s is not None else 0.0
        self._seen_s += dt
        return self._judge(change, sample, max(dt, 0.0), energy.fs_hz or 0.0)

    def _judge(self, change: Change, sample: Sample, dt: float, fs_hz: float) -> MotionSample | None:
        model = self._model
        noise = math.log(self._noise.update(change.noise))
        slow = math.log(self._slow.update(change.slow))
        is_fast = fs_hz >= FAST_HZ
        if model is None:
            location, scale, noise_location, slow_location = WHITE_LOCATION, WHITE_SCALE, 0.0, 0.0
        else:
            location, scale = model.location, model.scale
            noise_location, slow_location = model.noise_location, model.slow_location
        smoothness = slow - noise - slow_location
        self._smooth += (smoothness - self._smooth) * min(dt / (1.0 if is_fast else 5.0), 1.0)
        is_white = self._smooth < WHITE_RATIO
        if self._sigma is None:
            self._begin(sample, noise - noise_location, is_fast=is_fast)
        self._follow(noise - noise_location, dt, is_white=is_white, is_fast=is_fast)
        if model is None and self._seen_s < LEARN_S:
            return None
        sigma = self._sigma or 0.0
        z = (math.log(change.fast) - location - self._offset) / math.hypot(scale, sigma)
        z = min(max(z, -Z_LIMIT), Z_LIMIT)
        self._score += (z - self._score) * min(dt / SCORE_S, 1.0)
        return MotionSample(
            at_s=sample.at_s,
            z=z,
            score=self._score,
            smoothness=smoothness,
            floor=self._offset,
            is_calibrated=model is not None,
        )

    def _begin(self, sample: Sample, observed: float, *, is_fast: bool) -> None:
        """Where the floor is believed to be at first, and how surely."""
        model = self._model
        if model is None:
            self._offset = observed
            self._sigma = NEW_PLACE_SIGMA
            return
        ratio = model.level / max(sample.level, 1e-6)
        share = model.rounding_share
        self._offset = math.log(1.0 - share + share * ratio * ratio)
        same_level = abs(math.log(ratio)) < LEVEL_TOLERANCE
        same_rssi = (
            model.rssi_dbm is None
            or sample.rssi_dbm is None
            or abs(model.rssi_dbm - sample.rssi_dbm) < RSSI_TOLERANCE_DB
        )
        self._sigma = SAME_PLACE_SIGMA if same_level and same_rssi else NEW_PLACE_SIGMA

    def _follow(self, observed: float, dt: float, *, is_white: bool, is_fast: bool) -> None:
        """Move the floor towards the observed noise."""
        if observed < self._offset:
            self._offset += (observed - self._offset) * min(dt / DOWN_S, 1.0)
        elif is_white:
            self._offset += (observed - self._offset) * min(dt / (UP_FAST_S if is_fast else UP_SLOW_S), 1.0)
        self._offset = min(self._offset, MAX_OFFSET) if self._model is not None else self._offset
        if is_white and self._sigma:
            self._white_s += dt
            decay = dt / (1.0 if is_fast else BELIEF_S)
            self._sigma = SAME_PLACE_SIGMA + (self._sigma - SAME_PLACE_SIGMA) * max(1.0 - decay, 0.0)
