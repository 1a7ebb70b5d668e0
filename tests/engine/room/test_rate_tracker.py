"""A rate over time: consistent before it is said, held for a moment, gone when anything speaks against it."""

import pytest

from ruview_engine.room.rate_tracker import FORGET_S, RateTracker
from ruview_engine.room.reading import Reading, WhyNot


def value(bpm: float) -> Reading[float]:
    return Reading(value=bpm, confidence=0.8)


def silent(why_not: WhyNot = WhyNot.WEAK_EVIDENCE, tail_share: float = 1.0) -> Reading[float]:
    return Reading(value=None, confidence=0.0, why_not=why_not, evidence=(("tail_share", tail_share),))


WEAK = silent()
#: A rate may be held as long as here. Origin: chosen, more than the gap that ends everything.
HOLD_S = 5.0


def shown(*looks: Reading[float], step_s: float = 1.0, hold_s: float = 0.0) -> list[float | None]:
    tracker, result = RateTracker(), []
    for index, look in enumerate(looks):
        tracker, reading = tracker.follow(10.0 + index * step_s, look, hold_s)
        result.append(reading.value)
    return result


def test_the_first_look_is_not_believed() -> None:
    tracker, reading = RateTracker().follow(0.0, value(12.0))
    assert reading.value is None
    assert reading.why_not is WhyNot.WEAK_EVIDENCE
    assert tracker.expected_bpm(1.0, HOLD_S) is None


def test_two_of_three_agreeing_looks_are() -> None:
    assert shown(value(12.0), value(12.4)) == [None, pytest.approx(12.2)]
    assert shown(value(12.0), WEAK, value(12.2)) == [None, None, pytest.approx(12.1)]
    assert shown(value(12.0), WEAK, WEAK, value(12.2)) == [None] * 4


def test_random_rates_are_never_shown() -> None:
    assert shown(*map(value, [8.0, 14.0, 22.0, 11.0, 28.0, 17.0])) == [None] * 6


def test_a_slip_is_smoothed_and_a_change_followed() -> None:
    steady = shown(*map(value, [12.0, 12.0, 12.6, 12.0, 12.1]))
    assert steady[2] == 12.0
    changed = shown(*map(value, [12.0, 12.0, 18.0, 18.0, 18.1]))
    assert changed[2] is None
    assert changed[-1] == 18.0


def test_without_a_hold_nothing_outlives_its_evidence() -> None:
    assert shown(*[value(12.0)] * 5, WEAK)[-1] is None


def test_held_while_too_weak_and_for_so_long_only() -> None:
    told = shown(value(12.0), value(12.0), *[WEAK] * 6, hold_s=HOLD_S)
    assert told == [None, *[12.0] * 5, None, None]


def test_a_held_rate_says_how_old_it_is_and_is_not_told() -> None:
    tracker = RateTracker()
    for at_s in (1.0, 2.0):
        tracker, reading = tracker.follow(at_s, value(12.0), HOLD_S)
    assert tracker.is_told(2.0)
    tracker, reading = tracker.follow(3.0, WEAK, HOLD_S)
    assert dict(reading.evidence)["held_s"] == 1.0
    assert not tracker.is_told(3.0)


@pytest.mark.parametrize(
    "look",
    [silent(why_not) for why_not in WhyNot if why_not is not WhyNot.WEAK_EVIDENCE]
    + [silent(tail_share=0.1), Reading.none(WhyNot.WEAK_EVIDENCE), value(18.0)],
)
def test_whatever_speaks_against_it_ends_the_hold(look: Reading[float]) -> None:
    assert shown(value(12.0), value(12.0), look, WEAK, hold_s=HOLD_S)[2:] == [None, None]


def test_movement_ends_the_hold() -> None:
    tracker = RateTracker()
    for at_s in (1.0, 2.0):
        tracker, _ = tracker.follow(at_s, value(12.0), HOLD_S)
    assert tracker.follow(3.0, WEAK, hold_s=0.5)[1].value is None


def test_what_is_held_goes_on_with_one_look() -> None:
    assert shown(value(12.0), value(12.0), WEAK, WEAK, WEAK, value(12.4), hold_s=HOLD_S)[-1] == pytest.approx(12.2)


def test_a_pause_or_a_clock_step_back_forgets() -> None:
    assert shown(value(12.0), value(12.0), step_s=FORGET_S + 0.1) == [None, None]
    tracker, _ = RateTracker().follow(10.0, value(12.0))
    assert tracker.follow(9.0, value(12.0))[1].value is None


def test_expected_is_what_was_told_while_it_holds() -> None:
    tracker = RateTracker()
    for at_s in range(4):
        tracker, reading = tracker.follow(float(at_s), value(12.0 + 0.1 * at_s))
    assert tracker.expected_bpm(4.0) == reading.value, "the next look may continue it, whether it may be held or not"
    tracker, _ = tracker.follow(4.0, WEAK, HOLD_S)
    assert tracker.expected_bpm(5.0, HOLD_S) == reading.value
    assert tracker.expected_bpm(5.0, hold_s=0.5) is None
    assert tracker.expected_bpm(9.0, HOLD_S) is None
