"""`room-status`: how fresh the calibration is, and what each specialist is worth."""

import argparse
from datetime import UTC, datetime
from typing import Any

from ..room.anchor import ANCHORS
from ..room.bank import Bank
from ..room.enrolment import EnrolmentSession
from ..room.repository import RoomRepository, Stored
from ..room.specialist import SpecialistKind
from .room_session import add_room_arguments, write_json

HELP = "show how fresh a room's calibration is and what its specialists are worth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which room."""
    add_room_arguments(parser, live=False)


def run(arguments: argparse.Namespace) -> int:
    """0 when the room is calibrated and nothing is wrong, 3 otherwise."""
    repository = RoomRepository(arguments.data_dir, arguments.room)
    stored = repository.load()
    report = status_of(repository, stored)
    if arguments.json:
        write_json(report)
    else:
        print("\n".join(lines_of(report)))
    return 0 if report["verdict"] == "fresh" else 3


def status_of(repository: RoomRepository, stored: Stored) -> dict[str, Any]:
    """Everything the files and the last watch know."""
    seen = repository.load_status()
    baseline, bank = stored.baseline, stored.bank
    medians = (seen or {}).get("confidence_p50", {})
    return {
        "room": repository.room_id,
        "verdict": _verdict(stored, seen),
        "baseline": None
        if baseline is None
        else {
            "id": baseline.id,
            "captured_at": _date(baseline.captured_at_s),
            "links": len(baseline.links),
        },
        "drift": None if seen is None else seen.get("drift"),
        "watched_at": None if seen is None else _date(seen["at_unix_s"]),
        "stale": _stale(stored, seen),
        "anchors_accepted": _accepted(repository, stored),
        "bank": None if bank is None else {"version": bank.version, "trained_at": _date(bank.trained_at_s)},
        "banks": list(repository.banks()),
        "backbone": None if bank is None else _backbone(bank),
        "specialists": {kind.value: _specialist(kind, bank, medians.get(kind.value)) for kind in SpecialistKind},
        "problems": [f"{name}: {problem}" for name, problem in stored.problems],
    }


def lines_of(report: dict[str, Any]) -> list[str]:
    """The seed's sample, with what it leaves out."""
    baseline, drift, bank = report["baseline"], report["drift"], report["bank"]
    if baseline is None:
        first = "baseline: none; run calibrate"
    else:
        measured = f"captured {baseline['captured_at']}, drift not measured yet; run room-watch"
        if drift is not None:
            measured = drift_text(drift)
        first = f"baseline: {report['verdict']} ({measured})"
    lines = [f"{first} · backbone: {report['backbone'] or 'none'}"]
    lines += [f"  STALE: {reason}" for reason in report["stale"]]
    lines.append(f"enrolment: {report['anchors_accepted']} of {len(ANCHORS)} anchors")
    lines.append("bank: none; run train-room" if bank is None else f"bank: {bank['version']} of {report['banks']}")
    for kind, one in report["specialists"].items():
        lines.append(f"{kind:<13}{_line(one)}")
    lines += [f"problem: {problem}" for problem in report["problems"]]
    return lines


def drift_text(drift: dict[str, Any]) -> str:
    """Drift against its limit; what a person may have added is not held against the baseline."""
    if drift["value"] < drift["limit"]:
        return f"drift {drift['value']:.2f} < {drift['limit']:.2f}"
    if not drift.get("is_judged", True):
        return f"drift {drift['value']:.2f}, not judged while somebody may be there"
    return f"drift {drift['value']:.2f} ≥ {drift['limit']:.2f}"


def _line(one: dict[str, Any]) -> str:
    if not one["present"]:
        return f"✗ {one['why_absent'] or 'not trained'}"
    parts = [f"✓ v{one['version']} trained {one['trained_at'][:10]}", f"{one['measure']} {one['quality']:.2f}"]
    if one["confidence_p50"] is not None:
        parts.append(f"conf p50 {one['confidence_p50']:.2f}")
    if one["prototypes"]:
        parts.append(f"{one['n_prototypes']} prototypes ({'/'.join(one['prototypes'])})")
    return "  ".join(parts)


def _specialist(kind: SpecialistKind, bank: Bank | None, p50: float | None) -> dict[str, Any]:
    provenance = None if bank is None else bank.provenance_of(kind)
    posture = bank.posture if bank is not None and kind is SpecialistKind.POSTURE else None
    return {
        "present": provenance is not None,
        "why_absent": None if bank is None or (absence := bank.why_absent(kind)) is None else str(absence),
        "version": None if provenance is None else provenance.version,
        "trained_at": None if provenance is None else _date(provenance.trained_at_s),
        "measure": None if provenance is None else provenance.quality.measure,
        "quality": None if provenance is None else round(provenance.quality.score, 4),
        "confidence_p50": None if p50 is None else round(p50, 4),
        "prototypes": [] if posture is None else [one.value for one in posture.postures],
        "n_prototypes": 0 if posture is None else posture.n_prototypes,
    }


def _verdict(stored: Stored, seen: dict[str, Any] | None) -> str:
    if stored.baseline is None:
        return "uncalibrated"
    return "STALE" if _stale(stored, seen) else "fresh"


def _stale(stored: Stored, seen: dict[str, Any] | None) -> list[str]:
    """What the last watch saw, and what the files alone prove."""
    reasons = list((seen or {}).get("stale", []))
    if stored.baseline is not None and stored.bank is not None and stored.bank.baseline_id != stored.baseline.id:
        reasons.append("baseline_mismatch")
    return sorted(set(reasons))


def _accepted(repository: RoomRepository, stored: Stored) -> int:
    session = EnrolmentSession.replay(repository.room_id, stored.events)
    return len(session.accepted) if stored.baseline is not None and session.baseline_id == stored.baseline.id else 0


def _backbone(bank: Bank) -> str | None:
    revisions = {p.backbone_rev for kind in bank.kinds if (p := bank.provenance_of(kind)) is not None}
    return next(iter(revisions - {None}), None)


def _date(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="seconds")
