"""What a room with two boards says when one of them fails, from datagrams on."""

from collections import Counter

from benchmarks.room_lab import Lab
from ruview_engine.room.baseline import Baseline
from ruview_engine.room.changes import BaselineCaptured
from ruview_engine.room.stale import StaleReason
from ruview_engine.simulate.faults import Fault, Frozen, Reboot, Silence, TransmitterGone

#: The baseline is captured by then.
READY_S = 90.0


def watched(fault: Fault, *, seconds: float, act: str | None = None) -> list:
    """States of every other second from `READY_S` on."""
    lab = Lab(geometry="bedroom", nodes=2, version=2, rate_hz=12.0, seed=1, faults=[fault])
    captured = lab.calibrate()
    assert isinstance(captured, BaselineCaptured)
    assert isinstance(captured.baseline, Baseline)
    if act is not None:
        lab.act(act)
    states = []
    lab.run(READY_S - lab.at_s + seconds, each=lambda one: states.append(one.room.state), every=2)
    return states


def test_a_board_that_reboots_is_neither_somebody_nor_stale():
    states = watched(Reboot(begin_s=READY_S + 10, end_s=READY_S + 24, node_id=1), seconds=70)
    assert not any(state.stale for state in states)
    assert not any(state.motion.value for state in states)
    assert Counter(state.presence.value for state in states).keys() <= {None, "clear"}


def test_the_other_board_goes_on_seeing_who_walks_while_the_room_is_stale():
    states = watched(Silence(begin_s=READY_S + 5, node_id=1), seconds=80, act="walk")
    late = states[-10:]
    assert {cause.reason for state in late for cause in state.stale} == {StaleReason.LINK_GONE}
    assert all(cause.link is not None and cause.link.startswith("1/") for state in late for cause in state.stale)
    assert sum(state.motion.value is True for state in late) >= 8
    assert sum(state.presence.value == "present" for state in late) >= 8


def test_a_board_that_repeats_itself_is_a_silent_board():
    states = watched(Frozen(begin_s=READY_S + 5, node_id=1), seconds=60)
    assert {cause.reason for cause in states[-1].stale} == {StaleReason.LINK_GONE}
    assert not any(state.motion.value or state.presence.value == "present" for state in states)


def test_a_hole_of_half_a_minute_is_nobody_and_leaves_nothing_behind():
    states = watched(Silence(begin_s=READY_S + 5, end_s=READY_S + 35), seconds=130)
    inside = [state for state in states if READY_S + 10 <= state.at_s <= READY_S + 35]
    assert all(state.presence.value is None and state.motion.value is None for state in inside)
    assert not any(state.motion.value or state.presence.value == "present" for state in states)
    assert not states[-1].stale
    assert states[-1].presence.value == "clear"


def test_an_overheard_neighbour_is_no_new_access_point():
    states = watched(TransmitterGone(begin_s=READY_S + 5), seconds=60)
    assert {cause.reason for cause in states[-1].stale} == {StaleReason.LINK_GONE}
    assert states[-1].presence.why_not is not None


def test_a_silent_board_never_makes_a_room_clear():
    states = watched(Silence(begin_s=READY_S + 5, node_id=2), seconds=80)
    assert all(state.presence.value is None for state in states[-15:])
