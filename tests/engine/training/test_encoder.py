"""The encoder: shapes, standardisation, and one row as in a batch."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError, TrainingError
from ruview_engine.training.encoder import INPUT_LIMIT, Encoder
from tests.engine.training.finite_difference import slope_of


@pytest.fixture
def features(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(3.0, 2.0, (200, 8))


def test_embeddings_have_unit_length_whatever_comes_in(features: np.ndarray, rng: np.random.Generator) -> None:
    encoder = Encoder.initialise(features, rng)
    wild = np.concatenate([features, [[1e30] * 8, [-1e30] * 8, encoder.centre]])
    found = encoder.embed(wild)
    assert found.shape == (203, 128)
    assert np.isfinite(found).all()
    assert np.allclose(np.linalg.norm(found[:-1], axis=1), 1.0)


def test_one_row_is_as_in_a_batch(features: np.ndarray, rng: np.random.Generator) -> None:
    encoder = Encoder.initialise(features, rng)
    for row in (*features[:5], np.full(8, 1e6)):
        assert np.allclose(encoder.embed_one(row), encoder.embed(row)[0])


def test_gradient_through_relu_and_normalisation_is_the_slope(features: np.ndarray, rng: np.random.Generator) -> None:
    encoder, target = Encoder.initialise(features, rng), rng.normal(size=(12, 128))
    gradient = encoder.backward(encoder.forward(features[:12]), target)
    for name, index in [("w1", (2, 9)), ("b1", (30,)), ("w2", (11, 5)), ("b2", (100,))]:
        expected = slope_of(
            lambda moved: float(np.sum(target * encoder.with_parameters(moved).embed(features[:12]))),
            encoder.parameters,
            name,
            index,
        )
        assert gradient[name][index] == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_inputs_are_standardised_by_the_middle_of_the_data(rng: np.random.Generator) -> None:
    features = np.tile(np.arange(8.0), (100, 1))
    features[:, 1] += rng.normal(0.0, 2.0, 100)
    features[-1, 1] = 1e9  # one broken row moves neither centre nor scale
    encoder = Encoder.initialise(features, rng)
    assert encoder.centre[1] == pytest.approx(1.0, abs=0.6)
    assert encoder.scale[1] == pytest.approx(2.0, rel=0.3)
    assert encoder.scale[0] == 1.0  # what never changes is not divided by its noise
    assert np.abs(encoder.forward(features).inputs).max() == INPUT_LIMIT


def test_wrong_shapes_and_no_rows_are_refused(features: np.ndarray, rng: np.random.Generator) -> None:
    with pytest.raises(ShapeError):
        Encoder.initialise(features[:, :7], rng)
    with pytest.raises(TrainingError):
        Encoder.initialise(features[:0], rng)
    with pytest.raises(ShapeError, match="w2"):
        Encoder.initialise(features, rng).with_parameters({"w2": np.zeros((64, 127))})
