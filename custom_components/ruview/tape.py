"""Writes the raw datagrams of one room to a file, for a while, outside the backup and off the event loop."""

import asyncio
import logging
import time
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from . import clock
from .const import DOMAIN
from .ruview_engine.ingest.recording import RecordingWriter

_LOGGER = logging.getLogger(__name__)

#: Excluded from backups by Home Assistant. Origin: facts/homeassistant §2.10.
FOLDER: Final = (".cache", DOMAIN, "recordings")
#: Datagrams waiting for the disk; beyond that the oldest go. Origin: derived, 10 s of four nodes at 50 Hz, ten times.
MAX_WAITING: Final = 20_000


class Tape:
    """One running recording."""

    def __init__(self, hass: HomeAssistant, room_id: str, addresses: frozenset[str]) -> None:
        stamp = dt_util.now().strftime("%Y%m%d-%H%M%S-%f")
        self.path = Path(hass.config.path(*FOLDER)) / f"{room_id}-{stamp}.csi.jsonl"
        self.n_dropped = 0
        self._hass = hass
        self._addresses = addresses
        self._waiting: deque[tuple[float, str, bytes]] = deque()
        self._file: BinaryIO | None = None
        self._writer: RecordingWriter | None = None
        self._end: CALLBACK_TYPE | None = None
        self._writing = asyncio.Lock()

    @property
    def name(self) -> str:
        """File name, as answered to whoever started it."""
        return self.path.name

    @property
    def n_written(self) -> int:
        """Datagrams on disk."""
        return self._writer.n_written if self._writer else 0

    @property
    def is_writing(self) -> bool:
        """A batch is on its way to the disk; what came since goes with the next."""
        return self._writing.locked()

    async def start(self, duration_s: float, end: CALLBACK_TYPE) -> None:
        """Open the file; `end` is called when the time is up. Raises OSError when there can be no file."""

        @callback
        def over(_: datetime) -> None:
            self._end = None
            end()

        self._end = async_call_later(self._hass, duration_s, over)
        try:
            async with self._writing:
                await self._hass.async_add_executor_job(self._open, time.time(), clock.now_s())
        except BaseException:
            self._cancel()
            raise

    @callback
    def take(self, datagram: bytes, address: str, at_s: float) -> None:
        """Called for every datagram of the house while a recording runs."""
        if address not in self._addresses:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.n_dropped += 1
        self._waiting.append((at_s, address, datagram))

    async def flush(self) -> None:
        """Bring what waits to the disk, one batch after the other: two at once could change places. Raises OSError."""
        async with self._writing:
            batch = list(self._waiting)
            self._waiting.clear()
            if batch and self._writer is not None:
                await self._hass.async_add_executor_job(self._write, batch)

    async def close(self) -> None:
        """The rest, and the end. A disk that takes no more has what was written before."""
        self._cancel()
        try:
            try:
                await self.flush()
            finally:
                await self._hass.async_add_executor_job(self._close)
        except OSError as error:
            _LOGGER.warning("The end of the recording %s could not be written: %s", self.name, error)

    def _cancel(self) -> None:
        if self._end is not None:
            self._end()
            self._end = None

    def _open(self, unix_s: float, at_s: float) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("xb")
        self._writer = RecordingWriter(self._file, unix_s=unix_s, at_s=at_s)

    def _write(self, batch: list[tuple[float, str, bytes]]) -> None:
        assert self._file is not None
        assert self._writer is not None
        for at_s, address, datagram in batch:
            self._writer.write(at_s, address, datagram)
        self._file.flush()  # what a crash costs, and when a full disk is noticed

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
