"""A node's adapter: its gradient, its one-row step, its size, and that a new one changes nothing."""

import numpy as np
import pytest

from ruview_engine.training.adapter import DROPOUT, Adapter, dropout_mask
from ruview_engine.training.encoder import Parameters
from tests.engine.training.finite_difference import slope_of


def unit_rows(rng: np.random.Generator, n: int) -> np.ndarray:
    embedding = rng.normal(size=(n, 128))
    return embedding / np.linalg.norm(embedding, axis=1, keepdims=True)


@pytest.fixture
def trained(rng: np.random.Generator) -> Adapter:
    adapter = Adapter.initialise(rng)
    return adapter.with_parameters({"a": adapter.a, "b": rng.normal(0, 0.1, adapter.b.shape)})


def test_gradient_is_the_slope(trained: Adapter, rng: np.random.Generator) -> None:
    embedding, target, kept = unit_rows(rng, 9), rng.normal(size=(9, 128)), dropout_mask((9, 128), rng)
    gradient = trained.backward(trained.forward(embedding, kept), target)

    def value(parameters: Parameters) -> float:
        return float(np.sum(target * trained.with_parameters(parameters).forward(embedding, kept).embedding))

    for name, index in [("a", (5, 2)), ("a", (100, 0)), ("b", (1, 77)), ("b", (3, 4))]:
        expected = slope_of(value, trained.parameters, name, index)
        assert gradient[name][index] == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_a_new_adapter_changes_nothing(rng: np.random.Generator) -> None:
    embedding = unit_rows(rng, 5)
    assert np.allclose(Adapter.initialise(rng).forward(embedding).embedding, embedding)


def test_it_is_as_small_and_scaled_as_the_seed_asks(trained: Adapter) -> None:
    assert trained.a.size + trained.b.size == 1024  # 2 KB as float16
    assert trained.scaling == 2.0


def test_one_step_on_one_row_follows_the_same_slope(trained: Adapter, rng: np.random.Generator) -> None:
    (embedding,), slope = unit_rows(rng, 1), rng.normal(size=128)
    gradient = trained.backward(trained.forward(embedding[None]), slope[None])
    moved = trained.step_one(embedding, slope, 0.01)
    assert np.allclose(moved.a, trained.a - 0.01 * gradient["a"])
    assert np.allclose(moved.b, trained.b - 0.01 * gradient["b"])


def test_dropout_keeps_the_expectation(rng: np.random.Generator) -> None:
    mask = dropout_mask((400, 400), rng)
    assert (mask == 0).mean() == pytest.approx(DROPOUT, abs=0.01)
    assert mask.mean() == pytest.approx(1.0, abs=0.01)
