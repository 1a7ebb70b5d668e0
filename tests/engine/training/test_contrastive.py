"""Phase 1: the gradient of a batch, and what training does to an encoder."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.contrastive import batch_gradient, train_encoder, triplet_accuracy
from ruview_engine.training.encoder import Encoder, Parameters
from ruview_engine.training.triplets import mine
from tests.engine.training.conftest import two_states
from tests.engine.training.finite_difference import slope_of


def test_batch_gradient_is_the_slope_of_both_losses(rng: np.random.Generator) -> None:
    table = two_states()
    encoder, triplets, batch = Encoder.initialise(table.features, rng), mine(table, rng), np.arange(24)
    gradient, _ = batch_gradient(encoder, table, triplets, batch)

    def value(parameters: Parameters) -> float:
        return sum(batch_gradient(encoder.with_parameters(parameters), table, triplets, batch)[1])

    places = [("w1", (3, 10)), ("w1", (0, 40)), ("b1", (7,)), ("w2", (10, 100)), ("w2", (5, 3)), ("b2", (64,))]
    for name, index in places:
        expected = slope_of(value, encoder.parameters, name, index)
        assert gradient[name][index] == pytest.approx(expected, abs=1e-6, rel=1e-4)


def test_training_moves_both_layers_and_lowers_both_losses(rng: np.random.Generator) -> None:
    table, told = two_states(), []
    start = Encoder.initialise(table.features, rng)
    trained, triplets, losses = train_encoder(start, table, rng, n_epochs=4, on_epoch=told.append)
    assert told == losses
    assert [loss.epoch for loss in losses] == [0, 1, 2, 3]
    assert losses[-1].triplet < losses[0].triplet
    assert losses[-1].info_nce < losses[0].info_nce
    assert losses[-1].total == losses[-1].triplet + losses[-1].info_nce
    for name in ("w1", "w2"):
        assert np.abs(getattr(trained, name) - getattr(start, name)).max() > 1e-3
    assert np.array_equal(trained.centre, start.centre)
    assert len(triplets)


def test_a_penalty_and_another_loss_join_the_gradient(rng: np.random.Generator) -> None:
    table = two_states(seconds=80)
    start = Encoder.initialise(table.features, rng)
    asked = []

    def extra(encoder: Encoder, _: np.random.Generator) -> Parameters:
        asked.append(encoder)
        return {}

    def hold(parameters: Parameters) -> Parameters:
        return {name: 1e9 * (value - start.parameters[name]) for name, value in parameters.items()}

    free, _, _ = train_encoder(start, table, np.random.default_rng(1), n_epochs=1)
    held, _, _ = train_encoder(start, table, np.random.default_rng(1), n_epochs=1, penalty=hold, extra=extra)
    assert asked
    assert np.abs(held.w2 - start.w2).mean() < 0.5 * np.abs(free.w2 - start.w2).mean()


def test_without_triplets_there_is_no_training(rng: np.random.Generator) -> None:
    table = two_states()
    table = table.take(table.at_s < 0.4)
    with pytest.raises(TrainingError, match="no pair"):
        train_encoder(Encoder.initialise(table.features, rng), table, rng)


def test_accuracy_counts_ties_as_half(rng: np.random.Generator) -> None:
    table = two_states(seconds=80)
    triplets = mine(table, rng)
    assert triplet_accuracy(np.zeros((len(table), 3)), triplets) == 0.5
    known = np.zeros((len(table), 1))
    known[triplets.negative] = 1.0
    alone = ~np.isin(triplets.anchor, triplets.negative) & ~np.isin(triplets.positive, triplets.negative)
    assert triplet_accuracy(known, triplets.take(alone)) == 1.0
