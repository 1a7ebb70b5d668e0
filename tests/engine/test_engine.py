"""The engine as its owner sees it: datagrams and ticks in, notices and states out."""

import numpy as np
import pytest

from ruview_engine.engine import Engine
from ruview_engine.errors import OrderError
from ruview_engine.ingest.receiver import ReceiverSettings
from ruview_engine.notice import CsiResumed, CsiStalled, NodeAppeared, NodeConflict, NodeLost, NodeReturned
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.state import Calibration
from ruview_engine.settings import EngineSettings, RoomSettings
from ruview_engine.wire import CsiFrame, EdgeVitals, encode

HOME = "192.0.2.7"


def frame(sequence: int, rng: np.random.Generator, node_id: int = 1) -> bytes:
    shape = 40 + 20 * np.sin(np.arange(64) / 7)
    noise = rng.normal(0, 1, 64)
    iq = np.zeros((64, 2), dtype=np.int8)
    iq[:, 0] = np.clip(shape + noise, 1, 127)
    return encode(
        CsiFrame(
            version=1, node_id=node_id, n_antennas=1, n_pairs=64, freq_mhz=2437, sequence=sequence, rssi_dbm=-50,
            noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
        )
    )  # fmt: skip


def vitals(uptime_ms: int) -> bytes:
    return encode(
        EdgeVitals(
            node_id=1, flags=0, breathing_bpm=0.0, heart_bpm=0.0, rssi_dbm=-50, n_persons=1, motion_energy=1.0,
            presence_score=1.0, uptime_ms=uptime_ms,
        )
    )  # fmt: skip


def test_a_node_appears_is_lost_and_returns(rng: np.random.Generator) -> None:
    engine = Engine()
    (notice,) = engine.feed(frame(1, rng), HOME, 1.0)
    assert notice == NodeAppeared(at_s=1.0, node="1", address=HOME)
    assert engine.feed(frame(2, rng), HOME, 1.05) == ()
    assert NodeLost(at_s=30.0, node="1") in engine.tick(30.0)
    assert engine.tick(31.0) == ()
    assert NodeReturned(at_s=40.0, node="1") in engine.feed(frame(3, rng), HOME, 40.0)


def test_a_second_board_with_the_same_number_is_told_once(rng: np.random.Generator) -> None:
    engine = Engine()
    for k in range(20):
        engine.feed(frame(k, rng), HOME, 0.1 * k)
        engine.feed(frame(k, rng), "192.0.2.8", 0.1 * k + 0.05)
    assert set(engine.nodes) == {"1", "1@192.0.2.8"}
    assert [notice for notice in engine.tick(2.0) if isinstance(notice, NodeConflict)] == [
        NodeConflict(at_s=2.0, node="1", address=HOME)
    ]
    assert engine.tick(3.0) == ()


def test_csi_can_stall_while_the_node_lives(rng: np.random.Generator) -> None:
    engine = Engine()
    for k in range(40):
        engine.feed(frame(k, rng), HOME, 0.05 * k)
    notices = []
    for second in range(3, 12):
        engine.feed(vitals(second * 1000), HOME, float(second))
        notices += engine.tick(second + 0.5)
    assert [type(notice) for notice in notices] == [CsiStalled]
    assert CsiResumed(at_s=12.0, node="1") in engine.feed(frame(50, rng), HOME, 12.0)


def test_garbage_changes_nothing_but_counters(rng: np.random.Generator) -> None:
    engine = Engine()
    for _ in range(500):
        assert engine.feed(rng.bytes(int(rng.integers(0, 300))), "198.51.100.9", float(rng.uniform(0, 10))) == ()
    assert not engine.nodes
    assert engine.counters.n_received == 500


def test_a_room_without_frames_says_so() -> None:
    engine = Engine()
    room = engine.add_room(RoomSettings(room_id="study", nodes=frozenset({"1"})), at_s=0.0)
    assert room.state.presence.why_not is WhyNot.NO_FRAMES
    assert room.state.motion.value is None
    assert room.state.calibration is Calibration.UNCALIBRATED
    assert room.snapshot is None


def test_two_rooms_cannot_have_one_id() -> None:
    engine = Engine()
    engine.add_room(RoomSettings(room_id="study", nodes=None), at_s=0.0)
    with pytest.raises(OrderError, match="study"):
        engine.add_room(RoomSettings(room_id="study", nodes=None), at_s=0.0)


def test_frames_of_other_rooms_nodes_do_not_reach_a_room(rng: np.random.Generator) -> None:
    engine = Engine()
    mine = engine.add_room(RoomSettings(room_id="mine", nodes=frozenset({"1"})), at_s=0.0)
    other = engine.add_room(RoomSettings(room_id="other", nodes=frozenset({"2"})), at_s=0.0)
    for k in range(60):
        engine.feed(frame(k, rng), HOME, 0.05 * k)
    assert len(mine.inputs(3.0).windows) == 1
    assert other.inputs(3.0).windows == ()


def test_a_node_that_lost_its_place_is_forgotten_everywhere(rng: np.random.Generator) -> None:
    """Invented boards take each other's places in the roster; nothing of them may pile up behind it."""
    engine = Engine(EngineSettings(receiver=ReceiverSettings(max_nodes=4)))
    engine.add_room(RoomSettings(room_id="mine", nodes=frozenset({"1"})), at_s=0.0)
    everybody = engine.add_room(RoomSettings(room_id="everybody", nodes=None), at_s=0.0)
    for k in range(40):
        engine.feed(frame(k, rng), HOME, 0.05 * k)
    for number in range(2, 60):
        at_s = 40.0 * number
        for k in range(30):
            engine.feed(frame(k, rng, node_id=number), f"198.51.100.{number}", at_s + 0.05 * k)
        engine.tick(at_s + 1.0)
    at_s += 4000.0
    for k in range(30):
        for number in range(60, 64):
            engine.feed(frame(k, rng, node_id=number), f"198.51.100.{number}", at_s + 0.05 * k)
    engine.tick(at_s + 1.0)
    assert "1" not in engine.nodes, "its place went, too"
    known = set(engine.nodes) | {"1"}
    assert {link.node for link in engine.taps} == known, "a room asks for node 1: its links keep their names"
    for per_node in (engine._online, engine._demuxes):
        assert set(per_node) == known
    assert {key for key, stalled in engine._stalled.items() if stalled} <= known
    assert {window.link.node for window in everybody.inputs(at_s).windows} <= known
    assert set(everybody._nodes) == known
    back = engine.feed(frame(0, rng, node_id=2), "198.51.100.2", at_s + 4000.0)
    assert [type(notice) for notice in back] == [NodeAppeared], "it is new when it speaks again"


def test_introspection_can_be_switched_off(rng: np.random.Generator) -> None:
    engine = Engine(EngineSettings(is_introspecting=False))
    room = engine.add_room(RoomSettings(room_id="mine", nodes=None), at_s=0.0)
    for k in range(60):
        engine.feed(frame(k, rng), HOME, 0.05 * k)
    assert room.snapshot is None
    assert all(tap.introspector is None for tap in engine.taps.values())


def test_the_slow_job_reads_the_path_of_every_link(rng: np.random.Generator) -> None:
    """Exponent and dimension are worked out beside the frames and shown by the snapshots that follow."""
    engine = Engine()
    room = engine.add_room(RoomSettings(room_id="mine", nodes=None), at_s=0.0)
    for k in range(140):
        engine.feed(frame(k, rng), HOME, 0.05 * k)
    assert room.snapshot is not None
    assert dict(room.snapshot.links[0].why_not)["lyapunov_exponent"] == "short_trajectory"
    room.apply(room.slow_job(7.0)())
    engine.feed(frame(140, rng), HOME, 7.0)
    (shot,) = room.snapshot.links
    assert shot.lyapunov_exponent is not None
    assert shot.lyapunov_interval is not None
    assert dict(shot.why_not).get("attractor_dim") != "short_trajectory"
