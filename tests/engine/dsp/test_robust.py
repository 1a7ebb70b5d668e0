"""Robust location, scale and shrinkage."""

import numpy as np
import pytest

from ruview_engine.dsp.robust import (
    column_medians,
    inverse_root,
    location_scale,
    mad_scale,
    median,
    quantile,
    shrunk_covariance,
)
from ruview_engine.errors import ShapeError


def test_mad_is_sigma_for_a_normal_and_ignores_outliers(rng):
    x = rng.normal(3.0, 2.0, 20_000)
    assert mad_scale(x) == pytest.approx(2.0, rel=0.03)
    x[:2000] = 1e9
    assert mad_scale(x) == pytest.approx(2.0, rel=0.2)


def test_mad_reduces_the_chosen_axis(rng):
    x = rng.normal(size=(50, 4)) * np.array([1, 2, 3, 4])
    assert mad_scale(x, axis=0).shape == (4,)
    np.testing.assert_allclose(mad_scale(x, axis=0)[2], mad_scale(x[:, 2]))


def test_location_scale_has_a_floor():
    assert location_scale(np.full(9, 4.0), 0.25) == (4.0, 0.25)
    with pytest.raises(ShapeError):
        location_scale(np.empty(0))


def test_shrinkage_moves_to_the_diagonal(rng):
    x = rng.normal(size=(500, 1)) + 0.1 * rng.normal(size=(500, 5))
    sample = x.T @ x / 500
    np.testing.assert_allclose(shrunk_covariance(x, 0.0), sample)
    np.testing.assert_allclose(shrunk_covariance(x, 1.0), np.diag(np.diag(sample)))
    np.testing.assert_allclose(np.diag(shrunk_covariance(x, 0.3)), np.diag(sample))


@pytest.mark.parametrize("bad", [np.empty((0, 3)), np.zeros(4)])
def test_shrinkage_needs_rows(bad):
    with pytest.raises(ShapeError):
        shrunk_covariance(bad, 0.5)


def test_inverse_root_whitens(rng):
    a = rng.normal(size=(6, 6))
    c = a @ a.T + np.eye(6)
    w = inverse_root(c)
    np.testing.assert_allclose(w @ c @ w, np.eye(6), atol=1e-9)
    np.testing.assert_allclose(w, w.T, atol=1e-12)


def test_inverse_root_of_a_singular_matrix_is_finite():
    assert np.isfinite(inverse_root(np.diag([1.0, 0.0]), 1e-3)).all()
    assert np.isfinite(inverse_root(np.zeros((2, 2)))).all()


@pytest.mark.parametrize("n", [1, 2, 7, 8, 1001])
def test_the_quick_median_is_the_median(n):
    values = np.random.default_rng(n).normal(size=n)
    assert median(values) == pytest.approx(np.median(values), abs=1e-12)
    assert np.isnan(median(values[:0]))


@pytest.mark.parametrize("n", [1, 2, 7, 8, 301])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_quick_medians_of_columns_are_their_medians(n, dtype):
    values = np.random.default_rng(n).normal(size=(n, 5)).astype(dtype)
    before = values.copy()
    np.testing.assert_allclose(column_medians(values), np.median(values, axis=0), rtol=1e-6)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 301])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.61, 1.0])
def test_the_quick_quantile_is_the_quantile(n, share):
    values = np.random.default_rng(n).normal(size=n)
    assert quantile(values, share) == pytest.approx(np.quantile(values, share), abs=1e-12)
