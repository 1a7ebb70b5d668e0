"""The real socket: bound, heard, measured, closed."""

import asyncio
import errno
import socket
import time

import pytest

from ruview_engine.cli.transport import ENOUGH_BYTES, Listener
from ruview_engine.ingest import Receiver
from tests.engine.ingest.packets import csi

pytestmark = pytest.mark.filterwarnings("error")


async def _until(condition: object, timeout_s: float = 5.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is awaited is another thread's doing, the kernel's
            await asyncio.sleep(0.005)


async def test_datagrams_arrive_with_source_and_time() -> None:
    got: list[tuple[bytes, tuple[str, int], float]] = []
    listener = await Listener.open(lambda *arrived: got.append(arrived), "127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        for i in range(3):
            sock.sendto(bytes((i,)), ("127.0.0.1", listener.port))
        await _until(lambda: len(got) == 3)
        assert [data for data, _, _ in got] == [b"\x00", b"\x01", b"\x02"]
        assert {source for _, source, _ in got} == {sock.getsockname()}
    assert got[0][2] <= got[1][2] <= got[2][2]
    await listener.close()


async def test_closing_frees_the_port_before_it_returns() -> None:
    for _ in range(3):
        first = await Listener.open(print, "127.0.0.1", 0)
        await first.close()
        await first.close()  # twice is once
        second = await Listener.open(print, "127.0.0.1", first.port)
        await second.close()


async def test_a_port_in_use_is_an_os_error_and_leaves_nothing_open() -> None:
    first = await Listener.open(print, "127.0.0.1", 0)
    with pytest.raises(OSError) as caught:
        await Listener.open(print, "127.0.0.1", first.port)
    assert caught.value.errno == errno.EADDRINUSE
    await first.close()


async def test_the_granted_buffer_is_read_back_and_a_small_one_is_told() -> None:
    small = await Listener.open(print, "127.0.0.1", 0, wanted_bytes=16 << 10)
    assert small.granted_bytes < ENOUGH_BYTES
    assert small.warning is not None
    assert "receive buffer" in small.warning
    await small.close()
    large = await Listener.open(print, "127.0.0.1", 0)
    large.granted_bytes = ENOUGH_BYTES
    assert large.warning is None
    await large.close()


async def test_a_burst_through_the_socket_reaches_the_receiver_whole() -> None:
    receiver = Receiver()
    listener = await Listener.open(receiver.feed, "127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for i in range(4000):
            sock.sendto(csi(1 + i % 4, i // 4), ("127.0.0.1", listener.port))
            if i % 50 == 49:
                await asyncio.sleep(0)
        await _until(lambda: receiver.counters.n_received == 4000)
    await listener.close()
    assert receiver.counters.n_accepted == 4000
    assert {node.status(time.monotonic()).loss for node in receiver.nodes.values()} == {0.0}
    assert len(receiver.nodes) == 4
