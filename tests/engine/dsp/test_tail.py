"""Generalised Pareto tails from short data."""

import numpy as np
import pytest

from ruview_engine.dsp.tail import UNKNOWN_SHAPE, Tail
from ruview_engine.errors import ShapeError


def test_exponential_tail_is_recovered(rng):
    tail = Tail.fit(rng.standard_exponential(20_000))
    assert tail.shape < 0.08
    assert tail.level(1e-4) == pytest.approx(-np.log(1e-4), rel=0.15)


def test_heavy_tail_is_recovered(rng):
    tail = Tail.fit(rng.pareto(4.0, size=50_000))
    assert tail.shape == pytest.approx(0.25, abs=0.1)


def test_little_data_assume_a_heavy_tail(rng):
    assert Tail.fit(rng.normal(size=100)).shape == UNKNOWN_SHAPE


def test_draws_follow_the_law(rng):
    tail = Tail(threshold=2.0, rate=0.1, scale=1.5, shape=0.1)
    drawn = tail.draw(100_000, rng)
    level = tail.level(0.01)
    assert (drawn > level).mean() == pytest.approx(0.1, abs=0.01)
    assert drawn.min() >= 2.0


def test_refuses_too_little_and_impossible_levels(rng):
    with pytest.raises(ShapeError):
        Tail.fit(rng.normal(size=9))
    tail = Tail.fit(rng.normal(size=1000))
    for bad in (0.0, 0.5):
        with pytest.raises(ShapeError):
            tail.level(bad)
