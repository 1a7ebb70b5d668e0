"""The floor under the quiet energy: it follows noise, and nothing that moves."""

import math

import pytest

from ruview_engine.links.lag_energy import Change
from ruview_engine.links.noise_floor import SAME_SIGMA, NoiseFloor, QuietLevels

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
