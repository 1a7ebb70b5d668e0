"""Restlessness between two anchors."""

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialists.restlessness import RestlessnessSpecialist, auc_of, energy_by_second
from ruview_engine.room.window import LinkWindow

ORIGIN = {"version": 2, "trained_at_s": 1.0e9, "anchor_set_hash": "a", "baseline_hash": "b"}


def window(rng: np.random.Generator, mean_z: np.ndarray | float, seconds: int = 30, node: str = "1") -> LinkWindow:
    """Frames at 20 Hz whose z follows `mean_z` (one per second or constant)."""
    n = seconds * 20
    z = np.repeat(np.broadcast_to(mean_z, seconds), 20) + rng.normal(0, 1, n)
    return LinkWindow(
        link=LinkId(node, "64", "a"),
        times=np.arange(n) / 20,
        profiles=np.ones((n, 8), np.float32),
        levels=np.ones(n, np.float32),
        rssi_dbm=np.full(n, -50, np.float32),
        motion_z=z,
    )


@pytest.fixture
def trained(rng: np.random.Generator) -> RestlessnessSpecialist:
    anchors = {
        "sleep_posture": [window(rng, 0.0), window(rng, 0.0, node="2")],
        "small_move": [window(rng, 5.0), window(rng, 0.05, node="2")],
    }
    return RestlessnessSpecialist.fit(anchors, **ORIGIN)  # type: ignore[arg-type]


def test_calm_is_zero_moving_is_one(trained: RestlessnessSpecialist, rng: np.random.Generator) -> None:
    calm = trained.read([window(rng, 0.0, 60)], at_s=60.0)
    moving = trained.read([window(rng, 6.0, 60)], at_s=60.0)
    assert calm.value is not None
    assert calm.value < 0.03
    assert moving.value is not None
    assert moving.value > 0.97


def test_it_is_the_share_of_restless_seconds(trained: RestlessnessSpecialist, rng: np.random.Generator) -> None:
    tossing = np.where(np.arange(60) % 4 == 0, 7.0, 0.0)
    reading = trained.read([window(rng, tossing, 60)], at_s=60.0)
    assert reading.value is not None
    assert abs(reading.value - 0.25) < 0.05


def test_links_that_cannot_tell_are_left_out(trained: RestlessnessSpecialist, rng: np.random.Generator) -> None:
    assert set(trained.scales) == {"1/64/a"}
    assert trained.read([window(rng, 9.0, 60, node="2")], at_s=60.0).value is None


def test_too_little_to_say(trained: RestlessnessSpecialist, rng: np.random.Generator) -> None:
    assert trained.read([window(rng, 0.0, 12)], at_s=12.0).why_not is WhyNot.WARMING_UP
    assert trained.read([], at_s=12.0).why_not is WhyNot.NO_FRAMES
    assert trained.read([window(rng, 0.0, 60)], at_s=500.0).value is None
    assert RestlessnessSpecialist().read([window(rng, 0.0, 60)], at_s=60.0).why_not is WhyNot.NOT_TRAINED


def test_seconds_without_numbers_do_not_count(rng: np.random.Generator) -> None:
    one = window(rng, 1.0, 30)
    assert one.motion_z is not None
    one.motion_z[:200] = np.nan
    assert len(energy_by_second(one)) == 20
    without = LinkWindow(
        link=one.link, times=one.times, profiles=one.profiles, levels=one.levels, rssi_dbm=one.rssi_dbm
    )
    assert len(energy_by_second(without)) == 0


def test_lie_down_stands_in_for_sleep(rng: np.random.Generator) -> None:
    anchors = {"lie_down": [window(rng, 0.0)], "small_move": [window(rng, 4.0)]}
    assert RestlessnessSpecialist.fit(anchors, **ORIGIN).scales  # type: ignore[arg-type]


@pytest.mark.parametrize("moving_z", [0.0, -3.0])
def test_training_refuses_what_cannot_be_told_apart(moving_z: float, rng: np.random.Generator) -> None:
    anchors = {"sleep_posture": [window(rng, 0.0)], "small_move": [window(rng, moving_z)]}
    with pytest.raises(TrainingError, match="no link tells"):
        RestlessnessSpecialist.fit(anchors, **ORIGIN)  # type: ignore[arg-type]


def test_training_needs_both_ends(rng: np.random.Generator) -> None:
    with pytest.raises(TrainingError, match="needs small_move"):
        RestlessnessSpecialist.fit({"sleep_posture": [window(rng, 0.0)]}, **ORIGIN)  # type: ignore[arg-type]
    short = {"sleep_posture": [window(rng, 0.0, 5)], "small_move": [window(rng, 5.0, 5)]}
    with pytest.raises(TrainingError):
        RestlessnessSpecialist.fit(short, **ORIGIN)  # type: ignore[arg-type]


def test_survives_storage(trained: RestlessnessSpecialist) -> None:
    assert RestlessnessSpecialist.from_dict(trained.to_dict(), trained.provenance) == trained


@pytest.mark.parametrize(
    "scale",
    [
        {"calm_z": 1.0, "moving_z": 0.5, "auc": 0.9},
        {"calm_z": float("nan"), "moving_z": 0.5, "auc": 0.9},
        {"calm_z": 0.0, "moving_z": 3.0, "auc": 1.7},
        {"calm_z": 0.0},
        None,
    ],
)
def test_damaged_stores_are_refused(scale: dict[str, float] | None) -> None:
    with pytest.raises(Damaged):
        RestlessnessSpecialist.from_dict({"1/64/a": scale})


def test_auc_counts_ranks() -> None:
    assert auc_of(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0
    assert auc_of(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.5
