"""Scatter, radius and the proof of a mixture."""

import numpy as np
import pytest

from ruview_engine.links.transmitter import (
    INTERLEAVED_SHARE,
    JUMP_MEMORY,
    MAX_RADIUS,
    MIN_JUMPS,
    MIN_RADIUS,
    RADIUS_FACTOR,
    Transmitter,
)


def _transmitter():
    return Transmitter("a", 0.0, 0.0)


def test_the_usual_distance_settles_at_the_median():
    transmitter = _transmitter()
    distances = np.random.default_rng(1).lognormal(np.log(0.002), 0.5, 2000)
    for distance in distances:
        transmitter.saw_distance(float(distance))
    assert transmitter.scale == pytest.approx(np.median(distances), rel=0.25)
    assert transmitter.radius == pytest.approx(RADIUS_FACTOR * transmitter.scale)


@pytest.mark.parametrize(("distance", "radius"), [(0.0, MIN_RADIUS), (1.0, MAX_RADIUS)])
def test_the_radius_is_bounded(distance, radius):
    transmitter = _transmitter()
    for _ in range(400):
        transmitter.saw_distance(distance)
    assert transmitter.radius == radius


def test_few_jumps_prove_nothing():
    transmitter = _transmitter()
    for _ in range(MIN_JUMPS - 1):
        transmitter.saw_jump(is_return=True)
    assert not transmitter.is_mixture
    transmitter.saw_jump(is_return=True)
    assert transmitter.is_mixture


@pytest.mark.parametrize(("share", "is_mixture"), [(INTERLEAVED_SHARE + 0.1, True), (INTERLEAVED_SHARE - 0.1, False)])
def test_the_share_of_returns_decides(share, is_mixture):
    transmitter = _transmitter()
    for k in range(200):
        transmitter.saw_jump(is_return=int((k + 1) * share) > int(k * share))
    assert transmitter.is_mixture is is_mixture


def test_old_jumps_fade():
    transmitter = _transmitter()
    for _ in range(10 * JUMP_MEMORY):
        transmitter.saw_jump(is_return=True)
    for _ in range(JUMP_MEMORY):
        transmitter.saw_jump(is_return=False)
    assert not transmitter.is_mixture
    assert transmitter.jumps == pytest.approx(JUMP_MEMORY, abs=1.0)
