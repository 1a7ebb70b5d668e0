"""All distances of a trajectory, without those that are near merely in time."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.errors import ShapeError


def test_distances_equal_the_definition(rng):
    points = rng.normal(size=(20, 3))
    got = squared_distances(points, 2)
    allowed = np.isfinite(got)
    expected = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(got[allowed], expected[allowed], atol=1e-12)
    assert (allowed == (np.abs(np.subtract.outer(np.arange(20), np.arange(20))) >= 2)).all()


def test_equal_points_are_never_less_than_nothing_apart(rng):
    points = np.repeat(1e3 + rng.normal(size=(1, 5)), 12, axis=0)
    got = squared_distances(points, 1)
    assert (got[np.isfinite(got)] >= 0.0).all()


@pytest.mark.parametrize("theiler", [0, 10])
def test_refuses_an_exclusion_that_leaves_nothing(theiler):
    with pytest.raises(ShapeError):
        squared_distances(np.zeros((10, 1)), theiler)
