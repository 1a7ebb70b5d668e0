"""`room-watch`: what the room says, once a second."""

import argparse
import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

from ..room.reading import Reading
from ..room.specialist import SpecialistKind
from ..room.state import RoomState
from ..room.state_json import drift_to_json, to_json
from .durations import duration
from .room_session import RoomSession, add_room_arguments, write_json
from .room_status import drift_text
from .screen import View

HELP = "show what the room says, once a second"

#: Seconds between two writings of what `room-status` shows. Origin: chosen.
STATUS_EVERY_S: Final = 10.0
#: Confidences remembered per specialist for the median. Origin: chosen, a quarter of an hour.
MAX_CONFIDENCES: Final = 900


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which room, for how long."""
    add_room_arguments(parser)
    parser.add_argument("--duration", type=duration, metavar="S", help="end after so long, e.g. 60s (never)")


def run(arguments: argparse.Namespace) -> int:
    """0 always; the room's state is the answer."""
    return asyncio.run(_watch(arguments))


async def _watch(arguments: argparse.Namespace) -> int:
    async with RoomSession(arguments) as session:
        confidences = Confidences()
        first_s: float | None = None
        written_s = 0.0
        with session.screen() as screen:
            async for at_s in session.ticks():
                first_s = at_s if first_s is None else first_s
                state = session.live.state
                confidences.add(state)
                if arguments.json:
                    write_json(to_json(state, drift=session.room.drift))
                else:
                    screen.show(_view(state, session))
                is_last = arguments.duration is not None and at_s - first_s >= arguments.duration
                if at_s - written_s >= STATUS_EVERY_S or is_last:
                    written_s = at_s
                    session.repository.save_status(status(session, confidences))
                if is_last:
                    break
        session.repository.save_status(status(session, confidences))
    return 0


class Confidences:
    """Confidence of every value a specialist gave, newest `MAX_CONFIDENCES`."""

    def __init__(self) -> None:
        self._given: dict[SpecialistKind, list[float]] = {kind: [] for kind in SpecialistKind}

    def add(self, state: RoomState) -> None:
        """Only readings with a value count: an abstention has no confidence."""
        for kind, reading in _readings(state):
            if reading.value is not None:
                given = self._given[kind]
                given.append(reading.confidence)
                del given[:-MAX_CONFIDENCES]

    def medians(self) -> dict[str, float | None]:
        """p50 per specialist; None for one that never spoke."""
        return {kind.value: sorted(given)[len(given) // 2] if given else None for kind, given in self._given.items()}


def status(session: RoomSession, confidences: Confidences) -> dict[str, Any]:
    """What `room-status` shows later."""
    drift, state = session.room.drift, session.live.state
    return {
        "at_unix_s": time.time() if not session.is_recorded else session.at_s + session.room.unix_offset_s,
        "drift": None if drift is None else drift_to_json(drift),
        "calibration": state.calibration.value,
        "presence": None if state.presence.value is None else state.presence.value.value,
        "stale": [cause.reason.value for cause in state.stale],
        "confidence_p50": confidences.medians(),
    }


def _readings(state: RoomState) -> Iterable[tuple[SpecialistKind, Reading[Any]]]:
    return (
        (SpecialistKind.PRESENCE, state.presence),
        (SpecialistKind.POSTURE, state.posture),
        (SpecialistKind.BREATHING, state.breathing),
        (SpecialistKind.HEARTBEAT, state.heart_rate),
        (SpecialistKind.RESTLESSNESS, state.restlessness),
        (SpecialistKind.ANOMALY, state.anomaly),
    )


def _view(state: RoomState, session: RoomSession) -> View:
    notes = [f"STALE: {cause.reason.value} for {state.at_s - cause.since_s:.0f} s" for cause in state.stale]
    if state.is_vetoed:
        notes.append("VETO: the signal is not a room's")
    drift = session.room.drift
    if drift is not None:
        notes.append(drift_text(drift_to_json(drift)))
    level = "" if state.motion_level is None else f"{state.motion_level:.2f}"
    rows = [
        _row("presence", state.presence),
        _row("motion", state.motion, level),
        _row("posture", state.posture),
        _row("breathing", state.breathing, "/min"),
        _row("heart rate", state.heart_rate, "/min"),
        _row("restlessness", state.restlessness),
        _row("anomaly", state.anomaly),
    ]
    title = f"{state.room_id}: {state.calibration.value}"
    return View(title=title, columns=("", "value", "confidence", "why not"), rows=rows, notes=notes)


def _row(name: str, reading: Reading[Any], unit: str = "") -> tuple[str, str, str, str]:
    if reading.value is None:
        return name, "unknown", "", "" if reading.why_not is None else reading.why_not.value
    value = f"{reading.value:.1f}" if isinstance(reading.value, float) else str(reading.value)
    return name, f"{value} {unit}".strip(), f"{reading.confidence:.2f}", ""
