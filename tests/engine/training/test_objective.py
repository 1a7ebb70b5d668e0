"""The two losses: exact gradients, and who may be pushed apart."""

import numpy as np
import pytest

from ruview_engine.training.objective import contrastive_loss, info_nce_loss, triplet_loss
from tests.engine.training.finite_difference import STEP


def test_losses_have_exact_gradients(rng: np.random.Generator) -> None:
    a, p, n = (rng.normal(size=(6, 5)) for _ in range(3))
    far = rng.random((6, 6)) < 0.7
    triplet, nce = triplet_loss(a, p, n), info_nce_loss(a, p, far)
    moved, back = a.copy(), a.copy()
    moved[2, 3] += STEP
    back[2, 3] -= STEP
    by_triplet = (triplet_loss(moved, p, n).value - triplet_loss(back, p, n).value) / (2 * STEP)
    by_nce = (info_nce_loss(moved, p, far).value - info_nce_loss(back, p, far).value) / (2 * STEP)
    assert triplet.d_anchor[2, 3] == pytest.approx(by_triplet, abs=1e-7)
    assert nce.d_anchor[2, 3] == pytest.approx(by_nce, abs=1e-6, rel=1e-5)


def test_a_triplet_that_is_far_enough_costs_nothing() -> None:
    anchor, near, far = np.array([[0.0, 0.0]]), np.array([[0.1, 0.0]]), np.array([[2.0, 0.0]])
    loss = triplet_loss(anchor, near, far)
    assert (loss.value, loss.share_active) == (0.0, 0.0)
    assert not loss.d_anchor.any()
    assert triplet_loss(anchor, far, near).value == pytest.approx(4.0 - 0.01 + 0.3)


def test_info_nce_ignores_rows_that_may_show_the_same_state(rng: np.random.Generator) -> None:
    a, p = rng.normal(size=(2, 4, 3))
    loss = info_nce_loss(a, p, np.zeros((4, 4), dtype=bool))
    assert loss.value == pytest.approx(0.0)
    assert np.allclose(loss.d_anchor, 0.0)


def test_both_together_are_their_sum(rng: np.random.Generator) -> None:
    embedding, far = rng.normal(size=(18, 5)), rng.random((6, 6)) < 0.7
    slope, (triplet, nce) = contrastive_loss(embedding, far)
    a, p, n = np.split(embedding, 3)
    first, second = triplet_loss(a, p, n), info_nce_loss(a, p, far)
    assert (triplet, nce) == (first.value, second.value)
    assert np.array_equal(slope[:6], first.d_anchor + second.d_anchor)
    assert np.array_equal(slope[6:12], first.d_positive + second.d_positive)
    assert np.array_equal(slope[12:], first.d_negative)
