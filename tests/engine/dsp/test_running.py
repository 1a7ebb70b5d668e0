"""A mean that forgets."""

import pytest

from ruview_engine.dsp.running import DecayingMean
from ruview_engine.errors import ShapeError


def test_decaying_mean_is_right_from_the_first_value():
    mean = DecayingMean(10.0)
    assert mean.get() is None
    assert mean.update(0.0, 4.0) == 4.0
    assert mean.update(0.1, 6.0) == pytest.approx(5.0, rel=0.01)


def test_decaying_mean_forgets():
    mean = DecayingMean(2.0)
    for k in range(100):
        mean.update(k * 0.1, 1.0)
    for k in range(100, 300):
        mean.update(k * 0.1, 3.0)
    assert mean.get() == pytest.approx(3.0, rel=0.01)
    mean.update(1e6, 7.0)
    assert mean.get() == 7.0
    mean.reset()
    assert mean.get() is None


def test_decaying_mean_needs_a_time():
    with pytest.raises(ShapeError):
        DecayingMean(0.0)
