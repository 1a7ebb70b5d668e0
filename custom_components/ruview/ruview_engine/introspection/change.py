"""Change with a stated false-alarm budget: the fast path of introspection.

Two statistics watch side by side, each with half of the budget: the shift of the profile (`shift.py`), which finds an
onset first, and the standardised motion energy `z` of the link. Either may be missing.
"""

import math
from typing import Final

from ..dsp.cusum import Cusum, CusumLimits
from ..links.sample import Sample
from .shift import ShiftMeter, ShiftModel

#: False alarms a person accepts from one link unless told otherwise. Origin: spec, SENSING §2.
FALSE_ALARMS_PER_DAY: Final = 1.0
SECONDS_PER_DAY: Final = 86_400.0
#: An alarm ends when the evidence has fallen to this share of the threshold. Origin: chosen, far below the alarm so
#: that one movement is one alarm.
END_RATIO: Final = 0.1
#: Baseline tracking stops above this share of the threshold. Origin: chosen, a quarter: S is usually 0 in quiet.
FREEZE_RATIO: Final = 0.25
#: How slowly the quiet location is followed, and how far, in distances from the median to the 90th percentile.
#: Origin: chosen; thermal drift takes minutes, and one such distance is all that drift may explain.
DRIFT_TAU_S: Final = 120.0
MAX_DRIFT: Final = 1.0


class ChangeDetector:
    """One link's change statistic. Constructor parameters are frozen models; `update` is a few microseconds.

    shift_model : from this link's own quiet; None = the shift is not watched
    energy_limits : for z of this link; None = z is not watched
    """

    def __init__(
        self,
        shift_model: ShiftModel | None,
        energy_limits: CusumLimits | None,
        *,
        fs_hz: float,
    ) -> None:
        self.shift_model = shift_model
        self._meter = None if shift_model is None else ShiftMeter(shift_model)
        self._shift = None if shift_model is None else Cusum(shift_model.limits)
        self._energy = None if energy_limits is None else Cusum(energy_limits)
        self._follow = 1.0 / max(DRIFT_TAU_S * fs_hz, 1.0)
        self._levels = (0.0,) * 5 if shift_model is None else shift_model.limits.surprise.levels
        self._max_drift = MAX_DRIFT * (self._levels[-1] - self._levels[2])
        self.n_alarms = 0
        self.reset()

    def reset(self) -> None:
        """Back to no evidence; equals new but for the count of alarms."""
        if self._meter is not None:
            self._meter.reset()
        self._restart()
        self._drift = 0.0
        #: Surprise of the newest shift, None before the first.
        self.nats: float | None = None

    def _restart(self) -> None:
        for cusum in (self._shift, self._energy):
            if cusum is not None:
                cusum.reset()
        self._score: float | None = None
        self.is_alarmed = False
        self.has_begun = False

    @property
    def score(self) -> float | None:
        """S/h after the newest sample; None while nothing can be said."""
        return self._score

    def update(self, sample: Sample, z: float | None) -> bool:
        """Take one sample with its motion energy; True at the sample where a change is first seen.

        Samples that must not be used (glitch, duplicate) add no evidence and end nothing.
        """
        self.has_begun = False
        if not sample.is_usable:
            return False
        if sample.breaks_window and self._score is not None:
            self._restart()
        score: float | None = None
        if self._meter is not None and self._shift is not None:
            x = self._meter.update(sample)
            if x is not None:
                score = self._shift.update(x - self._drift)
                self.nats = self._shift.nats
                if score < FREEZE_RATIO and not self.is_alarmed:
                    levels = self._levels
                    step = max(min(x, levels[-1]), levels[0]) - levels[2] - self._drift
                    self._drift += self._follow * step
                    self._drift = max(min(self._drift, self._max_drift), -self._max_drift)
        if z is not None and self._energy is not None and math.isfinite(z):
            energy = self._energy.update(z)
            score = energy if score is None else max(score, energy)
        if score is None:
            return False
        self._score = score
        if self.is_alarmed:
            self.is_alarmed = score > END_RATIO
        elif score >= 1.0:
            self.is_alarmed = self.has_begun = True
            self.n_alarms += 1
        return self.has_begun


def frames_between_alarms(fs_hz: float, per_day: float = FALSE_ALARMS_PER_DAY) -> float:
    """The average run length, in samples, that keeps a budget."""
    return fs_hz * SECONDS_PER_DAY / per_day
