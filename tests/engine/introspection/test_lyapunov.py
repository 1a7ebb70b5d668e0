"""The exponent against the algorithm as written, and what it says about known systems."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.introspection.lyapunov import BLOCK, HORIZON, Lyapunov
from ruview_engine.introspection.why_unknown import WhyUnknown
from tests.engine.oracle.rosenstein import exponents

N = 96


def _read(points, fs_hz=1.0, theiler=6):
    return Lyapunov(len(points)).read(squared_distances(points, theiler), fs_hz)


def _embedded(x, m=3, lag=1):
    n = len(x) - (m - 1) * lag
    return np.stack([x[k * lag : k * lag + n] for k in range(m)], axis=1)


def _logistic(n, rng):
    x = rng.uniform(0.2, 0.8)
    out = []
    for _ in range(n + 50):
        x = 4.0 * x * (1.0 - x)
        out.append(x)
    return np.array(out[50:])


def test_equals_the_slow_oracle(rng):
    points = _embedded(np.cumsum(rng.normal(size=N + 2)))
    slopes = exponents(points.tolist(), 6, HORIZON)
    n = (N - HORIZON) // BLOCK * BLOCK
    assert _read(points).exponent == pytest.approx(np.mean(slopes[:n]), rel=1e-6, abs=1e-9)


def test_exponent_is_per_second(rng):
    points = _embedded(np.cumsum(rng.normal(size=N + 2)))
    assert _read(points, fs_hz=20.0).exponent == pytest.approx(20.0 * _read(points).exponent)


def test_exponent_ignores_scale(rng):
    points = _embedded(np.cumsum(rng.normal(size=N + 2)))
    assert _read(points * 10.0).exponent == pytest.approx(_read(points).exponent, rel=1e-6)


def test_a_sine_neither_grows_nor_shrinks():
    reading = _read(_embedded(np.sin(0.37 * np.arange(N + 2))))
    assert abs(reading.exponent) < 0.02


def test_a_chaotic_map_diverges(rng):
    reading = _read(_embedded(_logistic(N + 1, rng), m=2), theiler=2)
    assert reading.interval[0] > 0.0
    assert reading.interval[0] < reading.exponent < reading.interval[1]


def test_points_that_are_not_finite_say_so(rng):
    points = rng.normal(size=(N, 2))
    points[40] = np.nan
    reading = _read(points)
    assert reading.exponent is None
    assert reading.interval is None
    assert reading.why_not is WhyUnknown.GAPS
