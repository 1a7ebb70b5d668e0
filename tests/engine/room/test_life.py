"""Movement, steps of the profile, and who may be inside."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.evidence import gather
from ruview_engine.room.life import (
    LIFELESS_ODDS,
    MOTION_OFF_Z,
    MOTION_ON_Z,
    SURE_Z,
    THING_S,
    follow_life,
    follow_motion,
    follow_steps,
    fused_z,
    may_be_a_thing,
    read_motion,
)
from ruview_engine.room.link_baseline import LinkBaseline
from ruview_engine.room.memory import Memory
from ruview_engine.room.reading import Provenance, WhyNot
from ruview_engine.room.specialists.presence import Ratios
from ruview_engine.room.window import LinkWindow, RoomInputs
from tests.engine.room.synthetic import LINK, window

EMPTY = replace(Memory.new(0.0), may_be_inside=False, log_odds=-6.0)


@pytest.fixture
def known(enrolled):
    return enrolled.baseline.link(LINK)


def joined(*parts: LinkWindow) -> LinkWindow:
    names = ("times", "profiles", "levels", "rssi_dbm")
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def evidence(one, known):
    found = gather(one, known, float(one.times[-1]))
    assert found is not None
    return found[0]


def looks(zs, memory=None, is_moving=None):
    """Motion after one look a second."""
    memory = memory or Memory.new(0.0)
    said = []
    for second, z in enumerate(zs):
        memory = follow_motion(memory, RoomInputs(at_s=float(second), windows=(), is_moving=is_moving), z)
        said.append(memory.is_moving)
    return said


def test_one_loud_look_is_not_movement_two_are():
    loud = MOTION_ON_Z + 0.5
    assert looks([0.0, loud, 0.0, 0.0]) == [False] * 4
    assert looks([0.0, loud, loud])[-1]
    assert looks([0.0, SURE_Z])[-1]


def test_movement_is_held_until_it_has_been_calm_for_a_while():
    said = looks([5.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert said[:3] == [True, True, True]
    assert not said[-1]


def test_the_fast_state_wins():
    assert looks([5.0, 5.0], is_moving=False) == [False, False]
    assert looks([0.0], is_moving=True) == [True]


def test_a_person_who_was_not_seen_coming_steps_into_the_profile(rng, known):
    """Nothing in it is movement; but drift does not do this in ten seconds."""
    before = window(rng, seconds=50, start_s=940)
    stood = joined(before, window(rng, seconds=10, start_s=990, shift=0.1))
    found = evidence(stood, known)
    assert found.step is not None
    assert found.step > 1.0
    memory = follow_steps(EMPTY, (found,), 1000.0)
    assert memory.may_be_inside
    assert memory.moved_s == memory.stepped_s == 1000.0
    assert not memory.is_moving


def test_neither_the_empty_room_nor_drift_steps(rng, known):
    drifting = joined(*(window(rng, seconds=5, start_s=940 + 5 * k, shift=0.001 * k) for k in range(12)))
    for one in (window(rng, start_s=940), drifting):
        found = evidence(one, known)
        assert found.step is not None
        assert found.step < 1.0
        assert follow_steps(EMPTY, (found,), 1000.0) is EMPTY


def test_a_window_without_a_past_says_nothing_about_steps(rng, known):
    assert evidence(window(rng, seconds=8, start_s=992), known).step is None


def test_somebody_may_be_inside_until_the_room_is_empty_beyond_doubt(rng, known):
    found = (evidence(window(rng, start_s=940), known),)
    nothing = Ratios(motion=0.0, micro=0.0, static=-5.0)
    inside = replace(EMPTY, may_be_inside=True, log_odds=-1.0)
    assert follow_life(inside, nothing, found, 1000.0, 0.0).may_be_inside
    assert not follow_life(replace(inside, log_odds=-5.0), nothing, found, 1000.0, -5.0).may_be_inside


def test_it_is_remembered_when_the_room_was_last_empty_beyond_doubt(rng, known):
    found = (evidence(window(rng, start_s=940), known),)
    nothing = Ratios(motion=0.0, micro=0.0, static=-5.0)
    doubtful = replace(EMPTY, log_odds=-1.0, at_s=1000.0)
    sure = replace(doubtful, log_odds=-6.0)
    assert follow_life(doubtful, nothing, found, 1000.0, 0.0).empty_s == -np.inf
    seen = follow_life(sure, nothing, found, 1000.0, 0.0)
    assert seen.empty_s == 1000.0
    away = (evidence(window(rng, start_s=940, shift=0.12), known),)
    assert follow_life(replace(sure, empty_s=900.0), nothing, away, 1000.0, 0.0).empty_s == 900.0


def test_what_neither_moves_nor_breathes_for_long_may_be_a_thing():
    left = replace(Memory.new(0.0), moved_s=100.0, at_s=100.0 + THING_S, log_odds=LIFELESS_ODDS)
    assert may_be_a_thing(left)
    assert not may_be_a_thing(replace(left, moved_s=101.0))
    assert not may_be_a_thing(replace(left, log_odds=0.0))


def test_loudness_without_pattern_moves_nothing(rng, known):
    found = evidence(window(rng, start_s=940), known)
    assert fused_z((replace(found, motion_z=9.0, coherence=0.0),)) == 0.0
    assert fused_z((replace(found, motion_z=9.0, coherence=0.6),)) == 9.0
    assert fused_z(()) is None


def test_one_foreign_frame_on_a_slow_link_is_not_movement(rng):
    """At four frames a second it is a third of all that a look sees."""
    slow = LinkBaseline.fit(window(rng, rate_hz=4.4))
    one = window(rng, rate_hz=4.4, start_s=940)
    profiles = one.profiles.copy()
    profiles[-3] = window(rng, rate_hz=4.4, start_s=940, shift=0.5).profiles[-3]
    z = evidence(replace(one, profiles=profiles), slow).motion_z
    assert z is not None
    assert z < MOTION_ON_Z
    walking = evidence(window(rng, rate_hz=4.4, start_s=940, moving=0.08), slow).motion_z
    assert walking is not None
    assert walking > MOTION_ON_Z


def test_motion_is_the_surer_the_farther_from_the_middle_of_its_hysteresis():
    said = [
        read_motion(EMPTY, z, Provenance(bank_version=7), has_frames=True).confidence
        for z in ((MOTION_ON_Z + MOTION_OFF_Z) / 2, MOTION_ON_Z, 2 * MOTION_ON_Z)
    ]
    assert said[0] == 0.5
    assert said == sorted(said)
    assert said[-1] > 0.99
    moving = read_motion(replace(EMPTY, is_moving=True), 5.0, Provenance(bank_version=7), has_frames=True)
    assert (moving.value, moving.provenance.bank_version, moving.evidence) == (True, 7, (("z", 5.0),))


@pytest.mark.parametrize(("has_frames", "why_not"), [(False, WhyNot.NO_FRAMES), (True, WhyNot.WARMING_UP)])
def test_motion_that_nobody_measures_is_unknown(has_frames, why_not):
    assert read_motion(EMPTY, None, Provenance(), has_frames=has_frames).why_not is why_not
