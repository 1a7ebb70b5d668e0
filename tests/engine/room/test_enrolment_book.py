"""What is written down while a room is taught."""

import pytest

from ruview_engine.room.adaptation import Adapted
from ruview_engine.room.anchor import AnchorLabel, Fault, Verdict
from ruview_engine.room.enrolment import AdaptedReference, AnchorAccepted, AnchorRejected, AnchorSkipped, Started
from ruview_engine.room.enrolment_book import EnrolmentBook
from tests.engine.room.synthetic import LINK

REFUSED = Verdict.failed(AnchorLabel.SIT, Fault.MOVED)


@pytest.fixture
def book() -> EnrolmentBook:
    return EnrolmentBook("study")


def kinds(appended: tuple) -> list[type]:
    return [type(one.event) for one in appended]


def test_a_chapter_opens_once(book):
    assert kinds(book.open("b1", 1.0)) == [Started, AnchorAccepted]
    assert book.open("b1", 2.0) == ()
    assert book.chapter("b1").accepted == (AnchorLabel.EMPTY,)


def test_whatever_comes_first_opens_it(book):
    assert kinds(book.skip("b1", AnchorLabel.SIT, 1.0)) == [Started, AnchorAccepted, AnchorSkipped]
    assert kinds(book.judge("b1", REFUSED, (), 2.0)) == [AnchorRejected]
    assert kinds(book.judge("b2", REFUSED, (), 3.0)) == [Started, AnchorAccepted, AnchorRejected]


def test_only_the_last_baselines_chapter_counts(book):
    book.judge("b1", Verdict.passed(AnchorLabel.SIT), (), 1.0)
    assert AnchorLabel.SIT not in book.chapter("b1").missing
    assert AnchorLabel.SIT in book.chapter("b2").missing
    assert book.chapter(None).n_events == 0
    book.open("b2", 2.0)
    assert AnchorLabel.SIT in book.chapter("b1").missing, "it was crossed by another measurement"


def test_an_accepted_pose_is_kept_with_what_it_teaches_and_the_empty_room_teaches_nothing(book):
    book.judge("b1", Verdict.passed(AnchorLabel.SIT), (), 5.0)
    book.judge("b1", Verdict.passed(AnchorLabel.EMPTY), (), 6.0)
    assert set(book.session.features) == {AnchorLabel.SIT}
    feature = book.session.features[AnchorLabel.SIT]
    assert (feature.room_id, feature.baseline_id, feature.t_epoch_us) == ("study", "b1", 5_000_000)


def test_drift_that_was_followed_is_written_down(book):
    book.open("b1", 1.0)
    (written,) = book.follow((Adapted(at_s=8.0, link=LINK, moved_rms=0.01, total_rms=0.02),), 9.0)
    assert written.event == AdaptedReference(at_unix_s=9.0, link=LINK, moved_rms=0.01, total_rms=0.02)


def test_what_was_written_is_read_to_the_same_state(book):
    events = [*book.judge("b1", Verdict.passed(AnchorLabel.SIT), (), 1.0), *book.skip("b1", AnchorLabel.LIE_DOWN, 2.0)]
    again = EnrolmentBook("study")
    again.load(one.event for one in events)
    assert again.session.status == book.session.status
    assert again.session.features.keys() == book.session.features.keys()
    assert again.session.n_events == book.session.n_events == len(events)
