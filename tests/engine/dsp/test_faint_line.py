"""A faint fast line beside a strong slow one."""

import numpy as np
import pytest

from ruview_engine.dsp.faint_line import N_OVERTONES, faint_line, left_out
from ruview_engine.dsp.periodicity import Band

HEART = Band(from_hz=0.75, to_hz=2.5)
RATE_HZ, DURATION_S, BREATH_HZ = 20.0, 60.0, 0.25


def chest(rng: np.random.Generator, *, heart_hz: float | None, heart: float = 0.45) -> np.ndarray:
    """(1200, 13) breath with six overtones, heart, white noise."""
    times = np.arange(int(RATE_HZ * DURATION_S)) / RATE_HZ
    wave = sum(10.0 / k**2 * np.sin(2 * np.pi * k * BREATH_HZ * times + k) for k in range(1, 7))
    if heart_hz is not None:
        wave = wave + heart * np.sin(2 * np.pi * heart_hz * times)
    return np.asarray(wave)[:, None] * rng.normal(0, 1, 13) + rng.normal(0, 1.0, (len(times), 13))


@pytest.mark.parametrize("heart_hz", [0.87, 1.12, 1.37, 2.2])
def test_finds_the_heart_between_the_overtones(heart_hz: float, rng: np.random.Generator) -> None:
    line = faint_line(chest(rng, heart_hz=heart_hz), rate_hz=RATE_HZ, band=HEART, slow_hz=BREATH_HZ)
    assert line is not None
    assert abs(line.hz - heart_hz) < 0.01
    assert line.n_votes == 4
    assert line.line_db > 15


def test_without_a_heart_overtones_are_not_one(rng: np.random.Generator) -> None:
    line = faint_line(chest(rng, heart_hz=None), rate_hz=RATE_HZ, band=HEART, slow_hz=BREATH_HZ)
    assert line is None or line.line_db < 12 or line.n_votes < 3


def test_a_pair_around_a_hidden_place_may_be_sidebands(rng: np.random.Generator) -> None:
    """1.5 Hz lies in the interval of the fifth overtone of 0.29 Hz; its sidebands 1.21 and 1.79 Hz do not."""
    times = np.arange(int(RATE_HZ * DURATION_S)) / RATE_HZ
    modulated = np.sin(2 * np.pi * 1.5 * times) * np.sin(2 * np.pi * 0.29 * times)
    values = modulated[:, None] * rng.normal(0, 1, 13) + rng.normal(0, 0.3, (len(times), 13))
    line = faint_line(values, rate_hz=RATE_HZ, band=HEART, slow_hz=0.29)
    assert line is not None
    assert line.may_be_sideband
    alone = faint_line(chest(rng, heart_hz=1.12), rate_hz=RATE_HZ, band=HEART, slow_hz=BREATH_HZ)
    assert alone is not None
    assert not alone.may_be_sideband


def test_intervals_follow_the_overtones() -> None:
    intervals = left_out(0.25, 60.0)
    assert len(intervals) == N_OVERTONES
    assert all(low < 0.25 * k < high for k, (low, high) in enumerate(intervals, start=1))


@pytest.mark.parametrize("values", [np.zeros((1200, 13)), np.full((1200, 13), np.nan), np.empty((1200, 0))])
def test_no_signal_is_none(values: np.ndarray) -> None:
    assert faint_line(values, rate_hz=RATE_HZ, band=HEART, slow_hz=BREATH_HZ) is None
