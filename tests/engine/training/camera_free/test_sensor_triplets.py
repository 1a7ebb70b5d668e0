"""Rooms with and without somebody are told to differ, on one link at a time, and only on good evidence."""

import numpy as np
import pytest

from ruview_engine.training.camera_free.cross_modal import CrossModal, standardised
from ruview_engine.training.camera_free.sensor_triplets import MIN_TRUST, SensorMiner
from ruview_engine.training.encoder import Encoder
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


def test_cross_modal_gradient_is_the_slope_of_its_loss(rng: np.random.Generator) -> None:
    table = two_states()
    grid = np.arange(float(SECONDS))
    sensors = standardised(np.stack([np.sin(grid / 9), np.cos(grid / 7)], axis=1))
    encoder = Encoder.initialise(table.features, rng)

    def loss_at(step: float) -> float:
        modal = CrossModal(table, grid, sensors, np.random.default_rng(2))
        w1 = encoder.w1.copy()
        w1[2, 5] += step
        modal(encoder.with_parameters({**encoder.parameters, "w1": w1}), np.random.default_rng(3))
        return modal.values[-1]

    modal = CrossModal(table, grid, sensors, np.random.default_rng(2))
    slope = modal(encoder, np.random.default_rng(3))["w1"][2, 5]
    assert slope == pytest.approx(0.2 * (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5, rel=1e-3, abs=1e-8)


def test_a_sensor_that_never_spoke_teaches_nothing(rng: np.random.Generator) -> None:
    table = two_states()
    modal = CrossModal(table, np.arange(float(SECONDS)), np.full((SECONDS, 2), np.nan), rng)
    assert modal.n_rows == 0
    assert modal(Encoder.initialise(table.features, rng), rng) == {}
