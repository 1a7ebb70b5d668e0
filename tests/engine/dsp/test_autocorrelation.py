"""Pooled autocorrelation against the definition."""

import numpy as np

from ruview_engine.dsp.autocorrelation import band_limited, pooled_autocorrelation


def slow(values: np.ndarray) -> np.ndarray:
    """The definition, lag by lag."""
    n = len(values)
    result = []
    for lag in range(n):
        lead, trail = values[: n - lag], values[lag:]
        result.append(2 * np.sum(lead * trail) / (np.sum(lead**2) + np.sum(trail**2)))
    return np.array(result)


def test_equals_the_definition(rng: np.random.Generator) -> None:
    values = rng.normal(size=(120, 3))
    np.testing.assert_allclose(pooled_autocorrelation(values), slow(values), atol=1e-9)


def test_a_rhythm_keeps_its_height_at_every_lag() -> None:
    wave = np.sin(2 * np.pi * np.arange(400) / 40)[:, None] * [[1.0, -2.0]]
    rho = pooled_autocorrelation(wave)
    assert rho[[40, 80, 160]].min() > 0.99
    assert rho[[20, 60, 100]].max() < -0.99


def test_silence_is_zero() -> None:
    assert not pooled_autocorrelation(np.zeros((50, 2))).any()


def test_the_band_is_kept_and_the_rest_is_not() -> None:
    times = np.arange(600) / 10
    slow_wave, fast_wave = np.sin(2 * np.pi * 0.25 * times), np.sin(2 * np.pi * 3 * times)
    limited = band_limited((slow_wave + fast_wave)[:, None], rate_hz=10, from_hz=0.05, to_hz=1.0)[:, 0]
    assert np.abs(limited - slow_wave)[50:-50].max() < 0.05
