"""Linear heads on a frozen embedding: what they learn, when they stop, what they refuse."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.heads import N_EPOCHS, PATIENCE, Head, train_classifier, train_on_scores, train_regression


@pytest.fixture
def embedding(rng: np.random.Generator) -> np.ndarray:
    rows = rng.normal(size=(600, 128))
    rows[:, 0] += 4.0 * np.sign(rows[:, 0])  # as in a trained embedding, one direction says something
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


ALL = np.ones(600, dtype=bool)


def test_it_learns_what_a_line_can_part(embedding: np.ndarray, rng: np.random.Generator) -> None:
    label = (embedding[:, 0] > 0).astype(np.intp)
    head, losses = train_classifier("x", embedding, label, np.ones(600), ("no", "yes"), ALL, rng)
    assert losses[-1] < losses[0]
    assert (head.predict(embedding) == label).mean() > 0.9
    scores = head.scores(embedding)
    assert np.allclose(scores.sum(axis=1), 1.0)
    assert (scores >= 0).all()


def test_rare_classes_count_as_much_as_common_ones(embedding: np.ndarray, rng: np.random.Generator) -> None:
    label = (embedding[:, 0] > 0.46).astype(np.intp)
    assert 0.03 < label.mean() < 0.2
    head, _ = train_classifier("x", embedding, label, np.ones(600), ("no", "yes"), ALL, rng)
    answer = head.predict(embedding)
    assert (answer[label == 1] == 1).mean() > 0.8


def test_rows_of_no_quality_teach_nothing(embedding: np.ndarray, rng: np.random.Generator) -> None:
    label = (embedding[:, 0] > 0).astype(np.intp)
    wrong = np.arange(600) % 2 == 0
    label[wrong] = 1 - label[wrong]
    head, _ = train_classifier("x", embedding, label, (~wrong).astype(float), ("no", "yes"), ALL, rng)
    assert (head.predict(embedding[~wrong]) == label[~wrong]).mean() > 0.9


def test_training_stops_when_the_latest_rows_get_no_better(embedding: np.ndarray, rng: np.random.Generator) -> None:
    noise = rng.integers(0, 2, 600)
    _, losses = train_classifier("x", embedding, noise, np.ones(600), ("no", "yes"), ALL, rng)
    assert PATIENCE < len(losses) < N_EPOCHS
    assert min(losses) == min(losses[: len(losses) - PATIENCE])


def test_rows_that_are_held_out_are_not_looked_at(embedding: np.ndarray) -> None:
    label = (embedding[:, 0] > 0).astype(np.intp)
    part = np.arange(600) < 400
    spoilt = embedding.copy()
    spoilt[~part] = 1e6
    first, second = (
        train_classifier("x", rows, label, np.ones(600), ("no", "yes"), part, np.random.default_rng(1))[0]
        for rows in (embedding, spoilt)
    )
    assert np.array_equal(first.weights, second.weights)


def test_a_class_without_rows_makes_no_head(embedding: np.ndarray, rng: np.random.Generator) -> None:
    with pytest.raises(TrainingError, match="no training rows for yes"):
        train_classifier("x", embedding, np.zeros(600, dtype=np.intp), np.ones(600), ("no", "yes"), ALL, rng)


def test_regression_learns_values_and_ignores_rows_without(embedding: np.ndarray, rng: np.random.Generator) -> None:
    target = np.stack([0.5 + embedding[:, 0], 0.2 - embedding[:, 1]], axis=1)
    quality = np.ones(600)
    quality[::3], target[::3] = 0.0, 100.0
    head, _ = train_regression("x", embedding, target, quality, ALL, rng)
    known = quality > 0
    error = np.abs(head.scores(embedding)[known] - target[known]).mean()
    assert error < 0.5 * np.abs(target[known] - target[known].mean(axis=0)).mean()
    with pytest.raises(TrainingError, match="too few"):
        train_regression("x", embedding, target, np.zeros(600), ALL, rng)


def test_a_student_learns_from_probabilities(embedding: np.ndarray, rng: np.random.Generator) -> None:
    teacher = Head(name="t", weights=rng.normal(size=(128, 3)), bias=np.zeros(3), classes=("a", "b", "c"))
    student, _ = train_on_scores("s", embedding, teacher.scores(embedding), teacher.classes, ALL, rng)
    assert (student.predict(embedding) == teacher.predict(embedding)).mean() > 0.8
    with pytest.raises(TrainingError):
        train_on_scores("s", embedding, np.zeros((600, 2)), teacher.classes, ALL, rng)


def test_a_new_head_prefers_nothing() -> None:
    head = Head.initialise("x", 128, ("a", "b"))
    assert np.allclose(head.scores(np.ones((2, 128))), 0.5)
    assert Head.initialise("x", 128, (), 4).scores(np.ones((2, 128))).shape == (2, 4)
