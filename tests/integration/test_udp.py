"""The socket by itself."""

import asyncio
import socket

import pytest

from custom_components.ruview.udp import Listener, probe


async def test_datagrams_come_with_source_and_time(socket_enabled: None) -> None:
    got: list[tuple[bytes, str, float]] = []
    listener = await Listener.open("127.0.0.1", 0, lambda data, address, at_s: got.append((data, address, at_s)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as board:
        for number in range(100):
            board.sendto(bytes([number]), ("127.0.0.1", listener.port))
    for _ in range(20):
        await asyncio.sleep(0.002)
    await listener.close()
    assert [data[0] for data, _, _ in got] == list(range(100))
    assert {address for _, address, _ in got} == {"127.0.0.1"}
    times = [at_s for _, _, at_s in got]
    assert times == sorted(times)
    assert listener.granted > 0


async def test_closed_port_is_free_at_once(socket_enabled: None) -> None:
    listener = await Listener.open("127.0.0.1", 0, lambda *_: None)
    for _ in range(5):
        await listener.close()
        listener = await Listener.open("127.0.0.1", listener.port, lambda *_: None)
    await listener.close()


async def test_probe_raises_what_opening_would(socket_enabled: None) -> None:
    await probe("127.0.0.1", 0)
    listener = await Listener.open("127.0.0.1", 0, lambda *_: None)
    with pytest.raises(OSError, match="in use"):
        await probe("127.0.0.1", listener.port)
    await listener.close()
