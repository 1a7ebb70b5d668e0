"""Recordings through the engine at recording time: what `evaluate` writes, on simulated boards and on recordings."""

import os
from pathlib import Path

import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.evaluation import EmptyRoom, Evaluation
from ruview_engine.ingest.recording import read_recording
from ruview_engine.simulate import Person, Simulator, Timeline, scenes

DATA = Path(os.environ.get("RUVIEW_DATA", Path(__file__).parents[3] / "shared/data"))
SEED = 1


def recorded(text: str, seconds: float):
    """What the boards of the living room send while one person does this."""
    scene = scenes.living_room(1)
    person = Person(scene, SEED).follow([(0.0, text)])
    simulator = Simulator(scene, Timeline([person]), SEED)
    return [(at_s, source[0], datagram) for at_s, source, datagram in simulator.datagrams(seconds)]


@pytest.fixture(scope="module")
def empty() -> EmptyRoom:
    return EmptyRoom.learn([recorded("absent", 40.0)])


def test_every_second_and_every_change_has_its_place(empty):
    report = Evaluation(empty).run(recorded("walk", 8.0))
    assert [second["t"] for second in report["seconds"]] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    fields = {"t", "motion", "presence", "regime", "breathing", "heart_rate", "reasons"}
    assert all(set(second) == fields for second in report["seconds"])
    assert all(set(change) == {"t", "frame", "from", "to"} for change in report["changes"])
    assert all(set(link) == {"id", "layout", "fs_hz", "frames", "kept"} for link in report["links"])
    assert report["seconds"][-1]["motion"] is True
    assert report["seconds"][-1]["presence"] == "present"


def test_an_unknown_value_always_has_its_reason(empty):
    for second in Evaluation(empty).run(recorded("absent", 6.0))["seconds"]:
        assert second["motion"] is not True
        assert (second["motion"] is None) == ("motion" in second["reasons"])
        assert (second["presence"] == "unknown") == ("presence" in second["reasons"])
        for name in ("breathing", "heart_rate"):
            assert (second[name]["value"] is None) == (second[name]["reason"] is not None)


def test_a_room_that_moves_is_occupied_though_nothing_was_taught():
    seconds = Evaluation().run(recorded("walk", 20.0))["seconds"]
    moving = [second for second in seconds if second["motion"]]
    assert len(moving) >= 5
    assert {second["presence"] for second in moving} == {"present"}


def test_nobody_learns_quiet_from_movement():
    with pytest.raises(TrainingError, match="motion"):
        EmptyRoom.learn([recorded("walk", 30.0)])


@pytest.mark.parametrize("session", ["s3_64sc_20260117_2226", "c6_64sc_20260310_2304"])
def test_ten_seconds_that_begin_with_somebody_walking_off_still_teach_quiet(session):
    folder = DATA / "espectre_multichip"
    if not folder.is_dir():
        pytest.skip(f"no recordings at {DATA}; set RUVIEW_DATA")
    (quiet,), (movement,) = (sorted(folder.glob(f"{kind}_{session}*.npz")) for kind in ("baseline", "movement"))
    taught = EmptyRoom.learn([read_recording(quiet)])
    assert taught.baseline is None
    assert taught.refusal is not None
    seconds = Evaluation(taught).run(read_recording(movement))["seconds"]
    assert sum(second["motion"] is True for second in seconds) >= 0.98 * len(seconds)
