"""A fall to another level."""

import pytest

from ruview_engine.links.fall import FALL_S, MIN_VALUES, Fall


def _fill(fall: Fall, values: list[float], dt: float = 0.1) -> None:
    for value in values:
        fall.update(value, dt)


def test_a_moment_is_no_fall_yet():
    fall = Fall()
    _fill(fall, [1.0] * round(FALL_S / 0.1 - 1))
    assert not fall.has_happened
    _fill(fall, [1.0])
    assert fall.has_happened


def test_a_slow_link_needs_some_values():
    fall = Fall()
    _fill(fall, [1.0] * (MIN_VALUES - 1), dt=0.5)
    assert fall.seconds > FALL_S
    assert not fall.has_happened


def test_what_comes_between_begins_it_anew():
    fall = Fall()
    _fill(fall, [1.0] * 5)
    fall.reset()
    _fill(fall, [1.0] * 5)
    assert not fall.has_happened
    assert fall.n == 5


def test_it_knows_mean_and_deviation():
    fall = Fall()
    assert (fall.mean, fall.deviation) == (0.0, 0.0)
    _fill(fall, [-2.0, 0.0, 2.0, 0.0])
    assert fall.mean == pytest.approx(0.0)
    assert fall.deviation == pytest.approx(2.0**0.5)


def test_equal_values_have_no_deviation():
    fall = Fall()
    _fill(fall, [0.1] * 50)
    assert fall.deviation == pytest.approx(0.0, abs=1e-7)
