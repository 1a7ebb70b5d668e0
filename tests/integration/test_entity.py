"""When a state is worth a row, and when a reading is unavailable rather than unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.ruview.binary_sensor import is_anomalous, occupancy
from custom_components.ruview.entity import RIDER_EVERY_S, Policy, Writer
from custom_components.ruview.ruview_engine.introspection.snapshot import Regime, RoomSnapshot, Snapshot
from custom_components.ruview.ruview_engine.room.reading import Reading, WhyNot
from custom_components.ruview.ruview_engine.room.state import Posture, Presence
from custom_components.ruview.sensor import ROOM, confidence, motion_level, of_best_link, reading, regime
from custom_components.ruview.view import RoomView

from .conftest import House

T = 1000.0


@pytest.mark.parametrize(
    ("policy", "steps", "written"),
    [
        (Policy(), [(0, "a"), (1, "a"), (2, "b"), (3, None), (4, None), (5, "b")], [0, 2, 3, 5]),
        (Policy(step=0.5, every_s=10), [(0, 14.0), (11, 14.4), (12, 14.5), (13, 16.0), (22, 16.0)], [0, 12, 22]),
        (Policy(step=0.5, every_s=10), [(0, 14.0), (1, None), (2, 18.0)], [0, 1, 2]),
        (Policy(every_s=60), [(0, True), (1, False), (2, True)], [0, 1, 2]),
        (Policy(), [(0, 1), (1, 2), (1.1, 2)], [0, 1]),
    ],
)
def test_writer(policy: Policy, steps: list[tuple[float, Any]], written: list[float]) -> None:
    writer = Writer(policy)
    assert [at for at, value in steps if writer.wants(True, value, {}, T + at)] == written


def test_availability_is_always_news() -> None:
    writer = Writer(Policy(step=10, every_s=1000))
    seen = [writer.wants(is_available, 5.0, {}, T + i) for i, is_available in enumerate([True, False, False, True])]
    assert seen == [True, True, False, True]


def test_riders_wait() -> None:
    writer = Writer(Policy())
    assert writer.wants(True, "on", {"confidence": 0.9}, T)
    assert not writer.wants(True, "on", {"confidence": 0.8}, T + RIDER_EVERY_S - 1)
    assert writer.wants(True, "on", {"confidence": 0.7}, T + RIDER_EVERY_S)


def test_times_jitter_below_their_step() -> None:
    writer = Writer(Policy(step=60))
    booted = datetime(2026, 11, 21, tzinfo=UTC)
    seen = [writer.wants(True, booted + timedelta(seconds=s), {}, T + s) for s in (0, 1, 59, 61)]
    assert seen == [True, False, False, True]


@pytest.fixture
def view(house: House) -> RoomView:
    return house.room.data


def with_state(view: RoomView, **changes: Any) -> RoomView:
    from dataclasses import replace

    return replace(view, state=replace(view.state, **changes))


def test_readings_keep_their_reason(view: RoomView) -> None:
    weak: Reading[Any] = Reading.none(WhyNot.WEAK_EVIDENCE)
    told = with_state(view, posture=weak, presence=weak, anomaly=weak, restlessness=weak)
    for found in (occupancy(told), is_anomalous(told), reading("posture")(told), reading("restlessness", 100.0)(told)):
        assert (found.value, found.why_not) == (None, WhyNot.WEAK_EVIDENCE)
    assert confidence("posture")(told).why_not is WhyNot.WEAK_EVIDENCE
    assert motion_level(with_state(view, motion_level=None)).why_not is WhyNot.WARMING_UP


def test_readings_keep_their_value(view: RoomView) -> None:
    told = with_state(
        view,
        posture=Reading(value=Posture.LYING, confidence=0.8),
        presence=Reading(value=Presence.CLEAR, confidence=0.9),
        anomaly=Reading(value=0.9, confidence=1.0),
        is_vetoed=True,
        restlessness=Reading(value=0.25, confidence=1.0),
        motion_level=0.5,
    )
    assert reading("posture")(told).value == "lying"
    assert occupancy(told).value is False
    assert is_anomalous(told).value is True
    assert reading("restlessness", 100.0)(told).value == 25.0
    assert confidence("posture")(told).value == 80.0
    assert motion_level(told).value == 50.0


def link(name: str, confidence: float, lyapunov: float | None) -> Snapshot:
    return Snapshot(
        timestamp_ns=1, node="1", link=name, frame_count=1, regime=Regime.IDLE, regime_confidence=confidence,
        regime_changed=False, lyapunov_exponent=lyapunov, lyapunov_interval=None, attractor_dim=None,
        attractor_confidence=0.0, change_score=None, change_threshold=None, top_k_similarity=(),
    )  # fmt: skip


def test_introspection_sensors(view: RoomView) -> None:
    from dataclasses import replace

    assert regime(replace(view, snapshot=None)).why_not is WhyNot.WARMING_UP
    assert of_best_link("lyapunov_exponent")(replace(view, snapshot=None)).why_not is WhyNot.WARMING_UP
    shot = RoomSnapshot(
        timestamp_ns=1, room_id="r", regime=Regime.PERIODIC, regime_confidence=0.7, regime_changed=False,
        change_score=None, change_threshold=None, top_k_similarity=(),
        links=(link("a", 0.2, 0.5), link("b", 0.9, 0.1), link("c", 1.0, None)),
    )  # fmt: skip
    told = replace(view, snapshot=shot)
    assert regime(told).value == "periodic"
    assert of_best_link("lyapunov_exponent")(told).value == 0.1
    assert of_best_link("attractor_dim")(told).why_not is WhyNot.WEAK_EVIDENCE
    assert regime(replace(told, snapshot=replace(shot, regime=Regime.UNKNOWN))).value is None


async def test_unavailable_is_for_nothing_to_stand_on(house: House) -> None:
    from dataclasses import replace

    await house.live(3)
    entity_rows = {row.key: row for row in ROOM}
    posture = house.room.live.state.posture
    assert posture.why_not is WhyNot.NO_BASELINE
    assert house.state("posture") == "unavailable"
    state = replace(house.room.live.state, posture=Reading.none(WhyNot.STALE))
    house.room.live.room.state = state
    house.room._published_s = 0.0
    house.room._publish(60_000.0 - 9_000.0)
    fresh = replace(house.room.data, is_fresh=True)
    house.room.async_set_updated_data(fresh)
    assert house.state("posture") == "unknown"
    assert house.attributes("posture")["reason"] == "stale"
    assert entity_rows["posture"].is_private
