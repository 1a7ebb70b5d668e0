"""From embeddings to five points, and refinement that only smooths."""

import json

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.training.camera_free.pose_decoder import (
    MIN_ROWS,
    N_ROUNDS,
    RATE,
    RATE_DECAY,
    PoseDecoder,
    consistency,
    refine,
)


@pytest.fixture
def lesson(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings whose first number moves the whole body sideways."""
    embedding = 0.05 * rng.normal(size=(200, 128))
    embedding[:, 0] = np.sin(np.arange(200) / 20.0)
    points = np.tile(np.arange(10.0).reshape(5, 2), (200, 1, 1))
    points[:, :, 0] += embedding[:, :1]
    return embedding, points


def test_it_learns_a_side(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    embedding, points = lesson
    decoder = PoseDecoder.fit(embedding, points, np.ones(200))
    error = np.linalg.norm(decoder.decode(embedding) - points, axis=2).mean()
    assert error < 0.1 * np.linalg.norm(points - points.mean(axis=0), axis=2).mean()


def test_rows_without_weight_teach_nothing(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    embedding, points = lesson
    weight, spoilt = np.ones(200), points.copy()
    weight[::4], spoilt[::4] = 0.0, 1e6
    fitted = PoseDecoder.fit(embedding, spoilt, weight)
    assert np.allclose(fitted.weights, PoseDecoder.fit(embedding, points, weight).weights)
    with pytest.raises(TrainingError, match=f"{MIN_ROWS} are needed"):
        PoseDecoder.fit(embedding, points, (np.arange(200) < MIN_ROWS - 1).astype(float))


def test_its_file_gives_it_back_and_says_proxy(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    decoder = PoseDecoder.fit(*lesson, np.ones(200))
    stored = json.loads(json.dumps(decoder.to_dict()))
    assert stored["proxy"] is True
    assert np.allclose(PoseDecoder.from_dict(stored).decode(lesson[0]), decoder.decode(lesson[0]), atol=1e-5)
    for change in ({"weights": [[0.0]]}, {"bias": None}, {"bias": [float("nan")] * 10}, {"weights": "x"}):
        with pytest.raises(Damaged):
            PoseDecoder.from_dict(stored | change)


def test_bodies_that_jump_are_inconsistent() -> None:
    points = np.zeros((4, 5, 2))
    points[2, 0, 0] = 1.4  # one point, one second
    assert consistency(points).tolist() == [1.0, 0.5, 0.5, 0.5]
    assert consistency(points[:1]).tolist() == [1.0]


def test_three_rounds_of_falling_rate(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    embedding, points = lesson
    weight = (np.arange(200) % 2).astype(float)
    decoder = PoseDecoder.fit(embedding, points, weight)
    refined, rounds = refine(decoder, embedding, points, weight)
    assert [one.rate for one in rounds] == [RATE * RATE_DECAY**k for k in range(N_ROUNDS)]
    assert all(one.n_kept >= MIN_ROWS for one in rounds)
    assert np.abs(refined.decode(embedding) - points).mean() < 0.1


def test_refinement_ends_when_hardly_anything_is_believable(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    embedding, points = lesson
    wild = PoseDecoder(weights=np.full((128, 10), 50.0), bias=np.zeros(10))
    same, rounds = refine(wild, embedding, points, np.ones(200))
    assert len(rounds) == 1
    assert same is wild
