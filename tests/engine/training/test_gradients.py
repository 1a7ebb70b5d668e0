"""Every analytic gradient against central finite differences."""

import numpy as np
import pytest

from ruview_engine.training.adapter import Adapter, dropout_mask
from ruview_engine.training.consolidation import Task
from ruview_engine.training.contrastive import batch_gradient
from ruview_engine.training.encoder import Encoder, Parameters
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.objective import info_nce_loss, triplet_loss
from ruview_engine.training.triplets import mine

STEP = 1e-6


@pytest.fixture
def table(rng: np.random.Generator) -> FeatureTable:
    n = 400
    at = np.sort(rng.uniform(0.0, 120.0, n))
    state = np.floor(at / 20.0)[:, None] * np.array([1, 0, 2, 0, 1, 0, 0, 1])
    return FeatureTable(
        at_s=at,
        node=rng.integers(1, 3, n),
        features=state + rng.normal(0, 0.5, (n, 8)),
        motion=np.abs(np.sin(at / 7.0)),
    )


def slope_of(value_at, parameters: Parameters, name: str, index: tuple[int, ...]) -> float:
    def moved(step: float) -> Parameters:
        copy = {key: array.copy() for key, array in parameters.items()}
        copy[name][index] += step
        return copy

    return (value_at(moved(STEP)) - value_at(moved(-STEP))) / (2 * STEP)


def test_batch_gradient_is_the_slope_of_both_losses(table: FeatureTable, rng: np.random.Generator) -> None:
    encoder = Encoder.initialise(table.features, rng)
    triplets = mine(table, rng)
    batch = np.arange(24)
    gradient, _ = batch_gradient(encoder, table, triplets, batch)

    def value(parameters: Parameters) -> float:
        return sum(batch_gradient(encoder.with_parameters(parameters), table, triplets, batch)[1])

    for name, index in [
        ("w1", (3, 10)),
        ("w1", (0, 40)),
        ("b1", (7,)),
        ("w2", (10, 100)),
        ("w2", (5, 3)),
        ("b2", (64,)),
    ]:
        assert gradient[name][index] == pytest.approx(
            slope_of(value, encoder.parameters, name, index), abs=1e-6, rel=1e-4
        )


def test_losses_have_exact_gradients(rng: np.random.Generator) -> None:
    a, p, n = (rng.normal(size=(6, 5)) for _ in range(3))
    far = rng.random((6, 6)) < 0.7
    triplet, nce = triplet_loss(a, p, n), info_nce_loss(a, p, far)
    moved = a.copy()
    moved[2, 3] += STEP
    back = a.copy()
    back[2, 3] -= STEP
    by_triplet = (triplet_loss(moved, p, n).value - triplet_loss(back, p, n).value) / (2 * STEP)
    by_nce = (info_nce_loss(moved, p, far).value - info_nce_loss(back, p, far).value) / (2 * STEP)
    assert triplet.d_anchor[2, 3] == pytest.approx(by_triplet, abs=1e-7)
    assert nce.d_anchor[2, 3] == pytest.approx(by_nce, abs=1e-6, rel=1e-5)


def test_info_nce_ignores_rows_that_may_show_the_same_state(rng: np.random.Generator) -> None:
    a, p = rng.normal(size=(2, 4, 3))
    nobody = np.zeros((4, 4), dtype=bool)
    loss = info_nce_loss(a, p, nobody)
    assert loss.value == pytest.approx(0.0)
    assert np.allclose(loss.d_anchor, 0.0)


def test_adapter_gradient(rng: np.random.Generator) -> None:
    embedding = rng.normal(size=(9, 128))
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    target = rng.normal(size=(9, 128))
    kept = dropout_mask((9, 128), rng)
    adapter = Adapter.initialise(rng)
    adapter = adapter.with_parameters({"a": adapter.a, "b": rng.normal(0, 0.1, adapter.b.shape)})
    gradient = adapter.backward(adapter.forward(embedding, kept), target)

    def value(parameters: Parameters) -> float:
        return float(np.sum(target * adapter.with_parameters(parameters).forward(embedding, kept).embedding))

    for name, index in [("a", (5, 2)), ("a", (100, 0)), ("b", (1, 77)), ("b", (3, 4))]:
        assert gradient[name][index] == pytest.approx(
            slope_of(value, adapter.parameters, name, index), rel=1e-4, abs=1e-7
        )


def test_new_adapter_changes_nothing(rng: np.random.Generator) -> None:
    embedding = rng.normal(size=(5, 128))
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    assert np.allclose(Adapter.initialise(rng).forward(embedding).embedding, embedding)


def test_consolidation_gradient(table: FeatureTable, rng: np.random.Generator) -> None:
    encoder = Encoder.initialise(table.features, rng)
    task = Task.register("base", 2000.0, encoder, table, mine(table, rng))
    away = {key: value + 0.01 * rng.normal(size=value.shape) for key, value in encoder.parameters.items()}
    index = np.unravel_index(np.argmax(task.fisher["w1"]), task.fisher["w1"].shape)
    assert task.gradient(away)["w1"][index] == pytest.approx(slope_of(task.loss, away, "w1", index), rel=1e-4)
    assert task.loss(encoder.parameters) == 0.0
