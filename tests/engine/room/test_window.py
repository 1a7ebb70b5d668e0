"""Windows survive what links can do to them."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.window import ALIVE_FRAMES, ALIVE_S
from tests.engine.room.synthetic import window


def test_between_keeps_both_ends(rng):
    one = window(rng, seconds=10)
    part = one.between(one.times[10], one.times[20])
    assert len(part) == 11
    assert part.rate_hz == pytest.approx(20, rel=0.1)


def test_cleaned_drops_what_cannot_be_a_frame(rng):
    one = window(rng, seconds=5)
    profiles, times = one.profiles.copy(), one.times.copy()
    profiles[3] = np.nan
    profiles[7] = 0
    profiles[9, 5] = -1
    profiles[11, 5] = 1e6
    times[20] = times[10]
    clean = replace(one, profiles=profiles, times=times).cleaned()
    assert len(clean) == len(one) - 5
    assert np.all(np.diff(clean.times) > 0)
    assert np.isfinite(clean.profiles).all()


def test_cleaned_of_reversed_time_keeps_one_frame(rng):
    one = window(rng, seconds=5)
    assert len(replace(one, times=one.times[::-1].copy()).cleaned()) == 1


def test_since_gap_never_looks_across_a_hole(rng):
    one = window(rng, seconds=10)
    times = one.times.copy()
    times[100:] += 30
    assert len(replace(one, times=times).since_gap()) == 100


def test_empty_window_has_no_rate(rng):
    one = window(rng, seconds=10).between(100, 200)
    assert len(one) == 0
    assert one.rate_hz is None
    assert one.cleaned() is one


def test_a_link_is_alive_with_enough_frames_of_which_the_last_is_recent(rng):
    one = window(rng, seconds=10)
    end_s = float(one.times[-1])
    assert one.is_alive(end_s + ALIVE_S)
    assert not one.is_alive(end_s + ALIVE_S + 0.1)
    assert not one.between(float(one.times[-ALIVE_FRAMES + 1]), end_s).is_alive(end_s)
    assert not one.between(100, 200).is_alive(end_s)
