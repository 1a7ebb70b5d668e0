"""After a pause: who was seen coming and still stands in the way is there; everything else is found out anew."""

import json
from dataclasses import replace

import pytest

from ruview_engine.room.last_known import MAX_PAUSE_S, LastKnown
from ruview_engine.room.memory import Memory
from ruview_engine.room.posture_tracker import PostureTracker
from ruview_engine.room.rate_tracker import RateTracker
from ruview_engine.room.room import Room
from ruview_engine.room.state import Posture, Presence
from ruview_engine.room.window import RoomInputs

from .conftest import POSES, AnchorLabel
from .synthetic import window

OCCUPIED = LastKnown(at_unix_s=5000.0, baseline_id="b", log_odds=5.0, presence=Presence.PRESENT, still_s=40.0)
EMPTY = replace(OCCUPIED, log_odds=-5.0, presence=Presence.CLEAR)


def resumed(known: LastKnown, pause_s: float) -> Memory:
    memory = known.resumed(100.0, known.at_unix_s + pause_s, known.baseline_id)
    assert memory is not None
    return memory


def test_belief_fades_towards_evens_the_longer_nobody_looked():
    odds = [resumed(OCCUPIED, pause_s).log_odds for pause_s in (0.0, 3.0, 30.0, MAX_PAUSE_S)]
    assert odds == sorted(odds, reverse=True)
    assert odds[1] > 2.0
    assert abs(odds[-1]) < 0.5
    assert resumed(EMPTY, 30.0).log_odds > -1.0


def test_the_pause_counts_as_stillness_and_anybody_may_be_inside():
    memory = resumed(OCCUPIED, 30.0)
    assert (memory.at_s, memory.started_s, memory.moved_s) == (100.0, 100.0, 30.0)
    assert memory.may_be_inside
    assert memory.presence is Presence.PRESENT


def test_an_empty_room_has_seen_nobody_come():
    assert resumed(EMPTY, 2.0).moved_s is None


def test_rates_and_postures_are_read_anew():
    before = replace(
        Memory.new(90.0),
        presence=Presence.PRESENT,
        moved_s=50.0,
        breath=RateTracker(looks=((89.0, 15.0),)),
        posture=PostureTracker(held=Posture.SITTING, told_s=89.0),
    )
    memory = resumed(LastKnown.of(before, "b", 5000.0), 2.0)
    assert (memory.breath, memory.posture) == (RateTracker(), PostureTracker())
    assert memory.seconds_since_motion(100.0) == 42.0


@pytest.mark.parametrize(
    ("pause_s", "baseline_id"), [(MAX_PAUSE_S + 1.0, "b"), (-1.0, "b"), (2.0, "measured anew")], ids=str
)
def test_too_late_another_clock_or_another_baseline_leave_nothing(pause_s, baseline_id):
    assert OCCUPIED.resumed(100.0, OCCUPIED.at_unix_s + pause_s, baseline_id) is None


@pytest.mark.parametrize("known", [OCCUPIED, replace(EMPTY, still_s=None), replace(EMPTY, presence=None)])
def test_what_is_stored_comes_back(known):
    assert LastKnown.from_dict(json.loads(json.dumps(known.to_dict()))) == known


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {**OCCUPIED.to_dict(), "presence": "maybe"},
        {**OCCUPIED.to_dict(), "log_odds": float("nan")},
        {**OCCUPIED.to_dict(), "log_odds": 1e9},
        {**OCCUPIED.to_dict(), "still_s": -1.0},
        {**OCCUPIED.to_dict(), "at_unix_s": float("inf")},
    ],
)
def test_what_cannot_be_ours_is_nothing(stored):
    assert LastKnown.from_dict(stored) is None


def _room(enrolled) -> Room:
    room = Room("study", unix_offset_s=1.0e9)
    room.load(baseline=enrolled.baseline, bank=enrolled.bank)
    return room


def _said(room: Room, rng, **pose) -> list[Presence | None]:
    """Ten seconds, by a link that has just been heard for the first time."""
    frames, said = window(rng, seconds=10.0, start_s=1060.0, **pose), []
    for at_s in range(1061, 1071):
        inputs = RoomInputs(at_s=float(at_s), windows=(frames.between(1060.0, float(at_s)),), is_moving=False)
        room.apply(room.slow_job(inputs)())
        said.append(room.state.presence.value)
    return said


@pytest.mark.parametrize("pause_s", [2.0, 60.0])
def test_who_still_sits_there_is_present_before_a_breath_has_shown(enrolled, rng, pause_s):
    known = replace(OCCUPIED, baseline_id=enrolled.baseline.id, at_unix_s=1.0e9 + 1060.0 - pause_s)
    told, fresh = _room(enrolled), _room(enrolled)
    told.resume(known, 1060.0)
    sits = POSES[AnchorLabel.SIT]
    assert _said(told, rng, **sits)[-1] is Presence.PRESENT
    assert Presence.PRESENT not in _said(fresh, rng, **sits)


def test_who_has_left_meanwhile_is_not(enrolled, rng):
    room = _room(enrolled)
    room.resume(replace(OCCUPIED, baseline_id=enrolled.baseline.id, at_unix_s=1.0e9 + 1030.0), 1060.0)
    assert _said(room, rng)[-1] is not Presence.PRESENT


def test_a_room_tells_what_it_knows_once_it_has_looked(enrolled, rng):
    room = _room(enrolled)
    assert room.last_known is None
    _said(room, rng)
    known = room.last_known
    assert known is not None
    assert (known.baseline_id, known.at_unix_s) == (enrolled.baseline.id, 1.0e9 + 1070.0)
