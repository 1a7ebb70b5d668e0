"""The even grid."""

import numpy as np
import pytest

from ruview_engine.dsp.resample import MAX_GAP_S, to_grid


def test_a_sine_survives_jittered_arrival(rng: np.random.Generator) -> None:
    times = np.sort(rng.uniform(0, 30, 3000))
    grid = to_grid(times, np.sin(2 * np.pi * 0.25 * times)[:, None], rate_hz=10, end_s=30.0, duration_s=30)
    assert grid is not None
    assert grid.values.shape == (300, 1)
    centres = (np.arange(300) + 0.5) / 10
    assert np.abs(grid.values[:, 0] - np.sin(2 * np.pi * 0.25 * centres)).max() < 0.06


def test_cells_average_their_frames() -> None:
    times = np.array([0.01, 0.02, 0.03, 0.15])
    grid = to_grid(times, np.array([[1.0], [2.0], [3.0], [9.0]]), rate_hz=10, end_s=0.2, duration_s=0.2)
    assert grid is not None
    np.testing.assert_allclose(grid.values[:, 0], [2.0, 9.0])
    assert grid.occupancy == 1.0


def test_empty_cells_are_interpolated_on_a_line() -> None:
    times = np.array([0.05, 0.15, 0.45, 0.55])
    grid = to_grid(times, times[:, None], rate_hz=10, end_s=0.6, duration_s=0.6)
    assert grid is not None
    np.testing.assert_allclose(grid.values[:, 0], [0.05, 0.15, 0.25, 0.35, 0.45, 0.55])
    assert grid.occupancy == pytest.approx(4 / 6)


@pytest.mark.parametrize("hole", [(10.0, 10.0 + MAX_GAP_S + 0.1), (-1.0, 1.5), (28.5, 31.0)])
def test_a_long_silence_breaks_the_window(hole: tuple[float, float]) -> None:
    times = np.arange(0.025, 30, 0.05)
    times = times[(times < hole[0]) | (times > hole[1])]
    assert to_grid(times, np.ones((len(times), 2)), rate_hz=10, end_s=30.0, duration_s=30) is None


def test_too_few_frames_are_not_a_grid() -> None:
    sparse = np.arange(0.0, 30.0, 0.9)
    assert to_grid(sparse, np.ones((len(sparse), 1)), rate_hz=10, end_s=30.0, duration_s=30) is None
    assert to_grid(np.empty(0), np.empty((0, 1)), rate_hz=10, end_s=30.0, duration_s=30) is None
