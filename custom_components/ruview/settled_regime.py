"""The regime as entities tell it: what stirs at once, calm and not knowing once they have lasted.

Somebody who sits moves a hand every few seconds. Every one of these is a change of regime and back, which the panel
shows; told to automations and kept by the recorder they would be 640 rows an hour.
"""

from dataclasses import replace
from typing import Final

from .ruview_engine.introspection.snapshot import Regime
from .ruview_engine.notice import RegimeChanged

#: So long must calm, or not knowing, have lasted before it is told. Origin: measured, two thirds of the runs of a
#: regime while somebody simulated sits last less than 10 s.
CALM_S: Final = 10.0

STIRRING: Final = frozenset({Regime.TRANSIENT, Regime.CHAOTIC})


class SettledRegime:
    """Follows one room's changes of regime; all methods answer the change to tell now, if any."""

    def __init__(self) -> None:
        self._told: RegimeChanged | None = None
        self._waiting: RegimeChanged | None = None

    def of(self, now: Regime) -> Regime:
        """What to show, given what introspection says now."""
        is_lost = now is Regime.UNKNOWN and self._waiting is None
        return now if self._told is None or is_lost else self._told.after

    def hear(self, change: RegimeChanged) -> RegimeChanged | None:
        """The engine says so."""
        self._waiting = None
        was_calm = self._told is None or self._told.after not in STIRRING
        if change.after in STIRRING or (was_calm and change.after is not Regime.UNKNOWN):
            return self._tell(change)
        self._waiting = change
        return None

    def look(self, at_s: float) -> RegimeChanged | None:
        """Time passes."""
        waiting = self._waiting
        if waiting is None or at_s - waiting.at_s < CALM_S:
            return None
        self._waiting = None
        return self._tell(replace(waiting, at_s=at_s))

    def _tell(self, change: RegimeChanged) -> RegimeChanged | None:
        before, self._told = self._told, change
        if before is None:
            return change
        return None if before.after is change.after else replace(change, before=before.after)
