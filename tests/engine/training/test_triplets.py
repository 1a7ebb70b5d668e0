"""Which rows are near and which apart: five strategies, distances, and links never mixed."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.dataset import Dataset
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.triplets import HARD_FROM_S, HARD_TO_S, Strategy, find_transitions, mine
from tests.engine.training.conftest import STATE_S, two_states


def test_triplets_keep_to_one_link_and_to_their_distances(rng: np.random.Generator, dataset: Dataset) -> None:
    table = dataset.csi
    link = table.node * 10 + rng.integers(0, 3, len(table))
    table = FeatureTable(
        at_s=table.at_s, node=table.node, features=table.features, motion=table.motion, link=link.astype(np.int64)
    )
    found = mine(table, rng)
    strategy = np.array(found.strategy)
    anchor, positive, negative = found.anchor, found.positive, found.negative
    assert set(strategy) == {
        Strategy.TEMPORAL, Strategy.CROSS_NODE, Strategy.TRANSITION, Strategy.CROSS_NODE_TRANSITION,
    }  # fmt: skip
    assert (table.link[positive] == table.link[negative]).all()
    assert (anchor != positive).all()
    crossing = np.isin(strategy, [Strategy.CROSS_NODE, Strategy.CROSS_NODE_TRANSITION])
    assert (table.node[anchor[crossing]] != table.node[positive[crossing]]).all()
    assert (table.link[anchor[~crossing]] == table.link[positive[~crossing]]).all()
    near = np.abs(table.at_s[anchor] - table.at_s[positive])
    assert near.max() <= 1.0
    far = np.abs(table.at_s[anchor] - table.at_s[negative])
    assert far[strategy == Strategy.TEMPORAL].min() >= 30.0


def test_hard_negatives_lie_across_the_nearest_transition(rng: np.random.Generator) -> None:
    table = two_states()
    found = mine(table, rng)
    strategy = np.array(found.strategy)
    hard = np.isin(strategy, [Strategy.TRANSITION, Strategy.CROSS_NODE_TRANSITION])
    anchor, negative = table.at_s[found.anchor[hard]], table.at_s[found.negative[hard]]
    change = np.round((anchor + negative) / 2 / STATE_S) * STATE_S
    assert (np.sign(anchor - change) == -np.sign(negative - change)).mean() > 0.95
    assert np.abs(anchor - negative).max() <= 2 * HARD_TO_S
    assert np.abs(anchor - negative).min() >= 2 * HARD_FROM_S
    assert 0.1 < hard.mean() < 0.5


def test_transitions_are_found_whatever_the_scale_of_motion() -> None:
    table = two_states()
    found = find_transitions(table)
    assert np.array_equal(found, find_transitions(replace(table, motion=1e6 * table.motion)))
    assert np.allclose(found % STATE_S, 0.0, atol=1.5) or np.allclose((found + 1.5) % STATE_S, 1.5, atol=1.5)
    assert len(found) == table.at_s[-1] // STATE_S


def test_constant_motion_has_no_transition() -> None:
    table = two_states()
    assert not len(find_transitions(replace(table, motion=np.ones(len(table)))))
    assert not len(find_transitions(table.take(np.arange(1))))


def test_same_random_state_same_triplets() -> None:
    one, other = (mine(two_states(), np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one.negative, other.negative)
    assert one.strategy == other.strategy


def test_parts_and_sums_keep_strategies_with_their_rows(rng: np.random.Generator) -> None:
    found = mine(two_states(), rng)
    chosen = np.arange(len(found)) % 3 == 0
    part = found.take(chosen)
    both = part.joined(found)
    assert len(both) == len(part) + len(found) == len(both.strategy)
    assert both.strategy[0] == found.strategy[0]
    assert both.anchor[len(part)] == found.anchor[0]


def test_too_short_a_recording_holds_no_triplet(rng: np.random.Generator) -> None:
    for seconds in (0.0, 0.4):
        with pytest.raises(TrainingError):
            mine(two_states().take(two_states().at_s < seconds), rng)
