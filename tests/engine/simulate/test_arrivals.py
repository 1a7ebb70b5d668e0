"""Frames come at the boards' intervals, the same however they are asked for, and as badly as was told."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.simulate.arrivals import NONE, POOR, TYPICAL, Arrivals
from ruview_engine.simulate.randomness import Streams


def arrivals(rate_hz=20.0, imperfections=NONE, seed=1):
    return Arrivals(rate_hz, imperfections, Streams(seed))


@pytest.mark.parametrize("rate_hz", [2.0, 20.0, 50.0])
def test_moments_ascend_inside_the_span_at_the_rate(rate_hz):
    times = arrivals(rate_hz).between(100.0, 400.0)
    assert (np.diff(times) > 0).all()
    assert times[0] >= 100.0
    assert times[-1] < 400.0
    assert len(times) == pytest.approx(300 * rate_hz, rel=0.03)


def test_pieces_fit_together():
    """Between two seconds the interval goes on: a piece does not begin with a frame of its own."""
    clock = arrivals()
    times = np.concatenate([clock.between(float(k), float(k + 1)) for k in range(300)])
    assert len(times) == pytest.approx(6000, rel=0.03)
    intervals_ms = 1e3 * np.diff(times)
    for quantile, measured_ms in ((0.05, 13.5), (0.25, 37.6), (0.5, 50.1), (0.75, 53.4), (0.95, 62.3)):
        expected = measured_ms * 50.0 / 45.2  # the recording's mean interval is 45.2 ms
        assert np.quantile(intervals_ms, quantile) == pytest.approx(expected, rel=0.1), quantile


def test_a_factor_slows_the_rate():
    assert len(arrivals().between(0.0, 200.0, rate_factor=0.25)) == pytest.approx(1000, rel=0.06)


def test_holes_are_as_many_and_as_long_as_told():
    clock = arrivals(imperfections=replace(NONE, holes_per_hour=60.0, hole_s=(3.0, 5.0)))
    times = np.concatenate([clock.between(float(k), float(k + 10)) for k in range(0, 7200, 10)])
    gaps = np.diff(times)
    holes = gaps[gaps > 1.0]
    assert 80 <= len(holes) <= 140
    assert holes.min() > 2.9
    assert holes.max() < 5.3


@pytest.mark.parametrize("imperfections", [TYPICAL, POOR])
def test_foreign_frames_come_in_runs_with_the_share_told(imperfections):
    clock = arrivals(100.0, imperfections)
    marks = np.concatenate([clock.glitches(97) for _ in range(1200)])
    assert marks.mean() == pytest.approx(imperfections.glitched, rel=0.2)
    starts = np.count_nonzero(np.diff(marks.astype(int)) == 1)
    assert marks.sum() / starts == pytest.approx(imperfections.glitch_run, rel=0.15)


def test_a_quiet_radio_has_no_faults():
    clock = arrivals()
    assert not clock.glitches(5000).any()
    assert not clock.delays(50).any()
    assert not clock.chosen(50, NONE.lost).any()


def test_delays_and_choices_follow_their_parameters():
    clock = arrivals(imperfections=TYPICAL)
    assert clock.delays(20_000).mean() == pytest.approx(TYPICAL.delay_s, rel=0.05)
    assert clock.chosen(20_000, TYPICAL.skipped).mean() == pytest.approx(TYPICAL.skipped, rel=0.05)


@pytest.mark.parametrize(("rate_hz", "longest"), [(3.0, 1), (20.0, 4), (100.0, 20)])
def test_foreign_frames_come_in_runs_of_a_fifth_of_a_second(rate_hz, longest):
    marks = arrivals(rate_hz, replace(NONE, glitched=0.07, glitch_run=8.0)).glitches(40_000)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]])))
    runs = edges[1::2] - edges[::2]
    assert np.quantile(runs, 0.9) <= longest <= runs.max()
    assert marks.mean() == pytest.approx(0.07, rel=0.15)
