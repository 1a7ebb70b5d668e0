"""`record`: what arrives on the UDP port, into a `.csi.jsonl` file."""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import FormatError
from ..ingest import Receiver
from ..ingest.recording import RecordingWriter
from .durations import seconds
from .listen import REFRESH_S, stop_event, wait
from .node_table import node_view
from .screen import Screen
from .transport import Listener, add_port_arguments

HELP = "record what the nodes send into a .csi.jsonl file"

#: A forgotten recording must not fill a disk. Origin: chosen; three nodes for about ten hours.
MAX_MB: Final = 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, from where, how long."""
    parser.add_argument("file", nargs="?", type=Path, help="NAME.csi.jsonl (default: named after the time)")
    add_port_arguments(parser)
    parser.add_argument("--duration", type=seconds, metavar="S", help="end after so long, e.g. 10m (never)")
    parser.add_argument("--max-mb", type=float, default=MAX_MB, metavar="MB", help=f"end at this size ({MAX_MB})")
    parser.add_argument("--label", default="", help="what happens in the room, kept in NAME.csi.meta.json")
    parser.add_argument("--append", action="store_true", help="go on with an existing file")
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Record until Ctrl-C, the duration or the size. 0 when anything was recorded, else 2."""
    path: Path = arguments.file or Path(f"{datetime.now(UTC):%Y%m%d-%H%M%S}.csi.jsonl")
    if not path.name.endswith(".csi.jsonl"):
        raise FormatError(f"{path.name}: a recording is named NAME.csi.jsonl")
    started = datetime.now(UTC)
    with path.open("ab" if arguments.append else "xb") as file:
        writer = RecordingWriter(file, unix_s=time.time(), at_s=time.monotonic())
        try:
            asyncio.run(_fill(arguments, file, writer))
            file.flush()
            os.fsync(file.fileno())
        finally:
            file.close()
            if not (writer.n_written or arguments.append):
                path.unlink()  # nor does a port that is in use leave an empty file
    if not writer.n_written:
        print("nothing was heard; nothing was recorded")
        return 2
    _write_meta(path, arguments.label, started, writer)
    print(f"{writer.n_written:,} packets in {path}")
    return 0


async def _fill(arguments: argparse.Namespace, file: BinaryIO, writer: RecordingWriter) -> None:
    """Write every accepted packet until it is time to end."""
    began_s = time.monotonic()
    receiver = Receiver()
    failure: list[OSError] = []
    stop = stop_event()

    def take(datagram: bytes, source: tuple[str, int], at_s: float) -> None:
        if failure or receiver.feed(datagram, source, at_s) is None:
            return
        try:
            writer.write(at_s, source[0], datagram)
        except OSError as error:  # a full disk; raised below, not in the loop's callback
            failure.append(error)
            stop.set()

    listener = await Listener.open(take, arguments.host, arguments.port)
    notes = () if listener.warning is None else (listener.warning,)
    end_s = None if arguments.duration is None else began_s + arguments.duration
    try:
        with Screen(is_plain=arguments.plain) as screen:
            while not stop.is_set():
                now_s = time.monotonic()
                title = (
                    f"recording port {listener.port}: {now_s - began_s:.0f} s, {writer.n_written:,} packets, "
                    f"{writer.n_bytes / 1e6:.1f} MB"
                )
                statuses = [node.status(now_s) for node in receiver.nodes.values()]
                screen.show(node_view(title, statuses, receiver.counters, notes))
                left_s = REFRESH_S if end_s is None else min(REFRESH_S, end_s - now_s)
                if left_s <= 0 or writer.n_bytes > arguments.max_mb * 1e6:
                    break
                await wait(stop, left_s)
                file.flush()
    finally:
        await listener.close()
    if failure:
        raise failure[0]


def _write_meta(path: Path, label: str, started: datetime, writer: RecordingWriter) -> None:
    """The sidecar upstream's tools expect beside a recording."""
    name = path.name.removesuffix(".csi.jsonl")
    ended = datetime.now(UTC)
    meta: Mapping[str, object] = {
        "id": name,
        "name": name,
        "label": label,
        "started_at": started.isoformat(),
        "ended_at": ended.isoformat(),
        "duration_secs": round((ended - started).total_seconds(), 1),
        "frame_count": writer.n_written,
        "file_size_bytes": path.stat().st_size,
        "file_path": path.name,
        "nodes": sorted(writer.nodes),
    }
    path.with_name(f"{name}.csi.meta.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n")
