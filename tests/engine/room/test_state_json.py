"""The format of `room-watch --json`: everything a state says, in JSON types, value or reason."""

import json

import pytest

from ruview_engine.room.drift import Drift
from ruview_engine.room.reading import Provenance, Reading, WhyNot
from ruview_engine.room.stale import StaleCause, StaleReason
from ruview_engine.room.state import Calibration, Posture, Presence, RoomState
from ruview_engine.room.state_json import STATE_VERSION, reading_to_json, to_json


def state(**changes):
    nothing = Reading.none(WhyNot.NOT_TRAINED)
    fields = {
        "room_id": "study", "at_s": 12.34567, "calibration": Calibration.READY,
        "presence": Reading(value=Presence.PRESENT, confidence=0.98765432),
        "motion": Reading(value=False, confidence=1.0), "motion_level": 0.123456,
        "posture": Reading(value=Posture.LYING, confidence=0.9), "breathing": Reading(value=14.5, confidence=0.8),
        "heart_rate": nothing, "restlessness": nothing, "anomaly": Reading(value=0.0, confidence=1.0),
        "is_vetoed": False, "stale": (),
    }  # fmt: skip
    return RoomState(**(fields | changes))


def test_it_is_json_and_says_everything():
    said = json.loads(json.dumps(to_json(state()), allow_nan=False))
    assert said["version"] == STATE_VERSION == 1
    assert (said["room_id"], said["at_s"], said["calibration"]) == ("study", 12.346, "ready")
    assert said["motion_level"] == 0.1235
    assert said["is_vetoed"] is False
    assert said["drift"] is None
    assert set(said["readings"]) == {
        "presence", "motion", "posture", "breathing", "heart_rate", "restlessness", "anomaly",
    }  # fmt: skip
    assert said["readings"]["presence"]["value"] == "present"
    assert said["readings"]["posture"]["value"] == "lying"
    assert said["readings"]["heart_rate"]["why_not"] == "not_trained"


def test_no_and_zero_are_values_and_unknown_is_not():
    readings = to_json(state(motion_level=None))["readings"]
    assert readings["motion"]["value"] is False
    assert readings["anomaly"]["value"] == 0.0
    assert readings["motion"]["why_not"] is readings["anomaly"]["why_not"] is None
    assert readings["heart_rate"]["value"] is None
    assert to_json(state(motion_level=None))["motion_level"] is None


@pytest.mark.parametrize("why", list(WhyNot))
def test_every_reason_has_its_name(why):
    said = reading_to_json(Reading.none(why))
    assert said["why_not"] == why.value
    assert said["confidence"] == 0.0


def test_a_reading_says_what_it_rests_on():
    reading = Reading(
        value=14.5, confidence=0.123456, provenance=Provenance(baseline_id="b", bank_version=3, backbone_rev="r"),
        evidence=(("line_db", 12.3456789),),
    )  # fmt: skip
    assert reading_to_json(reading) == {
        "value": 14.5,
        "confidence": 0.1235,
        "why_not": None,
        "provenance": {"baseline_id": "b", "bank_version": 3, "backbone_rev": "r"},
        "evidence": {"line_db": 12.345679},
    }


def test_a_cause_says_for_how_long():
    cause = StaleCause(reason=StaleReason.DRIFT, since_s=2.0, value=0.3, limit=0.08, link="1/64/a")
    (said,) = to_json(state(at_s=62.5, stale=(cause,)))["stale"]
    assert said == {"reason": "drift", "for_s": 60.5, "value": 0.3, "limit": 0.08, "link": "1/64/a"}


def test_drift_is_said_when_it_was_measured():
    assert to_json(state(), drift=Drift(value=0.02, limit=0.08, link="1/64/a"))["drift"] == {
        "value": 0.02, "limit": 0.08, "link": "1/64/a", "is_judged": True,
    }  # fmt: skip
