"""Windows of 16 frames or a second, and the state machines on top of them."""

import math

import numpy as np
import pytest

from ruview_engine.events.detectors import MotionDetector, PresenceDetector, QualityDetector
from ruview_engine.events.event_path import EventKind, EventPath
from ruview_engine.events.window import WindowBuffer, WindowStats
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample

LINK = LinkId("1", "64", "a")


def _sample(at_s, profile, gap_s=0.05, **flags):
    return Sample(
        link=LINK,
        at_s=at_s,
        index=0,
        profile=np.asarray(profile, dtype=np.float32),
        level=20.0,
        rssi_dbm=-50,
        gap_s=gap_s,
        **flags,
    )


def _stats(energy=0.0, presence=0.4, quality=1.0):
    return WindowStats(
        at_s=0.0, n_frames=16, seconds=0.8, motion_energy=energy, presence_score=presence, quality=quality
    )


def test_sixteen_frames_close_a_window():
    buffer = WindowBuffer()
    closed = [buffer.update(_sample(i * 0.05, np.ones(8))) for i in range(32)]
    assert [i for i, stats in enumerate(closed) if stats] == [15, 31]
    assert closed[15].motion_energy == 0.0
    assert closed[15].presence_score == pytest.approx(1 / (1 + math.exp(0.4)))


def test_a_second_closes_a_window_of_a_slow_link():
    buffer = WindowBuffer()
    closed = [buffer.update(_sample(i * 0.25, np.ones(8))) for i in range(9)]
    assert [i for i, stats in enumerate(closed) if stats] == [4]
    assert closed[4].n_frames == 5


def test_energy_is_the_mean_rms_step():
    buffer = WindowBuffer(max_frames=3)
    for i, level in enumerate((1.0, 1.1, 0.8)):
        stats = buffer.update(_sample(i * 0.05, np.full(4, level)))
    assert stats.motion_energy == pytest.approx((0.1 + 0.3) / 2, rel=1e-5)


def test_windows_do_not_span_silences_or_use_glitches():
    buffer = WindowBuffer(max_frames=3)
    buffer.update(_sample(0.0, np.ones(4)))
    buffer.update(_sample(0.05, np.ones(4)))
    assert buffer.update(_sample(9.0, np.full(4, 5.0), gap_s=8.95)) is None
    assert buffer.update(_sample(9.05, np.full(4, 99.0), is_glitch=True)) is None
    buffer.update(_sample(9.1, np.full(4, 5.0)))
    stats = buffer.update(_sample(9.15, np.full(4, 5.0)))
    assert stats.motion_energy == 0.0
    assert stats.quality == pytest.approx(3 / 4)


def test_motion_needs_two_windows_and_falls_only_below_the_lower_threshold():
    machine = MotionDetector()
    answers = [machine.take(_stats(energy=e)) for e in (0.06, 0.04, 0.06, 0.06, 0.03, 0.03, 0.03, 0.01, 0.01)]
    assert answers == [None, None, None, True, None, None, None, None, False]


def test_presence_needs_two_windows_in_and_three_out():
    machine = PresenceDetector()
    answers = [machine.take(_stats(presence=p)) for p in (0.8, 0.8, 0.4, 0.4, 0.5, 0.4, 0.4, 0.4)]
    assert answers == [None, True, None, None, None, None, None, False]


def test_bad_quality_is_reported_and_finally_calls_for_calibration():
    machine = QualityDetector()
    answers = [machine.take(_stats(quality=q)) for q in (0.2, 0.2, 0.2)]
    assert answers == [None, True, None]
    assert not machine.needs_calibration
    machine.take(_stats(quality=0.2))
    assert machine.needs_calibration
    assert [machine.take(_stats(quality=1.0)) for _ in range(2)] == [None, False]


def test_motion_is_reported_no_earlier_than_the_second_window_after_its_onset(rng):
    path = EventPath()
    events = []
    for i in range(160):
        wobble = 0.3 if i >= 80 else 0.0
        events += [(i, e.kind) for e in path.update(_sample(i * 0.05, 1 + wobble * rng.normal(size=16)))]
    moving = [i for i, kind in events if kind is EventKind.MOTION_DETECTED]
    assert moving == [111]
    assert path.is_moving
    path.reset()
    assert not path.is_moving
    assert path.stats is None
