"""The UDP socket: hands (bytes, source, monotonic time) to the hub and knows nothing about them."""

import asyncio
import errno
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self, override

from . import clock

#: Asked of the kernel: 0.4 s of the 20 000 datagrams/s that the engine is built for, at ~512 bytes. The kernel
#: grants what `net.core.rmem_max` allows; `granted` says how much that was. Origin: derived.
RECEIVE_BUFFER_BYTES: Final = 4 * 1024 * 1024

#: Datagrams taken per wake-up at most. asyncio takes one, which under a flood of 40 000/s from strangers lost a known
#: board 8 % of its frames (benchmarks/ingest.py). Origin: derived, 32 × 60 µs keep the loop below 2 ms.
MAX_DRAIN: Final = 32
#: Longest datagram; more is cut by the kernel and refused by its length. Origin: spec, IPv4.
MAX_DATAGRAM: Final = 65_535

#: What the system says about a port → the word for it in the translations. Anything else is "cannot_listen".
BIND_ERRORS: Final = {
    errno.EADDRINUSE: "port_in_use",
    errno.EADDRNOTAVAIL: "address_not_here",
    errno.EACCES: "port_not_allowed",
    errno.EPERM: "port_not_allowed",
}

type Receive = Callable[[bytes, str, float], object]
"""Called in the event loop for each datagram: payload, "address:port" of the sender, monotonic seconds."""


def why_refused(error: OSError) -> str:
    """Why nobody can listen there, as a key of the translations."""
    return (
        "address_not_here" if isinstance(error, socket.gaierror) else BIND_ERRORS.get(error.errno or 0, "cannot_listen")
    )


class _Protocol(asyncio.DatagramProtocol):
    """asyncio's side of the socket."""

    def __init__(self, receive: Receive, sock: socket.socket) -> None:
        self._receive = receive
        self._socket: socket.socket | None = sock if sys.platform != "win32" else None
        self.closed = asyncio.get_running_loop().create_future()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data, addr[0], clock.now_s())
        if self._socket is None:
            return
        for _ in range(MAX_DRAIN - 1):
            try:
                data, addr = self._socket.recvfrom(MAX_DATAGRAM)
            except OSError:
                # Nothing waits (BlockingIOError), or an ICMP error about something we never sent.
                return
            self._receive(data, addr[0], clock.now_s())

    @override
    def error_received(self, exc: Exception) -> None:
        """An ICMP error about something we never sent; nothing to do."""

    def stop(self) -> None:
        """Take nothing more, whatever still waits."""
        self._socket = None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An open socket. `granted` is the receive buffer in bytes that the kernel really gave."""

    transport: asyncio.DatagramTransport
    protocol: _Protocol
    port: int
    granted: int

    @classmethod
    async def open(cls, host: str, port: int, receive: Receive) -> Self:
        """Listen on `host`:`port`; port 0 takes a free one. Raises OSError when that is not possible."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _name, address = found[0]
        sock = socket.socket(family, kind, proto)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            sock.bind(address)
        except OSError:
            sock.close()
            raise
        transport, protocol = await loop.create_datagram_endpoint(lambda: _Protocol(receive, sock), sock=sock)
        granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        if sys.platform == "linux":
            granted //= 2  # the kernel reports twice what data may fill (socket(7))
        return cls(transport=transport, protocol=protocol, port=sock.getsockname()[1], granted=granted)

    async def close(self) -> None:
        """Close and wait until the port is really free: a reload binds it again at once."""
        self.protocol.stop()
        self.transport.close()
        await self.protocol.closed


async def probe(host: str, port: int) -> None:
    """Raise OSError when nobody could listen there; used by the flow before it saves anything."""
    listener = await Listener.open(host, port, lambda data, address, at_s: None)
    await listener.close()
