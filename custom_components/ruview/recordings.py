"""The recordings of raw datagrams that run now, one per room: begun, fed, brought to the disk, and ended in order."""

import logging
from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .ruview_engine.ingest.receiver import MAPPED
from .tape import Tape

_LOGGER = logging.getLogger(__name__)


class Recordings:
    """Belongs to the hub."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self.tapes: dict[str, Tape] = {}

    async def start(self, room_id: str, addresses: Iterable[str], duration_s: float) -> Tape:
        """Begin to write what comes from `addresses`, as nodes have them, to a file.

        Raises OSError when there can be no file.
        """
        both = {form for address in addresses for form in (address, f"{MAPPED}{address}")}
        tape = Tape(self._hass, room_id, frozenset(both))

        @callback
        def end() -> None:
            self._entry.async_create_background_task(self._hass, self.stop(room_id), "RuView recording")

        self.tapes[room_id] = tape  # at once: a second recording must not begin while this file is being made
        try:
            await tape.start(duration_s, end)
        except BaseException:
            self.tapes.pop(room_id, None)
            raise
        return tape

    async def stop(self, room_id: str) -> Tape | None:
        """End it; None when there is none."""
        tape = self.tapes.pop(room_id, None)
        if tape is not None:
            await tape.close()
        return tape

    async def stop_all(self) -> None:
        """The hub ends."""
        for room_id in list(self.tapes):
            await self.stop(room_id)

    @callback
    def take(self, datagram: bytes, address: str, at_s: float) -> None:
        """Called for every datagram of the house."""
        for tape in self.tapes.values():
            tape.take(datagram, address, at_s)

    @callback
    def async_flush(self) -> None:
        """Called every second: what waits goes to the disk, where the last batch has arrived."""
        for room_id, tape in self.tapes.items():
            if tape.is_writing:
                continue
            self._entry.async_create_background_task(self._hass, self._flush(room_id, tape), "RuView recording")

    async def _flush(self, room_id: str, tape: Tape) -> None:
        """A recording that the disk does not take ends there."""
        try:
            await tape.flush()
        except OSError as error:
            _LOGGER.warning("The recording %s ends early: %s", tape.name, error)
            await self.stop(room_id)
