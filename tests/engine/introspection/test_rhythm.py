"""What repeats itself is found, with its period, and noise repeats nothing."""

import numpy as np
import pytest

from ruview_engine.introspection.rhythm import FOLLOW, GRID_HZ, KEEP, MAX_EMPTY, Echo

FS_HZ = 20.0


def _times(n, start_s=0.0):
    return start_s + np.arange(n) / FS_HZ


@pytest.mark.parametrize("bpm", [6.0, 9.0, 15.0, 30.0])
def test_the_period_is_found(rng, bpm):
    t = _times(1200)
    wave = np.sin(2 * np.pi * bpm / 60 * t)[:, None] * np.array([1, -1, 0.5, 0.0]) + 0.5 * rng.normal(size=(len(t), 4))
    rhythm = Echo.new(4).after(t, wave).clearest()
    assert rhythm.is_clear
    assert rhythm.period_s == pytest.approx(60 / bpm, abs=1.5 / GRID_HZ)


def test_noise_has_none(rng):
    echo, n_clear = Echo.new(8), 0
    for k in range(300):
        echo = echo.after(_times(20, k * 1.0), rng.normal(size=(20, 8)))
        rhythm = echo.clearest()
        n_clear += rhythm is not None and rhythm.is_clear
    assert n_clear == 0


def test_two_periods_are_needed():
    t = _times(180)
    rhythm = Echo.new(1).after(t, np.sin(2 * np.pi * t / 8.0)[:, None]).clearest()
    assert rhythm is None or not rhythm.is_clear


def test_products_are_the_weighted_sum(rng):
    x = rng.normal(size=60)
    echo = Echo.new(1).after((np.arange(61) + 0.1) / GRID_HZ, np.append(x, 0.0)[:, None])
    drift, deviations = x[0], []
    for n, v in enumerate(x, start=1):
        deviations.append(v - drift)
        drift += max(1 / n, FOLLOW) * (v - drift)
    lag = 7
    expected = sum(KEEP ** (59 - i) * deviations[i] * deviations[i - lag] for i in range(lag, 60))
    assert echo.products[lag, 0] == pytest.approx(expected)


@pytest.mark.parametrize("n_parts", [7, 311])
def test_how_the_samples_are_handed_over_does_not_matter(rng, n_parts):
    t, rows = np.cumsum(rng.exponential(0.05, 400)), rng.normal(size=(400, 2))
    whole, parts = Echo.new(2).after(t, rows), Echo.new(2)
    for some, of_them in zip(np.array_split(t, n_parts), np.array_split(rows, n_parts), strict=True):
        before = parts.products.copy()
        after = parts.after(some, of_them)
        np.testing.assert_array_equal(parts.products, before)
        parts = after
    assert (parts.n_cells, parts.count) == (whole.n_cells, whole.count)
    np.testing.assert_allclose(parts.products, whole.products, atol=1e-12)
    np.testing.assert_allclose(parts.past, whole.past, atol=1e-12)


def test_cells_that_nothing_fell_into_are_as_the_one_before():
    echo = Echo.new(1).after(np.array([0.1, 0.3, 0.9, 9.1]), np.array([[1.0], [5.0], [2.0], [0.0]]))
    assert echo.n_cells == 1 + 3 + MAX_EMPTY
    drift, expected = 1.0, []
    for n, mean in enumerate([1.0] + 3 * [5.0] + MAX_EMPTY * [2.0], start=1):
        expected.insert(0, mean - drift)
        drift += max(1 / n, FOLLOW) * (mean - drift)
    np.testing.assert_allclose(echo.past[: echo.n_cells, 0], expected)
