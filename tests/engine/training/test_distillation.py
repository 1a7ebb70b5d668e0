"""A student learns its teacher's answers through another encoder, without labels."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.distillation import distil
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.heads import Head
from ruview_engine.training.training_run import TrainingRun


def test_the_student_agrees_with_its_teacher_on_rows_it_never_saw(run: TrainingRun, rng: np.random.Generator) -> None:
    features = run.table.features
    other = Encoder.initialise(features, np.random.default_rng(99))
    teacher = run.model.heads["presence"]
    student, score, losses = distil(
        teacher, run.model.encoder.embed(features), other.embed(features), run.split.train, rng
    )
    assert student.classes == teacher.classes
    assert score.agreement > max(0.85, score.trivial + 0.2)
    assert losses[-1] < losses[0]


def test_a_head_without_classes_cannot_teach(run: TrainingRun, rng: np.random.Generator) -> None:
    head = Head.initialise("vitals", 128, (), 2)
    embedding = run.model.encoder.embed(run.table.features)
    with pytest.raises(TrainingError, match="no class probabilities"):
        distil(head, embedding, embedding, run.split.train, rng)
    with pytest.raises(TrainingError, match="rows"):
        distil(run.model.heads["presence"], embedding, embedding[:5], run.split.train, rng)
