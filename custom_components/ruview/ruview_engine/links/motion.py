"""Is somebody moving: one number per frame, and one per second or so, for one link."""

import math
from dataclasses import replace
from typing import Final

from ..dsp.running import DecayingMean
from ..frame_value import frame_value
from ..shapes import ActiveMask
from .lag_energy import Change, LagEnergy, coherence, undrifted
from .noise_floor import FAST_HZ, OTHER_SIGMA, SAME_SIGMA, TEXTURE_AFTER_S, TEXTURE_SCALE, NoiseFloor, QuietLevels
from .projection import block_means, ripples
from .quiet import QuietModel
from .sample import MAX_GAP_S, Sample

#: z is clipped here: beyond it only outliers differ. Origin: chosen; one wild frame cannot outweigh a second of quiet.
Z_LIMIT: Final = 8.0
#: Memory of `score`. Origin: derived, decisions are per second.
SCORE_S: Final = 0.6
#: Seconds of z before there is a score. Origin: chosen, half a decision.
SCORE_AFTER_S: Final = 0.5
#: The same after the beginning of a change. Origin: measured at 20 Hz over 40 splices of quiet and walking: the mean z
#: of the 0.3 s after an alarm is 2.6 and more in 90 %, after the alarms of a deep breath at most 0.9.
ALARM_AFTER_S: Final = 0.2
#: What the alarm itself adds to the score while that is young. Origin: derived from the same figures, halfway between.
ALARM_BONUS: Final = 0.8
#: z counts within these bounds. Origin: measured, quiet with rare jumps has z > 4 in 10 % of frames and a median near
#: 0; motion has a median above 2.
LEAST_SCORE: Final = -2.0
MOST_SCORE: Final = 5.0
#: On a slow link the score takes the smaller z of each two neighbours, because a foreign frame is alone and cannot be
#: marked there; this brings its mean back to 0. Origin: derived, the smaller of two normals lies at −0.56, of two
#: that share half their frames −0.4.
PAIR_SHIFT: Final = 0.45
#: Weight of the texture in the score of a slow link, and its bounds in standard deviations of quiet. Origin: measured
#: at 10–20 Hz: quiet 0 ± 1, walking 4.5; at high rates the floor already stands on it.
TEXTURE_WEIGHT: Final = 0.6
LEAST_TEXTURE: Final = -1.0
MOST_TEXTURE: Final = 4.0
#: Weight of pooled z in the score of a fast link. Origin: measured; pooled over as many independent frames its quiet
#: scatter is 0.3 against 0.5–0.7 of a slow link's score.
FAST_WEIGHT: Final = 2.2
#: Score allowed per log unit of coherence above the model's, and the bounds of one frame's coherence. Origin: measured
#: pooled over `SCORE_S` (5–95 %): quiet of another day −0.7…1.0 at 10 Hz, −0.5…0.8 at 20 and 100 Hz; walking from 0.7,
#: 1.1 and 1.9 upwards; the middle of the hysteresis lies at 0.7. Interference that moves whole blocks lies at 1.6–1.9:
#: coherence is no proof of motion.
COHERENCE_WEIGHT: Final = 3.5
LEAST_COHERENCE: Final = -1.0
MOST_COHERENCE: Final = 3.0
#: What counts as the level and RSSI of the model. Origin: measured, walking moves them by up to 0.3 (log) and 3 dB;
#: another placement by more.
LEVEL_TOLERANCE: Final = 0.4
RSSI_TOLERANCE_DB: Final = 5.0
#: Share of the noise that grows as the received power falls, where the model was learned. Origin: derived, thermal
#: noise is inverse to the power; measured, 12–14 dB less raised the quiet energy of one link by 0.9–1.8, a tenth by
#: 1.0–1.2.
THERMAL_SHARE: Final = 0.1
#: No more of the noise than this is expected to have gone with rounding and heat. Origin: chosen, it is seen at once.
MAX_FALL: Final = 0.5
#: Level and RSSI are averaged over this time. Origin: chosen, several steps of a walk.
PLACE_S: Final = 5.0
#: Log fast energy over the noise for white noise, and its scatter; used before a model exists. Origin: measured over
#: the quiet recordings, −0.4 ± 0.2; the smaller of two looks minus drift.
WHITE_LOCATION: Final = -0.4
WHITE_SCALE: Final = 0.45
#: Log slow energy over the noise for white noise. Origin: measured over the quiet recordings, 0.0 ± 0.15.
WHITE_SLOW: Final = 0.0
#: Without a model a slow link speaks once its floor is this sure, or its texture this clear. Origin: chosen, 7 s of
#: noise texture; measured, quiet texture ≤ 0.5 (95 %), walking 1.1 (median).
CONFIRMED_ENOUGH: Final = 0.5
MOTION_TEXTURE: Final = 0.8
#: Without a model nothing is said before this much has been seen. Origin: chosen.
LEARN_S: Final = 5.0


@frame_value()
class MotionSample:
    """One frame's motion on one link.

    z : standardised log energy of the change within 0.1 s, −8…8; about N(0, 1) in the quiet. Neighbouring values are
        dependent over 0.15–0.2 s (lag and average overlap): take n / (0.2 · fs) as the number of independent values
    score : z pooled over about a second with the evidence of smoothness; what seconds-scale decisions use
    smoothness : log ratio of change over 0.3 s to frame-to-frame noise, minus its quiet value; 0 = noise
    floor : how far the noise floor has moved from the model, log energy
    is_calibrated : False without a model: z then stands on a floor the meter found by itself
    """

    at_s: float
    z: float
    score: float | None
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
        self._energy: LagEnergy | None = None
        if model is not None:
            self._energy = LagEnergy(model.projection, ripples(model.reference > 0))
        self._coherence = 0.0
        self._floor: NoiseFloor | None = None
        self._level = DecayingMean(PLACE_S)
        self._rssi = DecayingMean(PLACE_S)
        self._seen_s = 0.0
        self._pooled_s = 0.0
        self._after_s = SCORE_AFTER_S
        self._score = 0.0
        self._previous_z = Z_LIMIT
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
        at_s = sample.at_s
        floor = self._floor
        if floor is None or floor.sigma > SAME_SIGMA:
            self._see_place(sample)
        change = energy.update(at_s, sample.profile)
        if change is None:
            return None
        last_s, self._last_s = self._last_s, at_s
        dt = 0.0 if last_s is None else at_s - last_s
        if dt > MAX_GAP_S:
            self._interrupt()
            dt = 0.0
        self._pooled_s += dt
        self._seen_s += dt
        return self._judge(change, sample, dt, energy.fs_hz or 0.0)

    def _see_place(self, sample: Sample) -> None:
        """Level and RSSI say whether this is where the model was learned; nobody asks once the floor is sure."""
        self._level.update(sample.at_s, sample.level)
        if sample.rssi_dbm is not None:
            self._rssi.update(sample.at_s, sample.rssi_dbm)

    def pool_anew(self) -> None:
        """A change has begun on a slow link: what was before says nothing about it, so the score is pooled from here.

        A fast link's score is as quick by itself; an alarm that comes and goes is one.
        """
        is_old = self._pooled_s > TEXTURE_AFTER_S
        if is_old and self._energy is not None and (self._energy.fs_hz or 0.0) < FAST_HZ:
            self._restart(ALARM_AFTER_S)

    def take_back(self, motion: MotionSample) -> MotionSample:
        """The newest value, of which its link shows a shape known from the quiet.

        Soon after an alarm that means that foreign frames have raised it: who begins to move does not pass through the
        empty room's shape. What was said is taken back, and pooled anew.
        """
        if not self._is_young:
            return motion
        self._restart(SCORE_AFTER_S)
        return motion if motion.score is None else replace(motion, score=min(motion.score, 0.0))

    def _restart(self, after_s: float) -> None:
        self._pooled_s = 0.0
        self._after_s = after_s
        self._score = 0.0
        self._coherence = 0.0

    def _interrupt(self) -> None:
        """After a silence the score starts afresh; the floor is kept."""
        self._restart(SCORE_AFTER_S)
        if self._floor is not None:
            self._floor.interrupt()

    def _judge(self, change: Change, sample: Sample, dt: float, fs_hz: float) -> MotionSample | None:
        floor = self._floor
        if floor is None:
            floor = self._floor = self._begin(change)
        if floor.sigma > SAME_SIGMA and self._is_same_place():
            floor.sigma = SAME_SIGMA
        is_fast = fs_hz >= FAST_HZ
        floor.update(change, dt, fs_hz)
        model, levels = self._model, floor.levels
        if model is None and self._seen_s < LEARN_S:
            return None
        still = undrifted(change)
        z = (math.log(still) - levels.fast - floor.effective) / math.hypot(levels.scale, floor.sigma)
        z = min(max(z, -Z_LIMIT), Z_LIMIT)
        score = self._pool(z, change, floor, dt, is_fast=is_fast)
        is_said = self._pooled_s >= self._after_s
        if model is None and not is_fast and floor.sigma > CONFIRMED_ENOUGH:
            # the floor may be somebody walking, and z then says nothing: noise is waited for, or clear movement
            score = min(floor.texture / TEXTURE_SCALE, MOST_TEXTURE)
            is_said = is_said and floor.texture > MOTION_TEXTURE
        # by position, which is three times as quick as by name
        return MotionSample(
            sample.at_s, z, score if is_said else None, floor.smoothness, floor.effective, model is not None
        )

    def _pool(self, z: float, change: Change, floor: NoiseFloor, dt: float, *, is_fast: bool) -> float:
        """The score: z and coherence of about the last second, on slow links with the texture."""
        share = max(min(dt / SCORE_S, 1.0), dt / self._pooled_s if self._pooled_s > 0.0 else 1.0)
        both = z if is_fast else min(z, self._previous_z) + PAIR_SHIFT
        self._previous_z = z
        self._score += (min(max(both, LEAST_SCORE), MOST_SCORE) - self._score) * share
        score = self._score * FAST_WEIGHT if is_fast else self._score + self._by_texture(floor)
        if z < 0.0 and self._is_young:
            score = min(score, z)  # what has ended already was a run of foreign frames: people who begin go on
        model = self._model
        if model is None or model.coherence is None:
            return score
        excess = min(max(coherence(change) - model.coherence, LEAST_COHERENCE), MOST_COHERENCE)
        self._coherence += (excess - self._coherence) * share
        return min(score, COHERENCE_WEIGHT * self._coherence)

    def _by_texture(self, floor: NoiseFloor) -> float:
        """What the texture of the last seconds adds; after an alarm it speaks of before, and only in favour."""
        texture = TEXTURE_WEIGHT * min(max(floor.texture / TEXTURE_SCALE, LEAST_TEXTURE), MOST_TEXTURE)
        return max(texture, 0.0) + ALARM_BONUS if self._is_young else texture

    @property
    def _is_young(self) -> bool:
        """Has an alarm been raised so lately that nothing from before counts?"""
        return self._after_s == ALARM_AFTER_S and self._pooled_s < TEXTURE_AFTER_S

    def _begin(self, change: Change) -> NoiseFloor:
        """Where the floor is believed to be at first, and how surely."""
        model = self._model
        if model is None:
            noise = math.log(change.noise)
            levels = QuietLevels(
                fast=noise + WHITE_LOCATION, scale=WHITE_SCALE, noise=noise, slow=WHITE_SLOW, spread=WHITE_SCALE
            )
            return NoiseFloor(levels, 0.0, OTHER_SIGMA)
        ratio = model.level / max(self._level.get() or model.level, 1e-6)
        rssi_dbm = self._rssi.get()
        lost_db = 0.0 if model.rssi_dbm is None or rssi_dbm is None else model.rssi_dbm - rssi_dbm
        growth = model.rounding_share * (ratio * ratio - 1.0) + THERMAL_SHARE * (10.0 ** (0.1 * lost_db) - 1.0)
        return NoiseFloor(model.levels, math.log1p(max(growth, -MAX_FALL)), OTHER_SIGMA)

    def _is_same_place(self) -> bool:
        """Do level and RSSI say that this is where the model was learned?"""
        model = self._model
        level = self._level.get()
        if model is None or level is None:
            return False
        rssi_dbm = self._rssi.get()
        is_rssi = model.rssi_dbm is None or rssi_dbm is None or abs(model.rssi_dbm - rssi_dbm) < RSSI_TOLERANCE_DB
        return is_rssi and abs(math.log(model.level / max(level, 1e-6))) < LEVEL_TOLERANCE
