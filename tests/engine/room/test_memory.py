"""What is remembered, and what a hole in time takes away."""

from dataclasses import replace

import pytest

from ruview_engine.room.adaptation import Adaptation
from ruview_engine.room.memory import Memory
from ruview_engine.room.rate_tracker import RateTracker
from ruview_engine.room.state import Presence


def test_at_the_start_nobody_has_looked():
    memory = Memory.new(100.0)
    assert memory.may_be_inside
    assert memory.presence is None
    assert memory.log_odds == 0.0
    assert (memory.at_s, memory.started_s, memory.sign_s) == (100.0, 100.0, 100.0)


@pytest.mark.parametrize(("moved_s", "expected"), [(None, 20.0), (115.0, 5.0)])
def test_stillness_counts_from_the_last_movement_or_the_start(moved_s, expected):
    assert replace(Memory.new(100.0), moved_s=moved_s).seconds_since_motion(120.0) == expected


def test_a_hole_takes_presence_and_leaves_what_is_about_the_room():
    watched = (object(),)
    adaptation = Adaptation(is_enabled=False)
    before = replace(
        Memory.new(100.0), log_odds=4.0, presence=Presence.PRESENT, moved_s=110.0, may_be_inside=False,
        is_moving=True, breath=RateTracker(looks=((110.0, 15.0),)), watched=watched, adaptation=adaptation,
    )  # fmt: skip
    after = before.forgotten(5000.0)
    assert (after.watched, after.adaptation) == (watched, adaptation)
    assert (after.log_odds, after.presence, after.moved_s, after.is_moving, after.may_be_inside) == (
        0.0, None, None, False, True,
    )  # fmt: skip
    assert (after.at_s, after.started_s) == (5000.0, 5000.0)
    assert after.breath.looks == ()
