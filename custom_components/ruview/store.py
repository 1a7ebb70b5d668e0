"""Keeps what rooms learn, outside this folder (an update replaces it) and inside the backup. All IO in the executor."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from .const import DOMAIN
from .ruview_engine import change_models
from .ruview_engine.errors import StoreError
from .ruview_engine.introspection.introspector import ChangeModel
from .ruview_engine.introspection.library import Library
from .ruview_engine.introspection.signature import Signature
from .ruview_engine.links.link_id import LinkId
from .ruview_engine.live_room import ChangeModelsFitted
from .ruview_engine.room.bank import Bank
from .ruview_engine.room.baseline import Baseline
from .ruview_engine.room.changes import BankTrained, RoomChange
from .ruview_engine.room.last_known import LastKnown
from .ruview_engine.room.repository import RoomRepository, Stored
from .signature_folder import SignatureFolder
from .view import BankInfo

#: Saved this long after a change. Origin: chosen; a node's address changes a few times a year.
SAVE_AFTER_S: Final = 30.0
#: Folders inside a room's, and beside the rooms'.
SIGNATURES: Final = "signatures"
EXPORTS: Final = "exports"


def folder(hass: HomeAssistant, room_id: str) -> Path:
    """Where a room's files are."""
    return Path(hass.config.path(DOMAIN, room_id))


def _former(home: Path) -> Path:
    """Where an import puts what the room was before."""
    return home.with_name(f"{home.name}-former")


def _arriving(home: Path) -> Path:
    """Where an import unpacks; it takes the room's place when all of it is sound."""
    return home.with_name(f"{home.name}-arriving")


async def delete_room(hass: HomeAssistant, room_id: str) -> None:
    """The room was removed by its owner: what it has learnt goes, also what it had learnt before an import."""
    home = folder(hass, room_id)

    def delete() -> None:
        for place in (home, _former(home), _arriving(home)):
            shutil.rmtree(place, ignore_errors=True)

    await hass.async_add_executor_job(delete)


class PinStore:
    """Which address each claimed node number belongs to, over restarts."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, str]] = Store(hass, 1, f"{DOMAIN}.{entry_id}.pins", private=True)
        self._saved: dict[str, str] = {}
        self._is_due = False

    async def load(self) -> dict[str, str]:
        """Node key → address."""
        self._saved = await self._store.async_load() or {}
        return dict(self._saved)

    def keep(self, pins: Mapping[str, str]) -> None:
        """Save soon, if anything changed."""
        if pins != self._saved:
            self._saved = dict(pins)
            self._is_due = True
            self._store.async_delay_save(self._give, SAVE_AFTER_S)

    async def flush(self) -> None:
        """Save now what was to be saved soon: nothing must be written once the listener is gone."""
        if self._is_due:
            await self._store.async_save(self._give())

    def _give(self) -> dict[str, str]:
        self._is_due = False
        return self._saved

    async def remove(self) -> None:
        """The listener was deleted."""
        await self._store.async_remove()


class LastKnownStore:
    """What each room last knew of somebody in it, over reloads and restarts; worthless after two minutes."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, Any]] = Store(hass, 1, f"{DOMAIN}.{entry_id}.last_known", private=True)

    async def load(self) -> dict[str, LastKnown]:
        """Room id → what was known; nothing where it cannot be read."""
        stored = await self._store.async_load() or {}
        found = {room_id: LastKnown.from_dict(one) for room_id, one in stored.items()}
        return {room_id: one for room_id, one in found.items() if one is not None}

    async def save(self, known: Mapping[str, LastKnown]) -> None:
        """The rooms are about to stop."""
        await self._store.async_save({room_id: one.to_dict() for room_id, one in known.items()})

    async def remove(self) -> None:
        """The listener was deleted."""
        await self._store.async_remove()


class RoomStore:
    """The files of one room, one access at a time. What cannot be used is named in `refused` and left untouched."""

    def __init__(self, hass: HomeAssistant, room_id: str) -> None:
        self._hass = hass
        self._repository = RoomRepository(folder(hass, room_id).parent, room_id)
        self._lock = asyncio.Lock()
        self.banks: list[BankInfo] = []
        self.change: dict[LinkId, ChangeModel] = {}
        self._signatures = SignatureFolder(self._repository.folder / SIGNATURES)
        self._problems: list[tuple[str, str]] = []

    @property
    def library(self) -> Library:
        """The room's signatures as they were last read."""
        return self._signatures.library

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Files that could not be used, and why."""
        errors = self.library.errors
        return [*self._problems, *((f"{SIGNATURES}/{name}", str(why)) for name, why in errors.items())]

    @property
    def _exports(self) -> Path:
        return Path(self._hass.config.path(DOMAIN, EXPORTS))

    async def _run[T](self, job: Callable[[], T]) -> T:
        async with self._lock:
            return await self._hass.async_add_executor_job(job)

    async def load(self) -> Stored:
        """Everything that is there and sound."""

        def read() -> tuple[Stored, list[BankInfo]]:
            home = self._repository.folder
            if not home.exists() and _former(home).exists():
                _former(home).replace(home)  # an import was killed between its two renames: it has not happened
            stored = self._repository.load()
            self._problems = list(stored.problems)
            self.change = self._read_change(stored.baseline)
            self._signatures.look()
            return stored, self._list_banks(stored.bank)

        stored, self.banks = await self._run(read)
        return stored

    async def keep(self, change: RoomChange | ChangeModelsFitted) -> None:
        """What a capture, training or drift has brought; after a new bank the oldest beyond what is kept go."""

        def write() -> list[BankInfo]:
            if isinstance(change, ChangeModelsFitted):
                self._repository.save_change(change.baseline_id, change_models.to_dict(change.models))
                return self.banks
            self._repository.save((change,))
            if not isinstance(change, BankTrained):
                return self.banks
            self._repository.prune()
            return self._list_banks(change.bank)

        self.banks = await self._run(write)

    async def restore(self, version: int) -> Bank:
        """A former bank, in force again. Raises StoreError when it cannot be used."""

        def swap() -> tuple[Bank, list[BankInfo]]:
            bank = self._repository.use_bank(version)
            return bank, self._list_banks(bank)

        bank, self.banks = await self._run(swap)
        return bank

    async def keep_signature(self, signature: Signature) -> None:
        """A signature was recorded."""
        await self._run(lambda: self._signatures.write(signature))

    async def delete_signature(self, signature_id: str) -> None:
        """A signature is forgotten."""
        await self._run(lambda: self._signatures.delete(signature_id))

    async def look_at_signatures(self) -> bool:
        """Read the signatures again if somebody has edited their files; says whether that was so."""
        return await self._run(self._signatures.look)

    async def export(self, title: str) -> str:
        """Everything in one archive in the export folder; answers its name."""
        name = f"{slugify(title)}-{dt_util.now():%Y%m%d-%H%M%S}.ruview.zip"
        exports = self._exports

        def write() -> None:
            exports.mkdir(parents=True, exist_ok=True)
            self._repository.export(exports / name)

        await self._run(write)
        return name

    async def import_(self, name: str) -> None:
        """Take an archive of the export folder in. What was there before is kept beside it, under another name.

        Raises FileNotFoundError, FormatError or StoreError; then nothing has changed.
        """
        path = self._exports / name
        home = self._repository.folder
        arriving = RoomRepository(home.parent, _arriving(home).name)
        former = _former(home)

        def swap() -> None:
            if not path.is_file():
                raise FileNotFoundError(name)
            shutil.rmtree(arriving.folder, ignore_errors=True)
            try:
                arriving.import_(path)
            except BaseException:
                shutil.rmtree(arriving.folder, ignore_errors=True)
                raise
            shutil.rmtree(former, ignore_errors=True)
            if home.exists():
                home.replace(former)
            arriving.folder.replace(home)

        await self._run(swap)

    def _list_banks(self, current: Bank | None) -> list[BankInfo]:
        """All banks that can be read, the newest first."""
        found = []
        for version in reversed(self._repository.banks()):
            try:
                bank = self._repository.bank(version)
            except StoreError:
                continue  # `load` names what cannot be used; here it is only not offered
            found.append(
                BankInfo(
                    version=version,
                    trained_at=dt_util.utc_from_timestamp(bank.trained_at_s),
                    is_current=current is not None and current.version == version,
                    skills=tuple(kind.value for kind in bank.kinds),
                )
            )
        return found

    def _read_change(self, baseline: Baseline | None) -> dict[LinkId, ChangeModel]:
        if baseline is None:
            return {}
        try:
            return change_models.from_dict(self._repository.load_change(baseline.id) or {})
        except StoreError as error:
            self._problems.append((f"changes/{baseline.id}", str(error)))
            return {}
