"""Scores beside their trivial answers, and heads that are refused when they know nothing."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.evaluation import judge_classifier, judge_regression
from ruview_engine.training.scoring import ClassificationScore, RegressionScore
from ruview_engine.training.split import Split


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


def test_a_head_on_noise_is_refused_and_one_on_the_label_is_kept(rng: np.random.Generator) -> None:
    at = np.linspace(0.0, 200.0, 2000)
    label = (np.floor(at / 3.0) % 2).astype(np.intp)
    split, quality = Split.by_block(at), np.ones(2000)
    noise = rng.normal(size=(2000, 128)) / 11.0
    knowing = noise.copy()
    knowing[:, 0] += label
    refusals = [
        judge_classifier("x", embedding, label, quality, ("a", "b"), split, np.random.default_rng(1))[3]
        for embedding in (noise, knowing)
    ]
    assert refusals[0] is not None
    assert refusals[1] is None
    target = label[:, None].astype(float)
    assert judge_regression("y", noise, target, quality, ("y",), split, np.random.default_rng(1))[3] is not None
    assert judge_regression("y", knowing, target, quality, ("y",), split, np.random.default_rng(1))[3] is None


def test_rows_without_labels_teach_nothing(rng: np.random.Generator) -> None:
    at = np.linspace(0.0, 100.0, 500)
    with pytest.raises(TrainingError, match="fewer than two classes"):
        judge_classifier("x", rng.normal(size=(500, 128)), np.zeros(500, dtype=np.intp), np.zeros(500), ("a", "b"),
                         Split.by_block(at), rng)  # fmt: skip
