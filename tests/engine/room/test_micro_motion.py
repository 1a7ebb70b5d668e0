"""Slow movement is seen in units of the link's own noise."""

import numpy as np
import pytest

from ruview_engine.room.log_profile import Bands
from ruview_engine.room.micro_motion import measure_windows, micro_motion
from tests.engine.room.synthetic import window


def look(one):
    bands = Bands.over(one.active)
    return micro_motion(one.times, bands.log(one.profiles))


def test_white_noise_has_no_excess(rng):
    ratios = [look(window(rng, seconds=30)).log_ratio for _ in range(20)]
    assert np.mean(ratios) == pytest.approx(0, abs=0.15)
    assert np.std(ratios) < 0.2


def test_breathing_is_a_line_at_its_rate(rng):
    found = look(window(rng, seconds=30, breath_bpm=14.0, breath=0.02))
    assert found.line_db > 15
    assert found.rate_bpm == pytest.approx(14.0, abs=0.7)
    assert found.agreement > 0.9


def test_log_ratio_ignores_noise_level(rng):
    low, high = (look(window(np.random.default_rng(5), seconds=30, noise=noise)).log_ratio for noise in (0.005, 0.05))
    assert low == pytest.approx(high, abs=0.1)


def test_two_chests_show_a_second_line(rng):
    one, other = window(rng, breath_bpm=17.0, breath=0.03), window(rng, breath_bpm=27.0, breath=0.03)
    profiles = one.profiles.copy()
    profiles[:, one.active] = one.profiles[:, one.active] * other.profiles[:, one.active]
    bands = Bands.over(one.active)
    found = micro_motion(one.times, bands.log(profiles))
    assert sorted((found.rate_bpm, found.second_bpm)) == pytest.approx([17.0, 27.0], abs=0.8)
    assert found.second_db > 12


def test_nothing_is_said_about_short_slow_or_broken_windows(rng):
    bands = Bands.over(window(rng, seconds=1).active)
    for one in (window(rng, seconds=10), window(rng, seconds=60, rate_hz=3)):
        assert micro_motion(one.times, bands.log(one.profiles)) is None
    one = window(rng, seconds=30)
    times = one.times + np.where(np.arange(len(one)) > 400, 5.0, 0.0)
    assert micro_motion(times, bands.log(one.profiles)) is None
    assert micro_motion(times[:0], bands.log(one.profiles)[:0]) is None


def test_a_minute_is_measured_every_five_seconds(rng):
    one = window(rng, seconds=60)
    assert len(measure_windows(one, Bands.over(one.active))) in (6, 7)
