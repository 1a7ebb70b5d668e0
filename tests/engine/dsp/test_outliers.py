"""Wild values and broken rows."""

import numpy as np
import pytest

from ruview_engine.dsp.outliers import belonging_rows, hampel
from ruview_engine.dsp.robust import MAD_TO_SIGMA


def test_hampel_replaces_spikes_only(rng: np.random.Generator) -> None:
    clean = np.sin(np.linspace(0, 20, 400))[:, None] + rng.normal(0, 0.02, (400, 3))
    dirty = clean.copy()
    dirty[[50, 51, 200], 1] += 3.0
    cured = hampel(dirty)
    assert np.abs(cured[[50, 51, 200], 1] - clean[[50, 51, 200], 1]).max() < 0.4
    assert np.mean(hampel(clean) != clean) < 0.002


def test_hampel_leaves_constants_and_short_stretches() -> None:
    constant = np.full((50, 2), 3.0)
    np.testing.assert_array_equal(hampel(constant), constant)
    short = np.array([[1.0], [9.0], [1.0]])
    np.testing.assert_array_equal(hampel(short), short)


@pytest.mark.parametrize("half_width", [1, 3, 5])
def test_hampel_is_its_slow_twin(rng: np.random.Generator, half_width: int) -> None:
    values = np.cumsum(rng.normal(0, 1, (200, 4)), axis=0)
    values[rng.random(values.shape) < 0.05] += 20.0
    values[:, 3] = 1.0
    padded = np.pad(values, ((half_width, half_width), (0, 0)), mode="edge")
    slow = values.copy()
    for column in range(4):
        limit = 5.0 * MAD_TO_SIGMA / np.sqrt(2.0) * np.median(np.abs(np.diff(values[:, column])))
        for row in range(200):
            middle = np.median(padded[row : row + 2 * half_width + 1, column])
            if abs(values[row, column] - middle) > limit > 0:
                slow[row, column] = middle
    np.testing.assert_array_equal(hampel(values, half_width=half_width), slow)
    assert (slow != values).mean() > 0.02


def test_broken_runs_do_not_belong(rng: np.random.Generator) -> None:
    rows = rng.normal(1.0, 0.02, (600, 13))
    broken = [100, 250, 251, 252, 253, 254, 400]
    rows[broken] += rng.normal(0, 0.5, (len(broken), 13))
    belonging = belonging_rows(rows, lag=10)
    assert not belonging[broken].any()
    assert belonging.mean() > 0.98


def test_a_breath_with_pauses_belongs(rng: np.random.Generator) -> None:
    phase = np.arange(600) / 20 % 6.0
    chest = np.clip(phase, 0, 1) - np.clip(phase - 3, 0, 1)  # still, out in a second, still, in again
    rows = chest[:, None] * np.linspace(-0.3, 0.3, 13) + rng.normal(0, 0.005, (600, 13))
    assert belonging_rows(rows, lag=2).mean() > 0.95


def test_when_most_rows_are_exceptions_none_is() -> None:
    rows = np.zeros((400, 4))
    rows[::3] = np.random.default_rng(5).normal(0, 1, (134, 4))
    assert belonging_rows(rows, lag=1).all()
    assert belonging_rows(rows[:6], lag=2).all()
