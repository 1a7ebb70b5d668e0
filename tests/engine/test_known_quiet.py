"""Which model a link stands on: its own, or that of the best known sibling on the same board."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.known_quiet import KnownQuiet
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.quiet import QuietModel
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.room import Room
from tests.engine.room.synthetic import LINK, window

SIBLING, STRANGER = LinkId("1", "64", "b"), LinkId("1", "64", "c")
OTHER_BOARD, OTHER_LAYOUT = LinkId("2", "64", "a"), LinkId("1", "128", "a")


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    found = judge("study", 0.0, (window(np.random.default_rng(20260403)),))
    assert isinstance(found, Baseline)
    return found


@pytest.fixture(scope="module")
def model(baseline: Baseline) -> QuietModel:
    quiet = baseline.links[0].quiet
    assert quiet is not None
    return quiet


@pytest.fixture(scope="module")
def change(baseline: Baseline) -> ChangeModel:
    return ChangeModel.fit([window(np.random.default_rng(1)).profiles], fs_hz=20.0)


def test_nothing_is_known_of_a_new_room() -> None:
    known = KnownQuiet(Room("study"))
    assert not known.is_calibrated
    assert known.own(LINK) is known.quiet_of(LINK) is known.change_of(LINK) is None


def test_the_baseline_goes_before_what_was_told(baseline: Baseline, model: QuietModel) -> None:
    room = Room("study")
    known = KnownQuiet(room)
    told = replace(model, n_frames=1)
    known.learn({LINK: told, SIBLING: told})
    assert known.own(LINK) is told
    room.load(baseline=baseline)
    assert known.is_calibrated
    assert known.own(LINK) is model
    assert known.own(SIBLING) is told


def test_a_new_link_borrows_from_the_best_known_of_its_board_and_layout(model: QuietModel) -> None:
    known = KnownQuiet(Room("study"))
    little, much = replace(model, n_frames=100), replace(model, n_frames=200)
    most = replace(model, n_frames=900)
    known.learn({LINK: little, SIBLING: much, OTHER_BOARD: most, OTHER_LAYOUT: most})
    assert known.own(STRANGER) is None
    assert known.quiet_of(STRANGER) is much
    assert known.quiet_of(LINK) is little, "its own is better than the best of others"
    assert known.quiet_of(LinkId("3", "64", "a")) is None


def test_change_is_borrowed_the_same_way(change: ChangeModel) -> None:
    known = KnownQuiet(Room("study"))
    better = replace(change, novelty=replace(change.novelty, n_samples=change.novelty.n_samples + 1))
    known.learn(change={LINK: change, SIBLING: better, OTHER_BOARD: change})
    assert known.change_of(LINK) is change
    assert known.change_of(STRANGER) is better
    assert known.change_of(OTHER_LAYOUT) is None


def test_what_is_not_told_anew_stays(model: QuietModel, change: ChangeModel) -> None:
    known = KnownQuiet(Room("study"))
    known.learn({LINK: model}, {LINK: change})
    known.learn(quiet={})
    assert known.own(LINK) is None
    assert known.change == {LINK: change}
    known.learn(change={})
    assert known.change == {}
