"""Scores beside their trivial answers."""

import numpy as np
import pytest

from ruview_engine.training.scoring import ClassificationScore, RegressionScore


def test_balanced_accuracy_does_not_reward_the_common_answer() -> None:
    truth = np.array([0] * 90 + [1] * 10)
    score = ClassificationScore.measure(("a", "b"), truth, np.zeros(100, dtype=np.intp))
    assert score.accuracy == 0.9
    assert score.balanced_accuracy == score.trivial == 0.5
    assert score.confusion == ((90, 0), (10, 0))


def test_explained_variance_of_the_mean_is_nothing(rng: np.random.Generator) -> None:
    truth = rng.normal(size=(100, 1))
    score = RegressionScore.measure(("x",), truth, np.zeros((100, 1)), np.zeros(1))
    assert score.explained == (0.0,)
    assert RegressionScore.measure(("x",), truth, truth, np.zeros(1)).explained == (1.0,)


def test_a_class_that_never_came_has_no_recall() -> None:
    score = ClassificationScore.measure(("a", "b", "c"), np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1]))
    assert score.recall == (0.5, 1.0, None)
    assert (score.balanced_accuracy, score.trivial) == (0.75, 0.5)
    assert score.confusion == ((1, 0, 1), (0, 2, 0), (0, 0, 0))


def test_shuffled_draws_are_summed_up_by_mean_and_spread() -> None:
    truth = np.array([0, 1])
    score = ClassificationScore.measure(("a", "b"), truth, truth, shuffled=(0.4, 0.6))
    assert score.by_chance == (0.5, pytest.approx(0.1))
    assert ClassificationScore.measure(("a", "b"), truth, truth).by_chance == (0.5, 0.0)


def test_no_rows_are_no_score() -> None:
    none = np.zeros(0, dtype=np.intp)
    score = ClassificationScore.measure(("a", "b"), none, none)
    assert (score.accuracy, score.balanced_accuracy, score.n_rows) == (0.0, 0.0, 0)
