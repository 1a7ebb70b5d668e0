"""What a room is being taught: one lesson at a time, how the last one ended, and whoever waits for that."""

import asyncio
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .const import EVENT_CALIBRATION
from .ruview_engine.errors import OrderError
from .view import Outcome

#: Kinds of lessons; also keys of the translations and parts of events.
BASELINE: Final = "baseline"
ANCHOR: Final = "anchor"
SIGNATURE: Final = "signature"
TRAIN: Final = "train"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is running: its kind, and on what."""

    kind: str
    what: str | None
    ended: asyncio.Future[Outcome]


class Lessons:
    """Belongs to a room's teacher."""

    def __init__(self, hass: HomeAssistant, title: str) -> None:
        self._hass = hass
        self._title = title
        self.running: Lesson | None = None
        self.outcome: Outcome | None = None

    def runs(self, kind: str) -> bool:
        """Whether a lesson of that kind is running."""
        return self.running is not None and self.running.kind == kind

    def must_be_free(self) -> None:
        """Raises OrderError while a lesson is running."""
        if self.running is not None:
            raise OrderError(f"{self.running.kind} is running")

    @callback
    def begin(self, kind: str, what: str | None = None) -> None:
        """A lesson has begun; nothing is known of its outcome."""
        self.outcome = None
        self.running = Lesson(kind=kind, what=what, ended=self._hass.loop.create_future())

    @callback
    def end(self, *, accepted: bool, reason: str | None = None, numbers: tuple[tuple[str, float], ...] = ()) -> None:
        """Tell everybody how the running lesson has ended; nothing happens when none runs."""
        lesson, self.running = self.running, None
        if lesson is None:
            return
        self.outcome = Outcome(kind=lesson.kind, accepted=accepted, reason=reason, numbers=numbers)
        lesson.ended.set_result(self.outcome)
        self._hass.bus.async_fire(
            EVENT_CALIBRATION,
            {"room": self._title, "kind": lesson.kind, "what": lesson.what, "accepted": accepted, "reason": reason},
        )

    async def wait(self) -> Outcome:
        """Until the running lesson has ended; the last outcome when none runs."""
        if self.running is not None:
            return await asyncio.shield(self.running.ended)
        return self.outcome or Outcome(kind=TRAIN, accepted=False, reason="interrupted")
