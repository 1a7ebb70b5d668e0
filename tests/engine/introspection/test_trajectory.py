"""What is read from the newest points of a path."""

import numpy as np
import pytest

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.introspection.dimension import AttractorDimension
from ruview_engine.introspection.lyapunov import Lyapunov
from ruview_engine.introspection.trajectory import N_POINTS, Path
from ruview_engine.introspection.why_unknown import WhyUnknown

FS_HZ = 20.0
DELAY = 3
THEILER = 8


@pytest.mark.parametrize("extra", [0, 1, 150])
@pytest.mark.parametrize("n_parts", [1, 13])
def test_reads_the_newest_points_in_time_order(rng, extra, n_parts):
    rows = np.cumsum(rng.normal(size=(N_POINTS + DELAY + extra, 4)), axis=0)
    last = rows[-N_POINTS - DELAY :]
    squared = squared_distances(np.hstack([last[DELAY:], last[:-DELAY]]), THEILER)
    path = Path.new(4, FS_HZ)
    for part in np.array_split(rows, n_parts):
        path = path.after(part)
    reading = path.read()
    assert reading.lyapunov == Lyapunov(N_POINTS).read(squared, FS_HZ)
    assert reading.dimension == AttractorDimension(N_POINTS).read(squared)


def test_too_short_says_why(rng):
    reading = Path.new(4, FS_HZ).after(rng.normal(size=(N_POINTS + DELAY - 1, 4))).read()
    assert reading.lyapunov.why_not is WhyUnknown.SHORT_TRAJECTORY
    assert reading.dimension.why_not is WhyUnknown.SHORT_TRAJECTORY


def test_a_path_is_never_changed(rng):
    path = Path.new(4, FS_HZ).after(rng.normal(size=(200, 4)))
    before = path.read()
    path.after(rng.normal(size=(50, 4)))
    assert path.read() == before
