"""What the five room commands share: a live or recorded source, an engine with one room, and the room's files."""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from .. import change_models
from ..engine import Engine
from ..errors import FormatError, StoreError
from ..ingest.recording import read_recording
from ..introspection.introspector import ChangeModel
from ..links.link_id import LinkId
from ..live_room import ChangeModelsFitted
from ..room.changes import RoomChange
from ..room.repository import RoomRepository, Stored
from ..settings import RoomSettings
from ..training.backbone import Backbone
from .screen import Screen
from .transport import Listener, add_port_arguments

#: Where rooms are kept unless told otherwise. Origin: chosen.
DATA_DIR: Final = Path("ruview-rooms")


def add_room_arguments(parser: argparse.ArgumentParser, *, live: bool = True) -> None:
    """`--room`, where its files are, and where frames come from."""
    parser.add_argument("--room", required=True, metavar="ID", help="the room's name: letters, digits, - and _")
    parser.add_argument(
        "--data-dir", type=Path, default=DATA_DIR, metavar="DIR", help=f"where rooms are kept ({DATA_DIR})"
    )
    parser.add_argument("--json", action="store_true", help="write JSON lines to stdout instead of text")
    if not live:
        return
    add_port_arguments(parser)
    parser.add_argument("--node", action="append", metavar="ID", help="only this node; may be repeated (all nodes)")
    parser.add_argument(
        "--from-recording", type=Path, metavar="FILE", help="take frames from a recording, as fast as it goes"
    )
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


class RoomSession:
    """Frames in, ticks out; every change a room decides on is stored before anybody hears of it.

    async with RoomSession(arguments) as session:
        async for at_s in session.ticks(): …      # once per second of arrival time, after the slow job
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.repository = RoomRepository(arguments.data_dir, arguments.room)
        self.stored: Stored = self.repository.load()
        self.engine = Engine()
        nodes = frozenset(arguments.node) if arguments.node else None
        self.is_recorded = arguments.from_recording is not None
        offset_s = 0.0 if self.is_recorded else time.time() - time.monotonic()
        self.live = self.engine.add_room(RoomSettings(room_id=arguments.room, nodes=nodes, unix_offset_s=offset_s), 0.0)
        self.room = self.live.room
        self.room.load(
            baseline=self.stored.baseline,
            events=self.stored.events,
            captures=self.stored.captures,
            bank=self.stored.bank,
            adaptation=self.stored.adaptation,
        )
        self.engine.expect(self.live, change=self._change_models())
        self.live.set_encoder(Backbone.of_room(self.repository.folder))
        self.changes: list[RoomChange] = []
        self.at_s = 0.0
        self._listener: Listener | None = None

    def _change_models(self) -> dict[LinkId, ChangeModel]:
        """What introspection learnt with the baseline; without it, it learns anew, as after a first baseline."""
        if self.stored.baseline is not None:
            with contextlib.suppress(StoreError):
                return change_models.from_dict(self.repository.load_change(self.stored.baseline.id) or {})
        return {}

    async def __aenter__(self) -> Self:
        if not self.is_recorded:
            self._listener = await Listener.open(self.engine.feed, self.arguments.host, self.arguments.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            await self._listener.close()

    async def ticks(self) -> AsyncIterator[float]:
        """Seconds of arrival time; ends with the recording, never while listening."""
        if self.is_recorded:
            async for at_s in self._recorded():
                yield at_s
            return
        due_s = time.monotonic()
        while True:
            due_s += 1.0
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            await self._tick(time.monotonic())
            yield self.at_s

    async def _recorded(self) -> AsyncIterator[float]:
        recording = read_recording(self.arguments.from_recording)
        offset_s = recording.started_unix_s
        if offset_s is not None:
            self.room.unix_offset_s = offset_s
        due_s = None
        for at_s, source, datagram in recording:
            due_s = at_s + 1.0 if due_s is None else due_s
            while at_s >= due_s:
                await self._tick(due_s)
                yield self.at_s
                due_s += 1.0
            self.engine.feed(datagram, (source, 0) if isinstance(source, str) else source, at_s)
        if due_s is None:
            raise FormatError(f"{self.arguments.from_recording}: no frames")
        for _ in range(2):  # what ended with the last frame is judged one tick later
            await self._tick(due_s)
            yield self.at_s
            due_s += 1.0

    async def _tick(self, at_s: float) -> None:
        self.at_s = at_s
        self.engine.tick(at_s)
        job = self.live.slow_job(at_s)
        work = job() if self.is_recorded else await asyncio.to_thread(job)
        changes, _ = self.live.apply(work)
        self.repository.save(changes)
        self.changes = []
        for change in changes:
            if isinstance(change, ChangeModelsFitted):
                self.repository.save_change(change.baseline_id, change_models.to_dict(change.models))
            else:
                self.changes.append(change)

    def screen(self) -> Screen:
        """Where to draw; plain when JSON is wanted."""
        return Screen(is_plain=self.arguments.plain or self.arguments.json)


def write_json(value: dict[str, Any]) -> None:
    """One line on stdout."""
    print(json.dumps(value, allow_nan=False, separators=(",", ":")), flush=True)
