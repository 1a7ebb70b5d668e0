"""Log-profiles ignore gain and follow shape."""

import numpy as np
import pytest

from ruview_engine.room.log_profile import Bands, block_means, resample
from tests.engine.room.synthetic import window


def test_log_profile_ignores_gain(rng):
    one = window(rng, seconds=2)
    bands = Bands.over(one.active)
    assert bands.log(one.profiles * 7) == pytest.approx(bands.log(one.profiles), abs=1e-5)


def test_bands_cover_every_active_bin_once(rng):
    one = window(rng, seconds=1)
    bands = Bands.over(one.active)
    assert bands.edges[-1] == np.count_nonzero(one.active)
    assert len(bands) == 16


@pytest.mark.parametrize("n_active", [1, 2, 3, 5, 52, 306])
def test_bands_exist_for_any_mask(n_active):
    active = np.zeros(306, bool)
    active[:n_active] = True
    logs = Bands.over(active).log(np.where(active, 1.0, 0.0)[None].astype(np.float32))
    assert np.isfinite(logs).all()


def test_log_profile_equals_the_slow_way(rng):
    one = window(rng, seconds=1)
    bands = Bands.over(one.active)
    slow = []
    for row in one.profiles[:, bands.active]:
        means = [row[first:last].mean() for first, last in zip(bands.edges[:-1], bands.edges[1:], strict=True)]
        slow.append(np.log(means) - np.mean(np.log(means)))
    assert bands.log(one.profiles) == pytest.approx(np.array(slow), abs=1e-5)


def test_block_means_count_back_from_the_newest(rng):
    times = np.arange(0, 10.5, 0.5)
    ends, means = block_means(times, times[:, None], 5.0)
    assert ends[-1] == 10.0
    assert means[-1, 0] == pytest.approx(np.mean(times[times > 5.0]))


def test_resample_fills_short_holes_with_lines():
    times = np.array([0.0, 0.2, 0.4, 1.0, 1.2])
    grid = resample(times, times[:, None], 5.0)
    assert len(grid) == 7
    assert grid[:, 0] == pytest.approx(np.arange(7) * 0.2)
