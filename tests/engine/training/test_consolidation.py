"""Learning a second room costs less of the first with consolidation than without."""

import numpy as np
import pytest

from ruview_engine.training.consolidation import LAMBDA_BASE, Consolidation, Task
from ruview_engine.training.contrastive import train_encoder, triplet_accuracy
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.triplets import mine

from .conftest import two_states
from .finite_difference import slope_of


def test_less_is_forgotten_with_consolidation_than_without() -> None:
    first_room, second_room = two_states(seed=3), two_states(seed=4, direction=4)
    rng = np.random.default_rng(1)
    start = Encoder.initialise(first_room.features, rng)
    learnt, triplets, _ = train_encoder(start, first_room, rng, n_epochs=4)
    exam = mine(first_room, np.random.default_rng(9))

    exam_of_second = mine(second_room, np.random.default_rng(9))

    def on_first(encoder: Encoder) -> float:
        return triplet_accuracy(encoder.embed(first_room.features), exam)

    def on_second(encoder: Encoder) -> float:
        return triplet_accuracy(encoder.embed(second_room.features), exam_of_second)

    consolidation = Consolidation()
    consolidation.register(Task.register("first", LAMBDA_BASE, learnt, first_room, triplets))
    free, held = (
        train_encoder(learnt, second_room, np.random.default_rng(2), n_epochs=8, rate=3e-3, penalty=penalty)[0]
        for penalty in (None, consolidation.penalty)
    )
    assert on_first(learnt) - on_first(free) > 0.05
    assert on_first(learnt) - on_first(held) < 0.4 * (on_first(learnt) - on_first(free))
    assert on_second(held) - on_second(learnt) > 0.7 * (on_second(free) - on_second(learnt))


def test_a_task_of_the_same_name_replaces_the_former() -> None:
    table = two_states(seconds=120)
    rng = np.random.default_rng(1)
    encoder = Encoder.initialise(table.features, rng)
    consolidation = Consolidation()
    for strength in (1.0, 2.0):
        consolidation.register(Task.register("room", strength, encoder, table, mine(table, rng)))
    assert [task.strength for task in consolidation.tasks] == [2.0]
    assert all(not slope.any() for slope in consolidation.penalty(encoder.parameters).values())


def test_the_penalty_has_an_exact_gradient_and_costs_nothing_at_home(rng: np.random.Generator) -> None:
    table = two_states(seconds=80)
    encoder = Encoder.initialise(table.features, rng)
    task = Task.register("base", 2000.0, encoder, table, mine(table, rng))
    away = {key: value + 0.01 * rng.normal(size=value.shape) for key, value in encoder.parameters.items()}
    index = np.unravel_index(np.argmax(task.fisher["w1"]), task.fisher["w1"].shape)
    assert task.gradient(away)["w1"][index] == pytest.approx(slope_of(task.loss, away, "w1", index), rel=1e-4)
    assert task.loss(encoder.parameters) == 0.0
