"""Where datagrams are sent to, as written on a command line."""

import socket
from typing import Any

from ..errors import FormatError


def destination(
    text: str, family: socket.AddressFamily = socket.AF_UNSPEC
) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """Family and address of HOST:PORT or [IPv6]:PORT. Raises FormatError for anything else, and for unknown hosts."""
    host, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    if not colon or not is_port:
        raise FormatError(f"--to {text}: expected HOST:PORT")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), family, socket.SOCK_DGRAM)
    except OSError as error:
        raise FormatError(f"--to {text}: {error.strerror}") from error
    family, _, _, _, address = found[0]
    return family, tuple(address)
