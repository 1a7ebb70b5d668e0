"""Before calibration: movement is presence, stillness is nothing, and everything else has a reason."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.memory import Memory
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.runtime import Runtime
from ruview_engine.room.state import Calibration, Presence, RoomState
from ruview_engine.room.window import LinkWindow, RoomInputs
from tests.engine.room.synthetic import window


def state_of(*windows: LinkWindow, **inputs) -> RoomState:
    room = Runtime(room_id="r", baseline=None)
    return room.evaluate(RoomInputs(at_s=1000.0, windows=windows, **inputs), Memory.new(999.0)).state


@pytest.fixture
def one(rng):
    return window(rng, start_s=940)


@pytest.mark.parametrize(("z", "is_moving"), [(5.0, True), (0.0, False)])
def test_movement_is_presence_and_stillness_is_nothing(one, z, is_moving):
    state = state_of(replace(one, motion_z=np.full(1200, z)))
    assert state.motion.value is is_moving
    assert state.presence.value is (Presence.PRESENT if is_moving else None)
    assert state.presence.why_not is (None if is_moving else WhyNot.NO_BASELINE)
    assert state.calibration is Calibration.UNCALIBRATED


def test_the_presence_of_a_movement_is_no_surer_than_that_of_an_untaught_room(one):
    state = state_of(replace(one, motion_z=np.full(1200, 9.0)))
    assert state.motion.confidence > 0.99
    assert state.presence.confidence == 0.8


def test_the_liveliest_link_decides_by_its_last_seconds(one):
    quiet = np.zeros(1200)
    loud = quiet.copy()
    loud[-60:] = 5.0
    early = quiet.copy()
    early[:-60] = 5.0
    assert state_of(replace(one, motion_z=quiet), replace(one, motion_z=loud)).motion.value is True
    assert state_of(replace(one, motion_z=quiet), replace(one, motion_z=early)).motion.value is False


@pytest.mark.parametrize("z", [None, np.full(1200, np.nan)])
def test_without_a_floor_the_engine_is_believed_half(one, z):
    warming = replace(one, motion_z=z)
    assert state_of(warming).motion.why_not is WhyNot.WARMING_UP
    told = state_of(warming, is_moving=True)
    assert (told.motion.value, told.motion.confidence) == (True, 0.5)
    assert told.presence.value is Presence.PRESENT


def test_without_frames_nothing_is_said(one):
    for state in (state_of(), state_of(one.between(940, 980)), state_of(one.between(999, 1000))):
        for reading in (state.presence, state.motion, state.breathing, state.posture):
            assert reading.why_not is WhyNot.NO_FRAMES
        assert state.motion_level is None
