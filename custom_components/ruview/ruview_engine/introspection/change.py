"""Change with a stated false-alarm budget: the fast path of introspection.

The novelty of every sample (`novelty.py`) goes through Page's statistic: one pair of strange samples fires at once,
weaker evidence adds up.
"""

from typing import Final

from ..dsp.cusum import Cusum
from ..dsp.surprise import Surprise
from ..links.sample import Sample
from .novelty import NoveltyMeter, NoveltyModel

#: False alarms a person accepts from one link unless told otherwise. Origin: spec, SENSING §2.
FALSE_ALARMS_PER_DAY: Final = 1.0
SECONDS_PER_DAY: Final = 86_400.0
#: Memory of `level`, and nats of one sample that count in it. Origin: derived, decisions are per second; chosen, one
#: strange pair among a second of quiet must not look like movement.
LEVEL_S: Final = 0.7
LEVEL_CLIP: Final = 5.0
#: An alarm ends when the level has fallen below this. Origin: measured, seconds of quiet: 0.75 (median), 1.2 (95 %);
#: walking 2.4–5 (medians of 26 recordings).
END_LEVEL: Final = 1.5
#: It also ends when no sample was this strange for so long: once in 740 of quiet, several times a second of walking.
#: Origin: chosen; on another day all of quiet may lie a little above the baseline's, and the level with it, which is
#: followed only without an alarm.
STRANGE_NATS: Final = 6.6
CALM_S: Final = 4.0
#: Baseline tracking stops above this share of the threshold. Origin: chosen, a quarter: S is usually 0 in quiet.
FREEZE_RATIO: Final = 0.25
#: How slowly the quiet location is followed, and how far above the baseline's, in standard deviations of quiet. Origin:
#: measured, on other days it lies up to 2 above; below it is left alone: a link that is quieter than its baseline would
#: take every breath for news.
DRIFT_TAU_S: Final = 20.0
MAX_DRIFT: Final = 2.0


#: What lies farther above, in standard deviations, may be somebody and is not followed. Origin: derived, 2 % of quiet.
ORDINARY: Final = 2.0
#: Less surprise than this is what quiet shows every other time. Origin: derived, ln 2.
KNOWN_NATS: Final = 0.7
#: Stands where nothing is watched. Origin: derived, never asked.
NO_LAW: Final = Surprise(location=0.0, scale=1.0)


class ChangeDetector:
    """One link's change statistic.

    model : from this link's own quiet; None = nothing is watched
    """

    def __init__(self, model: NoveltyModel | None) -> None:
        self._meter = None if model is None else NoveltyMeter(model)
        self._cusum = None if model is None else Cusum(model.limits)
        self._law = NO_LAW if model is None else model.limits.surprise
        fs_hz = 1.0 if model is None else model.fs_hz
        self._share = 1.0 / max(LEVEL_S * fs_hz, 1.0)
        self._drift_share = 1.0 / max(DRIFT_TAU_S * fs_hz, 1.0)
        self._calm_samples = CALM_S * fs_hz
        self.n_alarms = 0
        self.reset()

    def reset(self) -> None:
        """Back to no evidence; equals new but for the count of alarms."""
        if self._meter is not None:
            self._meter.reset()
        self._restart()
        self._drift = 0.0
        self._n_followed = 0

    def _restart(self) -> None:
        if self._cusum is not None:
            self._cusum.reset()
        self._score: float | None = None
        #: Mean surprise of the last second, nats; 1 or less in quiet, None before the first sample.
        self.level: float | None = None
        self._n_calm = 0
        self.is_alarmed = False
        self.has_begun = False
        self._is_known = False

    @property
    def is_known(self) -> bool:
        """Is the newest sample, or the one before, as near to a known shape as quiet is?"""
        return self._is_known

    @property
    def score(self) -> float | None:
        """S/h after the newest sample; None while nothing can be said."""
        return self._score

    def update(self, sample: Sample) -> bool:
        """Take one sample; True at the sample where a change is first seen.

        Samples that must not be used (glitch, duplicate) add no evidence and end nothing.
        """
        self.has_begun = False
        if not sample.is_usable or self._meter is None or self._cusum is None:
            return False
        if sample.breaks_window and self._score is not None:
            self._restart()
        x = self._meter.update(sample)
        if x is None:
            return False
        self._score = score = self._cusum.update(x - self._drift)
        nats = self._cusum.nats
        self._is_known = nats < KNOWN_NATS
        level = self.level
        counted = min(nats, LEVEL_CLIP)
        self.level = level = counted if level is None else level + self._share * (counted - level)
        self._n_calm = 0 if nats > STRANGE_NATS else self._n_calm + 1
        if self.is_alarmed:
            if level < END_LEVEL or self._n_calm > self._calm_samples:
                self.is_alarmed = False
                self._cusum.reset()
        elif score >= 1.0:
            self.is_alarmed = self.has_begun = True
            self.n_alarms += 1
        elif score < FREEZE_RATIO:
            self._follow(x)
        return self.has_begun

    def _follow(self, x: float) -> None:
        """Few known shapes lie far until more are known: at first quickly."""
        law = self._law
        away = x - self._drift - law.location
        if away > ORDINARY * law.scale:
            return
        self._n_followed += 1
        share = max(1.0 / self._n_followed, self._drift_share)
        away = min(max(away, -law.scale), law.scale)
        self._drift = min(max(self._drift + share * away, 0.0), MAX_DRIFT * law.scale)


def frames_between_alarms(fs_hz: float, per_day: float = FALSE_ALARMS_PER_DAY) -> float:
    """The average run length, in samples, that keeps a budget."""
    return fs_hz * SECONDS_PER_DAY / per_day
