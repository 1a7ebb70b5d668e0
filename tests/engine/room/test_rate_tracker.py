"""A rate over time: consistent before it is said, gone when its evidence is."""

import pytest

from ruview_engine.room.rate_tracker import FORGET_S, RateTracker
from ruview_engine.room.reading import Reading, WhyNot


def value(bpm: float) -> Reading[float]:
    return Reading(value=bpm, confidence=0.8)


NOTHING: Reading[float] = Reading.none(WhyNot.WEAK_EVIDENCE)


def shown(*looks: Reading[float], step_s: float = 1.0) -> list[float | None]:
    tracker, result = RateTracker(), []
    for index, look in enumerate(looks):
        tracker, reading = tracker.follow(10.0 + index * step_s, look)
        result.append(reading.value)
    return result


def test_the_first_look_is_not_believed() -> None:
    tracker, reading = RateTracker().follow(0.0, value(12.0))
    assert reading.value is None
    assert reading.why_not is WhyNot.WARMING_UP
    assert tracker.expected_bpm is None


def test_two_of_three_agreeing_looks_are() -> None:
    assert shown(value(12.0), value(12.4)) == [None, pytest.approx(12.2)]
    assert shown(value(12.0), NOTHING, value(12.2)) == [None, None, pytest.approx(12.1)]
    assert shown(value(12.0), NOTHING, NOTHING, value(12.2)) == [None] * 4


def test_random_rates_are_never_shown() -> None:
    assert shown(*map(value, [8.0, 14.0, 22.0, 11.0, 28.0, 17.0])) == [None] * 6


def test_a_slip_is_smoothed_and_a_change_followed() -> None:
    steady = shown(*map(value, [12.0, 12.0, 12.6, 12.0, 12.1]))
    assert steady[2] == 12.0
    changed = shown(*map(value, [12.0, 12.0, 18.0, 18.0, 18.1]))
    assert changed[2] is None
    assert changed[-1] == 18.0


def test_nothing_outlives_its_evidence() -> None:
    assert shown(*[value(12.0)] * 5, NOTHING)[-1] is None


def test_a_pause_or_a_clock_step_back_forgets() -> None:
    assert shown(value(12.0), value(12.0), step_s=FORGET_S + 0.1) == [None, None]
    tracker, _ = RateTracker().follow(10.0, value(12.0))
    assert tracker.follow(9.0, value(12.0))[1].value is None


def test_expected_is_what_was_shown() -> None:
    tracker = RateTracker()
    for at_s in range(4):
        tracker, reading = tracker.follow(float(at_s), value(12.0 + 0.1 * at_s))
    assert tracker.expected_bpm == reading.value
