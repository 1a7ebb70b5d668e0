"""A capture holds usable samples in time order, per link, and never more than its bounds."""

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.room import recorder
from ruview_engine.room.recorder import MAX_LINKS, Recorder

ONE, TWO = LinkId("1", "64", "a"), LinkId("2", "64", "a")


def sample(at_s, link=ONE, **changes):
    fields = {"index": 0, "profile": np.full(4, 1.0 + at_s, np.float32), "level": 10.0 + at_s, "rssi_dbm": -50}
    return Sample(link=link, at_s=at_s, gap_s=0.1, **(fields | changes))


def test_each_link_gets_its_window_in_a_stable_order():
    taken = Recorder()
    for link, at_s in ((TWO, 1.0), (ONE, 1.5), (TWO, 2.0)):
        taken.add(sample(at_s, link))
    assert len(taken) == 3
    assert taken.counts() == {TWO: 2, ONE: 1}
    first, second = taken.windows()
    assert (first.link, second.link) == (ONE, TWO)
    np.testing.assert_array_equal(second.times, [1.0, 2.0])
    np.testing.assert_array_equal(second.profiles, [[2.0] * 4, [3.0] * 4])
    np.testing.assert_array_equal(second.levels, [11.0, 12.0])


def test_a_report_that_is_useless_is_nan():
    taken = Recorder()
    taken.add(sample(1.0, rssi_dbm=None))
    taken.add(sample(2.0, rssi_dbm=-61))
    np.testing.assert_array_equal(taken.windows()[0].rssi_dbm, [np.nan, -61.0])


@pytest.mark.parametrize("changes", [{"is_glitch": True}, {"is_duplicate": True}])
def test_unusable_samples_are_left_out(changes):
    taken = Recorder()
    taken.add(sample(1.0, **changes))
    assert len(taken) == 0
    assert taken.windows() == ()


def test_time_does_not_run_backwards():
    taken = Recorder()
    for at_s in (1.0, 3.0, 2.0, 3.0, 4.0):
        taken.add(sample(at_s))
    np.testing.assert_array_equal(taken.windows()[0].times, [1.0, 3.0, 4.0])


def test_since_leaves_out_the_lead_in_and_links_that_are_silent_since():
    taken = Recorder()
    for at_s, link in ((1.0, ONE), (1.0, TWO), (5.0, ONE), (6.0, ONE)):
        taken.add(sample(at_s, link))
    (only,) = taken.windows(since_s=5.0)
    assert only.link == ONE
    np.testing.assert_array_equal(only.times, [5.0, 6.0])


def test_a_flood_of_links_and_samples_is_bounded(monkeypatch):
    monkeypatch.setattr(recorder, "MAX_SAMPLES", 10)
    taken = Recorder()
    for number in range(3 * MAX_LINKS):
        for at_s in range(20):
            taken.add(sample(float(at_s), LinkId(str(number), "64", "a")))
    assert len(taken.counts()) == MAX_LINKS
    assert set(taken.counts().values()) == {10}
    assert taken.windows()[0].times[-1] == 9.0, "the first are kept: a capture has a beginning"
