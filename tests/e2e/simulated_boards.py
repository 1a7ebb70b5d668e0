"""Simulated boards as a process of their own: a furnished room, one person, real datagrams over UDP in real time.

Run as `python -m tests.e2e.simulated_boards PORT`. It reads what the person shall do from standard input, one activity
a line ("enter", "walk", "sit", "breathe:12", "leave", …), writes what is really going on to standard output, one JSON
object a second, and ends when its input ends: it cannot outlive whoever started it.
"""

import argparse
import contextlib
import json
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict

from ruview_engine.simulate import Person, Simulator, Timeline, scenes

#: Datagrams are made so far ahead of their moment. Origin: chosen; an order takes effect within two seconds.
AHEAD_S = 1.0


class Antennas:
    """One socket per board, each with the board's own source address where the system allows that."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._sockets: dict[str, socket.socket] = {}

    def send(self, source: tuple[str, int], datagram: bytes) -> None:
        """Send as the board at `source`. Nobody listening is no reason to stop, as with a real board."""
        with contextlib.suppress(ConnectionRefusedError):
            self._socket(source[0]).sendto(datagram, self._target)

    def _socket(self, address: str) -> socket.socket:
        if address not in self._sockets:
            self._sockets[address] = made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with contextlib.suppress(OSError):  # macOS knows 127.0.0.1 only
                made.bind((address, 0))
        return self._sockets[address]


def read_orders(orders: queue.SimpleQueue[str | None]) -> None:
    """Pass lines on as they come; None at the end."""
    for line in sys.stdin:
        if line.strip():
            orders.put(line.strip())
    orders.put(None)


def pending(orders: queue.SimpleQueue[str | None]) -> Iterable[str | None]:
    """What has been ordered meanwhile."""
    with contextlib.suppress(queue.Empty):
        while True:
            yield orders.get_nowait()


def run(port: int, *, nodes: int, layout: str, rate_hz: float, seed: int, geometry: str) -> None:
    """Play until the input ends."""
    layout_or_pairs: str | int = int(layout) if layout.isdigit() else layout
    scene = scenes.living_room(nodes, layout_or_pairs, rate_hz, geometry=geometry, seed=seed)
    person = Person(scene, seed)
    simulator = Simulator(scene, Timeline([person]), seed)
    antennas = Antennas(port)
    orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=read_orders, args=(orders,), daemon=True).start()

    second = 0
    begin = time.monotonic() + AHEAD_S
    while True:
        for order in pending(orders):
            if order is None:
                return
            activity, _, rate = order.partition(":")
            person.do(activity, float(second), rate_bpm=float(rate) if rate else None)
        for at_s, source, datagram in simulator.second():
            wait_until(begin + at_s)
            antennas.send(source, datagram)
        second += 1
        wait_until(begin + second)
        print(json.dumps(asdict(simulator.truth(float(second)))), flush=True)


def wait_until(moment: float) -> None:
    """Sleep until a monotonic moment; at once when it has passed."""
    if (left := moment - time.monotonic()) > 0:
        time.sleep(left)


def main() -> None:
    """Read the options and play."""
    parser = argparse.ArgumentParser(description="simulated boards that send to a UDP port of this machine")
    parser.add_argument("port", type=int)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--layout", default="mix")
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--geometry", default="living_room")
    options = parser.parse_args()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        run(
            options.port,
            nodes=options.nodes,
            layout=options.layout,
            rate_hz=options.rate,
            seed=options.seed,
            geometry=options.geometry,
        )


if __name__ == "__main__":
    main()
