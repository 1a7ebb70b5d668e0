"""The pipeline as a whole: it learns what is there, refuses what is not, and repeats itself to the byte."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training import recipe
from ruview_engine.training.dataset import Dataset
from ruview_engine.training.export import export
from ruview_engine.training.recipe import train
from ruview_engine.training.report import html
from ruview_engine.training.training_run import Settings, TrainingRun


@pytest.fixture(scope="module")
def start(dataset: Dataset) -> TrainingRun:
    """After the first epoch."""
    return train(dataset, Settings(n_epochs=1))


def test_both_losses_fall(run: TrainingRun) -> None:
    first, last = run.losses[0], run.losses[-1]
    assert last.triplet < 0.9 * first.triplet
    assert last.info_nce < 0.95 * first.info_nce


def test_both_layers_are_trained(start: TrainingRun, run: TrainingRun) -> None:
    for name in ("w1", "w2"):
        assert np.abs(getattr(run.model.encoder, name) - getattr(start.model.encoder, name)).max() > 1e-3


def test_held_out_triplets_are_told_apart_better_than_by_raw_features(run: TrainingRun) -> None:
    score = run.triplet_score
    assert score.trained > score.raw_features + 0.02
    assert score.trained > score.random_encoder + 0.02
    assert sum(n for n, _, _ in score.by_strategy.values()) == score.n_triplets


def test_a_head_is_kept_when_it_knows_and_its_shuffled_control_does_not(run: TrainingRun) -> None:
    score = run.scores["presence"]
    assert "presence" in run.model.heads
    assert score.balanced_accuracy > 0.85
    assert score.by_chance[0] < 0.65
    assert score.trivial == 0.5


def test_rates_that_nothing_speaks_of_are_refused(run: TrainingRun) -> None:
    assert "vitals" in run.model.refusals
    assert "vitals" not in run.model.heads


def test_one_class_makes_no_head(one_class: Dataset) -> None:
    run = train(one_class, Settings(n_epochs=1))
    assert "fewer than two classes" in run.model.refusals["presence"]
    assert "presence" not in run.model.heads


def test_same_input_same_bytes(dataset: Dataset, start: TrainingRun) -> None:
    again = train(dataset, Settings(n_epochs=1))
    assert export(again) == export(start)
    assert html(again) == html(start)


def test_another_seed_is_another_model(dataset: Dataset, start: TrainingRun) -> None:
    assert train(dataset, Settings(n_epochs=1, seed=5)).model.revision != start.model.revision


def test_too_short_a_recording_is_refused(dataset: Dataset) -> None:
    short = dataset.csi.take(dataset.csi.at_s < 20.0)
    with pytest.raises(TrainingError, match=r"needed|no pair"):
        train(Dataset(csi=short, firmware=None, reports=dataset.reports, nodes=(1, 2), counts=()))


def test_a_source_that_is_not_there_is_refused(dataset: Dataset) -> None:
    from ruview_engine.training.features import FeatureSource

    with pytest.raises(TrainingError, match="no rows of source"):
        train(dataset, Settings(source=FeatureSource.FIRMWARE))


def test_a_given_encoder_stays_and_heads_are_trained_on_it(dataset: Dataset, run: TrainingRun) -> None:
    again = train(dataset, Settings(name="again"), encoder=run.model.encoder)
    assert again.model.revision == run.model.revision
    assert again.losses == ()
    assert "presence" in again.model.heads
    assert again.triplet_score.trained > again.triplet_score.random_encoder
    assert "stayed as it was" in html(again)
    assert b'"loss": null' in export(again)["config.json"]


def test_heads_of_a_long_recording_learn_from_a_part_of_it(
    dataset: Dataset, run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "MAX_HEAD_ROWS", len(dataset.csi) // 2)
    again = train(dataset, Settings(), encoder=run.model.encoder)
    assert again.scores["presence"].n_rows < 0.6 * run.scores["presence"].n_rows
    assert "presence" in again.model.heads
