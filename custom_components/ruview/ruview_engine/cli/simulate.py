"""`simulate`: boards and a person that do not exist, as real UDP from real ports. Only ever a separate process."""

import argparse
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..errors import FormatError
from ..simulate import Person, Simulator, Timeline, plans, scenes
from ..simulate.arrivals import NONE, POOR, TYPICAL
from ..simulate.faults import ChannelChange, Fault, GainStep, Loss, NodeMoved, RateChange, Reboot, Roam, Silence
from ..simulate.person import ACTIVITIES
from ..simulate.truth import Truth
from .board_sockets import BoardSockets
from .destination import destination
from .durations import seconds
from .prompts import Prompts
from .screen import Screen, View

HELP = "boards and a person that do not exist, as real UDP"

#: Without --duration plans are written for this long. Origin: chosen, nobody watches for more than a day.
FOREVER_S: Final = 86_400.0

IMPERFECTIONS: Final = {"none": NONE, "typical": TYPICAL, "poor": POOR}
SCENARIOS: Final = ("demo", "evening", "empty")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Room, boards, person, faults, destination."""
    parser.add_argument("--to", default="127.0.0.1:5005", metavar="HOST:PORT", help="where to (127.0.0.1:5005)")
    parser.add_argument("--scene", choices=tuple(scenes.ROOMS), default="living_room", help="the room")
    parser.add_argument("--nodes", type=int, default=2, metavar="N", help="boards, 1–3 (2)")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave so many of the room's places out (0)")
    parser.add_argument("--first-node", type=int, default=1, metavar="ID", help="number of the first board (1)")
    parser.add_argument(
        "--rate", type=float, default=20.0, metavar="HZ", help="frames of the access point per board (20)"
    )
    parser.add_argument("--layout", default="64", help='pair count or layout name, "mix" = as in the field (64)')
    parser.add_argument("--others", type=int, default=1, metavar="N", help="other transmitters overheard (1)")
    parser.add_argument("--format", type=int, choices=(1, 2, 3), default=1, help="raw CSI format (1)")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="times faster (1)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same bytes (1)")
    parser.add_argument("--duration", type=seconds, metavar="S", help="simulated time; without it until Ctrl-C")
    parser.add_argument("--imperfections", choices=tuple(IMPERFECTIONS), default="typical", help="radio and network")
    person = parser.add_mutually_exclusive_group()
    person.add_argument("--scenario", choices=SCENARIOS, help="what the person does (demo)")
    person.add_argument(
        "--activity", metavar="TEXT", help=f'one thing all the time ("loop" = demo): {", ".join(ACTIVITIES)}'
    )
    person.add_argument(
        "--follow", metavar="FILE", help='do what is appended to FILE ("-" = stdin), one JSON line per prompt'
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND@BEGIN[-END]",
        help=f"what goes wrong when, in seconds; may be repeated: {', '.join(_FAULTS)}",
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="write what is really going on, one JSON line a second"
    )
    parser.add_argument(
        "--placement", type=float, default=0.0, metavar="M", help="how differently a place is taken each time (0)"
    )
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Send until the duration is over."""
    if arguments.speed <= 0:
        raise FormatError("--speed must be positive")
    _, target = destination(arguments.to, socket.AF_INET)
    try:
        scene = scenes.living_room(
            arguments.nodes,
            arguments.layout,
            arguments.rate,
            geometry=arguments.scene,
            first_node=arguments.first_node,
            version=arguments.format,
            n_others=arguments.others,
            skip=arguments.skip,
        )
        person = Person(scene, arguments.seed, placement_m=arguments.placement).follow(_plan(arguments))
        simulator = Simulator(
            scene,
            Timeline.home(scene, person),
            arguments.seed,
            imperfections=IMPERFECTIONS[arguments.imperfections],
            faults=[_fault(text) for text in arguments.fault],
        )
    except (ValueError, KeyError) as error:
        raise FormatError(str(error.args[0])) from error
    with (
        Prompts(arguments.follow) as prompts,
        BoardSockets(target) as sockets,
        Screen(is_plain=arguments.plain) as screen,
    ):
        _play(simulator, person, prompts, sockets, screen, arguments)
    return 0


def _play(
    simulator: Simulator,
    person: Person,
    prompts: Prompts,
    sockets: BoardSockets,
    screen: Screen,
    arguments: argparse.Namespace,
) -> None:
    """Second by second, each datagram when it is due."""
    speed: float = arguments.speed
    duration: float = FOREVER_S if arguments.duration is None else arguments.duration
    began_s = time.monotonic()
    second = 0
    truth_file = arguments.truth.open("w") if arguments.truth else None
    try:
        while second < duration:
            for text in prompts.new():
                try:
                    person.obey(text, float(second))
                except ValueError as error:
                    prompts.note = str(error)
            for at_s, source, datagram in simulator.second():
                if at_s >= duration:
                    break
                ahead_s = began_s + at_s / speed - time.monotonic()
                if ahead_s > 0:
                    time.sleep(ahead_s)
                sockets.send(source, datagram)
            second += 1
            truth = simulator.truth(float(second))
            if truth_file:
                truth_file.write(_truth_line(truth) + "\n")
                truth_file.flush()
            screen.show(_view(arguments, second, truth, sockets, prompts))
            ahead_s = began_s + min(second, duration) / speed - time.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s)
    finally:
        if truth_file:
            truth_file.close()


def _plan(arguments: argparse.Namespace) -> plans.Plan:
    duration = FOREVER_S if arguments.duration is None else arguments.duration
    if arguments.follow:
        return ()
    if arguments.activity and arguments.activity != "loop":
        return ((0.0, arguments.activity),)
    if arguments.scenario == "empty":
        return ()
    return plans.evening(duration) if arguments.scenario == "evening" else plans.demo(duration)


#: What --fault understands.
_FAULTS: Final[dict[str, Callable[[float, float], Fault]]] = {
    "silence": lambda begin, end: Silence(begin_s=begin, end_s=end),
    "csi_stall": lambda begin, end: Silence(begin_s=begin, end_s=end, csi_only=True),
    "reboot": lambda begin, end: Reboot(begin_s=begin, end_s=min(end, begin + 4)),
    "roam": lambda begin, end: Roam(begin_s=begin, end_s=end, position=(0.3, 0.3, 2.0), mac=b"\x02RV\x00\x00\x99"),
    "channel": lambda begin, end: ChannelChange(begin_s=begin, end_s=end, channel=11),
    "gain": lambda begin, end: GainStep(begin_s=begin, end_s=end, level_db=-8.0),
    "slow": lambda begin, end: RateChange(begin_s=begin, end_s=end, factor=0.1),
    "loss": lambda begin, end: Loss(begin_s=begin, end_s=end, share=0.5),
    "moved": lambda begin, end: NodeMoved(begin_s=begin, end_s=end, offset=(0.2, 0.1, 0.0)),
}


def _fault(text: str) -> Fault:
    kind, at, times = text.partition("@")
    begin, _, end = times.partition("-")
    if kind not in _FAULTS or not at:
        raise ValueError(f"--fault {text}: expected KIND@BEGIN[-END] with KIND of {', '.join(_FAULTS)}")
    return _FAULTS[kind](float(begin), float(end) if end else float("inf"))


def _view(arguments: argparse.Namespace, second: int, truth: Truth, sockets: BoardSockets, prompts: Prompts) -> View:
    """What the person does now, and what has been sent."""
    who = "nobody in the room" if not truth.is_present else f"person: {truth.activity}"
    if truth.is_present and truth.breathing_bpm and not truth.is_moving:
        who += f", breathing {truth.breathing_bpm:.1f}/min"
    elapsed = f"{second} s" if arguments.duration is None else f"{second} of {arguments.duration:g} s"
    notes = [note for note in (prompts.note, _unreachable(sockets.n_unreachable)) if note]
    return View(
        title=f"{arguments.scene}, {elapsed}: {who}",
        columns=("board", "datagrams"),
        rows=[(name, f"{count:,}") for name, count in sorted(sockets.sent.items())],
        notes=notes,
    )


def _unreachable(n: int) -> str:
    return f"{n:,} datagrams found nobody listening" if n else ""


def _truth_line(truth: Truth) -> str:
    return json.dumps(
        {
            "t": truth.at_s,
            "n_people": truth.n_people,
            "moving": truth.is_moving,
            "posture": truth.posture,
            "breathing_bpm": truth.breathing_bpm,
            "heart_bpm": truth.heart_bpm,
            "place": truth.place,
            "activity": truth.activity,
        }
    )
