"""`calibrate`: the empty room, once."""

import argparse
import asyncio
import sys
from typing import Final

from ..room.baseline import Baseline, BaselineRefusal
from ..room.baseline_capture import DURATION_S, LEAD_S, Phase, Progress
from ..room.changes import BaselineCaptured, BaselineRefused
from ..room.link_baseline import LinkBaseline
from .durations import duration, seconds
from .room_session import RoomSession, add_room_arguments, write_json
from .screen import View

HELP = "record the empty room: leave, wait, come back"

#: What a refusal means in plain words, by its hint.
HINTS: Final = {
    "check_node": "No frames arrived. Is the node powered, and does it send to this host?",
    "longer_capture": "Too few frames. Capture longer, or raise the rate of the node.",
    "check_traffic": "The links are too slow to sense with. Is the node connected to the access point?",
    "leave_the_room": "Something moved. Leave the room, close the door, keep pets out, switch fans off.",
    "someone_is_still_there": "Somebody breathes in there. The baseline must be an empty room.",
    "check_wifi": "The stream has holes. Check the node's Wi-Fi.",
}
_LIVE: Final = {
    "no_frames": "no frames yet",
    "slow": "few frames",
    "moving": "something moves!",
    "quiet": "quiet",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which room, how long, how much time to leave."""
    add_room_arguments(parser)
    parser.add_argument("--duration", type=duration, default=DURATION_S, metavar="S", help="length, e.g. 60s (60s)")
    parser.add_argument("--lead", type=seconds, default=LEAD_S, metavar="S", help="time to leave the room (15s)")


def run(arguments: argparse.Namespace) -> int:
    """0 when the baseline was taken and stored, 3 when it was refused."""
    return asyncio.run(_calibrate(arguments))


async def _calibrate(arguments: argparse.Namespace) -> int:
    async with RoomSession(arguments) as session:
        lead_s = 0.0 if session.is_recorded else arguments.lead
        is_started = False
        with session.screen() as screen:
            async for at_s in session.ticks():
                if not is_started:
                    session.room.start_baseline(at_s - 1.0, lead_s=lead_s, duration_s=arguments.duration)
                    is_started = True
                for change in session.changes:
                    if isinstance(change, BaselineCaptured):
                        return _took(change.baseline, as_json=arguments.json)
                    if isinstance(change, BaselineRefused):
                        return _refused(change.refusal, as_json=arguments.json)
                progress = session.room.progress(at_s)
                if progress is not None and not arguments.json:
                    screen.show(progress_view(progress))
    print("the recording ended before the capture did; choose a shorter --duration", file=sys.stderr)
    return 3


def progress_view(progress: Progress) -> View:
    """A countdown with what the last seconds look like."""
    if progress.phase is Phase.LEAD_IN:
        verb = "leave the room" if progress.what == "baseline" else f"get ready: {progress.what}"
        return View(title=f"{verb} … {progress.remaining_s:.0f} s")
    filled = round(progress.fraction * 30)
    bar = "█" * filled + "·" * (30 - filled)
    rate = "" if progress.rate_hz is None else f", {progress.rate_hz:.0f} frames/s"
    return View(
        title=f"{progress.what} {bar} {progress.remaining_s:3.0f} s",
        notes=(f"{_LIVE[progress.live]} · {progress.frames} frames on {progress.n_links} link(s){rate}",),
    )


def _took(baseline: Baseline, *, as_json: bool) -> int:
    if as_json:
        links = [_link(link) for link in baseline.links]
        write_json({"baseline": baseline.id, "duration_s": baseline.duration_s, "links": links})
        return 0
    print(f"✓ baseline {baseline.id}: {baseline.duration_s:.0f} s on {len(baseline.links)} link(s)")
    for link in baseline.links:
        print(f"  {link.link}  {link.n_frames} frames at {link.rate_hz:.1f} /s")
    return 0


def _refused(refusal: BaselineRefusal, *, as_json: bool) -> int:
    if as_json:
        write_json({"refused": refusal.reason.value, "hint": refusal.hint, "numbers": dict(refusal.numbers)})
        return 3
    numbers = ", ".join(f"{name} {value:.3g}" for name, value in refusal.numbers)
    print(f"✗ {refusal.reason.value}: {HINTS[refusal.hint]}" + (f" ({numbers})" if numbers else ""))
    return 3


def _link(link: LinkBaseline) -> dict[str, float | str | None]:
    return {
        "link": str(link.link),
        "frames": link.n_frames,
        "rate_hz": round(link.rate_hz, 2),
        "rssi_dbm": link.rssi_dbm,
    }
