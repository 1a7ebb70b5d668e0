"""A head is kept only when it knows more than guessing and than shuffled labels."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.evaluation import MIN_GAIN, N_SHUFFLES, judge_classifier, judge_regression
from ruview_engine.training.split import Split


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


@pytest.fixture
def half_known(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Split]:
    """An embedding that says the label of every second row, in time blocks."""
    at_s = np.linspace(0.0, 200.0, 2000)
    label = (np.floor(at_s / 3.0) % 2).astype(np.intp)
    embedding = rng.normal(size=(2000, 128)) / 11.0
    embedding[:, 0] += label * (rng.random(2000) < 0.5)
    return embedding, label, Split.by_block(at_s)


def test_the_shuffled_control_is_drawn_many_times(half_known: tuple, rng: np.random.Generator) -> None:
    embedding, label, split = half_known
    _, score, _, refusal = judge_classifier("x", embedding, label, np.ones(2000), ("a", "b"), split, rng)
    assert len(score.shuffled) == N_SHUFFLES
    assert len(set(score.shuffled)) > 1
    mean, spread = score.by_chance
    assert abs(mean - 0.5) < 0.1
    assert refusal is None
    assert score.balanced_accuracy >= max(score.trivial, mean + spread) + MIN_GAIN


def test_it_is_judged_on_rows_it_never_saw(half_known: tuple) -> None:
    embedding, label, split = half_known
    lying = label.copy()
    lying[split.held_out] = 1 - lying[split.held_out]
    _, score, _, refusal = judge_classifier(
        "x", embedding, lying, np.ones(2000), ("a", "b"), split, np.random.default_rng(1)
    )
    assert score.balanced_accuracy < 0.4
    assert refusal is not None
    assert score.n_rows == split.held_out.sum()


def test_rare_classes_are_left_out_and_the_rest_is_still_judged(half_known: tuple, rng: np.random.Generator) -> None:
    embedding, label, split = half_known
    label = label.copy()
    label[:5] = 2
    head, score, _, _ = judge_classifier("x", embedding, label, np.ones(2000), ("a", "b", "rare"), split, rng)
    assert head.classes == score.classes == ("a", "b")
    with pytest.raises(TrainingError, match=r"a 0, b 0, rare 5"):
        judge_classifier("x", embedding, label, (label == 2).astype(float), ("a", "b", "rare"), split, rng)


def test_regression_needs_labels_on_both_sides(half_known: tuple, rng: np.random.Generator) -> None:
    embedding, label, split = half_known
    with pytest.raises(TrainingError, match="no labelled rows"):
        judge_regression("y", embedding, label[:, None], split.train.astype(float), ("y",), split, rng)
