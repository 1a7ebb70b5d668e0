"""Pooling neighbouring columns."""

import numpy as np

from ruview_engine.dsp.pooling import COLUMNS_PER_POOL, MAX_POOLS, pool_columns


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


def test_coherent_motion_gains_against_independent_noise(rng: np.random.Generator) -> None:
    wave = np.sin(np.linspace(0, 60, 2000))[:, None]
    noisy = (wave + rng.normal(0, 1, (2000, 52))).astype(np.float32)
    pooled = pool_columns(noisy, np.ones(52, np.bool_))
    residual = (pooled - wave).var()
    assert residual < 1.2 / COLUMNS_PER_POOL
