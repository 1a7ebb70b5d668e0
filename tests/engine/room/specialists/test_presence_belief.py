"""One belief per room from three kinds of evidence."""

from dataclasses import replace

import pytest

from ruview_engine.room.presence_call import CLEAR_FROM, PRESENT_TO
from ruview_engine.room.specialists.presence import BREATH_RATIO, Ratios
from ruview_engine.room.specialists.presence_belief import (
    MAX_LOG_ODDS,
    PRESENT_FROM,
    SILENT,
    Belief,
    Situation,
    advance,
    believe,
    unwatched,
)

QUIET = Situation(dt_s=1.0, moved_within_s=1e9, is_moving=False, has_breath=False, may_be_inside=True, has_moved=True)
NOTHING = Ratios(motion=0.0, micro=0.0, static=0.0)
SLOW = replace(NOTHING, micro=0.2)
MOVING = replace(NOTHING, motion=3.0)


def after(seconds: int, ratios: Ratios, now: Situation = QUIET, start: float = 0.0, **options) -> Belief:
    """The same evidence, second after second."""
    belief = Belief(log_odds=start, static=0.0)
    for _ in range(seconds):
        belief = believe(belief.log_odds, ratios, now, **options)
    return belief


def total(belief: Belief) -> float:
    return belief.log_odds + belief.static


def test_an_untaught_room_never_takes_slow_movement_for_a_person():
    """Minutes of it, as strong as it gets: not clear, but not present either."""
    assert CLEAR_FROM < total(after(600, SLOW, is_taught=False)) < PRESENT_TO


def test_a_taught_room_does():
    assert total(after(60, SLOW, is_taught=True)) > PRESENT_FROM


@pytest.mark.parametrize("odds", [PRESENT_FROM, MAX_LOG_ODDS])
def test_an_untaught_room_keeps_a_walker_for_some_seconds_however_long_he_walked(odds):
    seconds = 0
    while odds > PRESENT_TO and seconds < 600:
        odds = believe(odds, SLOW, replace(QUIET, moved_within_s=seconds), is_taught=False).log_odds
        seconds += 1
    assert 5 <= seconds <= 8


@pytest.mark.parametrize("is_taught", [False, True])
@pytest.mark.parametrize(
    ("ratios", "now"), [(MOVING, {"is_moving": True}), ({"micro": BREATH_RATIO}, {"has_breath": True})]
)
def test_movement_and_breath_convince_every_room(is_taught, ratios, now):
    evidence = ratios if isinstance(ratios, Ratios) else replace(NOTHING, **ratios)
    assert total(after(10, evidence, replace(QUIET, moved_within_s=0.0, **now), is_taught=is_taught)) > PRESENT_FROM


def test_a_shift_is_one_fact_however_often_it_is_looked_at():
    shifted = replace(NOTHING, static=4.0)
    once, often = after(1, shifted, is_taught=True), after(300, shifted, is_taught=True)
    assert once.static == often.static == 4.0
    assert often.log_odds <= once.log_odds


def test_a_shift_convinces_only_a_taught_room_in_which_somebody_has_moved():
    shifted = replace(NOTHING, static=7.0)
    assert total(after(1, shifted, is_taught=True)) > PRESENT_FROM
    assert total(after(1, shifted, is_taught=False)) == pytest.approx(SILENT, abs=0.6)
    never_moved = replace(QUIET, has_moved=False)
    assert total(after(60, shifted, never_moved, is_taught=True, start=-3.0)) == pytest.approx(SILENT)
    nobody_inside = replace(QUIET, may_be_inside=False)
    assert after(1, shifted, nobody_inside, is_taught=True).static == 0.0


def test_a_taught_room_that_looks_empty_forgets_the_walk_out_within_half_a_minute():
    empty = replace(NOTHING, static=-5.0)
    left = replace(QUIET, moved_within_s=25.0)
    assert total(after(30, empty, left, is_taught=True, start=MAX_LOG_ODDS)) < CLEAR_FROM


@pytest.mark.parametrize("may_be_inside", [False, True])
def test_who_breathes_is_there_however_empty_the_profile_looks(may_be_inside):
    breathing = replace(NOTHING, micro=BREATH_RATIO, static=-5.0)
    now = replace(QUIET, has_breath=True, may_be_inside=may_be_inside)
    assert total(after(30, breathing, now, start=-MAX_LOG_ODDS, is_taught=True)) > PRESENT_FROM


def test_a_minute_without_frames_is_a_minute_in_which_anybody_may_have_come():
    """What comes back first after it may not say "clear" of a room that was surely empty before."""
    odds = -MAX_LOG_ODDS
    for second in range(60):
        odds = unwatched(odds, 1.0)
        if second == 2:
            assert odds < CLEAR_FROM, "a short dropout is no reason for doubt"
    assert odds > CLEAR_FROM
    assert unwatched(MAX_LOG_ODDS, 1.0) < MAX_LOG_ODDS


def still(seconds: int, ratios: Ratios, *, is_taught: bool) -> float:
    """Log-odds after so long without a movement, from evens."""
    odds = 0.0
    for second in range(seconds):
        odds = believe(odds, ratios, replace(QUIET, moved_within_s=25.0 + second), is_taught=is_taught).log_odds
    return odds


@pytest.mark.parametrize("silent", [replace(NOTHING, micro=-2.0 / 30.0), replace(NOTHING, motion=-0.04)])
def test_in_a_taught_room_a_body_is_no_more_absent_the_longer_it_shows_nothing(silent):
    """Nobody leaves without moving, and what no link sees of a pose it does not see later either."""
    hour = still(3600, silent, is_taught=True)
    assert -3.0 < hour < 0.0
    assert hour == pytest.approx(still(300, silent, is_taught=True), abs=0.1)
    assert still(3600, silent, is_taught=False) < -5.0


def test_nobody_appears_in_a_quiet_room():
    odds = -5.0
    for _ in range(3600):
        odds = advance(odds, 1.0, 0.0, moved_within_s=1e9)
    assert odds < CLEAR_FROM


@pytest.mark.parametrize(("sensitivity", "is_more"), [(4.0, True), (0.25, False)])
def test_sensitivity_weighs_for_against_against(sensitivity, is_more):
    plain = after(10, SLOW, is_taught=True).log_odds
    assert (after(10, SLOW, is_taught=True, sensitivity=sensitivity).log_odds > plain) == is_more


def test_a_late_tick_does_not_count_for_a_minute():
    late = replace(QUIET, dt_s=60.0)
    assert believe(0.0, SLOW, late, is_taught=True).log_odds <= 5 * SLOW.micro
