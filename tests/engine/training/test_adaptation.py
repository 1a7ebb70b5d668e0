"""An adapter helps the node it was trained for; an untrained one changes nothing."""

import numpy as np
import pytest

from ruview_engine.training.adaptation import train_adapter
from ruview_engine.training.adapter import Adapter
from ruview_engine.training.contrastive import triplet_accuracy
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.training_run import TrainingRun
from ruview_engine.training.triplets import mine

from .conftest import two_states


def test_a_trained_adapter_beats_the_frozen_encoder_on_a_new_node() -> None:
    base, new = two_states(seed=3), two_states(seed=12, direction=3)
    rng = np.random.default_rng(4)
    encoder = Encoder.initialise(base.features, rng)
    half = new.at_s < new.at_s[-1] / 2
    adapter, losses = train_adapter(encoder, new.take(half), rng, n_epochs=8)
    report = new.take(~half)
    exam = mine(report, np.random.default_rng(5))
    frozen = triplet_accuracy(encoder.embed(report.features), exam)
    adapted = triplet_accuracy(adapter.embed(encoder, report.features), exam)
    untrained = triplet_accuracy(Adapter.initialise(rng).embed(encoder, report.features), exam)
    assert losses[-1].total < losses[0].total
    assert untrained == pytest.approx(frozen, abs=1e-12)
    assert adapted > frozen + 0.01


def test_one_step_follows_the_exact_slope(run: TrainingRun, rng: np.random.Generator) -> None:
    adapter = run.model.adapters[1]
    embedding, slope = run.model.encoder.embed_one(run.table.features[0]), rng.normal(size=128)
    exact = adapter.backward(adapter.forward(embedding[None, :]), slope[None, :])
    moved = adapter.step_one(embedding, slope, 0.1)
    assert np.allclose(moved.a, adapter.a - 0.1 * exact["a"])
    assert np.allclose(moved.b, adapter.b - 0.1 * exact["b"])


def test_one_row_embeds_as_in_a_batch(run: TrainingRun) -> None:
    rows = run.table.features[:5]
    batch = run.model.encoder.embed(rows)
    assert np.allclose([run.model.encoder.embed_one(row) for row in rows], batch, atol=1e-12)
