"""The UDP port that nodes send to: the engine's listener, paced so that Home Assistant's loop stays free."""

import errno
import socket
from collections.abc import Callable
from typing import Final

from . import clock
from .ruview_engine.cli.transport import Listener

#: Datagrams taken per wake-up at most. asyncio takes one, which under a flood of 40 000/s from strangers lost a known
#: board 8 % of its frames (benchmarks/ingest.py). Origin: derived, 32 × 60 µs keep the loop below 2 ms.
MAX_DRAIN: Final = 32

#: What the system says about a port → the word for it in the translations. Anything else is "cannot_listen".
BIND_ERRORS: Final = {
    errno.EADDRINUSE: "port_in_use",
    errno.EADDRNOTAVAIL: "address_not_here",
    errno.EACCES: "port_not_allowed",
    errno.EPERM: "port_not_allowed",
}

type Receive = Callable[[bytes, str, float], object]
"""Called in the event loop for each datagram: payload, address of the sender, monotonic seconds."""


def why_refused(error: OSError) -> str:
    """Why nobody can listen there, as a key of the translations."""
    return (
        "address_not_here" if isinstance(error, socket.gaierror) else BIND_ERRORS.get(error.errno or 0, "cannot_listen")
    )


async def listen(host: str, port: int, receive: Receive) -> Listener:
    """Listen on `host`:`port`; port 0 takes a free one. Raises OSError when that is not possible."""
    return await Listener.open(
        lambda datagram, source, at_s: receive(datagram, source[0], at_s),
        host,
        port,
        max_drain=MAX_DRAIN,
        clock=clock.now_s,
    )


async def probe(host: str, port: int) -> None:
    """Raise OSError when nobody could listen there; used by the flow before it saves anything."""
    listener = await listen(host, port, lambda datagram, address, at_s: None)
    await listener.close()
