"""What a link remembers."""

import math

import numpy as np
import pytest

from ruview_engine.links.layout import layout_named
from ruview_engine.links.link import Link
from ruview_engine.links.link_id import LinkId


def _link():
    return Link(LinkId("1", "64", "a"), layout_named("64", 64), np.ones(64, bool))


def _feed(link, n=100, fs_hz=20.0, **marks):
    flags = {"is_glitch": False, "is_duplicate": False} | marks
    return [link.accept(np.full(64, k, np.float32), 30.0, -50, k / fs_hz, **flags) for k in range(n)]


def test_rate_level_and_rssi_are_measured():
    link = _link()
    assert (link.fs_hz, link.level, link.rssi_dbm) == (None, None, None)
    _feed(link)
    assert link.fs_hz == pytest.approx(20.0)
    assert link.level == pytest.approx(30.0)
    assert link.rssi_dbm == pytest.approx(-50.0)


def test_window_leaves_out_what_is_not_usable():
    link = _link()
    _feed(link, is_glitch=True)
    assert len(link.window(10.0, 5.0)) == 0
    assert (link.frames, link.n_glitches) == (100, 100)
    assert link.nbytes == 0


def test_time_never_runs_backwards():
    link = _link()
    link.accept(np.ones(64, np.float32), 30.0, None, 5.0, is_glitch=False, is_duplicate=False)
    sample = link.accept(np.ones(64, np.float32), 30.0, None, 4.0, is_glitch=False, is_duplicate=False)
    assert (sample.at_s, sample.gap_s) == (5.0, 0.0)


def test_unknown_rssi_is_nan_in_the_window():
    link = _link()
    link.accept(np.ones(64, np.float32), 30.0, None, 5.0, is_glitch=False, is_duplicate=False)
    assert math.isnan(link.window(1.0, 5.0).rssi[0])


def test_quality_explains_itself():
    link = _link()
    _feed(link, 600)
    quality = link.quality(30.0)
    assert quality.score == pytest.approx(quality.rate * quality.usable * quality.coverage)
    assert quality.score > 0


def test_level_and_rssi_are_those_of_the_last_seconds():
    link = _link()
    for k in range(1200):
        rssi = None if k % 2 else (-70 if k < 600 else -50)
        link.accept(
            np.full(64, k, np.float32), 60.0 if k < 600 else 30.0, rssi, k / 20.0, is_glitch=False, is_duplicate=False
        )
    # half a minute after the step e^−1.5 of the old level is left of a memory that began half a minute earlier
    left = (math.exp(-1.5) - math.exp(-3.0)) / (1.0 - math.exp(-3.0))
    assert link.level == pytest.approx(30.0 + 30.0 * left, abs=0.2)
    assert link.rssi_dbm == pytest.approx(-50.0 - 20.0 * left, abs=0.2)


def test_a_link_whose_board_reports_no_rssi_has_none():
    link = _link()
    link.accept(np.ones(64, np.float32), 30.0, None, 5.0, is_glitch=False, is_duplicate=False)
    assert (link.level, link.rssi_dbm) == (pytest.approx(30.0), None)
