"""Nats of quiet: exponential in the quiet, and deaf to what a sixth of the baseline may have been instead."""

import itertools

import numpy as np
import pytest

from ruview_engine.dsp.surprise import Surprise
from ruview_engine.errors import ShapeError


def test_surprise_is_exponential_in_the_quiet(rng):
    law = Surprise.fit(rng.normal(3.0, 0.25, size=2000), 0.1, 1.0)
    fresh = np.array([law.of(float(v)) for v in rng.normal(3.0, 0.25, size=20_000)])
    assert fresh.mean() == pytest.approx(1.0, abs=0.1)
    assert (fresh > 5.0).mean() == pytest.approx(np.exp(-5.0), rel=0.6)


def test_a_sixth_of_something_else_moves_the_law_little(rng):
    values = rng.normal(size=2000)
    clean = Surprise.fit(values, 0.1, 10.0)
    values[:320] = 50.0
    dirty = Surprise.fit(values, 0.1, 10.0)
    assert dirty.location == pytest.approx(clean.location, abs=0.3)
    assert dirty.scale == pytest.approx(clean.scale, rel=0.2)


def test_the_scale_is_bounded(rng):
    assert Surprise.fit(np.zeros(100), 0.2, 0.4).scale == 0.2
    assert Surprise.fit(rng.normal(size=100), 0.2, 0.4).scale == 0.4


def test_surprise_never_falls_and_never_overflows(rng):
    law = Surprise.fit(rng.normal(size=500), 0.1, 10.0)
    values = [law.of(float(v)) for v in np.linspace(-60, 300, 400)]
    assert all(a <= b for a, b in itertools.pairwise(values))
    assert np.isfinite(values).all()


def test_a_law_survives_storage_and_no_law_is_refused(rng):
    law = Surprise.fit(rng.normal(size=500), 0.1, 10.0)
    assert Surprise.from_dict(law.to_dict()) == law
    for spoil in ({"scale": 0.0}, {"location": float("nan")}):
        with pytest.raises(ShapeError):
            Surprise.from_dict(law.to_dict() | spoil)
    with pytest.raises(ShapeError):
        Surprise.fit(rng.normal(size=9), 0.1, 10.0)
