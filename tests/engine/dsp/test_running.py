"""Running estimators against their batch twins."""

import numpy as np
import pytest

from ruview_engine.dsp.running import DecayingMean, RunningMedian, RunningQuantile
from ruview_engine.errors import ShapeError


@pytest.mark.parametrize("quantile", [0.2, 0.5, 0.9])
def test_running_quantile_finds_it(rng, quantile):
    x = np.exp(rng.normal(size=20_000))
    estimator = RunningQuantile(quantile, step=0.01)
    for value in x:
        estimator.update(float(value))
    assert estimator.value == pytest.approx(np.quantile(x, quantile), rel=0.15)
    estimator.reset()
    assert estimator.value is None


def test_running_quantile_refuses_nonsense():
    with pytest.raises(ShapeError):
        RunningQuantile(1.0)


def test_running_median_is_exact(rng):
    estimator = RunningMedian(11)
    x = rng.normal(size=60)
    for k, value in enumerate(x):
        estimator.update(float(value))
        if k < 4:
            assert estimator.get() is None
        elif k >= 10:
            assert estimator.get() == np.median(x[k - 10 : k + 1])
    estimator.reset()
    assert estimator.get() is None


def test_decaying_mean_is_right_from_the_first_value():
    mean = DecayingMean(10.0)
    assert mean.get() is None
    assert mean.update(0.0, 4.0) == 4.0
    assert mean.update(0.1, 6.0) == pytest.approx(5.0, rel=0.01)


def test_decaying_mean_forgets():
    mean = DecayingMean(2.0)
    for k in range(100):
        mean.update(k * 0.1, 1.0)
    for k in range(100, 300):
        mean.update(k * 0.1, 3.0)
    assert mean.get() == pytest.approx(3.0, rel=0.01)
    mean.update(1e6, 7.0)
    assert mean.get() == 7.0
    mean.reset()
    assert mean.get() is None


def test_decaying_mean_needs_a_time():
    with pytest.raises(ShapeError):
        DecayingMean(0.0)
