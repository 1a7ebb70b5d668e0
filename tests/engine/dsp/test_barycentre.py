"""Averages in warped time."""

import numpy as np
import pytest

from ruview_engine.dsp.barycentre import barycentre, warp
from ruview_engine.errors import ShapeError


def _bump(n, at, width):
    return np.exp(-(((np.arange(n) - at) / width) ** 2))[:, None]


def test_identical_sequences_cost_nothing(rng):
    a = rng.normal(size=(12, 3))
    cost, path = warp(a, a)
    assert cost == 0.0
    assert path == [(i, i) for i in range(12)]


def test_path_starts_and_ends_at_the_corners(rng):
    _, path = warp(rng.normal(size=(7, 2)), rng.normal(size=(11, 2)))
    assert path[0] == (0, 0)
    assert path[-1] == (6, 10)


def test_average_keeps_a_shape_that_a_mean_would_smear():
    takes = [_bump(40, at, 3.0) for at in (14, 20, 26)]
    average, spread = barycentre(takes)
    assert average.max() > 0.95 > 0.6 > np.mean(takes, axis=0).max()
    assert spread < 0.05


def test_noise_becomes_the_spread(rng):
    clean = _bump(40, 20, 5.0)
    _, spread = barycentre([clean + 0.1 * rng.normal(size=clean.shape) for _ in range(5)])
    assert 0.04 < spread < 0.15


def test_refuses_nothing_and_mixed_widths(rng):
    with pytest.raises(ShapeError):
        barycentre([])
    with pytest.raises(ShapeError):
        warp(rng.normal(size=(3, 2)), rng.normal(size=(3, 1)))
    single, spread = barycentre([rng.normal(size=(3, 2))])
    assert single.shape == (3, 2)
    assert spread == 0.0
