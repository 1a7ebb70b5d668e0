"""Names of links whose frames carry no address."""

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.baseline import Baseline
from ruview_engine.room.continuity import associate
from ruview_engine.room.link_baseline import LinkBaseline
from ruview_engine.room.window import LinkWindow

from .synthetic import window

OWN, OTHER, NEW = (LinkId("1", "64", label) for label in "abc")


def link_window(link: LinkId, rate_hz: float, seconds: float = 24.0, start_s: float = 100.0, **more) -> LinkWindow:
    return window(np.random.default_rng(3), link=link, rate_hz=rate_hz, seconds=seconds, start_s=start_s, **more)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    """The access point's link alone: the neighbour was too slow to be learnt."""
    learnt = LinkBaseline.fit(window(np.random.default_rng(1), link=OWN, rate_hz=20.0))
    return Baseline.of("room", 0.0, (learnt,))


def counts(windows) -> dict[LinkId, int]:
    return {one.link: len(one) for one in windows}


def test_nothing_changes_while_every_link_is_at_home(baseline):
    windows = (link_window(OWN, 20.0), link_window(OTHER, 3.5))
    assert associate(windows, baseline) == windows


def test_a_new_label_at_the_known_rate_gets_the_known_name(baseline):
    named = counts(associate((link_window(NEW, 20.0), link_window(OTHER, 3.5)), baseline))
    assert named[OWN] == 480
    assert named[OTHER] == 84


def test_a_neighbour_as_strong_as_the_access_point_is_not_mixed_into_its_link(baseline):
    """No gap of signal strength between them: strength must not make one link of two transmitters."""
    strange = link_window(OTHER, 3.5, base_seed=9)
    (own,) = (one for one in associate((link_window(NEW, 20.0), strange), baseline) if one.link == OWN)
    assert not np.isin(strange.times, own.times).any()


def test_a_transmitter_that_changes_its_label_half_way_stays_one_link(baseline):
    before = link_window(OWN, 20.0, seconds=12.0)
    after = link_window(NEW, 20.0, seconds=12.0, start_s=112.0)
    named = associate((before, after, link_window(OTHER, 3.5)), baseline)
    (own,) = (one for one in named if one.link == OWN)
    assert len(own) == len(before) + len(after)
    assert np.all(np.diff(own.times) > 0)


def test_two_labels_that_share_one_rate_are_one_transmitter(baseline):
    whole = link_window(OWN, 20.0)
    halves = [whole.between(whole.times[0], whole.times[-1]) for _ in range(2)]
    parts = [
        LinkWindow(
            link=link, times=half.times[k::2], profiles=half.profiles[k::2], levels=half.levels[k::2],
            rssi_dbm=half.rssi_dbm[k::2],
        )
        for k, (link, half) in enumerate(zip((OWN, NEW), halves, strict=True))
    ]  # fmt: skip
    assert counts(associate(parts, baseline)) == {OWN: len(whole)}


def test_a_link_that_fell_silent_and_came_back_far_weaker_keeps_its_name(baseline):
    """Nobody else has the frames it misses; that it is weak is for the watchers to say."""
    before = link_window(OWN, 20.0, seconds=12.0)
    (after,) = associate((link_window(OWN, 20.0, seconds=20.0, start_s=140.0, rssi_dbm=-66.0),), baseline)
    assert after.link == OWN
    whole = LinkWindow(
        link=OWN,
        times=np.concatenate([before.times, after.times]),
        profiles=np.concatenate([before.profiles, after.profiles]),
        levels=np.concatenate([before.levels, after.levels]),
        rssi_dbm=np.concatenate([before.rssi_dbm, after.rssi_dbm]),
    )
    assert counts(associate((whole, link_window(OTHER, 0.5, seconds=48.0)), baseline))[OWN] == len(whole)


def test_a_stranger_under_a_known_name_is_not_taken_for_it(baseline):
    named = counts(associate((link_window(OWN, 3.0, rssi_dbm=-75.0), link_window(NEW, 20.0)), baseline))
    assert named.pop(OWN) == 480
    assert list(named.values()) == [72]


def test_links_named_by_address_are_never_renamed():
    address = LinkId("1", "64", "025256010001")
    learnt = LinkBaseline.fit(window(np.random.default_rng(1), link=address, rate_hz=20.0))
    windows = (link_window(LinkId("1", "64", "025256010099"), 20.0),)
    assert associate(windows, Baseline.of("room", 0.0, (learnt,))) == windows


def test_no_name_is_given_twice_while_the_shape_goes_through_many_labels(baseline):
    """A few last frames still carry the known label when five busier ones are matched: those frames are nobody's."""
    last = link_window(OWN, 20.0, seconds=0.3)
    busier = [
        link_window(LinkId("1", "64", label), rate) for label, rate in zip("cdefg", (10, 10, 1, 1, 1), strict=True)
    ]
    named = counts(matched := associate((last, *busier), baseline))
    assert len(named) == len(matched)
    assert named[OWN] == pytest.approx(480, abs=30)
