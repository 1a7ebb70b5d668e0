"""The signatures of one room: which there are, taking another, forgetting one, following files that somebody edits."""

import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback

from . import clock
from .lessons import SIGNATURE, Lessons
from .ruview_engine.room.room import GRACE_S
from .signature_capture import Take, capture_job
from .store import RoomStore
from .view import SignatureInfo

_LOGGER = logging.getLogger(__name__)

if TYPE_CHECKING:
    from .coordinator import RoomCoordinator
    from .hub import RuViewHub

#: Signature files are looked at this often. Origin: chosen; quick enough for somebody with an editor, and a look costs
#: a system call a file.
LOOK_EVERY_S: Final = 10.0


class RoomSignatures:
    """Belongs to a room's teacher, whose lessons and store it shares. The engine knows of no takes: they run here."""

    def __init__(
        self, hass: HomeAssistant, hub: RuViewHub, room: RoomCoordinator, store: RoomStore, lessons: Lessons
    ) -> None:
        self._hass = hass
        self._hub = hub
        self._room = room
        self._store = store
        self._lessons = lessons
        self._look_s = 0.0
        self.take: Take | None = None

    @property
    def known(self) -> list[SignatureInfo]:
        """All signatures of this room."""
        known = self._store.library.signatures.values()
        return [SignatureInfo(signature_id=one.id, label=one.label) for one in known]

    @callback
    def async_start(self, label: str, lead_s: float, duration_s: float) -> None:
        """One take of a short happening. Raises OrderError while something runs."""
        self._lessons.must_be_free()
        starts_s = clock.now_s() + lead_s
        self.take = Take(label=label, starts_s=starts_s, ends_s=starts_s + duration_s)
        self._lessons.begin(SIGNATURE, label)

    @callback
    def async_give_up(self) -> bool:
        """Forget a running take; says whether there was one. How the lesson ended is for the caller to tell."""
        is_running, self.take = self.take is not None, None
        return is_running

    async def async_finish(self, at_s: float) -> None:
        """Called every second: judge a take that is over."""
        take = self.take
        if take is None or at_s < take.ends_s + GRACE_S:
            return
        self.take = None
        taps = [tap for link, tap in self._hub.engine.taps.items() if link.node in self._room.nodes]
        job = capture_job(taps, take, at_s, self._hub.at(take.starts_s), self._room.live.encoder)
        verdict = await self._hass.async_add_executor_job(job)
        reason = None if verdict.problem is None else verdict.problem.value
        try:
            if verdict.signature is not None:
                await self._store.keep_signature(verdict.signature)
                self.apply()
        except OSError:
            _LOGGER.exception("The signature %s could not be stored", take.label)
            reason = "not_stored"
        numbers = (("evidence", verdict.evidence), ("needed", verdict.needed))
        known = tuple((name, number) for name, number in numbers if number is not None)
        self._lessons.end(accepted=reason is None, reason=reason, numbers=known)

    async def async_delete(self, signature_id: str) -> None:
        """Forget one."""
        await self._store.delete_signature(signature_id)
        self.apply()

    async def async_look(self, at_s: float) -> bool:
        """Called every second: now and then, see whether somebody has edited the files; says whether that was so."""
        if at_s < self._look_s:
            return False
        self._look_s = at_s + LOOK_EVERY_S
        if not await self._store.look_at_signatures():
            return False
        self.apply()
        return True

    @callback
    def apply(self) -> None:
        """Look for what the files say."""
        self._room.live.set_library(self._store.library)
