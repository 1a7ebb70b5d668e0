"""One board: liveness per kind, rates, loss, reboots, what its packets give away."""

import pytest

from ruview_engine.ingest.freshness import Freshness
from ruview_engine.ingest.node import CSI_PATIENCE_S, MAX_FRAME_KINDS, PATIENCE_S, REBOOT_MERGE_S, Node
from ruview_engine.ingest.status import FirmwareHint, FrameKind
from ruview_engine.wire import Packet, PacketKind, Undecodable, decode
from tests.engine.ingest.packets import csi, frame, link_status, mesh, sync, vitals


def _packet(data: bytes) -> Packet:
    packet = decode(data)
    assert not isinstance(packet, Undecodable)
    return packet


def _node() -> Node:
    return Node("1", 1, "10.0.0.1", 0.0)


def _stream(node: Node, first: int, last: int, hz: float, step: int = 1) -> float:
    for i in range(first, last):
        node.take(frame(sequence=i * step), i / hz)
    return (last - 1) / hz


def test_a_new_node_knows_nothing() -> None:
    status = _node().status(0.0)
    assert status.is_online
    assert not status.is_csi_stalled
    unknown = (status.csi_age_s, status.csi_rate_hz, status.rssi_dbm, status.rssi_spread_db, status.noise_floor_dbm)
    assert unknown == (None,) * 5
    unknown = (status.freq_mhz, status.channel, status.sequence, status.loss, status.jitter_s, status.uptime_s)
    assert unknown == (None,) * 6
    assert status.bssid is None
    assert status.frame_mix == status.firmware_hints == ()


def test_csi_stalls_while_vitals_flow() -> None:
    node = _node()
    end_s = _stream(node, 0, 200, 20.0)
    assert not node.is_csi_stalled(end_s + CSI_PATIENCE_S - 0.1)
    for second in range(1, 474):
        node.take(_packet(vitals(uptime_ms=second * 1000)), end_s + second)
    now_s = end_s + 473
    assert node.is_online(now_s)
    assert node.is_csi_stalled(now_s)
    assert node.csi_age_s(now_s) == pytest.approx(473)
    status = node.status(now_s)
    rates = dict(status.rates_hz)
    assert status.csi_rate_hz == rates[PacketKind.CSI] == 0.0
    assert rates[PacketKind.VITALS] == pytest.approx(1.0, rel=0.01)
    node.take(frame(sequence=5000), now_s + 1)
    assert not node.is_csi_stalled(now_s + 1)


def test_a_slow_stream_is_not_stalled_by_its_own_pace() -> None:
    node = _node()
    for i in range(20):
        node.take(frame(sequence=i), i * 2.0)
    assert node.csi_patience_s == pytest.approx(10.0)
    assert not node.is_csi_stalled(38.0 + 9.0)


def test_a_dead_board_is_offline_and_not_stalled() -> None:
    node = _node()
    end_s = _stream(node, 0, 100, 20.0)
    assert node.is_online(end_s + PATIENCE_S)
    assert not node.is_online(end_s + PATIENCE_S + 0.1)
    assert not node.is_csi_stalled(end_s + PATIENCE_S + 0.1)


def test_skipped_numbers_of_old_firmware_are_a_hint_and_no_loss() -> None:
    node = _node()
    sequence = 0
    for i in range(400):
        sequence += 2 if i % 4 == 0 else 1
        node.take(frame(sequence=sequence), i / 20)
    status = node.status(20.0)
    assert status.loss == 0.0
    assert FirmwareHint.SKIPS_NUMBERS in status.firmware_hints


def test_loss_counts_wide_steps_and_forgets_after_a_minute() -> None:
    node = _node()
    end_s = _stream(node, 0, 100, 10.0, step=10)
    assert node.status(end_s).loss == pytest.approx(0.9, abs=0.01)
    for i in range(900):
        node.take(frame(sequence=1000 + i), 10.0 + i / 10)
    assert node.status(100.0).loss == 0.0


def test_uptime_goes_on_between_reports() -> None:
    """Old firmware may send frames for minutes without saying how long it runs; it has not booted again meanwhile."""
    node = _node()
    node.take(_packet(vitals(uptime_ms=900_000)), 5.0)
    node.take(frame(sequence=1), 125.0)
    assert node.status(125.0).uptime_s == pytest.approx(1020.0)


@pytest.mark.parametrize("order", ["clock first", "counter first"])
def test_a_reboot_seen_twice_is_one_reboot(order: str) -> None:
    node = _node()
    for i in range(100):
        node.take(frame(sequence=5000 + i), i / 20)
    node.take(_packet(vitals(uptime_ms=900_000)), 5.0)
    clock = [_packet(vitals(uptime_ms=4_000))]
    counter: list[Packet] = [frame(sequence=i) for i in range(5)]
    for i, packet in enumerate(clock + counter if order == "clock first" else counter + clock):
        node.take(packet, 9.0 + i / 20)
    assert node.n_reboots == 1
    node.take(_packet(vitals(uptime_ms=1_000)), 9.0 + REBOOT_MERGE_S + 5)
    assert node.n_reboots == 2


def test_a_known_reboot_costs_no_frame() -> None:
    node = _node()
    node.take(frame(sequence=5000), 0.0)
    node.take(_packet(sync(local_us=10**9)), 0.1)
    node.take(_packet(sync(local_us=10**6)), 5.0)
    assert node.take(frame(sequence=0), 5.1) is Freshness.NEW


def test_duplicates_and_late_frames_are_told_to_the_caller() -> None:
    node = _node()
    outcomes = [node.take(frame(sequence=sequence), 0.0) for sequence in (1, 2, 4, 2, 3)]
    assert outcomes == [Freshness.NEW, Freshness.NEW, Freshness.NEW, Freshness.DUPLICATE, Freshness.LATE]
    assert (node.n_duplicates, node.n_late) == (1, 1)


def test_frame_mix_is_shares_by_kind() -> None:
    node = _node()
    for i in range(100):
        wide = i % 4 == 0
        node.take(frame(sequence=i, n_pairs=128 if wide else 64, iq=bytes(256 if wide else 128)), i / 20)
    assert node.status(5.0).frame_mix == (
        (FrameKind(n_pairs=64, ppdu=0, flags=0), 0.75),
        (FrameKind(n_pairs=128, ppdu=0, flags=0), 0.25),
    )


def test_frame_kinds_are_bounded_and_the_usual_ones_stay() -> None:
    node = _node()
    for i in range(100):
        node.take(frame(sequence=i), i / 20)
    for i in range(250):
        node.take(frame(sequence=100 + i, flags=i), 5 + i / 20)
    mix = node.status(20.0).frame_mix
    assert len(mix) == MAX_FRAME_KINDS
    assert mix[0][0] == FrameKind(n_pairs=3, ppdu=0, flags=0)


def test_rssi_is_the_median_of_what_is_a_reading() -> None:
    node = _node()
    for i in range(40):
        node.take(frame(sequence=i, rssi_dbm=-60 if i % 2 else -50), i / 20)
    for i in range(40, 80):
        node.take(frame(sequence=i, rssi_dbm=i % 3), i / 20)  # zero and above are no readings
    status = node.status(4.0)
    assert status.rssi_dbm == -55
    assert status.rssi_spread_db == pytest.approx(10)


def test_frequency_and_channel_come_from_frames_or_from_the_link_status() -> None:
    node = _node()
    node.take(_packet(link_status()), 0.0)
    assert (node.status(0.0).freq_mhz, node.status(0.0).channel) == (None, 6)
    node.take(frame(freq_mhz=5180), 1.0)
    assert (node.status(1.0).freq_mhz, node.status(1.0).channel) == (5180, 36)


def test_access_point_is_known_only_while_the_board_knows_it() -> None:
    node = _node()
    node.take(_packet(link_status()), 0.0)
    assert node.bssid == b"\xf0\x9f\xc2\x01\x02\x03"
    assert node.status(0.0).bssid == "f0:9f:c2:01:02:03"
    node.take(_packet(link_status(bssid=bytes(6), flags=0)), 1.0)
    assert node.bssid is None
    assert node.status(1.0).bssid is None


def test_packets_give_the_firmware_away() -> None:
    node = _node()
    for data in (sync(), link_status(), mesh()):
        node.take(_packet(data), 0.0)
    node.take(frame(sequence=1, version=3, transmitter=bytes(6), rx_sequence=7, flags=0x20), 0.0)
    assert set(node.status(0.0).firmware_hints) == {
        FirmwareHint.SYNCS_CLOCK,
        FirmwareHint.REPORTS_ACCESS_POINT,
        FirmwareHint.TAGS_PPDU,
        FirmwareHint.NAMES_TRANSMITTER,
        FirmwareHint.NUMBERS_TRANSMISSION,
        FirmwareHint.SANITISES,
    }


def test_a_clock_that_stands_still_is_reported() -> None:
    node = _node()
    for second in range(5):
        node.take(_packet(vitals(uptime_ms=77)), float(second))
    assert node.status(5.0).n_clock_stalls == 4
    assert node.status(4.0).uptime_s == pytest.approx(0.077)


def test_decoded_bytes_and_built_values_are_the_same_to_a_node() -> None:
    assert _packet(csi(3, 9)) == frame(3, 9)
