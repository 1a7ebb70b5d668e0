"""Which kind of dynamics a link shows: idle, periodic, transient, chaotic, or unknown.

Two speeds. A change alarm makes the regime *transient* at that very sample. Everything else is judged once a second on
scale-free evidence and must persist before it is published: how new the shapes of the last second are (`change.level`,
nats), whether an alarm lasts, and the height of the autocorrelation peak.

Source: rule of docs/algorithms/introspection.md#regime (facts: chaos in the strict sense cannot be identified on 3 s
of noisy CSI; *chaotic* here means sustained movement that does not repeat itself).
"""

import math
from typing import Final

from .rhythm import FAINT_SHARE, MEMORY_S, Rhythm
from .snapshot import Regime

#: A young alarm is *transient* for so long. Origin: spec, SENSING §2 / peers §2e.
TRANSIENT_S: Final = 2.0
#: An alarm that returns within this time is the same movement. Origin: chosen, a pause between two steps, as the dwell
#: of idle.
PAUSE_S: Final = 2.0
#: Mean surprise below which a second is quiet, nats; between this and an alarm nothing is claimed. Origin: measured,
#: seconds of quiet reach 1.2 (95 %), walking begins at 2.4 (medians of 26 recordings).
QUIET_BELOW: Final = 1.6
#: Standardised motion energy at which even a rhythm counts as interrupted by a new movement. Origin: chosen, far above
#: breathing's z, from which constant velocities are taken out.
INTERRUPTS: Final = 3.0
#: Memory of that energy. Origin: chosen, six frames; breathing in exceeds it for single frames.
ENERGY_S: Final = 0.3
#: Share of the variance that a rhythm must explain while its memory holds an alarm: then noise is no excuse. Origin:
#: measured, deep breathing in the line of sight 0.6–0.9, walking to and fro ≤ 0.4.
EXPLAINS: Final = 0.5
#: Seconds that a candidate must persist before it replaces the published regime. Origin: chosen: a pause between two
#: steps is not idle; a rhythm needs two more looks; unknown is shown only when it lasts.
DWELL_S: Final = {Regime.IDLE: 2.0, Regime.PERIODIC: 2.0, Regime.CHAOTIC: 1.0, Regime.UNKNOWN: 3.0}
#: Seconds of surprise before anything is said. Origin: derived, most of the memory of `change.level`.
WARM_UP_S: Final = 0.5


class RegimeClassifier:
    """One link's regime. `update` per sample, `judge` once a second."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing known; equals new."""
        self.regime = Regime.UNKNOWN
        self.confidence = 0.0
        self._since_s: float | None = None
        self._alarm_s: float | None = None
        self._alarmed_s = -math.inf
        self._level = 0.0
        self._energy = 0.0
        self._last_s = -math.inf
        self._candidate = Regime.UNKNOWN
        self._candidate_s = 0.0
        self._has_spoken = False
        #: Is the published regime a change? Not the first one, nor a rhythm that was there before it could be known.
        self.is_news = False

    def break_window(self) -> None:
        """A silence: what was seen before it says nothing about now."""
        self.reset()

    def update(
        self, at_s: float, *, level: float | None, energy: float | None, has_begun: bool, is_alarmed: bool
    ) -> bool:
        """Take one sample's evidence; True if the published regime changes at this sample.

        level : mean surprise of the last second, None while nothing is known of quiet · energy : motion's z, if any
        """
        if level is None:
            return False
        if self._since_s is None:
            self._since_s = at_s
        self._level = level
        if energy is not None:
            self._energy += min((at_s - self._last_s) / ENERGY_S, 1.0) * (energy - self._energy)
        self._last_s = at_s
        if is_alarmed:
            self._alarmed_s = at_s
        elif at_s - self._alarmed_s > PAUSE_S:
            self._alarm_s = None
        is_new = has_begun and self._alarm_s is None
        if is_new:
            self._alarm_s = at_s
        if self.regime is Regime.PERIODIC:
            # breathing deeply is new every time, but no movement breaks the rhythm
            is_young = is_alarmed and self._alarm_s is not None and at_s - self._alarm_s <= TRANSIENT_S
            if not is_young or (energy is not None and self._energy < INTERRUPTS):
                return False
        elif not is_new or not self._has_spoken:
            return False
        self.confidence = 0.9
        return self._publish(Regime.TRANSIENT, at_s)

    def judge(self, at_s: float, rhythm: Rhythm | None) -> bool:
        """Once a second; True if the published regime changes."""
        candidate, confidence = self._judged(at_s, rhythm)
        if candidate is self.regime:
            self.confidence = confidence
            self._candidate = candidate
            self._candidate_s = at_s
            return False
        if candidate is not self._candidate:
            self._candidate = candidate
            self._candidate_s = at_s
        dwell = DWELL_S.get(candidate, 0.0)
        if self.regime is Regime.UNKNOWN:
            dwell = min(dwell, 1.0)
        if self._has_spoken and at_s - self._candidate_s < dwell - 0.05:
            return False
        self.confidence = confidence
        return self._publish(candidate, at_s, self._is_revision(candidate, at_s, rhythm))

    def _is_revision(self, candidate: Regime, at_s: float, rhythm: Rhythm | None) -> bool:
        """Has this been so from the start, and could only not be known yet?"""
        if candidate is not Regime.PERIODIC or self.regime is not Regime.IDLE:
            return False
        assert rhythm is not None
        assert self._since_s is not None
        return at_s - self._since_s < max(MEMORY_S, 3.0 * rhythm.period_s + DWELL_S[Regime.PERIODIC])

    def _publish(self, regime: Regime, at_s: float, is_revision: bool = False) -> bool:
        if regime is self.regime:
            return False
        self.is_news = self._has_spoken and not is_revision
        self.regime = self._candidate = regime
        self._candidate_s = at_s
        self._has_spoken = True
        return True

    def _judged(self, at_s: float, rhythm: Rhythm | None) -> tuple[Regime, float]:
        if self._since_s is None or at_s - self._since_s < WARM_UP_S:
            return Regime.UNKNOWN, 0.0
        if rhythm is not None and self._has_rhythm(rhythm):
            return Regime.PERIODIC, _logistic(4.0 * (rhythm.peak / rhythm.bar - FAINT_SHARE))
        level, is_alarmed = self._level, self._alarmed_s == self._last_s
        if not is_alarmed and level < QUIET_BELOW:
            return Regime.IDLE, _logistic(2.0 * (QUIET_BELOW - level))
        if self._alarm_s is None:
            return Regime.UNKNOWN, 0.0
        if at_s - self._alarm_s <= TRANSIENT_S:
            # what begins before anything else is known is no onset
            return (Regime.TRANSIENT, 0.9) if self._has_spoken else (Regime.UNKNOWN, 0.0)
        return Regime.CHAOTIC, _logistic(2.0 * (level - QUIET_BELOW) + 1.0)

    def _has_rhythm(self, rhythm: Rhythm) -> bool:
        if self._energy >= 2.0 * INTERRUPTS:
            return False
        has_moved = self._last_s - self._alarmed_s < MEMORY_S
        needed = max(rhythm.bar, EXPLAINS) if has_moved else rhythm.bar
        if self.regime is Regime.PERIODIC:
            return rhythm.peak >= FAINT_SHARE * needed
        return rhythm.is_clear and rhythm.peak >= needed


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(x, 30.0), -30.0)))
