"""Groups and fragile seconds from embeddings alone."""

import numpy as np

from ruview_engine.training.camera_free.own_structure import REACH_S, clusters, completed, fragility
from ruview_engine.training.camera_free.signals import SensorHistory, Signal, Track


def stretches(rng: np.random.Generator) -> np.ndarray:
    centres = np.eye(128)[:3]
    rows = np.concatenate([np.tile(centre, (40, 1)) for centre in centres]) + rng.normal(0, 0.02, (120, 128))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_moments_of_one_state_are_one_group(rng: np.random.Generator) -> None:
    group = clusters(stretches(rng))
    assert len(set(group[:40]) & set(group[40:80])) == 0
    assert len(set(group[80:])) <= 2


def test_the_change_of_state_is_the_fragile_second(rng: np.random.Generator) -> None:
    values = fragility(stretches(rng))
    assert values[40] == values[80] == 1.0
    assert np.nanmedian(values) < 0.6
    assert np.isnan(values[: REACH_S - 1]).all()


def test_noise_is_as_connected_as_chance(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(120, 128))
    assert np.nanmean(fragility(rows / np.linalg.norm(rows, axis=1, keepdims=True))) < 0.2


def test_a_seed_is_not_overruled(rng: np.random.Generator) -> None:
    given = Track.from_reports(Signal.FRAGILITY, [(0.0, 0.5), (100.0, 0.7)])
    history, own = completed(SensorHistory(tracks={Signal.FRAGILITY: given}), stretches(rng), np.arange(120.0))
    assert own == (Signal.CLUSTER_LABELS,)
    assert history.tracks[Signal.FRAGILITY] is given
