"""Where simulated datagrams leave this machine: an address for every board, as real boards have."""

import socket
from collections import Counter
from types import TracebackType
from typing import Self


class BoardSockets:
    """One socket per board, so that every board has an address of its own."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.sent: Counter[str] = Counter()
        self.n_unreachable = 0
        self._target = target
        self._sockets: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in self._sockets.values():
            sock.close()

    def send(self, source: tuple[str, int], datagram: bytes) -> None:
        """From the board's own address where this machine has it (127.0.0.x on Linux), else from a port of its own."""
        key = source[0]
        sock = self._sockets.get(key)
        if sock is None:
            sock = self._sockets[key] = self._open(key)
        try:
            sock.sendto(datagram, self._target)
        except OSError:
            self.n_unreachable += 1
            return
        name, port = sock.getsockname()
        self.sent[f"{name}:{port}"] += 1

    def _open(self, address: str) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if self._target[0].startswith("127."):
            try:
                sock.bind((address, 0))
            except OSError:
                sock.bind(("127.0.0.1", 0))
        else:
            sock.bind(("", 0))
        return sock
