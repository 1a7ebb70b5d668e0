"""The eight anchors of ADR-151 as they are asked for, and verdicts with a hint for every fault."""

import pytest

from ruview_engine.room.anchor import ANCHORS, BY_LABEL, HINTS, AnchorLabel, Demand, Fault, Verdict
from ruview_engine.room.state import Posture


def test_all_eight_in_the_seeds_order():
    assert [anchor.label for anchor in ANCHORS] == list(AnchorLabel)
    assert all(BY_LABEL[label].label is label for label in AnchorLabel)
    assert len({anchor.instruction for anchor in ANCHORS}) == len(ANCHORS)


@pytest.mark.parametrize(
    ("label", "duration_s", "demand"),
    [
        ("stand_still", 20, "still"),
        ("breathe_slow", 30, "still"),
        ("small_move", 20, "move"),
        ("sleep_posture", 30, "still"),
    ],
)
def test_durations_are_the_seeds(label, duration_s, demand):
    anchor = BY_LABEL[AnchorLabel(label)]
    assert (anchor.duration_s, anchor.demand) == (duration_s, Demand(demand))


def test_every_posture_is_taught_and_one_of_them_twice():
    taught = [anchor.posture for anchor in ANCHORS if anchor.posture is not None]
    assert set(taught) == set(Posture)
    assert taught.count(Posture.LYING) == 2, "or nothing says that a posture repeats"


def test_bands_of_breath_do_not_touch():
    slow, normal = (BY_LABEL[label].breath_hz for label in (AnchorLabel.BREATHE_SLOW, AnchorLabel.BREATHE_NORMAL))
    assert slow == (0.1, 0.15)
    assert normal == (0.2, 0.3)


def test_whoever_moves_into_a_pose_gets_the_time():
    assert all(anchor.lead_s >= 5.0 for anchor in ANCHORS if anchor.demand is not Demand.NOBODY)


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_says_what_to_do(fault):
    verdict = Verdict.failed(AnchorLabel.SIT, fault, (("z", 3.0),))
    assert (verdict.accepted, verdict.reason, verdict.hint) == (False, fault, HINTS[fault])
    assert verdict.numbers == (("z", 3.0),)


def test_an_accepted_anchor_has_neither_reason_nor_hint():
    verdict = Verdict.passed(AnchorLabel.SIT)
    assert (verdict.accepted, verdict.reason, verdict.hint) == (True, None, None)
