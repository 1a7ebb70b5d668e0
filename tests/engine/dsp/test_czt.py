"""The zoom spectrum against the plain Fourier transform."""

import numpy as np

from ruview_engine.dsp.czt import hann, zoom_power


def test_equals_a_direct_transform(rng: np.random.Generator) -> None:
    values = rng.normal(size=(301, 2))
    frequencies, power = zoom_power(values, rate_hz=10, from_hz=0.07, to_hz=0.9, n_points=40)
    kernel = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(301)) / 10)
    np.testing.assert_allclose(power, np.abs(kernel @ (values * hann(301)[:, None])) ** 2, rtol=1e-6, atol=1e-9)


def test_white_noise_of_variance_v_has_power_v(rng: np.random.Generator) -> None:
    _, power = zoom_power(rng.normal(0, 3, (600, 200)), rate_hz=10, from_hz=0.5, to_hz=4, n_points=60)
    assert abs(power.mean() / 9 - 1) < 0.05
