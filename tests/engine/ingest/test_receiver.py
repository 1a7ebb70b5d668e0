"""The gate: every datagram is counted exactly once, strangers cost nobody else, nothing raises."""

import logging
import random

import pytest

from ruview_engine.ingest import Counters, LimiterSettings, Receiver, ReceiverSettings
from ruview_engine.ingest.receiver import MAX_MAGICS, MAX_STRANGERS_SHOWN
from ruview_engine.wire import CsiFrame, PacketKind, Reason
from tests.engine.ingest.packets import csi, frame, mesh, vitals
from tests.engine.wire.golden import GOLDEN


def _accounted(counters: Counters) -> int:
    return (
        counters.n_accepted
        + counters.n_rejected
        + counters.n_limited
        + counters.n_limited_strangers
        + counters.n_duplicates
        + counters.n_late
        + counters.n_held
        + counters.n_refused
        + counters.n_unattributed
    )


def test_an_arrival_says_whose_what_and_when() -> None:
    receiver = Receiver()
    arrival = receiver.feed(csi(3, 9), ("10.0.0.3", 5005), 12.5)
    assert arrival is not None
    assert arrival.node is receiver.nodes["3"]
    assert arrival.packet == frame(3, 9)
    assert arrival.at_s == 12.5


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_packet_arrives(name: str) -> None:
    data, packet = GOLDEN[name]
    receiver = Receiver()
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    arrival = receiver.feed(data, "10.0.0.1", 1.0)
    assert arrival is not None
    assert arrival.packet == packet
    assert dict(receiver.counters.accepted)[packet.kind] >= 1


@pytest.mark.parametrize("source", ["10.0.0.1", ("10.0.0.1", 1), ("::ffff:10.0.0.1", 2, 0, 0), ("::ffff:10.0.0.1", 3)])
def test_all_spellings_of_an_address_are_one(source: str | tuple[str, int] | tuple[str, int, int, int]) -> None:
    receiver = Receiver()
    assert receiver.feed(csi(1, 0), "10.0.0.1", 0.0)
    assert receiver.feed(csi(1, 1), source, 0.1)
    assert receiver.pins == {"1": "10.0.0.1"}


def test_duplicates_and_late_frames_do_not_arrive() -> None:
    receiver = Receiver()
    arrivals = [receiver.feed(csi(1, sequence), "a", 0.0) for sequence in (1, 3, 3, 2, 4)]
    assert [arrival is not None for arrival in arrivals] == [True, True, False, False, True]
    assert (receiver.counters.n_duplicates, receiver.counters.n_late) == (1, 1)


def test_mesh_packets_belong_to_the_only_board_of_their_address() -> None:
    receiver = Receiver()
    assert receiver.feed(mesh(), "10.0.0.1", 0.0) is None
    receiver.feed(vitals(4), "10.0.0.1", 0.1)
    arrival = receiver.feed(mesh(), "10.0.0.1", 0.2)
    assert arrival is not None
    assert arrival.node.key == "4"
    receiver.feed(vitals(5), "10.0.0.1", 0.3)
    assert receiver.feed(mesh(), "10.0.0.1", 0.4) is None
    assert receiver.counters.n_unattributed == 2


def test_a_flood_of_garbage_with_a_boards_address_costs_it_nothing() -> None:
    receiver = Receiver(settings=ReceiverSettings(limits=LimiterSettings(reserve_per_s=50, pool_per_s=1)))
    accepted = 0
    for i in range(1000):
        at_s = i * 0.05
        accepted += receiver.feed(csi(1, i), "10.0.0.1", at_s) is not None
        for _ in range(20):
            receiver.feed(b"\x01\x00\x11\xc5garbage of a spoofer", "10.0.0.1", at_s)
    assert accepted == 1000


def test_a_flood_of_strangers_costs_a_board_nothing_and_is_bounded() -> None:
    receiver = Receiver()
    rnd = random.Random(1)
    accepted = 0
    for i in range(2000):
        at_s = i * 0.01
        accepted += receiver.feed(csi(1, i), "10.0.0.1", at_s) is not None
        for _ in range(20):
            address = f"172.16.{rnd.randrange(256)}.{rnd.randrange(256)}"
            receiver.feed(rnd.choice([csi(1, i), csi(rnd.randrange(256), 0), b"x" * 30]), address, at_s)
    assert accepted == 2000
    assert len(receiver.nodes) <= 32
    assert len(receiver.strangers) <= MAX_STRANGERS_SHOWN
    assert receiver.counters.n_limited_strangers > 20_000
    assert _accounted(receiver.counters) == receiver.counters.n_received


def test_a_flooding_board_does_not_starve_its_neighbour() -> None:
    receiver = Receiver(settings=ReceiverSettings(limits=LimiterSettings(reserve_per_s=100, pool_per_s=200)))
    receiver.feed(csi(2, 0), "10.0.0.2", 0.0)
    accepted = 0
    for i in range(1, 1000):
        at_s = i * 0.02
        for j in range(30):
            receiver.feed(csi(1, i * 30 + j), "10.0.0.1", at_s)
        accepted += receiver.feed(csi(2, i), "10.0.0.2", at_s) is not None
    assert accepted == 999
    assert receiver.counters.n_limited > 10_000


def test_counters_name_reasons_and_kinds() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "a", 0.0)
    for data in (b"", b"ab", b"{json", b"\x09\x00\x11\xc5", csi(1, 0)[:-1]):
        assert receiver.feed(data, "a", 0.1) is None
    assert dict(receiver.counters.rejected) == {
        Reason.EMPTY: 1,
        Reason.SHORT: 1,
        Reason.UNKNOWN_MAGIC: 1,
        Reason.UNSUPPORTED: 1,
        Reason.LENGTH: 1,
    }
    assert receiver.counters.accepted == ((PacketKind.VITALS, 1),)
    assert receiver.counters.unknown_magics == ((int.from_bytes(b"{jso", "little"), 1),)


def test_unknown_magics_told_apart_are_bounded() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "a", 0.0)
    for i in range(1000):
        receiver.feed(i.to_bytes(4, "little"), "a", 0.1)
    assert len(receiver.counters.unknown_magics) == MAX_MAGICS
    assert dict(receiver.counters.rejected)[Reason.UNKNOWN_MAGIC] == 1000


def test_strangers_are_shown_with_what_was_wrong() -> None:
    receiver = Receiver()
    receiver.feed(b"hello", "10.0.0.66", 1.0)
    receiver.feed(b"", "10.0.0.66", 2.0)
    (stranger,) = receiver.strangers
    assert (stranger.address, stranger.n_datagrams, stranger.last_seen_s) == ("10.0.0.66", 2, 2.0)
    assert stranger.reason is Reason.EMPTY


def test_twenty_thousand_a_second_from_known_boards_pass_the_limits() -> None:
    receiver = Receiver()
    for i in range(60_000):
        receiver.feed(csi(1 + i % 4, i // 4), "127.0.0.1", i / 20_000)
    assert receiver.counters.n_accepted == 60_000


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = Receiver()
    for data in (b"\x1b[31m\n", csi(1, 0), csi(1, 0), b"\xff" * 2000):
        receiver.feed(data, "10.0.0.1\n", 0.0)
    assert caplog.records == []


def test_arrivals_carry_frames_that_hold_no_reference_to_the_datagram() -> None:
    receiver = Receiver()
    buffer = bytearray(csi(1, 5))
    arrival = receiver.feed(bytes(buffer), "a", 0.0)
    assert arrival is not None
    assert isinstance(arrival.packet, CsiFrame)
    buffer[20:] = bytes(len(buffer) - 20)
    assert arrival.packet.iq == frame(1, 5).iq
