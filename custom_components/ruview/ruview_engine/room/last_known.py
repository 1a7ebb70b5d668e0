"""What a room knew of somebody when it was last looked at, and what of that still holds after a pause.

Home Assistant is restarted and the integration reloaded while people sit still. Whoever was seen coming and still
stands in the way afterwards is the same person: the profile says so within seconds, while a breath takes most of a
minute to show anew. What may have happened meanwhile is not known, so belief fades by what people do beside a door, the
rates and postures are read anew, and after too long a pause nothing is left.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, Self

from .memory import Memory
from .specialists.presence_belief import MAX_LOG_ODDS, advance
from .state import Presence

#: A pause after which nothing may be carried on. Origin: chosen; a restart takes half a minute to a minute.
MAX_PAUSE_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastKnown:
    """Plain enough to be stored.

    at_unix_s : when the room was last looked at
    baseline_id : of the calibration that was in force; another one says nothing about this room
    log_odds, presence : what was believed, and what was said
    still_s : for how long nothing had moved; None when nothing ever had
    """

    at_unix_s: float
    baseline_id: str
    log_odds: float
    presence: Presence | None
    still_s: float | None

    @classmethod
    def of(cls, memory: Memory, baseline_id: str, at_unix_s: float) -> Self:
        """What of a room's memory is worth keeping."""
        return cls(
            at_unix_s=at_unix_s,
            baseline_id=baseline_id,
            log_odds=memory.log_odds,
            presence=memory.presence,
            still_s=None if memory.moved_s is None else memory.at_s - memory.moved_s,
        )

    def resumed(self, at_s: float, at_unix_s: float, baseline_id: str) -> Memory | None:
        """The memory to begin with; None when the pause was too long or the room has been measured anew."""
        pause_s = at_unix_s - self.at_unix_s
        if self.baseline_id != baseline_id or not 0.0 <= pause_s <= MAX_PAUSE_S:
            return None
        log_odds = self.log_odds
        for _ in range(round(pause_s)):  # in one step nobody could come back
            log_odds = advance(log_odds, 1.0, 0.0, moved_within_s=0.0)
        was_there = self.presence is Presence.PRESENT and self.still_s is not None
        return Memory(
            at_s=at_s,
            started_s=at_s,
            sign_s=at_s,
            log_odds=log_odds,
            presence=self.presence,
            moved_s=at_s - pause_s - self.still_s if was_there and self.still_s is not None else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "at_unix_s": self.at_unix_s,
            "baseline_id": self.baseline_id,
            "log_odds": self.log_odds,
            "presence": None if self.presence is None else self.presence.value,
            "still_s": self.still_s,
        }

    @classmethod
    def from_dict(cls, stored: Any) -> Self | None:
        """The inverse; None for anything that cannot have been written by `to_dict`: losing it costs half a minute."""
        try:
            found = cls(
                at_unix_s=float(stored["at_unix_s"]),
                baseline_id=str(stored["baseline_id"]),
                log_odds=float(stored["log_odds"]),
                presence=None if stored["presence"] is None else Presence(stored["presence"]),
                still_s=None if stored["still_s"] is None else float(stored["still_s"]),
            )
        except KeyError, TypeError, ValueError:
            return None
        still_s = found.still_s or 0.0
        is_possible = (
            isfinite(found.at_unix_s) and abs(found.log_odds) <= MAX_LOG_ODDS and 0.0 <= still_s < float("inf")
        )
        return found if is_possible else None
