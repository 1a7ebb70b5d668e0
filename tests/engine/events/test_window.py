"""Windows of 16 frames or a second."""

import math

import numpy as np
import pytest

from ruview_engine.events.window import WindowBuffer
from tests.engine.events.samples import sample_of


def test_sixteen_frames_close_a_window():
    buffer = WindowBuffer()
    closed = [buffer.update(sample_of(i * 0.05, np.ones(8))) for i in range(32)]
    assert [i for i, stats in enumerate(closed) if stats] == [15, 31]
    assert closed[15].motion_energy == 0.0
    assert closed[15].presence_score == pytest.approx(1 / (1 + math.exp(0.4)))


def test_a_second_closes_a_window_of_a_slow_link():
    buffer = WindowBuffer()
    closed = [buffer.update(sample_of(i * 0.25, np.ones(8))) for i in range(9)]
    assert [i for i, stats in enumerate(closed) if stats] == [4]
    assert closed[4].n_frames == 5


def test_energy_is_the_mean_rms_step():
    buffer = WindowBuffer(max_frames=3)
    for i, level in enumerate((1.0, 1.1, 0.8)):
        stats = buffer.update(sample_of(i * 0.05, np.full(4, level)))
    assert stats.motion_energy == pytest.approx((0.1 + 0.3) / 2, rel=1e-5)


def test_windows_do_not_span_silences_or_use_glitches():
    buffer = WindowBuffer(max_frames=3)
    buffer.update(sample_of(0.0, np.ones(4)))
    buffer.update(sample_of(0.05, np.ones(4)))
    assert buffer.update(sample_of(9.0, np.full(4, 5.0), gap_s=8.95)) is None
    assert buffer.update(sample_of(9.05, np.full(4, 99.0), is_glitch=True)) is None
    buffer.update(sample_of(9.1, np.full(4, 5.0)))
    stats = buffer.update(sample_of(9.15, np.full(4, 5.0)))
    assert stats.motion_energy == 0.0
    assert stats.quality == pytest.approx(3 / 4)


def test_another_width_begins_a_new_window():
    buffer = WindowBuffer(max_frames=3)
    closed = [buffer.update(sample_of(i * 0.05, np.ones(width))) for i, width in enumerate((4, 4, 8, 8, 8))]
    assert [stats is not None for stats in closed] == [False] * 4 + [True]
    assert closed[-1].motion_energy == 0.0


def test_reset_equals_new():
    used, fresh = WindowBuffer(max_frames=3), WindowBuffer(max_frames=3)
    for i in range(2):
        used.update(sample_of(i * 0.05, np.full(4, 3.0 * i), is_glitch=bool(i)))
    used.reset()
    rows = [sample_of(9.0 + i * 0.05, np.full(4, 1.0 + i)) for i in range(3)]
    assert [used.update(row) for row in rows] == [fresh.update(row) for row in rows]
