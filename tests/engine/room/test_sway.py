"""Standing wanders, breath comes back; noise, the empty room's own wander and a fidget are neither."""

import numpy as np
import pytest

from ruview_engine.room.micro_motion import newest_slots
from ruview_engine.room.sway import (
    LONG_WAITS,
    STANDING_DB,
    VISIBLE_DB,
    WAITS,
    Sway,
    excursion,
    excursion_of,
    lasting_db,
)

N_BANDS, RATE_HZ = 16, 20.0
EMPTY = np.full(N_BANDS, 1e-6)


@pytest.fixture
def times():
    return np.arange(0.0, 24.0, 1 / RATE_HZ)


@pytest.fixture
def noise(rng, times):
    return 0.02 * rng.standard_normal((len(times), N_BANDS))


def breathing(times, size=0.03, rate_bpm=14.0):
    return size * np.outer(np.sin(2 * np.pi * rate_bpm / 60 * times), np.linspace(-1, 1, N_BANDS))


def wandering(rng, times, size=0.006):
    """Three directions, each a random walk of `size` per root second."""
    walks = np.cumsum(rng.standard_normal((len(times), 3)), axis=0) * size / np.sqrt(RATE_HZ)
    return walks @ np.stack([np.cos(np.pi * k * np.linspace(0, 1, N_BANDS)) for k in (1, 2, 3)])


def test_who_stands_wanders(rng, times, noise):
    sway = Sway.of([excursion(times, noise + wandering(rng, times, 0.03), EMPTY)])
    assert sway.is_standing
    assert not sway.is_resting


@pytest.mark.parametrize("rate_bpm", [7.5, 14.0, 20.0])
def test_breath_comes_back(times, noise, rate_bpm):
    sway = Sway.of([excursion(times, noise + breathing(times, rate_bpm=rate_bpm), EMPTY)])
    assert sway.is_resting
    assert not sway.is_standing


def test_noise_is_nobody(times, noise):
    sway = Sway.of([excursion(times, noise, EMPTY)])
    assert sway.level_db < VISIBLE_DB
    assert not sway.is_standing
    assert not sway.is_resting


def test_what_the_empty_room_does_by_itself_is_nobody(rng, times, noise):
    drifting = noise + wandering(rng, times, 0.03)
    own = np.var(wandering(rng, times, 0.03), axis=0)
    assert Sway.of([excursion(times, drifting, EMPTY)]).is_standing
    assert not Sway.of([excursion(times, drifting, own)]).is_standing


def test_faint_wandering_teaches_but_proves_nothing(rng, times, noise):
    """Somebody who has just sat down wanders for a while: only who was asked to stand may be believed at so little."""
    sway = Sway.of([excursion(times, noise + wandering(rng, times, 0.008), EMPTY)])
    assert VISIBLE_DB < sway.level_db < STANDING_DB
    assert sway.wanders
    assert not sway.is_standing


def test_a_fidget_is_not_sway(times, noise):
    series = noise + breathing(times)
    series[(times > 9) & (times < 10.5)] += 0.4
    assert not Sway.of([excursion(times, series, EMPTY)]).is_standing


def test_two_bodies_on_one_link_are_judged_by_the_louder(rng, times, noise):
    both = noise + breathing(times, size=0.01) + wandering(rng, times, 0.03)
    assert Sway.of([excursion(times, both, EMPTY)]).is_standing


def test_strength_of_the_link_changes_nothing(rng, times):
    moved = wandering(rng, times, 0.03)
    one, other = (Sway.of([excursion(times, factor * moved, factor**2 * EMPTY)]) for factor in (1.0, 3.0))
    assert one.unreturned == pytest.approx(other.unreturned)


def test_louder_links_weigh_more(rng, times, noise):
    loud = excursion(times, noise + wandering(rng, times, 0.05), EMPTY)
    faint = excursion(times, noise + breathing(times, size=0.012), EMPTY)
    assert Sway.of([loud, faint]).unreturned == pytest.approx(Sway.of([loud]).unreturned, abs=0.1)
    assert Sway.of([]) is None


@pytest.mark.parametrize("rate_bpm", [6.0, 9.0, 14.0, 20.0, 28.0])
def test_no_breath_lasts_but_sway_beneath_it_does(rng, times, noise, rate_bpm):
    seated = noise + breathing(times, rate_bpm=rate_bpm)
    beside = seated + wandering(rng, times, 0.02)
    alone, both = (lasting_db([excursion(times, one, EMPTY, LONG_WAITS)], LONG_WAITS) for one in (seated, beside))
    assert alone < 3.0 < both


def test_what_lasts_of_several_links_is_their_sum(rng, times, noise):
    one = excursion(times, noise + wandering(rng, times, 0.03), EMPTY)
    assert lasting_db([one, one]) == pytest.approx(lasting_db([one]) + 3.0, abs=0.1)
    assert lasting_db([np.zeros(len(WAITS))]) == -20.0


def test_too_little_says_nothing(times, noise):
    assert excursion(times[:200], noise[:200], EMPTY) is None
    assert excursion(times[::8], noise[::8], EMPTY) is None
    holed = np.r_[times[:200], times[240:]]
    assert excursion(holed, np.zeros((len(holed), N_BANDS)), EMPTY) is None
    assert excursion(times, noise, EMPTY).shape == WAITS.shape


def test_slots_say_what_their_frames_do(rng, times, noise):
    frames = noise + wandering(rng, times, 0.03)
    slots = newest_slots(times, frames, seconds=np.inf)
    np.testing.assert_array_equal(excursion_of(slots, EMPTY), excursion(times, frames, EMPTY))
    assert excursion_of(slots[-80:], EMPTY) is None
    assert excursion_of(slots[-81:], EMPTY) is not None
