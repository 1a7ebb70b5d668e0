"""The incremental exponent against the algorithm as written, and what it says about known systems."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import NeighbourRing
from ruview_engine.introspection.dimension import AttractorDimension
from ruview_engine.introspection.lyapunov import BLOCK, HORIZON, N_STEPS, Lyapunov
from ruview_engine.introspection.why_unknown import WhyUnknown
from tests.engine.oracle.rosenstein import exponents

N = 96


def _report(points, fs_hz=1.0, theiler=6):
    ring = NeighbourRing(N, points.shape[1], theiler)
    for p in points:
        ring.update(p)
    lyapunov = Lyapunov(ring)
    lyapunov.begin()
    for _ in range(N_STEPS):
        lyapunov.step(fs_hz)
    return lyapunov.reading


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


@pytest.mark.parametrize("extra", [0, 1, 37])
def test_equals_the_slow_oracle(rng, extra):
    points = _embedded(np.cumsum(rng.normal(size=N + extra + 2)))
    slopes = exponents(points[-N:].tolist(), 6, HORIZON, N_STEPS, N)
    n = (N - HORIZON - N_STEPS) // BLOCK * BLOCK
    assert _report(points).exponent == pytest.approx(np.mean(slopes[:n]), rel=1e-6, abs=1e-9)


def test_exponent_ignores_scale(rng):
    points = _embedded(np.cumsum(rng.normal(size=N + 2)))
    assert _report(points * 10.0).exponent == pytest.approx(_report(points).exponent, rel=1e-6)


def test_a_sine_neither_grows_nor_shrinks():
    reading = _report(_embedded(np.sin(0.37 * np.arange(N + 2))))
    assert abs(reading.exponent) < 0.02


def test_a_chaotic_map_diverges(rng):
    reading = _report(_embedded(_logistic(N + 1, rng), m=2), theiler=2)
    assert reading.interval[0] > 0.0
    assert reading.interval[0] < reading.exponent < reading.interval[1]


def test_too_short_says_why(rng):
    reading = _report(rng.normal(size=(N - 1, 2)))
    assert reading.exponent is None
    assert reading.why_not is WhyUnknown.SHORT_TRAJECTORY


def _dimension(points, theiler=4):
    ring = NeighbourRing(N, points.shape[1], theiler)
    for p in points:
        ring.update(p)
    dimension = AttractorDimension(ring)
    dimension.begin()
    dimension.step()
    dimension.step()
    return dimension.reading


def test_a_circle_has_one_dimension(rng):
    angle = rng.uniform(0, 2 * np.pi, N)
    reading = _dimension(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert reading.dimension == pytest.approx(1.0, abs=0.25)
    assert reading.confidence > 0.2


def test_a_square_has_two(rng):
    assert _dimension(rng.uniform(size=(N, 2))).dimension == pytest.approx(2.0, abs=0.5)


def test_noise_in_many_dimensions_is_refused_not_numbered(rng):
    reading = _dimension(rng.normal(size=(N, 16)))
    assert reading.dimension is None
    assert reading.why_not is WhyUnknown.FILLS_SPACE


def test_identical_points_are_refused():
    reading = _dimension(np.ones((N, 3)))
    assert reading.dimension is None
    assert reading.confidence == 0.0
