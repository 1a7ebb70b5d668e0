"""Lines, their strength and the threshold derived for noise."""

import numpy as np
import pytest

from ruview_engine.dsp.spectral_line import MAX_DB, Spectrum, decibels, noise_line_db

RATE_HZ, N = 10.0, 300


def spectrum(values: np.ndarray, **options: object) -> Spectrum:
    return Spectrum.of(values - values.mean(axis=0), rate_hz=RATE_HZ, to_hz=1.0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("hz", [0.11, 0.1667, 0.233, 0.31, 0.487])
def test_frequency_is_exact_to_a_fraction_of_a_cell(hz: float, rng: np.random.Generator) -> None:
    times = np.arange(N) / RATE_HZ
    values = np.sin(2 * np.pi * hz * times + 0.5)[:, None] * rng.normal(1, 0.2, 6) + rng.normal(0, 0.1, (N, 6))
    line = spectrum(values).strongest(from_hz=0.08, to_hz=0.6)
    assert line is not None
    assert abs(line.hz - hz) < 0.05 / 30  # 0.1 per minute
    assert line.line_db > 25
    assert line.agreement > 0.95


def test_a_slope_without_a_maximum_is_no_line() -> None:
    drift = np.cumsum(np.ones(N))[:, None] ** 2.0
    assert spectrum(drift).strongest(from_hz=0.2, to_hz=0.22) is None


def test_what_is_ignored_is_neither_line_nor_background(rng: np.random.Generator) -> None:
    times = np.arange(N) / RATE_HZ
    values = (5 * np.sin(2 * np.pi * 0.2 * times) + np.sin(2 * np.pi * 0.4 * times))[:, None]
    values = values + rng.normal(0, 0.1, (N, 4))
    line = spectrum(values, ignore=((0.14, 0.26),)).strongest(from_hz=0.1, to_hz=0.5)
    assert line is not None
    assert line.hz == pytest.approx(0.4, abs=0.003)


def test_threshold_holds_for_noise(rng: np.random.Generator) -> None:
    """One column of white noise, 12 cells: a line above the 1 % threshold in about 1 % of stretches."""
    limit, trials, above = noise_line_db(12, 0.01), 1500, 0
    for _ in range(trials):
        power = spectrum(rng.normal(size=(N, 1)))
        # against the true level, as the derivation has it: the scatter of the median is not part of it
        band = (power.frequencies_hz >= 0.1) & (power.frequencies_hz <= 0.5)
        above += decibels(float(power.mean[band].max()), 1.0) > limit
    assert 0.3 * 0.01 < above / trials < 3 * 0.01


def test_threshold_grows_with_cells_and_caution() -> None:
    assert noise_line_db(12) == pytest.approx(12.1, abs=0.05)
    assert noise_line_db(24) > noise_line_db(12) > noise_line_db(12, 1e-3)


def test_silence_stays_a_number() -> None:
    assert decibels(0.0, 1.0) == -MAX_DB
    assert decibels(1.0, 0.0) == MAX_DB
