"""What the frames leave to the slow job, and when what it found comes too late."""

import numpy as np
import pytest

from ruview_engine.introspection.look_back import MAX_BYTES, MAX_UNREAD, LookBack
from ruview_engine.introspection.trajectory import UNREAD

N_BANDS = 4


@pytest.fixture
def samples(streams):
    def make(n, start_s=100.0):
        return list(streams.samples(streams.breathing(n), start_s=start_s))

    return make


@pytest.fixture
def look_back(rng):
    return LookBack(rng.normal(size=(N_BANDS, 56)).astype(np.float32), 20.0)


def _fed(look_back, samples):
    for sample in samples:
        look_back.update(sample)
    return look_back


def test_nothing_heard_is_no_work(look_back):
    assert look_back.job() is None


def test_it_reads_in_pieces_what_it_would_read_at_once(look_back, samples, rng):
    other = LookBack(look_back._bands, 20.0)
    heard = samples(600)
    for start in range(0, 480, 20):
        other.take(_fed(other, heard[start : start + 20]).job()())
    other.take(_fed(other, heard[480:]).job()())
    for start in (0, 300):
        look_back.take(_fed(look_back, heard[start : start + 300]).job()())
    assert look_back.trajectory.lyapunov.exponent == pytest.approx(other.trajectory.lyapunov.exponent, rel=1e-4)
    assert look_back.rhythm.period_s == other.rhythm.period_s
    assert look_back.rhythm.peak == pytest.approx(other.rhythm.peak, rel=1e-4)


def test_what_comes_while_a_job_runs_waits_for_the_next_one(look_back, samples):
    heard = samples(300)
    job = _fed(look_back, heard[:200]).job()
    _fed(look_back, heard[200:])
    seen = job()
    look_back.take(seen)
    assert seen.last_index == heard[199].index
    assert look_back.job()().last_index == heard[-1].index
    assert look_back.trajectory is seen.trajectory


def test_a_reading_that_another_one_has_overtaken_is_dropped(look_back, samples):
    """A link may be in two rooms, and each has its own slow job."""
    _fed(look_back, samples(200))
    first, second = look_back.job()(), look_back.job()()
    look_back.take(first)
    look_back.take(second)
    assert look_back.trajectory is first.trajectory
    assert look_back.job() is None


def test_a_reading_of_a_past_that_was_forgotten_is_dropped(look_back, samples):
    seen = _fed(look_back, samples(200)).job()()
    look_back.reset()
    look_back.take(seen)
    assert look_back.trajectory is UNREAD
    assert look_back.job() is None


def test_another_rate_begins_another_path_but_no_other_rhythm(look_back, samples):
    heard = samples(440)
    look_back.take(_fed(look_back, heard[:400]).job()())
    assert look_back.trajectory.lyapunov.why_not is None
    late = _fed(look_back, heard[400:420]).job()()
    look_back.set_rate(48.0)
    look_back.take(late)
    assert look_back.trajectory is UNREAD
    look_back.take(_fed(look_back, heard[420:440]).job()())
    assert look_back.trajectory is UNREAD
    assert look_back.rhythm is not None


def test_without_jobs_memory_is_bounded_and_what_comes_after_the_hole_is_new(look_back, samples):
    heard = samples(400 + 2 * MAX_UNREAD)
    look_back.take(_fed(look_back, heard[:400]).job()())
    seen = _fed(look_back, heard[400:]).job()()
    assert seen.past.echo.n_cells == pytest.approx(MAX_UNREAD / 4, abs=1)
    look_back.take(seen)
    assert look_back.job() is None


def test_wide_profiles_are_kept_for_a_shorter_time(samples):
    wide = _fed(LookBack(np.zeros((1, 1000), dtype=np.float32), 20.0), samples(200))
    assert len(wide._unread) == MAX_BYTES // 4000
