"""What a link says now: loud or quiet, shifted or not, and nothing where frames do not suffice."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.baseline import judge
from ruview_engine.room.evidence import FRESH_S, LOUD_Z, LinkEvidence, gather
from ruview_engine.room.life import MOTION_ON_Z
from ruview_engine.room.micro_motion import GRID_HZ, MICRO_WINDOW_S
from tests.engine.room.synthetic import LINK, window


@pytest.fixture(scope="module")
def known():
    return judge("r", 0.0, (window(np.random.default_rng(4)),)).links[0]


def _gather(known, one, at_s=160.0, **options):
    found = gather(one, known, at_s, **options)
    assert found is not None
    return found[0]


def live(rng, **changes):
    return window(rng, seconds=60, start_s=100, **changes)


def joined(first, second):
    """One stretch after another."""
    names = ("times", "profiles", "levels", "rssi_dbm")
    return replace(first, **{n: np.concatenate([getattr(first, n), getattr(second, n)]) for n in names})


def test_quiet_says_quiet(known, rng):
    found = _gather(known, live(rng))
    assert found.link == LINK
    assert abs(found.motion_z) < 1.5
    assert found.still_z < LOUD_Z
    assert found.shift.statistic < found.shift.limit
    assert found.slow_shift.statistic < found.slow_shift.limit
    assert found.step < 1.0
    assert found.rate_hz == pytest.approx(20.0, rel=0.01)
    assert found.slow_seconds == pytest.approx(60.0, abs=0.2)
    assert found.rssi_dbm == pytest.approx(-50.0, abs=1.0)
    assert np.exp(found.level_log) == pytest.approx(12.0, rel=0.05)


def test_home_is_the_reference_and_where_the_empty_room_was_last_seen(known, rng):
    there = live(rng, shift=0.12, shift_seed=31)
    before = _gather(known, there)
    assert before.since is None
    assert before.is_home is False
    strayed = before.shift.delta
    after = _gather(known, there, strayed=strayed)
    assert after.is_home is True
    assert after.shift.statistic == before.shift.statistic
    assert np.abs(after.since.delta).max() < 1e-9
    assert _gather(known, live(rng), strayed=strayed).is_home is True
    adapted = _gather(known, there, offset=0.5 * strayed, strayed=0.5 * strayed)
    assert np.abs(adapted.since.delta).max() < 1e-9
    assert replace(before, shift=None).is_home is None


def test_what_drift_may_have_done_is_not_the_room_as_it_was_left(known, rng):
    """Or a sleeper whom no link sees breathe would be taken for a room that drifted, and for an empty one."""
    found = _gather(known, live(rng, shift=0.055, shift_seed=31))
    assert found.slow_shift.statistic < found.slow_shift.limit
    assert found.shift.statistic > found.shift.limit


def test_movement_is_loud_and_moves_bands_together(known, rng):
    still, moving = _gather(known, live(rng)), _gather(known, live(rng, moving=0.08))
    assert moving.motion_z > LOUD_Z > still.motion_z
    assert moving.coherence > still.coherence + 0.3


def test_a_body_that_stays_shifts_the_profile_and_breathes(known, rng):
    found = _gather(known, live(rng, shift=0.2, shift_seed=31, breath_bpm=15.0))
    assert found.shift.statistic > found.shift.limit
    assert found.slow_shift.statistic > found.slow_shift.limit
    assert found.micro.rate_bpm == pytest.approx(15.0, abs=0.5)
    assert abs(found.motion_z) < LOUD_Z
    assert found.step < 1.0, "it was there a dozen seconds ago as well"


def test_a_step_is_seen_for_as_long_as_the_past_differs(known, rng):
    before = window(rng, seconds=50, start_s=100)
    after = window(rng, seconds=10, start_s=150, shift=0.2, shift_seed=31)
    assert _gather(known, joined(before, after)).step > 1.0
    later = window(rng, seconds=30, start_s=150, shift=0.2, shift_seed=31)
    assert _gather(known, joined(before, later), at_s=180.0).step < 1.0


def test_an_offset_that_was_adapted_to_is_no_shift(known, rng):
    shifted = live(rng, shift=0.2, shift_seed=31)
    offset = _gather(known, shifted).slow_shift.delta
    assert _gather(known, shifted, offset=offset).slow_shift.statistic < known.shift(known.log_reference, 60.0).limit


def test_a_walk_is_left_out_of_slow_movement(known, rng):
    walked = window(rng, seconds=45, start_s=100, moving=0.08)
    quiet = window(rng, seconds=15, start_s=145)
    after = _gather(known, joined(walked, quiet))
    through = _gather(known, live(rng, moving=0.08))
    assert through.micro is None, "every second of it is loud"
    assert through.slots is None
    assert 144.0 <= after.loud_s <= 146.0
    assert after.slots is None or len(after.slots) <= (160.0 - after.loud_s) * GRID_HZ + 1
    assert after.micro is None or after.micro.log_ratio < 2.0
    assert after.still_z > LOUD_Z > after.motion_z


def test_a_quiet_room_has_half_a_minute_of_slots(known, rng):
    quiet = _gather(known, live(rng))
    assert quiet.loud_s == -np.inf
    assert len(quiet.slots) == pytest.approx(MICRO_WINDOW_S * GRID_HZ, abs=1)


def test_gain_of_the_receiver_changes_only_the_level(known, rng):
    one = live(rng)
    found, louder = _gather(known, one), _gather(known, replace(one, levels=one.levels * 4))
    assert louder.level_log == pytest.approx(found.level_log + np.log(4))
    assert (louder.motion_z, louder.step, louder.coherence) == (found.motion_z, found.step, found.coherence)


def test_one_loud_frame_is_not_movement(known, rng):
    one = live(rng)
    profiles = one.profiles.copy()
    profiles[-12, 1:27] *= 2.0
    assert _gather(known, replace(one, profiles=profiles)).motion_z < LOUD_Z


@pytest.mark.parametrize(("seconds", "missing"), [(0.2, ("motion_z", "still_z", "step")), (6.0, ("step", "micro"))])
def test_what_the_frames_do_not_suffice_for_is_none(known, rng, seconds, missing):
    one = window(rng, seconds=seconds, start_s=160 - seconds)
    found = _gather(known, one)
    assert all(getattr(found, name) is None for name in missing)
    assert found.n_frames == len(one)


def test_nothing_is_looked_at_across_a_hole(known, rng):
    broken = joined(window(rng, seconds=20, start_s=100, moving=0.2), window(rng, seconds=20, start_s=140))
    found = _gather(known, broken)
    assert found.slow_seconds < 21.0
    assert found.still_z < LOUD_Z


def test_no_frames_or_another_layout_is_no_evidence(known, rng):
    one = live(rng)
    assert gather(one.between(0.0, 1.0), known, 160.0) is None
    assert gather(one, known, 900.0) is None
    assert gather(replace(one, profiles=one.profiles[:, :40]), known, 160.0) is None


@pytest.mark.parametrize(
    ("age_s", "rate_hz", "is_fresh"),
    [
        (FRESH_S, None, True),
        (FRESH_S + 0.1, None, False),
        (FRESH_S + 0.1, 20.0, False),
        (9.0, 0.5, True),
        (11.0, 0.5, False),
    ],
)
def test_slow_links_stay_fresh_for_longer(known, rng, age_s, rate_hz, is_fresh):
    found: LinkEvidence = replace(_gather(known, live(rng)), age_s=age_s, rate_hz=rate_hz)
    assert found.is_fresh is is_fresh


def test_a_loud_second_is_what_the_room_calls_motion():
    assert LOUD_Z == MOTION_ON_Z
