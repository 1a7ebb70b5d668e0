"""What the panel and diagnostics show of a room beyond its entities: links, drift, enrolment, banks."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from . import clock
from .coordinator import RoomCoordinator
from .document import plain
from .ruview_engine.room.anchor import ANCHORS, Verdict
from .ruview_engine.tap import Tap
from .view import NodeView

#: Links shown live, the best first. Origin: derived, 8 × 64 bins × 15 Hz is 40 KB/s to a browser.
MAX_LIVE_LINKS: Final = 8
#: A link silent for longer is not live. Origin: chosen.
LIVE_S: Final = 2.0


def taps(room: RoomCoordinator) -> list[Tap]:
    """The links of the room's nodes."""
    return [tap for link_id, tap in room.hub.engine.taps.items() if link_id.node in room.nodes]


def live_links(room: RoomCoordinator, *, has_profiles: bool = True) -> list[dict[str, Any]]:
    """The newest profile and motion of each live link, the best first. A few hundred microseconds."""
    now_s = clock.now_s()
    ranked = sorted(taps(room), key=lambda tap: -tap.link.quality(now_s).score)
    found: list[dict[str, Any]] = []
    for tap in ranked:
        window = tap.link.window(LIVE_S, now_s)
        if len(window.times) == 0 or len(found) == MAX_LIVE_LINKS:
            continue
        profile = window.profiles[-1][tap.link.active]
        found.append(
            {
                "id": str(tap.link.id),
                "age_s": round(now_s - float(window.times[-1]), 3),
                "fs_hz": plain(tap.link.fs_hz),
                "rssi_dbm": plain(tap.link.rssi_dbm),
                "motion": None if tap.motion is None or tap.motion.score is None else round(tap.motion.score, 3),
                **({"profile": np.round(profile, 3).tolist()} if has_profiles else {}),
            }
        )
    return found


def _links(room: RoomCoordinator) -> list[dict[str, Any]]:
    now_s = clock.now_s()
    return [
        {
            "id": str(tap.link.id),
            "n_bins": int(tap.link.active.sum()),
            "frames": tap.link.frames,
            "glitches": tap.link.n_glitches,
            "duplicates": tap.link.n_duplicates,
            "rssi_dbm": plain(tap.link.rssi_dbm),
            "quality": plain(tap.link.quality(now_s)),
        }
        for tap in taps(room)
    ]


def _shown(verdict: Verdict | None, room: RoomCoordinator) -> Verdict | None:
    """The numbers behind a verdict tell how somebody breathed."""
    return replace(verdict, numbers=()) if verdict is not None and room.is_private else verdict


def _enrolment(room: RoomCoordinator) -> list[dict[str, Any]]:
    session = room.live.room.enrolment
    return [
        {
            "anchor": anchor.label.value,
            "status": session.status_of(anchor.label).value,
            "attempts": session.attempts.get(anchor.label, 0),
            "verdict": plain(_shown(session.verdicts.get(anchor.label), room)),
        }
        for anchor in ANCHORS
    ]


def node_document(node: NodeView) -> dict[str, Any]:
    """A board's status. Whether it is online is answered as its entities answer it, not as the engine's log does."""
    return {
        **plain(node.status),
        "is_online": node.is_online,
        "sends_csi": node.sends_csi,
        "advice": node.advice,
    }


def details(room: RoomCoordinator) -> dict[str, Any]:
    """Everything that changes rarely."""
    baseline, bank = room.live.room.baseline, room.live.room.bank
    return {
        "calibration": room.calibration,
        "nodes": {key: node_document(node) for key in room.nodes if (node := room.hub.nodes.get(key)) is not None},
        "links": _links(room),
        "drift": plain(room.live.room.drift),
        "stale": [{"since": since.isoformat(), **plain(cause)} for cause, since in room.stale_causes],
        "baseline": None
        if baseline is None
        else {
            "id": baseline.id,
            "captured_at": datetime.fromtimestamp(baseline.captured_at_s, UTC).isoformat(),
            "duration_s": baseline.duration_s,
            "links": [str(link.link) for link in baseline.links],
        },
        "enrolment": _enrolment(room),
        "bank": None if bank is None else {"version": bank.version, "baseline_id": bank.baseline_id},
        "banks": [plain(known) for known in room.teacher.banks],
        "skills": [plain(skill) for skill in room.teacher.skills],
        "signatures": [plain(known) for known in room.teacher.signatures.known],
        "progress": plain(room.teacher.progress),
        "last_outcome": plain(room.teacher.outcome),
        "refused_files": dict(room.teacher.store.refused),
        "failures": room.n_failures,
    }
