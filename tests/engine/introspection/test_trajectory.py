"""What is remembered frame by frame, what is read from it, and when a reading comes too late."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.introspection.dimension import AttractorDimension
from ruview_engine.introspection.lyapunov import Lyapunov
from ruview_engine.introspection.trajectory import N_POINTS, Trajectory
from ruview_engine.introspection.why_unknown import WhyUnknown

FS_HZ = 20.0
DELAY = 3
THEILER = 8


def _filled(rows):
    trajectory = Trajectory(rows.shape[1], FS_HZ)
    for row in rows.astype(np.float32):
        trajectory.update(row)
    return trajectory


@pytest.mark.parametrize("extra", [0, 1, 150])
def test_reads_the_newest_points_in_time_order(rng, extra):
    rows = np.cumsum(rng.normal(size=(N_POINTS + DELAY + extra, 4)), axis=0)
    last = rows[-N_POINTS - DELAY :].astype(np.float32).astype(np.float64)
    squared = squared_distances(np.hstack([last[DELAY:], last[:-DELAY]]), THEILER)
    reading = _filled(rows).job()()
    assert reading.lyapunov == Lyapunov(N_POINTS).read(squared, FS_HZ)
    assert reading.dimension == AttractorDimension(N_POINTS).read(squared)


def test_too_short_says_why(rng):
    trajectory = _filled(rng.normal(size=(N_POINTS + DELAY - 1, 4)))
    assert trajectory.job() is None
    assert trajectory.reading.lyapunov.why_not is WhyUnknown.SHORT_TRAJECTORY
    assert trajectory.reading.dimension.why_not is WhyUnknown.SHORT_TRAJECTORY


def test_a_job_keeps_what_it_was_given(rng):
    """It runs beside the frames that come meanwhile."""
    trajectory = _filled(rng.normal(size=(200, 4)))
    first, second = trajectory.job(), trajectory.job()
    before = first()
    for row in rng.normal(size=(50, 4)).astype(np.float32):
        trajectory.update(row)
    assert second() == before


def test_a_reading_is_taken_unless_the_path_was_interrupted(rng):
    trajectory = _filled(rng.normal(size=(200, 4)))
    reading = trajectory.job()()
    trajectory.take(reading)
    assert trajectory.reading is reading
    trajectory.reset()
    trajectory.take(reading)
    assert trajectory.reading is not reading
    assert trajectory.reading.lyapunov.exponent is None


def test_another_rate_interrupts_too(rng):
    trajectory = _filled(rng.normal(size=(200, 4)))
    reading = trajectory.job()()
    trajectory.set_rate(50.0)
    trajectory.take(reading)
    assert trajectory.job() is None
    assert trajectory.reading is not reading
