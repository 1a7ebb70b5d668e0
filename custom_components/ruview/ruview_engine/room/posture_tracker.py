"""A posture over time: it cannot change without a movement, so one certain answer holds until the next.

Sway and place tell a posture now and then, when the body happens to wander far enough or to lie where it was taught.
In between nothing is known anew, but nothing has changed either: who stood a minute ago and has not moved since stands.
"""

from dataclasses import dataclass, replace
from typing import Final

from .reading import Reading, WhyNot
from .state import Posture

#: What has not been seen anew for longer is not held: in so long a time somebody may have moved unseen. Origin: chosen;
#: awake people shift their weight every few minutes.
HOLD_S: Final = 600.0
#: What says that nothing new is known; any other reason says that the former answer does not hold.
SILENT: Final = frozenset({WhyNot.AMBIGUOUS, WhyNot.NOVEL, WhyNot.MOVING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureTracker:
    """What a room remembers about a posture from tick to tick: the last certain answer, and when it was given."""

    held: Posture | None = None
    confidence: float = 0.0
    told_s: float = 0.0

    def expected(self, at_s: float, moved_s: float | None) -> Posture | None:
        """The posture that this look may continue: the last certain one, while there was no movement since."""
        return self.held if self._holds(at_s, moved_s) else None

    def without(self, posture: Posture) -> PostureTracker:
        """The same, unless what is held is `posture`: something else has shown that it is not so."""
        return PostureTracker() if self.held is posture else self

    def follow(
        self, at_s: float, reading: Reading[Posture], moved_s: float | None
    ) -> tuple[PostureTracker, Reading[Posture]]:
        """The tracker after one look, and the reading to show.

        moved_s : when something last moved or changed its place, as far as anybody saw
        """
        is_kept = self._holds(at_s, moved_s)
        if reading.value is not None:
            if is_kept and self.held not in {None, reading.value}:
                # Nobody moved, so one of the two was wrong.
                none = replace(reading, value=None, confidence=0.0, why_not=WhyNot.AMBIGUOUS)
                return PostureTracker(), none
            return PostureTracker(held=reading.value, confidence=reading.confidence, told_s=at_s), reading
        if not is_kept or self.held is None or reading.why_not not in SILENT:
            return PostureTracker(), reading
        evidence = (*reading.evidence, ("held_s", at_s - self.told_s))
        return self, Reading(value=self.held, confidence=self.confidence, evidence=evidence)

    def _holds(self, at_s: float, moved_s: float | None) -> bool:
        return at_s - self.told_s <= HOLD_S and (moved_s is None or moved_s <= self.told_s)
