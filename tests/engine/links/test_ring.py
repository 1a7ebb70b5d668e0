"""Bounded memory, ordered copies."""

import math

import numpy as np
import pytest

from ruview_engine.links.ring import FIRST_ROWS, MAX_BYTES, SPAN_S, Ring


def _fill(ring, n, fs_hz=10.0, start=0):
    for k in range(start, start + n):
        ring.append(k / fs_hz, np.full(ring.n_pairs, k % 100, np.float32), float(k), -40.0 if k % 2 else math.nan)


@pytest.mark.parametrize("n", [5, FIRST_ROWS, FIRST_ROWS + 1, 3 * FIRST_ROWS, 5000])
def test_window_is_the_newest_stretch_in_order(n):
    ring = Ring(4)
    _fill(ring, n)
    now = (n - 1) / 10.0 + 0.05
    window = ring.window(10.0, now)
    expected = np.arange(max(n - 100, 0), n)
    np.testing.assert_array_equal(window.levels, expected)
    np.testing.assert_allclose(window.times, expected / 10.0)
    np.testing.assert_array_equal(window.profiles[:, 0], expected % 100)
    np.testing.assert_array_equal(np.isnan(window.rssi), expected % 2 == 0)


@pytest.mark.parametrize("n_pairs", [64, 192, 306])
def test_memory_stops_growing(n_pairs):
    ring = Ring(n_pairs)
    _fill(ring, 40_000, fs_hz=140.0)
    size = ring.nbytes
    assert size <= 1.35 * MAX_BYTES
    _fill(ring, 5_000, fs_hz=140.0, start=40_000)
    assert ring.nbytes == size


def test_a_slow_link_stays_small_and_reaches_back_far_enough():
    ring = Ring(64)
    _fill(ring, 3_000, fs_hz=5.0)
    assert ring.nbytes < 200_000
    assert len(ring.window(SPAN_S, 2_999 / 5.0)) == SPAN_S * 5


def test_windows_are_copies():
    ring = Ring(4)
    _fill(ring, 50)
    window = ring.window(1.0, 4.9)
    window.profiles[:] = -1
    assert (ring.window(1.0, 4.9).profiles >= 0).all()


def test_window_ends_at_now():
    ring = Ring(4)
    _fill(ring, 50)
    assert ring.window(1.0, 3.0).times[-1] == 3.0
    assert len(ring.window(1.0, 900.0)) == 0


def test_clear_equals_new():
    ring = Ring(4)
    _fill(ring, 50)
    ring.clear()
    assert len(ring) == 0
    assert len(ring.window(10.0, 4.9)) == 0


@pytest.mark.parametrize("n_before", [30, 50, 77, 100])
@pytest.mark.parametrize("n_after", [0, 1, 25, 49, 200])
def test_what_is_read_later_leaves_out_what_was_written_over(n_before, n_after):
    """Profiles are read when the job runs; by then the loop may have gone once around the ring."""
    ring = Ring(2, span_s=1e9, max_bytes=50 * 4)
    for i in range(n_before):
        ring.append(float(i), np.full(2, float(i), np.float32), float(i), -50.0)
    expected = ring.window(40.0, n_before - 1.0)
    stored = ring.stored(40.0, n_before - 1.0)
    for i in range(n_before, n_before + n_after):
        ring.append(float(i), np.full(2, float(i), np.float32), float(i), -50.0)
    later = stored.window()
    np.testing.assert_array_equal(later.profiles[:, 0], later.times)
    n = len(later)
    assert n == len(expected) or n_after > 0
    assert n >= len(expected) - n_after
    np.testing.assert_array_equal(later.times, expected.times[len(expected) - n :])
