"""Sequence numbers and boot clocks: what is loss, what is a reboot, what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruview_engine.ingest.freshness import (
    MAX_STEP,
    MS_WRAP_US,
    NORMAL_STEP,
    WINDOW,
    BootClock,
    Freshness,
    SequenceWindow,
)

NEW, DUPLICATE, LATE, SUSPECT, REBOOTED = Freshness


def _judge(*sequences: int) -> list[Freshness]:
    window = SequenceWindow()
    return [window.update(sequence) for sequence in sequences]


def test_steps_of_one_and_two_are_not_loss() -> None:
    window = SequenceWindow()
    for sequence in (0, 1, 3, 4, 6, 8, 9):
        assert window.update(sequence) is NEW
    assert window.n_lost == 0
    assert window.n_steps == 6
    assert window.n_wide_steps == 3


def test_larger_steps_are_loss() -> None:
    window = SequenceWindow()
    for sequence in (10, 10 + NORMAL_STEP + 1, 113):
        assert window.update(sequence) is NEW
    assert window.n_lost == NORMAL_STEP + 99


def test_a_number_twice_is_a_duplicate_even_when_others_came_between() -> None:
    assert _judge(5, 6, 7, 6, 7, 5, 8) == [NEW, NEW, NEW, DUPLICATE, DUPLICATE, DUPLICATE, NEW]


def test_a_number_that_was_skipped_is_late_once() -> None:
    assert _judge(5, 7, 6, 6) == [NEW, NEW, LATE, DUPLICATE]


def test_the_window_remembers_as_far_as_it_says() -> None:
    window = SequenceWindow()
    for sequence in range(1000, 1000 + 2 * WINDOW):
        window.update(sequence)
    newest = 1000 + 2 * WINDOW - 1
    assert window.update(newest - WINDOW + 1) is DUPLICATE
    assert window.update(newest - WINDOW) is SUSPECT


def test_the_counter_may_wrap() -> None:
    top = 2**32
    assert _judge(top - 2, top - 1, 0, 1, top - 1) == [NEW, NEW, NEW, NEW, DUPLICATE]


def test_a_reboot_is_believed_when_the_new_count_goes_on() -> None:
    assert _judge(5000, 5001, 0, 1, 2) == [NEW, NEW, SUSPECT, REBOOTED, NEW]
    assert _judge(5000, 3, 5, 6) == [NEW, SUSPECT, REBOOTED, NEW]


def test_a_straggler_is_not_a_reboot() -> None:
    assert _judge(5000, 5001, 17, 5002, 5003) == [NEW, NEW, SUSPECT, NEW, NEW]


def test_the_same_straggler_twice_is_no_reboot() -> None:
    assert _judge(5000, 17, 17, 17, 5001) == [NEW, SUSPECT, SUSPECT, SUSPECT, NEW]


def test_a_long_absence_is_neither_loss_nor_reboot() -> None:
    window = SequenceWindow()
    window.update(1)
    away = 1 + MAX_STEP + 1
    assert [window.update(away), window.update(away + 1)] == [SUSPECT, NEW]
    assert window.n_lost == 0


def test_two_counters_in_one_stream_do_not_mix() -> None:
    # Two boards behind one address: one of them wins, the other is set aside; nothing is reported as reboots.
    window = SequenceWindow()
    outcomes = [window.update(1000 + i) if i % 2 else window.update(900_000 + i) for i in range(200)]
    assert outcomes.count(REBOOTED) == 0
    assert outcomes.count(SUSPECT) >= 99


def test_restart_begins_anew() -> None:
    window = SequenceWindow()
    window.update(5000)
    window.restart()
    assert window.newest is None
    assert window.update(0) is NEW
    assert window.update(0) is DUPLICATE


@given(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 200), max_size=200))
def test_no_number_is_ever_usable_twice_within_the_window(sequences: list[int]) -> None:
    window = SequenceWindow()
    recent: list[int] = []
    for sequence in sequences:
        outcome = window.update(sequence)
        if outcome is REBOOTED or (outcome is NEW and recent and abs(sequence - recent[-1]) >= WINDOW):
            recent = []
        if outcome.is_usable:
            assert sequence not in recent[-8:]
            recent.append(sequence)


def test_a_clock_that_goes_back_is_a_reboot() -> None:
    clock = BootClock()
    assert not clock.update(10_000_000, 0.0)
    assert not clock.update(11_000_000, 1.0)
    assert clock.update(500_000, 2.0)
    assert not clock.update(1_500_000, 3.0)


def test_a_report_overtaken_by_its_neighbour_is_no_reboot() -> None:
    clock = BootClock()
    clock.update(10_000_000, 0.0)
    assert not clock.update(9_900_000, 0.01)


def test_the_wrap_of_milliseconds_is_no_reboot() -> None:
    clock = BootClock()
    clock.update(MS_WRAP_US - 1_000_000, 0.0)
    assert not clock.update(1_000, 1.0)
    assert clock.n_stalls == 0


@pytest.mark.parametrize(("gap_s", "n_stalls"), [(1.0, 3), (0.1, 0)])
def test_a_clock_that_stands_still_is_counted_when_time_has_passed(gap_s: float, n_stalls: int) -> None:
    clock = BootClock()
    for i in range(4):
        clock.update(7_000_000, i * gap_s)
    assert clock.n_stalls == n_stalls
