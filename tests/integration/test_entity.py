"""When a state is worth a row, and when a reading is unavailable rather than unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.ruview.entity import RIDER_EVERY_S, Policy, Writer
from custom_components.ruview.ruview_engine.room.reading import Reading, WhyNot
from custom_components.ruview.sensor import ROOM

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


async def test_unavailable_is_for_nothing_to_stand_on(house: House) -> None:
    from dataclasses import replace

    await house.live(3)
    entity_rows = {row.key: row for row in ROOM}
    posture = house.room.live.state.posture
    assert posture.why_not is WhyNot.NO_BASELINE
    assert house.state("posture") == "unavailable"
    warming = Reading[float].none(WhyNot.WARMING_UP)
    state = replace(house.room.live.state, posture=Reading.none(WhyNot.STALE), breathing=warming)
    house.room.live.room.state = state
    house.room._published_s = 0.0
    house.room._publish(60_000.0 - 9_000.0)
    fresh = replace(house.room.data, is_fresh=True)
    house.room.async_set_updated_data(fresh)
    assert house.state("posture") == "unknown"
    assert house.attributes("posture")["reason"] == "stale"
    assert house.state("breathing_rate") == "unknown", "it does not turn unavailable when somebody comes early"
    assert entity_rows["posture"].is_private
