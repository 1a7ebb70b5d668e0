"""A model's identity follows its encoder's numbers, and nothing else."""

from dataclasses import replace

import numpy as np

from ruview_engine.training.model import Model
from ruview_engine.training.training_run import TrainingRun


def test_the_revision_is_the_encoder(run: TrainingRun) -> None:
    model = run.model
    assert len(model.revision) == 12
    assert int(model.revision, 16) >= 0
    bare = Model(name="other", feature_source=model.feature_source, encoder=model.encoder)
    assert bare.revision == model.revision
    moved = model.encoder.with_parameters({"b1": model.encoder.b1 + 1e-3})
    others = [
        replace(model, encoder=moved),
        replace(model, encoder=replace(model.encoder, centre=model.encoder.centre + 1e-3)),
        replace(model, feature_source="firmware-adr069"),
    ]
    assert len({model.revision, *(other.revision for other in others)}) == 4


def test_float32_keeps_the_revision(run: TrainingRun) -> None:
    rounded = {name: value.astype(np.float32).astype(float) for name, value in run.model.encoder.parameters.items()}
    assert replace(run.model, encoder=run.model.encoder.with_parameters(rounded)).revision == run.model.revision


def test_a_node_embeds_through_its_own_adapter(run: TrainingRun) -> None:
    rows = run.table.features[:5]
    assert np.array_equal(run.model.embed(rows), run.model.encoder.embed(rows))
    assert np.array_equal(run.model.embed(rows, 1), run.model.adapters[1].embed(run.model.encoder, rows))
    assert np.array_equal(run.model.embed(rows, 99), run.model.encoder.embed(rows))


def test_tasks_are_remembered_beside_the_same_model(run: TrainingRun) -> None:
    again = run.model.with_tasks(run.model.tasks[:1])
    assert again.tasks == run.model.tasks[:1]
    assert again.revision == run.model.revision
