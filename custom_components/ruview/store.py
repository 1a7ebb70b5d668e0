"""Keeps what rooms learn, outside this folder (an update replaces it) and inside the backup. All IO in the executor."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .ruview_engine.room.anchor import AnchorLabel
from .ruview_engine.room.bank import Bank
from .ruview_engine.room.baseline import Baseline
from .ruview_engine.room.enrolment import EnrolmentEvent
from .ruview_engine.room.window import LinkWindow
from .view import BankInfo, SignatureInfo

#: Saved this long after a change. Origin: chosen; a node's address changes a few times a year.
SAVE_AFTER_S: Final = 30.0


def folder(hass: HomeAssistant, room_id: str) -> Path:
    """Where a room's files are."""
    return Path(hass.config.path(DOMAIN, room_id))


async def delete_room(hass: HomeAssistant, room_id: str) -> None:
    """The room was removed by its owner."""
    await hass.async_add_executor_job(lambda: shutil.rmtree(folder(hass, room_id), ignore_errors=True))


class PinStore:
    """Which address each claimed node number belongs to, over restarts."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, str]] = Store(hass, 1, f"{DOMAIN}.{entry_id}.pins", private=True)
        self._saved: dict[str, str] = {}

    async def load(self) -> dict[str, str]:
        """Node key → address."""
        self._saved = await self._store.async_load() or {}
        return dict(self._saved)

    def keep(self, pins: Mapping[str, str]) -> None:
        """Save soon, if anything changed."""
        if pins != self._saved:
            self._saved = dict(pins)
            self._store.async_delay_save(lambda: self._saved, SAVE_AFTER_S)

    async def remove(self) -> None:
        """The listener was deleted."""
        await self._store.async_remove()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was found of a room; every part may be missing."""

    baseline: Baseline | None = None
    events: tuple[EnrolmentEvent, ...] = ()
    captures: Mapping[AnchorLabel, tuple[LinkWindow, ...]] = field(default_factory=dict)
    bank: Bank | None = None


class RoomStore:
    """The files of one room. What cannot be used is named in `refused` and left untouched."""

    def __init__(self, hass: HomeAssistant, room_id: str) -> None:
        self._hass = hass
        self.room_id = room_id
        self.banks: list[BankInfo] = []
        self.signatures: list[SignatureInfo] = []
        self.refused: list[tuple[str, str]] = []

    async def load(self) -> Stored:
        """Everything that is there and sound."""
        return Stored()

    async def keep_baseline(self, baseline: Baseline, captures: tuple[LinkWindow, ...]) -> None:
        """A new baseline is in force."""

    async def keep_capture(self, label: AnchorLabel, captures: tuple[LinkWindow, ...]) -> None:
        """A pose was accepted."""

    async def append(self, event: EnrolmentEvent) -> None:
        """One more line of the enrolment."""

    async def keep_bank(self, bank: Bank, report: Any) -> None:
        """A new bank is in force."""

    async def restore(self, version: int) -> Bank:
        """A former bank, in force again."""
        raise NotImplementedError
