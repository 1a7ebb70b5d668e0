"""Every board speaks from an address of its own, as far as this machine has them."""

import socket
import sys

import pytest

from ruview_engine.cli.board_sockets import BoardSockets


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_addresses_of_their_own_on_this_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(1.0)
        with BoardSockets(listener.getsockname()) as sockets:
            for source in (("127.0.0.11", 5), ("127.0.0.12", 5), ("127.0.0.11", 5)):
                sockets.send(source, b"x")
            heard = [listener.recvfrom(10)[1] for _ in range(3)]
        assert [address for address, _ in heard] == ["127.0.0.11", "127.0.0.12", "127.0.0.11"]
        assert heard[0] == heard[2], "a board keeps its port"
        assert sorted(sockets.sent.values()) == [1, 2]


def test_an_address_that_is_not_here_gets_a_port_of_its_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(1.0)
        with BoardSockets(listener.getsockname()) as sockets:
            sockets.send(("203.0.113.77", 5), b"x")
            sockets.send(("203.0.113.78", 5), b"x")
            heard = {listener.recvfrom(10)[1] for _ in range(2)}
        assert {address for address, _ in heard} == {"127.0.0.1"}
        assert len(heard) == 2


def test_nobody_listening_is_counted_not_raised() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        target = gone.getsockname()
    with BoardSockets(target) as sockets:
        for _ in range(20):
            sockets.send(("127.0.0.1", 5), b"x")
        assert sockets.n_unreachable + sum(sockets.sent.values()) == 20
