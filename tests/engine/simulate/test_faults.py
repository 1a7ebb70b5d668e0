"""Every fault shows on the wire as it does on real boards, when and only when it is scripted."""

from itertools import pairwise

import numpy as np
import pytest

from ruview_engine.simulate import Simulator, scenes
from ruview_engine.simulate.arrivals import NONE, POOR
from ruview_engine.simulate.faults import (
    AddressChange,
    ChannelChange,
    GainStep,
    LayoutChange,
    Loss,
    NodeMoved,
    PowerStep,
    RateChange,
    Reboot,
    Roam,
    Silence,
    TransmitterGone,
)
from ruview_engine.wire import CsiFrame, EdgeVitals, LinkStatus, decode


def play(duration_s, *faults, imperfections=NONE, **scene):
    scene = scenes.living_room(**({"nodes": 1, "n_others": 0, "drift": 0} | scene))
    simulator = Simulator(scene, seed=3, imperfections=imperfections, faults=faults)
    return [(at_s, source, decode(datagram)) for at_s, source, datagram in simulator.datagrams(duration_s)]


def frames(sent, begin=0.0, end=np.inf):
    return [packet for at_s, _, packet in sent if isinstance(packet, CsiFrame) and begin <= at_s < end]


def level(of):
    iq = np.array([np.frombuffer(frame.iq, np.int8) for frame in of], float)
    return np.hypot(iq[:, ::2], iq[:, 1::2]).mean()


def shape(of):
    iq = np.array([np.frombuffer(frame.iq, np.int8) for frame in of], float)
    mean = np.hypot(iq[:, ::2], iq[:, 1::2]).mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_silence_is_total_and_a_csi_stall_is_not():
    total = play(30, Silence(begin_s=10, end_s=20))
    stalled = play(30, Silence(begin_s=10, end_s=20, csi_only=True))
    assert not [packet for at_s, _, packet in total if 10 <= at_s < 20]
    assert not frames(stalled, 10, 20)
    assert len([p for at_s, _, p in stalled if isinstance(p, EdgeVitals) and 10 <= at_s < 20]) >= 9
    assert frames(total, 20)


def test_reboot_restarts_numbers_and_uptime():
    sent = play(30, Reboot(begin_s=10, end_s=14))
    assert not [packet for at_s, _, packet in sent if 10 <= at_s < 14]
    assert frames(sent, 0, 10)[-1].sequence > frames(sent, 14)[0].sequence
    assert frames(sent, 14)[0].sequence < 5
    uptimes = [packet.uptime_ms for at_s, _, packet in sent if isinstance(packet, EdgeVitals) and at_s > 14]
    assert uptimes[0] < 2_000


def test_roam_swaps_path_and_names_it():
    mac = bytes(range(6))
    sent = play(40, Roam(begin_s=20, position=(0.3, 0.3, 2.0), mac=mac), version=2)
    assert {frame.transmitter for frame in frames(sent, 21)} == {mac}
    assert mac not in {frame.transmitter for frame in frames(sent, 0, 20)}
    assert 1 - shape(frames(sent, 0, 20)) @ shape(frames(sent, 21)) > 0.005
    status = [packet for at_s, _, packet in sent if isinstance(packet, LinkStatus) and at_s > 20]
    assert status[0].bssid == mac


def test_channel_change():
    sent = play(20, ChannelChange(begin_s=10, channel=11))
    assert {frame.freq_mhz for frame in frames(sent, 0, 10)} == {2437}
    assert {frame.freq_mhz for frame in frames(sent, 10)} == {2462}


def test_gain_step_changes_amplitude_and_power_step_only_rssi():
    gain = play(40, GainStep(begin_s=20, level_db=-6))
    power = play(40, PowerStep(begin_s=20, power_db=-9))
    assert level(frames(gain, 20)) / level(frames(gain, 0, 20)) == pytest.approx(0.5, abs=0.06)
    assert level(frames(power, 20)) / level(frames(power, 0, 20)) == pytest.approx(1, abs=0.25)
    rssi = [np.median([frame.rssi_dbm for frame in part]) for part in (frames(power, 0, 20), frames(power, 20))]
    assert rssi[0] - rssi[1] == pytest.approx(9, abs=1)


def test_rate_loss_and_address():
    slow = play(40, RateChange(begin_s=20, factor=0.1))
    assert len(frames(slow, 20)) == pytest.approx(len(frames(slow, 0, 20)) / 10, rel=0.3)
    lost = play(40, Loss(begin_s=20, share=0.5))
    assert len(frames(lost, 20)) == pytest.approx(len(frames(lost, 0, 20)) / 2, rel=0.15)
    moved = play(20, AddressChange(begin_s=10, address=("127.0.0.77", 5005)))
    assert {source[0] for at_s, source, _ in moved if at_s < 10} == {"127.0.0.11"}
    assert {source[0] for at_s, source, _ in moved if at_s >= 10} == {"127.0.0.77"}


def test_transmitter_gone_leaves_the_others():
    sent = play(40, TransmitterGone(begin_s=20, transmitter=0), version=2, n_others=2)
    heard = [{frame.transmitter for frame in part} for part in (frames(sent, 0, 20), frames(sent, 20))]
    assert len(heard[0]) == 3
    assert heard[1] < heard[0]
    assert len(heard[1]) == 2


def test_layout_change_and_moved_node():
    sent = play(20, LayoutChange(begin_s=10, old="64", new="128"))
    assert {frame.n_pairs for frame in frames(sent, 0, 10)} == {64}
    assert {frame.n_pairs for frame in frames(sent, 10)} == {128}
    pushed = play(40, NodeMoved(begin_s=20, offset=(0.1, 0.0, 0.0)))
    assert 1 - shape(frames(pushed, 0, 20)) @ shape(frames(pushed, 20)) > 0.002


def test_faults_of_one_node_leave_the_other_alone():
    sent = play(20, Silence(begin_s=5, end_s=15, node_id=2), nodes=2)
    assert {frame.node_id for frame in frames(sent, 5, 15)} == {1}


def test_poor_radio_has_gaps_repetitions_and_foreign_frames():
    sent = frames(play(120, imperfections=POOR))
    steps = np.diff([frame.sequence for frame in sent])
    assert 0.2 < np.mean(steps > 1) < 0.4
    assert 0.03 < np.mean([a.iq == b.iq for a, b in pairwise(sent)]) < 0.08
    iq = np.array([np.frombuffer(frame.iq, np.int8) for frame in sent], float)
    amplitude = np.hypot(iq[:, ::2], iq[:, 1::2])
    unit = amplitude / np.linalg.norm(amplitude, axis=1, keepdims=True)
    median = np.median(unit, axis=0)
    foreign = 1 - unit @ median / np.linalg.norm(median) > 0.02
    assert 0.03 < foreign.mean() < 0.12
