"""Enrolment is a fold over its events."""

import pytest

from ruview_engine.errors import Damaged, OrderError
from ruview_engine.room import codec
from ruview_engine.room.anchor import ANCHORS, AnchorLabel, Fault, Verdict
from ruview_engine.room.enrolment import (
    AnchorAccepted,
    AnchorRejected,
    AnchorSkipped,
    AnchorStatus,
    EnrolmentSession,
    Started,
    event_from_dict,
)


@pytest.fixture
def events(enrolled):
    start = [
        Started(at_unix_s=1.0, room_id="study", baseline_id=enrolled.baseline.id),
        AnchorAccepted(at_unix_s=1.0, verdict=Verdict.passed(AnchorLabel.EMPTY), feature=None),
    ]
    return start + [
        AnchorAccepted(at_unix_s=2.0, verdict=enrolled.verdicts[label], feature=feature)
        for label, feature in enrolled.features.items()
    ]


def test_all_eight_complete_the_enrolment(events):
    session = EnrolmentSession.replay("study", events)
    assert len(session.accepted) == len(ANCHORS) == 8
    assert session.missing == ()


def test_an_interrupted_enrolment_resumes_where_it_was(events):
    session = EnrolmentSession.replay("study", events[:4])
    assert session.missing[0] is AnchorLabel.LIE_DOWN
    assert EnrolmentSession.replay("study", events[:4] + events[4:]).missing == ()


def test_replay_gives_the_same_state_from_bytes(events):
    again = [codec.decode_event(codec.encode_event(event)) for event in events]
    one, other = EnrolmentSession.replay("study", events), EnrolmentSession.replay("study", again)
    assert one.anchor_set_hash == other.anchor_set_hash
    assert one.accepted == other.accepted


def test_a_rejection_does_not_take_away_what_was_accepted(events):
    rejected = AnchorRejected(at_unix_s=9.0, verdict=Verdict.failed(AnchorLabel.SIT, Fault.MOVED))
    session = EnrolmentSession.replay("study", [*events, rejected])
    assert session.status_of(AnchorLabel.SIT) is AnchorStatus.ACCEPTED
    assert session.attempts[AnchorLabel.SIT] == 1


def test_a_still_pose_that_no_link_saw_stays_unseen_until_it_is_accepted(events, enrolled):
    absent = [
        AnchorRejected(at_unix_s=9.0, verdict=Verdict.failed(label, Fault.ABSENT))
        for label in (AnchorLabel.SIT, AnchorLabel.SMALL_MOVE)
    ]
    skipped = AnchorSkipped(at_unix_s=10.0, label=AnchorLabel.SIT)
    unseen = EnrolmentSession.replay("study", [*events[:2], *absent, skipped])
    assert unseen.unseen == (AnchorLabel.SIT,)
    moved = AnchorRejected(at_unix_s=11.0, verdict=Verdict.failed(AnchorLabel.SIT, Fault.MOVED))
    assert unseen.after(moved).unseen == ()
    assert EnrolmentSession.replay("study", [*events, *absent]).unseen == ()
    assert EnrolmentSession.replay("study", [*events[:2], *absent, *events[2:]]).unseen == ()


def test_one_anchor_can_be_taken_again_alone(events, enrolled):
    before = EnrolmentSession.replay("study", events)
    other = enrolled.features[AnchorLabel.LIE_DOWN]
    again = AnchorAccepted(at_unix_s=9.0, verdict=Verdict.passed(AnchorLabel.SIT), feature=other)
    after = before.after(again)
    assert after.anchor_set_hash != before.anchor_set_hash
    assert after.features[AnchorLabel.STAND_STILL] is before.features[AnchorLabel.STAND_STILL]
    assert before.features[AnchorLabel.SIT] is not other


def test_skipped_anchors_are_not_asked_for_again(events):
    session = EnrolmentSession.replay(
        "study", [*events[:2], AnchorSkipped(at_unix_s=3.0, label=AnchorLabel.STAND_STILL)]
    )
    assert session.missing[0] is AnchorLabel.SIT


def test_a_new_baseline_begins_a_new_chapter(events):
    session = EnrolmentSession.replay("study", [*events, Started(at_unix_s=9.0, room_id="study", baseline_id="new")])
    assert session.accepted == ()
    assert session.n_events == len(events) + 1


def test_an_anchor_needs_a_baseline():
    with pytest.raises(OrderError):
        EnrolmentSession(room_id="r").after(AnchorSkipped(at_unix_s=1.0, label=AnchorLabel.SIT))


@pytest.mark.parametrize("bad", [{}, {"type": "Nonsense", "at_unix_s": 1}, {"type": "Started", "at_unix_s": "x"}])
def test_unknown_events_are_refused(bad):
    with pytest.raises(Damaged):
        event_from_dict(bad)
