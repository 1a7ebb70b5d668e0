"""Takens' estimator on shapes whose dimension is known, and what it refuses to number."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.introspection.dimension import AttractorDimension
from ruview_engine.introspection.why_unknown import WhyUnknown

N = 96


def _dimension(points, theiler=4):
    return AttractorDimension(len(points)).read(squared_distances(points, theiler))


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
