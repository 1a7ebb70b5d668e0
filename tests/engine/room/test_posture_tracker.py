"""A certain posture holds until somebody moves, and not a moment longer."""

import pytest

from ruview_engine.room.posture_tracker import HOLD_S, PostureTracker
from ruview_engine.room.reading import Reading, WhyNot
from ruview_engine.room.state import Posture

STANDS = Reading(value=Posture.STANDING, confidence=0.8)
SITS = Reading(value=Posture.SITTING, confidence=0.9)
UNKNOWN: Reading[Posture] = Reading.none(WhyNot.AMBIGUOUS)


def told(reading: Reading[Posture] = STANDS, at_s: float = 100.0) -> PostureTracker:
    return PostureTracker().follow(at_s, reading, 50.0)[0]


def test_nothing_is_held_before_anything_was_certain() -> None:
    assert PostureTracker().follow(1.0, UNKNOWN, None) == (PostureTracker(), UNKNOWN)
    assert PostureTracker().expected(1.0, None) is None


def test_one_certain_answer_holds_as_sure_as_it_was() -> None:
    tracker, reading = told().follow(130.0, UNKNOWN, 50.0)
    assert (reading.value, reading.confidence) == (Posture.STANDING, 0.8)
    assert dict(reading.evidence)["held_s"] == 30.0
    assert tracker.follow(160.0, UNKNOWN, 50.0)[1].value is Posture.STANDING


def test_any_movement_ends_it_for_good() -> None:
    tracker, reading = told().follow(130.0, UNKNOWN, 129.0)
    assert reading is UNKNOWN
    assert tracker == PostureTracker()


@pytest.mark.parametrize("why", [WhyNot.STALE, WhyNot.NO_FRAMES])
def test_it_is_not_held_where_a_movement_could_not_have_been_seen(why: WhyNot) -> None:
    assert told().follow(130.0, Reading.none(why), 50.0)[1].why_not is why


def test_it_is_not_held_for_ever() -> None:
    assert told().follow(100.0 + HOLD_S, UNKNOWN, 50.0)[1].value is Posture.STANDING
    assert told().follow(101.0 + HOLD_S, UNKNOWN, 50.0)[1].value is None


def test_two_postures_without_a_movement_between_them_are_none() -> None:
    tracker, reading = told().follow(130.0, SITS, 50.0)
    assert reading.value is None
    assert reading.why_not is WhyNot.AMBIGUOUS
    assert tracker == PostureTracker()
    assert told().follow(130.0, SITS, 120.0)[1].value is Posture.SITTING


def test_what_is_shown_not_to_be_so_is_not_held_on() -> None:
    assert told().without(Posture.STANDING) == PostureTracker()
    assert told().without(Posture.SITTING) == told()


def test_a_look_may_expect_what_no_movement_ended() -> None:
    assert told().expected(130.0, None) is Posture.STANDING
    assert told().expected(130.0, 110.0) is None
