"""The figure people see: the worst link, by its own limit."""

from dataclasses import replace

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.drift import Drift
from ruview_engine.room.evidence import gather
from tests.engine.room.synthetic import LINK, window


def found(enrolled, rng, **changes):
    gathered = gather(window(rng, start_s=940, **changes), enrolled.baseline.link(LINK), 1000.0)
    assert gathered is not None
    return gathered[0]


def test_the_link_that_is_farthest_beyond_its_own_limit_is_named(enrolled, rng):
    quiet = replace(found(enrolled, rng), link=LinkId("2", "64", "a"))
    shifted = found(enrolled, rng, shift=0.3, shift_seed=66)
    drift = Drift.of((quiet, shifted), is_judged=False)
    assert drift.link == str(LINK)
    assert drift.value == shifted.slow_shift.rms > drift.limit
    assert not drift.is_judged


def test_without_a_slow_profile_there_is_none(enrolled, rng):
    assert Drift.of((replace(found(enrolled, rng), slow_shift=None),), is_judged=True) is None
    assert Drift.of((), is_judged=True) is None
