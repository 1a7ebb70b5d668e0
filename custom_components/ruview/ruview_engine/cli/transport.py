"""A UDP port: a large receive buffer, read back; closing waits until the socket is gone."""

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Callable
from typing import Final, cast, override

#: Wanted receive buffer. Origin: measured (peers report §3.4): with 4 MB a loop stalled for 2 s at 100 frames/s, or for
#: 0.5 s at 1000, loses nothing; the usual default of 208 KB holds 165 frames.
WANTED_BYTES: Final = 4 << 20

#: Below this a warning tells what to do. Origin: derived, 165 frames per 208 KB: a stall of one second at 800 frames/s.
ENOUGH_BYTES: Final = 1 << 20

#: Longest datagram taken whole; longer ones are cut and refused by their length. Origin: derived, four antennas of 1024
#: pairs and the longest header are 8 220 bytes. (asyncio's own buffer of 256 KiB costs a page fault per datagram.)
MAX_DATAGRAM: Final = 9216

#: Datagrams taken per turn of the loop. Origin: chosen; a command has nothing else to do but to draw twice a second.
MAX_DRAIN: Final = 256

type OnDatagram = Callable[[bytes, tuple[str, int], float], object]
"""Datagram, source, monotonic seconds."""

type Clock = Callable[[], float]
"""Monotonic seconds."""


def add_port_arguments(parser: argparse.ArgumentParser) -> None:
    """`--port` and `--host` of a command that listens."""
    parser.add_argument("--port", type=int, default=5005, help="UDP port the nodes send to (5005)")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (all)")  # noqa: S104 - nodes are elsewhere


class Listener(asyncio.DatagramProtocol):
    """An open port. Hands over bytes and counts; knows nothing of packets.

    asyncio wakes up once per datagram, which under a flood costs several times the reading itself. So every wake-up
    also takes what else has arrived, up to `max_drain` in all (measured: 42 → 14 µs a frame, 26 → 6 a refused one).
    """

    def __init__(self, on_datagram: OnDatagram, sock: socket.socket, max_drain: int, clock: Clock) -> None:
        self.port = 0
        # Windows' loop reads ahead by itself and shares no socket.
        self._drained: socket.socket | None = sock if sys.platform != "win32" else None
        self.granted_bytes = 0
        self.n_errors = 0
        self._on_datagram = on_datagram
        self._max_drain = max_drain
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(
        cls,
        on_datagram: OnDatagram,
        host: str,
        port: int,
        *,
        wanted_bytes: int = WANTED_BYTES,
        max_drain: int = MAX_DRAIN,
        clock: Clock = time.monotonic,
    ) -> Listener:
        """Bind and listen. Port 0 takes a free one. Raises OSError when the port is in use or the host is not ours."""
        loop = asyncio.get_running_loop()
        families = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = families[0]
        sock = socket.socket(family, kind, proto)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted_bytes)
            sock.bind(address)
            _, listener = await loop.create_datagram_endpoint(
                lambda: cls(on_datagram, sock, max_drain, clock), sock=sock
            )
        except BaseException:
            sock.close()
            raise
        listener.port = sock.getsockname()[1]
        listener.granted_bytes = _granted(sock)
        return listener

    @property
    def warning(self) -> str | None:
        """What to do about a receive buffer that is too small for a busy host; None when it is large enough."""
        if self.granted_bytes >= ENOUGH_BYTES:
            return None
        granted = f"the system grants a receive buffer of only {self.granted_bytes // 1024} KiB"
        if sys.platform != "linux":
            return f"{granted}; short stalls of this host may lose frames"
        return f"{granted}; short stalls may lose frames. Allow more: sudo sysctl -w net.core.rmem_max={WANTED_BYTES}"

    async def close(self) -> None:
        """Stop listening; returns when the socket is closed and the port free."""
        self._drained = None
        if self._transport is not None:
            self._transport.close()
            await self._closed

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        take, clock = self._on_datagram, self._clock
        take(data, addr, clock())
        if self._drained is None:
            return
        receive = self._drained.recvfrom
        for _ in range(self._max_drain - 1):
            try:
                data, addr = receive(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                self.n_errors += 1
                return
            take(data, addr, clock())

    @override
    def error_received(self, exc: Exception) -> None:
        self.n_errors += 1

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed.done():
            self._closed.set_result(None)


def _granted(sock: socket.socket) -> int:
    """Bytes the system really gave. Linux reports twice the value, for its own bookkeeping (socket(7))."""
    reported = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    return reported // 2 if sys.platform == "linux" else reported
