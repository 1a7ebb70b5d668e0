"""The radio is pulled towards what other sensors measured at that moment, and only then."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.training.camera_free.cross_modal import CrossModal, standardised
from ruview_engine.training.encoder import Encoder

from ..conftest import SECONDS, two_states


def test_cross_modal_gradient_is_the_slope_of_its_loss(rng: np.random.Generator) -> None:
    table = two_states()
    grid = np.arange(float(SECONDS))
    sensors = standardised(np.stack([np.sin(grid / 9), np.cos(grid / 7)], axis=1))
    encoder = Encoder.initialise(table.features, rng)

    def loss_at(step: float) -> float:
        modal = CrossModal(table, grid, sensors, np.random.default_rng(2))
        w1 = encoder.w1.copy()
        w1[2, 5] += step
        modal(encoder.with_parameters({**encoder.parameters, "w1": w1}), np.random.default_rng(3))
        return modal.values[-1]

    modal = CrossModal(table, grid, sensors, np.random.default_rng(2))
    slope = modal(encoder, np.random.default_rng(3))["w1"][2, 5]
    assert slope == pytest.approx(0.2 * (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5, rel=1e-3, abs=1e-8)


def test_a_sensor_that_never_spoke_teaches_nothing(rng: np.random.Generator) -> None:
    table = two_states()
    modal = CrossModal(table, np.arange(float(SECONDS)), np.full((SECONDS, 2), np.nan), rng)
    assert modal.n_rows == 0
    assert modal(Encoder.initialise(table.features, rng), rng) == {}


def test_it_comes_to_agree_with_what_the_sensors_say(rng: np.random.Generator) -> None:
    table = two_states()
    grid = np.arange(float(SECONDS))
    modal = CrossModal(table, grid, standardised(np.floor(grid / 25.0)[:, None] % 2), rng)
    encoder = Encoder.initialise(table.features, rng)
    for _ in range(150):
        slope = modal(encoder, rng)
        encoder = encoder.with_parameters(
            {name: value - 0.3 * slope[name] for name, value in encoder.parameters.items()}
        )
    assert np.mean(modal.values[-20:]) < np.mean(modal.values[:20]) - 0.1


def test_rows_without_a_measurement_nearby_are_left_out(rng: np.random.Generator) -> None:
    table = two_states()
    grid = np.arange(0.0, 50.0)
    modal = CrossModal(table, grid, np.ones((50, 1)), rng)
    assert modal.n_rows == int((table.at_s <= 50.0).sum())
    assert CrossModal(table, np.zeros(0), np.zeros((0, 1)), rng).n_rows == 0
    with pytest.raises(ShapeError):
        CrossModal(table, grid, np.ones((49, 1)), rng)


def test_standardised_columns_keep_their_holes() -> None:
    found = standardised(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]]))
    assert found[:2, 0].tolist() == [-1.0, 1.0]
    assert np.isnan(found[2, 0])
    assert not found[:, 1].any()
