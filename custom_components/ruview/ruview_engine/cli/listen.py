"""`listen`: what arrives on the UDP port, live."""

import argparse
import asyncio
import signal
import time
from typing import Final

from ..ingest import Receiver
from .durations import seconds
from .node_table import node_view
from .screen import Screen
from .transport import Listener, add_port_arguments

HELP = "show the nodes that send to this host, live"

#: Redraws per second. Origin: chosen; a person reads no faster.
REFRESH_S: Final = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Port, host, and when to end."""
    add_port_arguments(parser)
    parser.add_argument("--duration", type=seconds, metavar="S", help="end after so long, e.g. 60s (never)")
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Listen until Ctrl-C or the end of the duration. 0 when any node was heard, else 2."""
    return asyncio.run(_listen(arguments))


async def _listen(arguments: argparse.Namespace) -> int:
    receiver = Receiver()
    listener = await Listener.open(receiver.feed, arguments.host, arguments.port)
    stop = stop_event()
    end_s = None if arguments.duration is None else time.monotonic() + arguments.duration
    notes = () if listener.warning is None else (listener.warning,)
    try:
        with Screen(is_plain=arguments.plain) as screen:
            while True:
                now_s = time.monotonic()
                title = f"UDP port {listener.port}: " + (
                    f"{len(receiver.nodes)} node(s)" if receiver.nodes else "nothing heard yet"
                )
                statuses = [node.status(now_s) for node in receiver.nodes.values()]
                screen.show(node_view(title, statuses, receiver.counters, notes))
                left_s = REFRESH_S if end_s is None else min(REFRESH_S, end_s - now_s)
                if left_s <= 0 or stop.is_set():
                    break
                await wait(stop, left_s)
    finally:
        await listener.close()
    return 0 if receiver.nodes else 2


def stop_event() -> asyncio.Event:
    """Set by Ctrl-C and by a service manager's stop, so that files and sockets are closed in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError, RuntimeError, ValueError:  # Windows; not the main thread
            continue
    return stop


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not beyond `stop`."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
