"""What a finished capture is worth, and who was seen while it ran."""

from dataclasses import replace

import pytest

from ruview_engine.room.anchor import BY_LABEL, AnchorLabel, Fault, Verdict
from ruview_engine.room.anchor_capture import AnchorCapture
from ruview_engine.room.baseline import Baseline, BaselineRefusal
from ruview_engine.room.baseline_capture import BaselineCapture, Capture
from ruview_engine.room.judgement import POSE_AFTER_S, POSE_BEFORE_S, POSE_TICKS, Case, Judgement, is_in_pose
from ruview_engine.room.memory import Memory
from tests.engine.room.conftest import anchor_window
from tests.engine.room.synthetic import LINK, window
from tests.engine.room.test_baseline_capture import samples


def case(enrolled, capture, one, **changes) -> Case:
    """A capture that has heard all of `one`."""
    for sample in samples(one):
        capture.observe(sample)
    fields = {
        "room_id": "study", "at_unix_s": 5.0, "radios": {LINK: (2437, "aa")}, "baseline": enrolled.baseline,
        "breathing": None, "attempt": 1, "is_in_pose": True, "stood": (),
    }  # fmt: skip
    return Case(capture=capture, **(fields | changes))


def pose(enrolled, one, **changes) -> Judgement:
    anchor = BY_LABEL[AnchorLabel.SIT]
    capture = AnchorCapture(anchor, enrolled.baseline, at_s=float(one.times[0]), lead_s=0.0)
    return case(enrolled, capture, one, **changes).judge()


def test_an_empty_room_becomes_a_baseline_that_knows_its_radio(enrolled, rng):
    one = window(rng, seconds=62)
    found = case(enrolled, BaselineCapture(at_s=float(one.times[0]), lead_s=0.0), one, baseline=None).judge()
    assert isinstance(found.baseline, Baseline)
    assert (found.baseline.room_id, found.baseline.captured_at_s) == ("study", 5.0)
    assert (found.baseline.links[0].frequency_mhz, found.baseline.links[0].access_point) == (2437, "aa")
    assert [kept.link for kept in found.kept] == [LINK]
    assert found.verdict is None


def test_of_a_room_that_was_not_empty_nothing_is_kept(enrolled, rng):
    one = window(rng, seconds=62, moving=0.1)
    found = case(enrolled, BaselineCapture(at_s=float(one.times[0]), lead_s=0.0), one).judge()
    assert isinstance(found.baseline, BaselineRefusal)
    assert found.kept == ()


def test_a_pose_that_was_taken_can_be_trained_from(enrolled, rng):
    found = pose(enrolled, anchor_window(rng, AnchorLabel.SIT))
    assert found.verdict.accepted
    assert found.saw_somebody
    assert [feature.link for feature in found.features] == [kept.link for kept in found.kept] == [LINK]
    assert found.baseline is None


@pytest.mark.parametrize(
    ("changes", "fault", "saw_somebody"),
    [({"moving": 0.1}, Fault.MOVED, True), ({"shift": 0.0, "breath": 0.0}, Fault.ABSENT, False)],
)
def test_a_refused_pose_keeps_nothing_but_who_fidgets_was_there(enrolled, rng, changes, fault, saw_somebody):
    found = pose(enrolled, anchor_window(rng, AnchorLabel.SIT, **changes), is_in_pose=False)
    assert found.verdict.reason is fault
    assert found.saw_somebody is saw_somebody
    assert found.features == found.kept == ()


def test_a_pose_without_a_baseline_is_refused(enrolled, rng):
    found = pose(enrolled, anchor_window(rng, AnchorLabel.SIT), baseline=None)
    assert found.verdict == Verdict.failed(AnchorLabel.SIT, Fault.NO_BASELINE)


ASKED_S, STARTS_S = 100.0, 110.0
STILL = replace(Memory.new(0.0), moved_s=ASKED_S - 50.0)


@pytest.mark.parametrize(
    ("changes", "seen_s", "said"),
    [
        ({}, None, False),
        ({"moving_ticks": (ASKED_S + 1.0,) * (POSE_TICKS - 1)}, None, False),
        ({"moving_ticks": (ASKED_S + 1.0,) * POSE_TICKS}, None, True),
        ({"moving_ticks": (ASKED_S - POSE_BEFORE_S - 1.0,) * POSE_TICKS}, None, False),
        ({"moving_ticks": (STARTS_S + POSE_AFTER_S + 1.0,) * POSE_TICKS}, None, False),
        ({"stepped_s": ASKED_S}, None, True),
        ({}, STILL.moved_s + 1.0, True),
        ({}, STILL.moved_s - 1.0, False),
        ({"moved_s": None, "stepped_s": ASKED_S}, STARTS_S, False),
    ],
)
def test_who_moved_when_asked_or_not_since_they_were_seen_is_in_the_pose(changes, seen_s, said):
    capture = Capture("sit", at_s=ASKED_S, lead_s=STARTS_S - ASKED_S, duration_s=20.0)
    assert is_in_pose(replace(STILL, **changes), capture, seen_s) is said
