"""`enroll`: eight short poses, one after the other, each asked for again until it is good."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from ..errors import OrderError
from ..room.anchor import ANCHORS, BY_LABEL, AnchorLabel, Verdict
from ..room.baseline_capture import Phase
from ..room.changes import AnchorJudged
from ..room.enrolment import AnchorStatus
from .calibrate import progress_view
from .room_session import RoomSession, add_room_arguments, write_json

HELP = "teach the room a person: stand, sit, lie, breathe, move"

#: The sentences of the prompts.
SAY: Final = {
    AnchorLabel.STAND_STILL: "Stand still in view of the sensor…",
    AnchorLabel.SIT: "Sit down and stay still…",
    AnchorLabel.LIE_DOWN: "Lie down and stay still…",
    AnchorLabel.BREATHE_SLOW: "Sit or lie still and breathe slowly, 6 to 9 times a minute…",
    AnchorLabel.BREATHE_NORMAL: "Stay still and breathe normally, 12 to 18 times a minute…",
    AnchorLabel.SMALL_MOVE: "Stay where you are and move arms and hands…",
    AnchorLabel.SLEEP_POSTURE: "Lie down as if to sleep…",
}
#: Why not, in plain words, by the verdict's hint.
HINTS: Final = {
    "check_node": "no frames arrived; is the node on?",
    "check_traffic": "too few frames",
    "check_wifi": "the stream had holes",
    "move_node_away": "the signal is too strong; move the node away from the access point",
    "check_interference": "the signal was not steady",
    "move_between_node_and_router": (
        "nobody was seen; move nearer to the line between node and access point, "
        "or the node so that its line passes you"
    ),
    "keep_still": "there was movement; keep still",
    "move_arms": "too little movement; move arms and hands",
    "move_less": "too much movement; stay on the spot",
    "be_alone": "somebody seems to stand, or two people to be there; sit or lie as asked, and be alone in the room",
    "breathe_deeper_or_move_closer": "no breath was seen; breathe deeper or move nearer to the line",
    "breathe_faster": "the breath was slower than asked for",
    "breathe_slower": "the breath was faster than asked for",
    "capture_baseline_first": "record the empty room first (calibrate)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which room, which anchors, how patient."""
    add_room_arguments(parser)
    parser.add_argument(
        "--anchor", action="append", choices=[label.value for label in SAY], help="only this one again; may be repeated"
    )
    parser.add_argument("--attempts", type=int, default=3, metavar="N", help="how often an anchor is asked for (3)")
    parser.add_argument("--lead", type=float, metavar="S", help="seconds to get ready, instead of each anchor's own")
    parser.add_argument(
        "--announce", type=Path, metavar="FILE", help='append a JSON line per prompt, for "simulate --follow FILE"'
    )
    parser.add_argument("--restart", action="store_true", help="also ask for what was accepted already")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything asked for was accepted, 3 when something was not."""
    return asyncio.run(_enroll(arguments))


async def _enroll(arguments: argparse.Namespace) -> int:
    async with RoomSession(arguments) as session:
        if session.room.baseline is None:
            raise OrderError(f"{arguments.room} has no baseline yet: run calibrate first")
        walk = Walkthrough(session, arguments)
        with session.screen() as screen:
            async for at_s in session.ticks():
                for change in session.changes:
                    if isinstance(change, AnchorJudged):
                        walk.heard(change.verdict, at_s)
                progress = session.room.progress(at_s)
                if progress is None and not walk.ask(at_s):
                    break
                progress = session.room.progress(at_s)
                if progress is not None:
                    walk.phase(progress.phase)
                    if not arguments.json:
                        screen.show(progress_view(progress))
        walk.end()
    return 0 if walk.is_complete else 3


class Walkthrough:
    """Which anchor is next, how often it was tried, and what is said about it."""

    def __init__(self, session: RoomSession, arguments: argparse.Namespace) -> None:
        self._session = session
        self._arguments = arguments
        wanted = arguments.anchor or [anchor.label.value for anchor in ANCHORS if anchor.label in SAY]
        self._queue = [AnchorLabel(label) for label in wanted if self._is_needed(AnchorLabel(label))]
        self._left = {label: max(1, arguments.attempts) for label in self._queue}
        self._current: AnchorLabel | None = None
        self._phase: Phase | None = None
        self.is_complete = True

    def _is_needed(self, label: AnchorLabel) -> bool:
        arguments, room = self._arguments, self._session.room
        is_current = room.baseline is not None and room.enrolment.baseline_id == room.baseline.id
        if arguments.anchor or arguments.restart or not is_current:
            return True
        return room.enrolment.status_of(label) is not AnchorStatus.ACCEPTED

    def ask(self, at_s: float) -> bool:
        """Begin the next capture; False when there is none."""
        if not self._queue:
            return False
        label = self._current = self._queue[0]
        lead_s = BY_LABEL[label].lead_s if self._arguments.lead is None else self._arguments.lead
        self._phase = None
        self._session.room.start_anchor(label.value, at_s, lead_s=lead_s)
        self._say({"anchor": label.value, "say": SAY[label], "lead_s": lead_s}, SAY[label])
        self.phase(Phase.LEAD_IN)  # also when it takes no time: it is what a simulated person acts on
        return True

    def phase(self, phase: Phase) -> None:
        """Announce a phase once."""
        if self._current is None or phase is self._phase:
            return
        self._phase = phase
        self._announce({"anchor": self._current.value, "phase": phase.value})

    def heard(self, verdict: Verdict, at_s: float) -> None:
        """Go on, or ask again."""
        label = verdict.label
        numbers = dict(verdict.numbers)
        self._announce({"anchor": label.value, "phase": "accepted" if verdict.accepted else "rejected"})
        if verdict.accepted:
            self._queue.remove(label)
            shown = ", ".join(f"{name} {numbers[name]:.2f}" for name in ("coherence", "breath_bpm") if name in numbers)
            self._say(
                {"anchor": label.value, "accepted": True, "numbers": numbers}, f"  [✓ {label.value} accepted: {shown}]"
            )
            return
        self._left[label] -= 1
        assert verdict.reason is not None
        assert verdict.hint is not None
        again = self._left[label] > 0
        text = f"  [✗ {verdict.reason.value}: {HINTS[verdict.hint]}{', retrying' if again else ''}]"
        self._say(
            {"anchor": label.value, "accepted": False, "reason": verdict.reason.value, "hint": verdict.hint,
             "numbers": numbers, "retry": again},
            text,
        )  # fmt: skip
        if not again:
            self._queue.remove(label)
            self.is_complete = False
            self._session.repository.save(self._session.room.skip_anchor(label.value, at_s))

    def end(self) -> None:
        """Say what there is now."""
        if self._queue:
            self.is_complete = False
        accepted = [label.value for label in self._session.room.enrolment.accepted]
        self._say(
            {"enrolment": "complete" if self.is_complete else "incomplete", "accepted": accepted},
            f"{len(accepted)} of {len(ANCHORS)} anchors accepted: {', '.join(accepted)}",
        )
        self._announce({"anchor": "end", "phase": "done"})

    def _say(self, value: dict[str, Any], text: str) -> None:
        if self._arguments.json:
            write_json(value)
        else:
            print(text, flush=True)

    def _announce(self, value: dict[str, str]) -> None:
        if self._arguments.announce is None:
            return
        try:
            with self._arguments.announce.open("a") as file:
                file.write(json.dumps(value) + "\n")
        except OSError as error:
            print(f"cannot announce: {error}", file=sys.stderr)
