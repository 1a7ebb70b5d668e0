"""Which kind of dynamics a link shows: idle, periodic, transient, chaotic, or unknown.

Two speeds. A change alarm makes the regime *transient* at that very sample. Everything else is judged once a second on
scale-free evidence and must persist before it is published: the quiet-standardised energy, the height of the
autocorrelation peak, and whether the motion is smooth in time.

Source: rule of docs/algorithms/introspection.md#regime (facts: chaos in the strict sense cannot be identified on 3 s
of noisy CSI; *chaotic* here means irregular, sustained and smooth movement).
"""

import math
from typing import Final

from .rhythm import FAINT_SHARE, Rhythm
from .snapshot import Regime

#: A young alarm is *transient* for so long. Origin: spec, SENSING §2 / peers §2e.
TRANSIENT_S: Final = 2.0
#: Mean standardised energy below which a second is quiet, and above which it is busy. Origin: derived, a mean of ≈ 5
#: independent N(0, 1) values exceeds 1.0 in 1.3 % of quiet seconds; between the two nothing is claimed.
QUIET_BELOW: Final = 1.0
BUSY_ABOVE: Final = 2.0
#: Energy at which even a rhythm counts as interrupted by a new movement. Origin: chosen, far above breathing's z.
INTERRUPTS: Final = 3.0
#: Least smoothness of real movement (log ratio of change over 0.3 s to frame noise, minus its quiet value).
#: Origin: measured by the links' motion meter, quiet 0 ± 0.25, walking 0.5–0.9; bursts of noise stay at 0.
SMOOTH_ABOVE: Final = 0.25
#: Seconds that a candidate must persist before it replaces the published regime. Origin: chosen: a pause between two
#: steps is not idle; a rhythm needs two more looks; unknown is shown only when it lasts.
DWELL_S: Final = {Regime.IDLE: 2.0, Regime.PERIODIC: 2.0, Regime.CHAOTIC: 1.0, Regime.UNKNOWN: 3.0}
#: Seconds of samples before anything is said. Origin: derived, the change detector settles in 1 s and needs a second.
WARM_UP_S: Final = 3.0
#: Memory of the energy. Origin: derived, decisions are per second.
ENERGY_TAU_S: Final = 0.7


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
        self._energy: float | None = None
        self._smoothness: float | None = None
        self._candidate = Regime.UNKNOWN
        self._candidate_s = 0.0
        self._last_s = 0.0

    def break_window(self) -> None:
        """A silence: what was seen before it says nothing about now."""
        self.reset()

    def update(
        self, at_s: float, *, energy: float | None, smoothness: float | None, has_begun: bool, is_alarmed: bool
    ) -> bool:
        """Take one sample's evidence; True if the published regime changes at this sample."""
        if self._since_s is None:
            self._since_s = at_s
        share = min(max(at_s - self._last_s, 0.0) / ENERGY_TAU_S, 1.0)
        self._last_s = at_s
        if energy is not None:
            self._energy = energy if self._energy is None else self._energy + share * (energy - self._energy)
        self._smoothness = smoothness
        if not is_alarmed:
            self._alarm_s = None
        elif self._alarm_s is None:
            self._alarm_s = at_s
        if not has_begun:
            return False
        if self.regime is Regime.PERIODIC and (energy is None or energy < INTERRUPTS):
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
        if at_s - self._candidate_s < dwell - 0.05:
            return False
        self.confidence = confidence
        return self._publish(candidate, at_s)

    def _publish(self, regime: Regime, at_s: float) -> bool:
        if regime is self.regime:
            return False
        self.regime = self._candidate = regime
        self._candidate_s = at_s
        return True

    def _judged(self, at_s: float, rhythm: Rhythm | None) -> tuple[Regime, float]:
        energy = self._energy
        if self._since_s is None or at_s - self._since_s < WARM_UP_S or energy is None:
            return Regime.UNKNOWN, 0.0
        if self._has_rhythm(rhythm, energy):
            assert rhythm is not None
            return Regime.PERIODIC, _logistic(4.0 * (rhythm.peak / rhythm.bar - FAINT_SHARE))
        if self._alarm_s is not None:
            if at_s - self._alarm_s <= TRANSIENT_S:
                return Regime.TRANSIENT, 0.9
            if energy < QUIET_BELOW:
                return Regime.UNKNOWN, 0.0
            if self._smoothness is not None and self._smoothness < SMOOTH_ABOVE and energy < INTERRUPTS:
                return Regime.UNKNOWN, 0.0
            return Regime.CHAOTIC, _logistic(energy - 0.5 * (QUIET_BELOW + BUSY_ABOVE))
        if energy < QUIET_BELOW:
            return Regime.IDLE, _logistic(2.0 * (QUIET_BELOW - energy))
        if energy > BUSY_ABOVE and (self._smoothness is None or self._smoothness > SMOOTH_ABOVE):
            return Regime.CHAOTIC, _logistic(energy - BUSY_ABOVE)
        return Regime.UNKNOWN, 0.0

    def _has_rhythm(self, rhythm: Rhythm | None, energy: float) -> bool:
        if rhythm is None:
            return False
        if self.regime is Regime.PERIODIC:
            return rhythm.peak >= FAINT_SHARE * rhythm.bar and energy < 2.0 * INTERRUPTS
        return rhythm.is_clear


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(x, 30.0), -30.0)))
