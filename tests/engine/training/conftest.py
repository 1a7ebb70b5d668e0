"""A small room in two states, as feature rows and as a whole (short) training run."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.training.dataset import Dataset, Reports
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.recipe import train
from ruview_engine.training.training_run import Settings, TrainingRun

SECONDS = 200
RATE_HZ = 8
STATE_S = 25.0


def two_states(seed: int = 3, direction: int = 0, seconds: int = SECONDS) -> FeatureTable:
    """Two nodes, a state that changes every 25 s and shows in three features, per-node offsets, noise."""
    rng = np.random.default_rng(seed)
    n = seconds * RATE_HZ
    at = np.sort(rng.uniform(0.0, seconds, n))
    node = rng.integers(1, 3, n)
    state = np.floor(at / STATE_S) % 2
    pattern = np.roll(np.array([1.5, -1.0, 0.8, 0, 0, 0, 0, 0]), direction)
    features = state[:, None] * pattern + (node[:, None] == 2) * 0.4 + rng.normal(0, 0.4, (n, 8))
    return FeatureTable(at_s=at, node=node, features=features, motion=state + rng.uniform(0, 0.2, n))


def reports_of(table: FeatureTable) -> Reports:
    """What boards would say: presence follows the state, vitals say nothing of it."""
    seconds = np.arange(0.0, table.at_s[-1])
    at, node = np.repeat(seconds, 2), np.tile([1, 2], len(seconds)).astype(np.int64)
    state = np.floor(at / STATE_S) % 2
    rng = np.random.default_rng(8)
    return Reports(
        at_s=at,
        node=node,
        presence_score=state,
        motion_energy=3.0 * state,
        breathing_bpm=15 + rng.normal(0, 2, len(at)),
        heart_bpm=70 + rng.normal(0, 3, len(at)),
        n_persons=state,
        rssi_dbm=np.full(len(at), -50.0),
    )


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Both states, both nodes, honest reports."""
    table = two_states()
    return Dataset(csi=table, firmware=None, reports=reports_of(table), nodes=(1, 2), counts=(("frames", len(table)),))


@pytest.fixture(scope="session")
def run(dataset: Dataset) -> TrainingRun:
    """A short training."""
    return train(dataset, Settings(n_epochs=4))


@pytest.fixture(scope="session")
def one_class(dataset: Dataset) -> Dataset:
    """Boards that always say the same, as those of the public recording do."""
    reports = dataset.reports
    ones = np.ones_like(reports.presence_score)
    return replace(dataset, reports=replace(reports, presence_score=ones, motion_energy=ones))
