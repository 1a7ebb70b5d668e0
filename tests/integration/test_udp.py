"""The socket by itself."""

import asyncio
import errno
import socket

import pytest

from custom_components.ruview.udp import MAX_DRAIN, listen, probe, why_refused


async def test_datagrams_come_with_source_and_time(socket_enabled: None) -> None:
    got: list[tuple[bytes, str, float]] = []
    listener = await listen("127.0.0.1", 0, lambda data, address, at_s: got.append((data, address, at_s)))
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
    assert listener.granted_bytes > 0


async def test_a_flood_leaves_the_loop_its_turns(socket_enabled: None) -> None:
    """What is done between two turns of the loop is bounded, however many datagrams wait."""
    got = 0

    def count(*_: object) -> None:
        nonlocal got
        got += 1

    listener = await listen("127.0.0.1", 0, count)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as board:
        for _ in range(3 * MAX_DRAIN):
            board.sendto(b"x", ("127.0.0.1", listener.port))
    taken, before = [], 0
    while before < 3 * MAX_DRAIN:
        await asyncio.sleep(0)
        taken.append(got - before)
        before = got
    await listener.close()
    assert max(taken) == MAX_DRAIN


async def test_an_address_of_another_machine_has_its_word(socket_enabled: None) -> None:
    with pytest.raises(OSError, match="address") as caught:
        await probe("203.0.113.77", 0)
    assert why_refused(caught.value) == "address_not_here"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError(errno.EADDRINUSE, "in use"), "port_in_use"),
        (PermissionError(errno.EACCES, "not allowed"), "port_not_allowed"),
        (socket.gaierror(socket.EAI_NONAME, "unknown name"), "address_not_here"),
        (OSError(errno.ENETDOWN, "down"), "cannot_listen"),
        (OSError("no number"), "cannot_listen"),
    ],
)
def test_what_the_system_says_has_a_word(error: OSError, word: str) -> None:
    assert why_refused(error) == word


async def test_closed_port_is_free_at_once(socket_enabled: None) -> None:
    listener = await listen("127.0.0.1", 0, lambda *_: None)
    for _ in range(5):
        await listener.close()
        listener = await listen("127.0.0.1", listener.port, lambda *_: None)
    await listener.close()


async def test_probe_raises_what_opening_would(socket_enabled: None) -> None:
    await probe("127.0.0.1", 0)
    listener = await listen("127.0.0.1", 0, lambda *_: None)
    with pytest.raises(OSError, match="in use"):
        await probe("127.0.0.1", listener.port)
    await listener.close()
