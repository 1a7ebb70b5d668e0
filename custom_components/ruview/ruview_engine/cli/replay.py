"""`replay`: send recordings over UDP with their own timing, as the boards did."""

import argparse
import math
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..errors import FormatError
from ..ingest.recording import Recording, read_recording
from ..ingest.rows import RecordedDatagram
from ..wire import MeshEnvelope, Undecodable, decode, encode
from .destination import destination
from .screen import Screen, View

HELP = "send recordings (.csi.jsonl, .npz) over UDP with their own timing"

#: The screen is drawn anew this often. Origin: chosen; two lines a second can be read.
REFRESH_S: Final = 0.5
#: As fast as possible, the clock is asked once in so many datagrams. Origin: chosen; asking costs as much as sending.
BATCH: Final = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What, where to, how fast."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, played one after the other")
    parser.add_argument("--to", default="127.0.0.1:5005", metavar="HOST:PORT", help="where to (127.0.0.1:5005)")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="times faster; 0 = as fast as it goes (1)"
    )
    parser.add_argument("--loop", action="store_true", help="start again at the end, until Ctrl-C")
    parser.add_argument("--max-gap", type=float, metavar="S", help="shorten silences, e.g. between clips, to this")
    parser.add_argument("--node", type=int, metavar="ID", help="send everything as this node (0–255)")
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Send everything once, or for ever."""
    if not 0.0 <= arguments.speed < math.inf:
        raise FormatError("--speed must be a number from 0 on")
    if arguments.max_gap is not None and not arguments.max_gap >= 0.0:
        raise FormatError("--max-gap must not be negative")
    if arguments.node is not None and not 0 <= arguments.node <= 255:
        raise FormatError("--node must be 0–255")
    family, address = destination(arguments.to)
    recordings = [read_recording(path) for path in arguments.files]
    with socket.socket(family, socket.SOCK_DGRAM) as sock, Screen(is_plain=arguments.plain) as screen:
        player = Player(sock, address, screen, arguments)
        while True:
            for recording in recordings:
                player.play(recording)
            if not arguments.loop:
                return 0


class Player:
    """Sends datagrams when they are due. Never asks for an answer, so a missing listener is no error."""

    def __init__(
        self, sock: socket.socket, address: tuple[Any, ...], screen: Screen, options: argparse.Namespace
    ) -> None:
        self.n_sent = 0
        self._sock = sock
        self._address = address
        self._screen = screen
        self._options = options

    def play(self, recording: Recording) -> None:
        """One recording from its start to its end, each datagram at its time."""
        speed: float = self._options.speed
        began_s = shown_s = time.monotonic()
        at_s = 0.0
        self._show(recording, at_s, 0.0)
        for at_s, datagram in self._timed(recording):
            if speed:
                ahead_s = began_s + at_s / speed - time.monotonic()
                if ahead_s > 0:
                    time.sleep(ahead_s)
            self._sock.sendto(datagram, self._address)
            self.n_sent += 1
            if self.n_sent % BATCH == 0 or speed:
                now_s = time.monotonic()
                if now_s - shown_s >= REFRESH_S:
                    shown_s = now_s
                    self._show(recording, at_s, now_s - began_s)
        self._show(recording, at_s, time.monotonic() - began_s)

    def _timed(self, recording: Recording) -> Iterator[tuple[float, bytes]]:
        """Datagrams with the silences and the node asked for."""
        max_gap_s: float | None = self._options.max_gap
        removed_s = before_s = 0.0
        for item in recording:
            if max_gap_s is not None and item.at_s - before_s > max_gap_s:
                removed_s += item.at_s - before_s - max_gap_s
            before_s = item.at_s
            yield item.at_s - removed_s, self._as_node(item)

    def _as_node(self, item: RecordedDatagram) -> bytes:
        node_id: int | None = self._options.node
        if node_id is None:
            return item.datagram
        packet = decode(item.datagram)
        if isinstance(packet, Undecodable | MeshEnvelope):
            return item.datagram
        return encode(replace(packet, node_id=node_id))

    def _show(self, recording: Recording, at_s: float, took_s: float) -> None:
        report = recording.report
        bad = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(report.bad.items()))
        notes = [f"rows left out: {bad}"] if bad else []
        if report.is_cut:
            notes.append("the last row is cut short and was left out")
        rate = f", {report.n_datagrams / took_s:,.0f}/s" if took_s > 0.5 else ""
        title = (
            f"{recording.path.name}: {at_s:.1f} s, {report.n_datagrams:,} datagrams{rate}, {self.n_sent:,} sent in all"
        )
        self._screen.show(View(title=title, notes=notes))
