"""An empty capture is quiet, whoever else is on the air; one with somebody in it is not."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.baseline import Baseline, Refusal, judge
from ruview_engine.room.emptiness import LINE_DB, breathing_line, moving, quiet_stretch, still_part
from ruview_engine.room.log_profile import Bands
from ruview_engine.room.micro_motion import measure_windows
from tests.engine.room.synthetic import joined, window


def test_walk_out_at_the_start_is_trimmed(rng):
    whole = joined(window(rng, seconds=10, moving=0.08), window(rng, seconds=50, start_s=10))
    first, last = quiet_stretch((whole,))
    assert 8 <= first <= 14
    assert last > 58
    assert isinstance(judge("r", 1.0, (whole,)), Baseline)


def test_the_still_part_of_a_capture_too_short_for_a_baseline_is_found(rng):
    whole = joined(window(rng, seconds=4, moving=0.08), window(rng, seconds=6, start_s=4))
    assert judge("r", 1.0, (whole,)).reason is Refusal.MOTION
    (still,) = still_part((whole,))
    assert still.times[0] >= 3.5
    assert still.times[-1] == whole.times[-1]


def test_a_capture_that_moves_throughout_has_no_still_part(rng):
    assert still_part((window(rng, moving=0.05),)) == ()
    assert still_part(()) == ()


def mixed(rng, *, seconds, share, start_s=0.0, **changes):
    """A label with two transmitters of 20 and of 20·`share`/(1 − `share`) frames a second, in random order."""
    one, other = (window(rng, seconds=seconds, start_s=start_s, shift=shift, **changes) for shift in (0.0, 0.15))
    is_other = rng.random(len(one)) < share
    return replace(one, profiles=np.where(is_other[:, None], other.profiles, one.profiles))


@pytest.mark.parametrize("seed", range(6))
def test_two_transmitters_under_one_label_are_not_somebody_walking(seed):
    """Nor is the rarer one's burst: two seconds in which it sends as often as the other."""
    rng = np.random.default_rng(seed)
    before, burst, after = ((11, 0.2, 0), (4, 0.6, 11), (15, 0.2, 15))
    parts = [
        mixed(rng, seconds=seconds, share=share, start_s=start) for seconds, share, start in (before, burst, after)
    ]
    heard = joined(joined(*parts[:2]), parts[2])
    assert isinstance(judge("r", 1.0, (heard,)), Baseline)
    half = mixed(rng, seconds=30, share=0.5)
    assert moving((half,)) is None
    assert isinstance(judge("r", 1.0, (half,)), Baseline)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_somebody_walking_is_seen_through_a_mixture(rng, share):
    found = judge("r", 1.0, (mixed(rng, seconds=30, share=share, moving=0.08),))
    assert found.reason is Refusal.MOTION


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_an_empty_room_that_wanders_is_not_one_in_which_somebody_breathes(rng, seed):
    """Strongest at the lowest rate that is looked at, half minute after half minute, and never the same again."""
    quiet = window(rng)
    hertz = np.fft.rfftfreq(len(quiet), 1 / 20)
    turns = np.exp(2j * np.pi * np.random.default_rng(seed).random(len(hertz)))
    wander = np.fft.irfft(np.where(hertz > 0.005, turns / np.maximum(hertz, 0.005), 0.0), len(quiet))
    pattern = np.cos(np.linspace(0, 3, quiet.profiles.shape[1]))
    moved = np.exp(np.outer(0.03 * wander / wander.std(), pattern))
    wandering = replace(quiet, profiles=(quiet.profiles * moved).astype(np.float32))
    assert sum(one.line_db >= LINE_DB for one in measure_windows(wandering, Bands.over(wandering.active))) >= 4
    assert breathing_line((wandering,)) is None
    breathing = window(rng, breath_bpm=8.0, breath=0.02)
    assert breathing_line((breathing,))[1] == pytest.approx(8.0, abs=1.0)
