"""Blocks of neighbouring bins."""

import numpy as np

from ruview_engine.links.projection import N_BLOCKS, block_means


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
