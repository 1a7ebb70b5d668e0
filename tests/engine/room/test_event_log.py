"""The events of an enrolment on the disk."""

import pytest

from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.enrolment import AnchorSkipped, Started
from ruview_engine.room.event_log import EventLog

SKIPPED = AnchorSkipped(at_unix_s=2.0, label=AnchorLabel.SIT)


@pytest.fixture
def log(tmp_path):
    log = EventLog(tmp_path / "study" / "enrollment.jsonl")
    log.append(Started(at_unix_s=1.0, room_id="study", baseline_id="b1"))
    return log


def test_where_there_is_no_file_there_are_no_events(tmp_path):
    assert EventLog(tmp_path / "enrollment.jsonl").read() == ((), [])


def test_events_come_back_in_their_order(log):
    log.append(SKIPPED)
    events, problems = log.read()
    assert [type(event).__name__ for event in events] == ["Started", "AnchorSkipped"]
    assert events[1] == SKIPPED
    assert not problems


def test_a_torn_event_is_none_and_is_cut_off_by_the_next(log, tmp_path):
    path = tmp_path / "study" / "enrollment.jsonl"
    with path.open("ab") as stream:
        stream.write(b'{"schema_version":1,"sha')
    assert len(log.read()[0]) == 1
    log.append(SKIPPED)
    events, problems = log.read()
    assert events[1] == SKIPPED
    assert not problems


def test_a_bad_line_within_ends_what_is_believed(log, tmp_path):
    log.append(SKIPPED)
    log.append(SKIPPED)
    path = tmp_path / "study" / "enrollment.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"sit"', b'"lie"', 1))
    events, problems = log.read()
    assert len(events) == 1
    assert [where for where, _ in problems] == ["enrollment.jsonl:2"]
