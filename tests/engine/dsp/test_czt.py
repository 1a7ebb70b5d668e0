"""The zoom spectrum against the plain Fourier transform."""

import numpy as np
import pytest
from scipy.fft import next_fast_len
from scipy.signal import ZoomFFT

from ruview_engine.dsp.czt import fast_length, hann, zoom_power


def test_equals_a_direct_transform(rng: np.random.Generator) -> None:
    values = rng.normal(size=(301, 2))
    frequencies, power = zoom_power(values, rate_hz=10, from_hz=0.07, to_hz=0.9, n_points=40)
    kernel = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(301)) / 10)
    np.testing.assert_allclose(power, np.abs(kernel @ (values * hann(301)[:, None])) ** 2, rtol=1e-6, atol=1e-9)


def test_white_noise_of_variance_v_has_power_v(rng: np.random.Generator) -> None:
    _, power = zoom_power(rng.normal(0, 3, (600, 200)), rate_hz=10, from_hz=0.5, to_hz=4, n_points=60)
    assert abs(power.mean() / 9 - 1) < 0.05


@pytest.mark.parametrize(("n", "n_points"), [(300, 120), (600, 200), (1200, 400), (61, 2), (40, 300)])
def test_equals_scipys(n, n_points, rng: np.random.Generator) -> None:
    values = rng.normal(size=(n, 7))
    expected = ZoomFFT(n, [0.05, 0.7], n_points, fs=20.0, endpoint=True)(values * hann(n)[:, None], axis=0)
    frequencies, power = zoom_power(values, rate_hz=20.0, from_hz=0.05, to_hz=0.7, n_points=n_points)
    np.testing.assert_allclose(power, np.abs(expected) ** 2, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(frequencies[[0, -1]], (0.05, 0.7))


def test_lengths_are_quick_and_the_shortest_such() -> None:
    for n in (*range(1, 600), 799, 1599, 1727, 4097):
        length = fast_length(n)
        assert length == next(m for m in range(n, 2 * n + 1) if _is_smooth(m))
        assert length >= next_fast_len(n)


def _is_smooth(n: int) -> bool:
    for factor in (2, 3, 5):
        while n % factor == 0:
            n //= factor
    return n == 1
