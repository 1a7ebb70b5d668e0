"""What every guided step of a room shares: the room, its texts, and a progress step that watches a running capture."""

import asyncio
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .coordinator import RoomCoordinator
from .hub import RuViewHub
from .teacher import Teacher
from .text import Texts
from .view import Progress

#: The ring moves, and the seconds count down, this often. Origin: chosen; smooth to look at, two events a second.
WATCH_EVERY_S: Final = 0.5


class GuidedFlow(ConfigSubentryFlow):
    """Base of the room flow's parts. Captures belong to the room's coordinator; the dialog only watches them."""

    _room_id: str | None = None
    _watcher: asyncio.Task[None] | None = None
    _texts: Texts = Texts({})

    @property
    def is_loaded(self) -> bool:
        """Whether there is a hub at all."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        return entry is not None and entry.state is ConfigEntryState.LOADED

    @property
    def hub(self) -> RuViewHub:
        """The hub as it is now: a reload in between makes a new one. Without any, the dialog ends."""
        if not self.is_loaded:
            raise AbortFlow("entry_not_loaded")
        hub: RuViewHub = self._get_entry().runtime_data
        return hub

    @property
    def room(self) -> RoomCoordinator:
        """The room this dialog is about. Where it has been removed meanwhile, the dialog ends."""
        if self._room_id is None:
            self._room_id = self._reconfigure_subentry_id
        room = self.hub.rooms.get(self._room_id)
        if room is None:
            raise AbortFlow("entry_not_loaded")
        return room

    @property
    def teacher(self) -> Teacher:
        """What teaches it."""
        return self.room.teacher

    def words(self, group: str, key: str | None) -> str:
        """A translated choice; see `text.Texts`."""
        return self._texts.get(group, key)

    def watch(self, step_id: str, next_step_id: str) -> SubentryFlowResult:
        """Show the running capture until it ends, then go on. Call it from the step's own method."""
        if self._watcher is None:
            self._watcher = self.hass.async_create_background_task(
                self._watch(), f"ruview {step_id}", eager_start=False
            )
        if self._watcher.done():
            self._watcher = None
            return self.async_show_progress_done(next_step_id=next_step_id if self.is_there else "lost")
        return self.async_show_progress(
            step_id=step_id,
            progress_action=step_id,
            progress_task=self._watcher,
            description_placeholders=self._progress_words(),
        )

    def _progress_words(self) -> dict[str, str]:
        progress = self._progress()
        if progress is None:
            return {"room": self.room.title if self.is_there else "", "phase": "", "seconds": "", "hint": ""}
        return {
            "room": self.room.title,
            "phase": self.words("phase", f"{progress.kind}_{progress.phase}"),
            "seconds": f"{progress.remaining_s:.0f}",
            "hint": self.words("hint", progress.hint),
        }

    @property
    def is_there(self) -> bool:
        """The hub runs and has the room: a dialog may outlive both."""
        return self.is_loaded and self._room_id in self.hub.rooms

    def _progress(self) -> Progress | None:
        return self.teacher.progress if self.is_there else None

    async def async_step_lost(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The hub was stopped, or the room removed, behind the dialog's back."""
        return self.async_abort(reason="entry_not_loaded")

    async def _watch(self) -> None:
        shown: dict[str, str] = {}
        while (progress := self._progress()) is not None:
            self.async_update_progress(min(max(progress.fraction, 0.0), 1.0))
            words = self._progress_words()
            if words != shown:
                shown = words
                self.async_notify_flow_changed()
            await asyncio.sleep(WATCH_EVERY_S)

    @callback
    @override
    def async_remove(self) -> None:
        """The dialog was closed. An empty-room capture goes on, for its owner has left the room; a pose does not."""
        if self._watcher is not None:
            self._watcher.cancel()
        progress = self._progress()
        if progress is not None and progress.kind in ("anchor", "signature"):
            self.teacher.async_cancel()

    async def load_texts(self) -> None:
        """Fetch the words once per dialog."""
        self._texts = await Texts.load(self.hass)

    def finish(self, reason: str, **placeholders: Any) -> SubentryFlowResult:
        """End with a sentence about the room. The room has been saved all along."""
        return self.async_abort(reason=reason, description_placeholders={"room": self.room.title, **placeholders})

    async def async_step_later(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Stop here; reconfiguring the room resumes."""
        return self.finish("continue_later" if self.source == SOURCE_RECONFIGURE else "room_added")
