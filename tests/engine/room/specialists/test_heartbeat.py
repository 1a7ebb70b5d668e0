"""The heartbeat specialist: right where it speaks, and it seldom speaks."""

import numpy as np
import pytest

from benchmarks.chest_link import ChestLink
from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.reading import Reading, WhyNot
from ruview_engine.room.specialists.breathing import BreathingSpecialist
from ruview_engine.room.specialists.heartbeat import HeartbeatSpecialist
from ruview_engine.room.window import LinkWindow

ORIGIN = {"version": 1, "trained_at_s": 1.0e9, "anchor_set_hash": "a", "baseline_hash": "b"}


def window(times: np.ndarray, profiles: np.ndarray) -> LinkWindow:
    n = len(times)
    return LinkWindow(
        link=LinkId("1", "64", "a"),
        times=times,
        profiles=profiles,
        levels=np.ones(n, np.float32),
        rssi_dbm=np.full(n, -50, np.float32),
    )


def breath_of(one: LinkWindow) -> Reading[float]:
    return BreathingSpecialist().read([one], at_s=float(one.times[-1]))


def read(one: LinkWindow, **options: object) -> Reading[float]:
    breathing = options.pop("breathing", None) or breath_of(one)
    return HeartbeatSpecialist().read([one], at_s=float(one.times[-1]), breathing=breathing, **options)  # type: ignore[arg-type]


def test_what_is_said_is_right_over_strengths(rng: np.random.Generator) -> None:
    """24 people from sight line to far: some are read, all of those within 5 per minute."""
    errors = []
    for ratio_db in (-4.0, -8.0, -12.0, -18.0):
        for _ in range(6):
            heart = rng.uniform(50, 110)
            link = ChestLink(ratio_db=ratio_db, breath_bpm=rng.uniform(9, 20), heart_bpm=heart, rate_hz=100)
            reading = read(window(*link.record(61, rng)[:2]))
            if reading.value is not None:
                errors.append(abs(reading.value - heart))
    assert len(errors) >= 5
    assert max(errors) < 5.0


def test_a_chest_without_a_heart_has_no_rate(rng: np.random.Generator) -> None:
    for _ in range(8):
        link = ChestLink(ratio_db=-6, breath_bpm=rng.uniform(9, 20), rate_hz=100)
        assert read(window(*link.record(61, rng)[:2])).value is None


def test_slow_frames_are_almost_always_unknown(rng: np.random.Generator) -> None:
    link = ChestLink(ratio_db=-12, breath_bpm=14, heart_bpm=70, rate_hz=20)
    assert read(window(*link.record(61, rng)[:2])).value is None


def test_gates(rng: np.random.Generator) -> None:
    one = window(*ChestLink(ratio_db=-8, breath_bpm=14, heart_bpm=71, rate_hz=100).record(61, rng)[:2])
    now = float(one.times[-1])
    unseen: Reading[float] = Reading.none(WhyNot.ABSENT)
    assert read(one, breathing=unseen).why_not is WhyNot.ABSENT
    assert read(one, moving_at_s=[now - 20.0]).why_not is WhyNot.MOVING
    breathing = Reading(value=14.0, confidence=1.0)
    assert HeartbeatSpecialist().read([], at_s=now, breathing=breathing).why_not is WhyNot.NO_FRAMES
    assert HeartbeatSpecialist().read([one], at_s=now + 9, breathing=breathing).why_not is WhyNot.NO_FRAMES
    short = one.between(now - 20, now)
    assert HeartbeatSpecialist().read([short], at_s=now, breathing=breathing).why_not is WhyNot.WARMING_UP


def test_devices_that_measure_hearts_are_believed_within_reason() -> None:
    breathing: Reading[float] = Reading.none(WhyNot.ABSENT)
    devices = [("mmwave", 64.0, 0.7), ("watch", 66.0, 0.9), ("broken", 300.0, 1.0), ("unsure", 80.0, 0.2)]
    reading = HeartbeatSpecialist().read([], at_s=0.0, breathing=breathing, devices=devices)
    assert reading.value == 66.0
    assert dict(reading.evidence) == {"from_device": 1.0}
    assert HeartbeatSpecialist().read([], at_s=0.0, breathing=breathing, devices=devices[2:]).value is None


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_dead_profiles_have_no_heart(value: float) -> None:
    times = np.arange(0, 61, 0.01)
    dead = window(times, np.full((len(times), 52), value, np.float32))
    assert read(dead, breathing=Reading(value=14.0, confidence=1.0)).value is None


def test_training_is_refused_where_no_heart_shows(rng: np.random.Generator) -> None:
    far = window(*ChestLink(ratio_db=-26, breath_bpm=14, heart_bpm=70, rate_hz=50).record(31, rng)[:2])
    with pytest.raises(TrainingError, match="no heartbeat visible in 1"):
        HeartbeatSpecialist.fit({"lie_down": [far]}, BreathingSpecialist().read, **ORIGIN)  # type: ignore[arg-type]


def test_training_keeps_what_it_saw(rng: np.random.Generator) -> None:
    link = ChestLink(ratio_db=-4, breath_bpm=13, heart_bpm=73, rate_hz=140, heart_m=0.0006)
    anchors = {label: [window(*link.record(31, rng)[:2])] for label in ("lie_down", "sleep_posture", "sit")}
    trained = HeartbeatSpecialist.fit(anchors, BreathingSpecialist().read, **ORIGIN)  # type: ignore[arg-type]
    assert trained.expected_db is not None
    assert trained.provenance is not None
    assert trained.provenance.quality.n_blocks == 3
    assert HeartbeatSpecialist.from_dict(trained.to_dict(), trained.provenance) == trained


@pytest.mark.parametrize("stored", [{}, {"expected_db": "x"}, {"expected_db": float("nan")}, {"expected_db": -4.0}])
def test_damaged_stores_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        HeartbeatSpecialist.from_dict(stored)
