"""A second chest is found beside a stronger one, and a first one is no second."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.second_breath import breath_beneath, breath_beside
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
    return breath_beneath((seen,), first_bpm, at_s=float(seen.times[-1]))


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


@pytest.mark.parametrize("read", [12.0, None])
def test_a_line_beside_the_first_is_another_chest(rng, read):
    """Whether the first was read, or lies where it was asked for."""
    seen = breathing(rng, (12.0, 0.03), (19.0, 0.015))
    assert breath_beside((seen,), read, (11.0, 19.0)) == pytest.approx((12.0, 19.0), abs=0.7)


@pytest.mark.parametrize(("rate", "read"), [(12.0, 12.0), (15.0, None), (7.5, 7.5), (6.0, None), (20.0, None)])
def test_one_chest_has_no_line_beside_it(rng, rate, read):
    assert breath_beside((breathing(rng, (rate, 0.04)),), read) is None


@pytest.mark.parametrize("read", [6.0, None])
def test_overtones_of_a_chest_in_the_line_of_sight_are_its_own(rng, read):
    """Stronger than the breath itself, every one of them (recorded: 5.9 /min with lines up to the fifth)."""
    overtones = [(6.0, 0.01), (12.0, 0.04), (18.0, 0.02), (24.0, 0.015), (30.0, 0.015)]
    assert breath_beside((breathing(rng, *overtones),), read) is None


def test_a_bump_of_one_link_is_none_of_the_sum(rng):
    both = breathing(rng, (12.0, 0.03), (19.0, 0.006))
    quiet = [breathing(rng, (12.0, 0.03)) for _ in range(5)]
    assert breath_beside((both,), 12.0) is not None
    assert breath_beside((both, *quiet), 12.0) is None


def test_nothing_is_beside_frames_that_stand_still_or_are_few(rng):
    seen = breathing(rng, (12.0, 0.04), (19.0, 0.02))
    frozen = replace(seen, profiles=np.repeat(seen.profiles[:1], len(seen), axis=0))
    assert breath_beside((frozen,), None) is None
    assert breath_beside((seen.between(0.0, 10.0),), 12.0) is None
    assert breath_beside((), None) is None
