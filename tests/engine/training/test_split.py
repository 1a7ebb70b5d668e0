"""Whole blocks of time are held out, with a guard around them."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.split import BLOCK_S, GUARD_S, Split


def test_blocks_never_touch(rng: np.random.Generator) -> None:
    at_s = np.sort(rng.uniform(50.0, 250.0, 4000))
    split = Split.by_block(at_s)
    assert not (split.train & split.held_out).any()
    gap = np.abs(at_s[split.train][None, :] - at_s[split.held_out][:, None]).min()
    assert gap >= GUARD_S - 1e-9
    assert split.held_out.mean() == pytest.approx(0.25, abs=0.03)
    assert split.train.mean() > 0.6


def test_a_held_out_block_is_held_out_whole(rng: np.random.Generator) -> None:
    at_s = np.sort(rng.uniform(0.0, 200.0, 4000))
    block = np.floor((at_s - at_s[0]) / BLOCK_S)
    held = Split.by_block(at_s).held_out
    for number in np.unique(block):
        assert len(set(held[block == number])) == 1


@pytest.mark.parametrize("seconds", [0.0, 5.0, 19.0])
def test_too_little_to_report_on_is_refused(seconds: float) -> None:
    with pytest.raises(TrainingError, match=r"30 s are needed|no rows"):
        Split.by_block(np.arange(0.0, seconds, 0.1))


def test_sessions_are_held_out_whole() -> None:
    session = np.array([0, 0, 1, 1, 2])
    split = Split.by_session(session, 1)
    assert split.train.tolist() == [True, True, False, False, True]
    assert split.held_out.tolist() == [False, False, True, True, False]
    for wrong in (3, -1):
        with pytest.raises(TrainingError, match="cannot be held out"):
            Split.by_session(session, wrong)


def test_a_part_of_the_rows_keeps_their_side() -> None:
    split = Split.by_block(np.arange(0.0, 60.0, 0.1))
    part = split.take(slice(None, None, 7))
    assert np.array_equal(part.held_out, split.held_out[::7])
    assert np.array_equal(part.train, split.train[::7])
