"""Measured, never assumed."""

import numpy as np
import pytest

from ruview_engine.links.rate import RateMeter, rate_of


@pytest.mark.parametrize("fs_hz", [0.3, 3.5, 10.0, 143.0])
def test_steady_rate(fs_hz):
    meter = RateMeter()
    for k in range(80):
        meter.update(k / fs_hz)
    assert meter.get() == pytest.approx(fs_hz, rel=1e-6)


def test_unknown_before_four_intervals():
    meter = RateMeter()
    for k in range(4):
        meter.update(k * 0.1)
        assert meter.get() is None
    meter.update(0.4)
    assert meter.get() == pytest.approx(10.0)


def test_a_hole_does_not_slow_the_link():
    meter = RateMeter()
    for k in range(40):
        meter.update(k * 0.05 + (30.0 if k > 20 else 0.0))
    assert meter.get() == pytest.approx(20.0)


def test_bursts_are_counted_not_halved():
    """Four frames in one millisecond, every 200 ms: 20 Hz, although the median interval is 0.3 ms."""
    meter = RateMeter()
    for burst in range(40):
        for k in range(4):
            meter.update(burst * 0.2 + k * 0.0003)
    assert meter.get() == pytest.approx(20.0, rel=0.1)


def test_a_clock_that_steps_back_is_a_gap_of_zero():
    meter = RateMeter()
    assert meter.update(5.0) is None
    assert meter.update(4.0) == 0.0
    assert meter.update(5.1) == pytest.approx(0.1)


def test_reset_equals_new():
    meter = RateMeter()
    for k in range(20):
        meter.update(k * 0.1)
    meter.reset()
    assert meter.get() is None
    assert meter.update(7.0) is None


def test_a_link_that_speaks_more_rarely_is_known_to_within_seconds():
    """What is left of a link when the transmitter that spoke most has been told apart from it."""
    meter = RateMeter()
    at_s = 0.0
    for _ in range(200):
        at_s += 0.05
        meter.update(at_s)
    for _ in range(32):
        at_s += 0.33
        meter.update(at_s)
    assert meter.get() == pytest.approx(3.0, rel=0.05)


def test_bunched_frames_have_one_rate_whenever_it_is_looked_at(recording):
    """A hundred frames a second over a busy network: a quarter of the intervals below 2 ms, the others about 11."""
    meter = RateMeter()
    seen = []
    for at_s, _ in recording("pulse_wifi_esp32/mov_01.npz"):
        meter.update(at_s)
        seen.append(meter.get())
    settled = np.array(seen[1000:], dtype=float)
    assert settled.max() / settled.min() < 1.25, "a change by a quarter sets introspection up anew"


def test_the_rate_of_a_stretch_is_the_meters():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.choice([0.0005, 0.012], 600))
    times[300:] += 5.0
    meter = RateMeter()
    for at_s in times.tolist():
        meter.update(at_s)
    assert rate_of(times) == pytest.approx(meter.get(), rel=0.1)
    assert rate_of(times[:2]) is None
    assert rate_of(np.zeros(20)) is None
    assert rate_of(np.arange(5) / 7.0) == pytest.approx(7.0)
