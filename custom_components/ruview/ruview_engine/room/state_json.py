"""`RoomState` as plain JSON types: the format of `room-watch --json`, documented in docs/room-state.md."""

from enum import StrEnum
from typing import Any, Final

from .drift import Drift
from .reading import Reading
from .stale import StaleCause
from .state import RoomState

#: Version of the format. Grows by additions only; a removal or a change of meaning is a new version.
STATE_VERSION: Final = 1


def to_json(state: RoomState, *, drift: Drift | None = None) -> dict[str, Any]:
    """Everything a state says. A reading has `value` or, when that is null, `why_not`."""
    return {
        "version": STATE_VERSION,
        "room_id": state.room_id,
        "at_s": round(state.at_s, 3),
        "calibration": state.calibration.value,
        "is_vetoed": state.is_vetoed,
        "motion_level": None if state.motion_level is None else round(state.motion_level, 4),
        "readings": {
            "presence": reading_to_json(state.presence),
            "motion": reading_to_json(state.motion),
            "posture": reading_to_json(state.posture),
            "breathing": reading_to_json(state.breathing),
            "heart_rate": reading_to_json(state.heart_rate),
            "restlessness": reading_to_json(state.restlessness),
            "anomaly": reading_to_json(state.anomaly),
        },
        "stale": [_cause(cause, state.at_s) for cause in state.stale],
        "drift": None if drift is None else drift_to_json(drift),
    }


def drift_to_json(drift: Drift) -> dict[str, Any]:
    """How far the room is from its baseline, and whether that says anything about the baseline."""
    return {"value": drift.value, "limit": drift.limit, "link": drift.link, "is_judged": drift.is_judged}


def reading_to_json(reading: Reading[Any]) -> dict[str, Any]:
    """Value, confidence, reason, provenance, evidence."""
    value = reading.value
    return {
        "value": value.value if isinstance(value, StrEnum) else value,
        "confidence": round(reading.confidence, 4),
        "why_not": None if reading.why_not is None else reading.why_not.value,
        "provenance": {
            "baseline_id": reading.provenance.baseline_id,
            "bank_version": reading.provenance.bank_version,
            "backbone_rev": reading.provenance.backbone_rev,
        },
        "evidence": {name: round(number, 6) for name, number in reading.evidence},
    }


def _cause(cause: StaleCause, at_s: float) -> dict[str, Any]:
    return {
        "reason": cause.reason.value,
        "for_s": round(at_s - cause.since_s, 3),
        "value": cause.value,
        "limit": cause.limit,
        "link": cause.link,
    }
