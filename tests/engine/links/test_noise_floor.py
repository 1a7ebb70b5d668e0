"""The floor under the quiet energy: it follows noise, and nothing that moves."""

import math

import numpy as np
import pytest

from ruview_engine.links.lag_energy import Change
from ruview_engine.links.noise_floor import FORGET_S, NOISE_TEXTURE, SAME_SIGMA, NoiseFloor, QuietLevels

#: A quiet whose every energy is one.
LEVELS = QuietLevels(fast=0.0, scale=0.3, noise=0.0, slow=0.0, spread=0.55)


def _change(*, fast: float = 1.0, slow: float = 1.0, noise: float = 1.0) -> Change:
    return Change(fast=fast, slow=slow, noise=noise)


def _follow(floor: NoiseFloor, change: Change, seconds: float, fs_hz: float, dt: float | None = None) -> None:
    step = dt if dt is not None else 1.0 / fs_hz
    for _ in range(round(seconds / step)):
        floor.update(change, step, fs_hz)


def test_a_fast_link_follows_noise_up_and_down():
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _follow(floor, _change(fast=3.0, slow=3.0, noise=3.0), 15.0, 100.0)
    assert floor.effective == pytest.approx(math.log(3.0), abs=0.1)
    _follow(floor, _change(), 60.0, 100.0)
    assert floor.effective == pytest.approx(0.0, abs=0.1)


def test_smooth_change_on_a_fast_link_does_not_lift_it():
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _follow(floor, _change(fast=40.0, slow=120.0, noise=2.0), 60.0, 100.0)
    assert floor.effective == 0.0


def test_a_fast_link_that_loses_frames_does_not_take_movement_for_noise():
    """A body in the way costs frames; across the holes its movement looks like noise from frame to frame."""
    moving = _change(fast=10.0, slow=20.0, noise=8.0)
    torn = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _follow(torn, moving, 10.0, 100.0, dt=0.05)
    assert torn.effective == 0.0
    whole = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _follow(whole, moving, 10.0, 100.0)
    assert whole.effective > 1.0, "without holes the same numbers are noise"


def test_one_hole_spoils_the_second_difference_after_it_too():
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    for _ in range(200):
        floor.update(_change(noise=8.0, fast=10.0, slow=20.0), 0.05, 100.0)
        floor.update(_change(noise=8.0, fast=10.0, slow=20.0), 0.01, 100.0)
    assert floor.effective == 0.0


def test_a_slow_link_waits_before_it_rises():
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    noisy = _change(fast=2.0, slow=2.0, noise=2.0)
    _follow(floor, noisy, 1.5, 10.0)
    assert floor.offset == 0.0
    _follow(floor, noisy, 40.0, 10.0)
    assert floor.offset == pytest.approx(math.log(2.0), abs=0.1)


def _walk(floor: NoiseFloor, seconds: float, rng: np.random.Generator) -> None:
    """Energy 4 above the floor (log), scattering by 1, and smooth."""
    for _ in range(round(seconds * 10)):
        energy = math.exp(4.0 + rng.standard_normal())
        floor.update(_change(fast=energy, slow=3.0 * energy, noise=energy), 0.1, 10.0)


def _rest(floor: NoiseFloor, seconds: float, rng: np.random.Generator) -> None:
    for _ in range(round(seconds * 10)):
        fast, slow = np.exp(0.5 * rng.standard_normal(2)).tolist()
        floor.update(_change(fast=fast, slow=slow), 0.1, 10.0)


def test_the_end_of_a_walk_is_not_its_going_on():
    """The step down from walking to quiet was taken for scatter, and held motion for eight seconds."""
    rng = np.random.default_rng(1)
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _walk(floor, 20.0, rng)
    assert floor.texture > 4.0 * NOISE_TEXTURE
    _rest(floor, 3.0, rng)
    assert floor.texture < 2.0 * NOISE_TEXTURE
    _rest(floor, 3.0, rng)
    assert floor.is_noise


def test_a_walk_keeps_its_texture():
    rng = np.random.default_rng(2)
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _walk(floor, 5.0, rng)
    seen = []
    for _ in range(100):
        _walk(floor, 0.2, rng)
        seen.append(floor.texture)
    assert min(seen) > 2.0 * NOISE_TEXTURE


def test_a_slow_floor_that_nothing_confirms_grows_uncertain_again():
    rng = np.random.default_rng(3)
    floor = NoiseFloor(LEVELS, 0.0, SAME_SIGMA)
    _rest(floor, 40.0, rng)
    sure = floor.sigma
    assert sure < 0.5 * SAME_SIGMA
    _walk(floor, FORGET_S, rng)
    assert 0.7 * SAME_SIGMA < floor.sigma < SAME_SIGMA
    _rest(floor, 40.0, rng)
    assert floor.sigma == pytest.approx(sure, abs=0.05)
