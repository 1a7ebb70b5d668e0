"""Blocks of neighbouring bins, and ripples between them."""

import numpy as np

from ruview_engine.links.projection import N_BLOCKS, N_RIPPLES, block_means, ripples


def test_every_active_bin_is_used_once():
    active = np.zeros(64, bool)
    active[np.r_[1:27, 38:64]] = True
    matrix = block_means(active)
    assert matrix.shape == (N_BLOCKS, 64)
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0)
    np.testing.assert_array_equal((matrix > 0).sum(axis=0), active)


def test_few_bins_give_few_blocks():
    active = np.zeros(16, bool)
    active[3:8] = True
    assert block_means(active).shape == (5, 16)


def test_ripples_are_orthonormal_and_blind_to_what_is_smooth():
    active = np.zeros(64, bool)
    active[np.r_[6:32, 33:59]] = True
    matrix = ripples(active)
    assert matrix.shape == (N_RIPPLES, 64)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(N_RIPPLES), atol=1e-9)
    assert not matrix[:, ~active].any()
    bend = np.zeros(64)
    bend[active] = np.cos(np.linspace(0.0, 3.0 * np.pi, 52))
    assert ((matrix @ bend) ** 2).sum() < 0.01 * ((block_means(active) @ bend) ** 2).sum()
