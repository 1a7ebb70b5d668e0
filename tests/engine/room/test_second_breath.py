"""A second chest is found beside a stronger one, and a first one is no second."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.second_breath import second_breath
from tests.engine.room.synthetic import window


def breathing(rng, *bodies: tuple[float, float]):
    """One link's 31 s with a body per (rate, size), each with a pattern of its own."""
    seen = window(rng, seconds=31)
    bins = np.linspace(0, 1, seen.profiles.shape[1])
    logs = sum(
        size * np.outer(np.sin(2 * np.pi * rate / 60 * seen.times), np.cos(np.pi * (number + 1) * bins + number))
        for number, (rate, size) in enumerate(bodies)
    )
    return replace(seen, profiles=(seen.profiles * np.exp(logs)).astype(np.float32))


def second(seen, first_bpm: float) -> float | None:
    return second_breath((seen,), first_bpm, at_s=float(seen.times[-1]))


@pytest.mark.parametrize(("first", "other"), [(12.0, 18.8), (18.8, 12.0), (15.0, 21.0)])
def test_a_second_chest_beside_a_stronger_one(rng, first, other):
    assert second(breathing(rng, (first, 0.04), (other, 0.012)), first) == pytest.approx(other, abs=1.0)


@pytest.mark.parametrize("rate", [7.5, 12.0, 15.0, 20.0])
def test_one_chest_is_one(rng, rate):
    assert second(breathing(rng, (rate, 0.04)), rate) is None


def test_overtones_and_blind_spots_are_the_first(rng):
    assert second(breathing(rng, (10.0, 0.03), (20.0, 0.02)), 10.0) is None
    assert second(breathing(rng, (20.0, 0.03), (10.0, 0.02)), 20.0) is None


def test_less_than_half_a_minute_says_nothing(rng):
    seen = breathing(rng, (12.0, 0.04), (18.8, 0.02))
    assert second(seen.between(0.0, 20.0), 12.0) is None
