"""All distances of the last points, one new row per point."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import NeighbourRing
from ruview_engine.errors import ShapeError


def test_distances_equal_the_full_matrix(rng):
    ring = NeighbourRing(20, 3, 2)
    points = rng.normal(size=(53, 3))
    for p in points:
        ring.update(p)
    slots = ring.slots_by_age()
    last = points[-20:]
    expected = ((last[:, None] - last[None]) ** 2).sum(axis=2)
    got = ring.squared[slots[:, None], slots[None, :]]
    allowed = np.isfinite(got)
    np.testing.assert_allclose(got[allowed], expected[allowed], atol=1e-9)
    apart = np.abs(np.arange(20)[:, None] - np.arange(20)[None])
    assert (allowed == (np.minimum(apart, 20 - apart) >= 2)).all()


def test_not_full_until_every_slot_is_used_and_reset_equals_new(rng):
    ring = NeighbourRing(10, 1, 1)
    for _ in range(9):
        ring.update(rng.normal(size=1))
    assert not ring.is_full
    ring.update(rng.normal(size=1))
    assert ring.is_full
    ring.reset()
    assert not ring.is_full
    assert np.isinf(ring.squared).all()


def test_refuses_what_is_not_finite():
    with pytest.raises(ShapeError):
        NeighbourRing(10, 1, 1).update(np.array([np.nan]))
    with pytest.raises(ShapeError):
        NeighbourRing(10, 1, 5)
