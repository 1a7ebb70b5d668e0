"""Rooms with and without somebody are told to differ, on one link at a time, and only on good evidence."""

import numpy as np

from ruview_engine.training.camera_free.sensor_triplets import MIN_TRUST, SensorMiner
from ruview_engine.training.triplets import Strategy

from ..conftest import SECONDS, STATE_S, two_states


def miner(trust: float) -> SensorMiner:
    grid = np.arange(float(SECONDS))
    return SensorMiner(
        at_s=grid, presence=np.floor(grid / STATE_S) % 2, trust=np.full(SECONDS, trust), boundaries=np.array([STATE_S])
    )


def test_verified_negatives_are_of_the_other_state_and_the_same_link(rng: np.random.Generator) -> None:
    table = two_states()
    found = miner(0.95).verified(table, rng)
    state = np.floor(table.at_s / STATE_S) % 2
    seconds = np.floor(table.at_s)
    inside = (seconds[found.anchor] + 1) % STATE_S > 1
    assert len(found) > 0.9 * len(table)
    assert (state[found.anchor] != state[found.negative])[inside].all()
    assert (table.link[found.anchor] == table.link[found.negative]).all()
    assert (table.link[found.anchor] == table.link[found.positive]).all()
    assert set(found.strategy) == {Strategy.SENSOR_VERIFIED}


def test_weak_evidence_forbids_nothing(rng: np.random.Generator) -> None:
    assert len(miner(MIN_TRUST - 0.1).verified(two_states(), rng)) == 0


def test_boundaries_part_before_from_after(rng: np.random.Generator) -> None:
    table = two_states()
    found = miner(0.95).across(table, rng)
    assert len(found)
    assert (table.at_s[found.anchor] < STATE_S).all()
    assert (table.at_s[found.negative] > STATE_S).all()
