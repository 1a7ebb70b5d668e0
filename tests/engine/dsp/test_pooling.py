"""Pooling neighbouring columns."""

import numpy as np

from ruview_engine.dsp.pooling import COLUMNS_PER_POOL, MAX_POOLS, ONE_THREAD, group_means, group_weights, pool_columns


def test_pools_are_means_of_neighbours() -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 12)
    pooled = pool_columns(values, np.ones(12, dtype=np.bool_))
    assert pooled.shape == (2, 12 // COLUMNS_PER_POOL)
    np.testing.assert_allclose(pooled[0], [1.5, 5.5, 9.5])


def test_inactive_columns_do_not_count() -> None:
    active = np.ones(9, dtype=np.bool_)
    active[4] = False
    values = np.ones((3, 9), dtype=np.float32)
    values[:, 4] = 1e6
    np.testing.assert_allclose(pool_columns(values, active), 1.0, rtol=1e-6)


def test_pools_are_bounded_and_may_be_none() -> None:
    assert pool_columns(np.ones((2, 306), np.float32), np.ones(306, np.bool_)).shape == (2, MAX_POOLS)
    assert pool_columns(np.ones((2, 5), np.float32), np.zeros(5, np.bool_)).shape == (2, 0)


def test_means_of_groups_in_blocks_are_those_of_every_row(rng: np.random.Generator) -> None:
    groups = rng.integers(-1, 5, 192)
    height = ONE_THREAD // (192 * 5)
    for n in (0, 1, height, 2 * height + 7):
        values = rng.random((n, 192), dtype=np.float32)
        slow = np.array([[row[groups == group].mean() for group in range(5)] for row in values]).reshape(n, 5)
        np.testing.assert_allclose(group_means(values, group_weights(groups)), slow, rtol=1e-5)


def test_a_row_with_a_value_that_is_no_number_spoils_itself_only() -> None:
    values = np.ones((3, 12), np.float32)
    values[1, 5] = np.nan
    assert np.isnan(pool_columns(values, np.ones(12, np.bool_))).any(axis=1).tolist() == [False, True, False]


def test_coherent_motion_gains_against_independent_noise(rng: np.random.Generator) -> None:
    wave = np.sin(np.linspace(0, 60, 2000))[:, None]
    noisy = (wave + rng.normal(0, 1, (2000, 52))).astype(np.float32)
    pooled = pool_columns(noisy, np.ones(52, np.bool_))
    residual = (pooled - wave).var()
    assert residual < 1.2 / COLUMNS_PER_POOL
