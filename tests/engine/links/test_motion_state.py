"""Hysteresis, hold and unknown."""

from ruview_engine.links.motion_state import ENTER_S, HOLD_S, OFF, ON, SILENT_S, MotionState

DT = 0.05


def _run(state, scores, start_s=0.0):
    return [state.update(start_s + k * DT, score) for k, score in enumerate(scores)]


def test_unknown_until_there_is_evidence():
    state = MotionState()
    assert state.get(0.0) is None
    found = _run(state, [0.0] * 10)
    assert found[0] is None
    assert found[-1] is False


def test_motion_enters_after_its_time_and_lasts():
    state = MotionState()
    _run(state, [0.0] * 20)
    found = _run(state, [ON + 1] * 20 + [0.0] * 80, start_s=1.0)
    entered = found.index(True)
    assert abs(entered * DT - ENTER_S) <= DT
    left = len(found) - found[::-1].index(True)
    assert abs(left * DT - (20 * DT + HOLD_S)) <= 2 * DT


def test_a_short_spike_is_not_motion():
    state = MotionState()
    _run(state, [0.0] * 20)
    assert not any(_run(state, [ON + 5, ON + 5] + [0.0] * 20, start_s=1.0))


def test_between_the_thresholds_the_state_stays():
    middle = 0.5 * (ON + OFF)
    state = MotionState()
    assert not any(_run(state, [middle] * 200))
    state.reset()
    _run(state, [ON + 1] * 20)
    assert all(_run(state, [middle] * 200, start_s=1.0))


def test_silence_is_unknown_and_forgets():
    state = MotionState()
    _run(state, [ON + 1] * 20)
    assert state.get(0.95 + SILENT_S - 0.1) is True
    assert state.get(0.95 + SILENT_S + 0.1) is None
    assert state.update(60.0, 0.0) is None


def test_no_score_changes_nothing():
    state = MotionState()
    _run(state, [ON + 1] * 20)
    assert state.update(1.0, None) is True


def test_a_room_in_motion_from_the_start_is_never_called_quiet():
    assert False not in _run(MotionState(), [ON + 2] * 40)
