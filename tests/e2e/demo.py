"""`script/demo`: a real Home Assistant, this integration, and simulated boards that speak real UDP.

One room is taught and lived in. A second one has a board, and a person who does what the wizard asks for: whoever
looks at the demonstration can add and teach that room by mouse.
"""

import argparse
import os
import shutil
import signal
import socket
import sys
import time
import webbrowser
from contextlib import ExitStack, suppress
from itertools import cycle
from typing import Any

from . import demo_dashboard
from .client import Client, Refused
from .config_folder import ROOT, prepare
from .homeassistant_process import HomeAssistantProcess, free_port
from .prepared_room import PreparedRoom
from .pupil import Pupil
from .simulated_home import SimulatedHome
from .walkthrough import (
    Stuck,
    add_area,
    add_listener,
    board_entities,
    import_room,
    room_answers,
    room_entities,
    rooms,
    walk,
)

ROOM = "Living room"
#: The room that is left to whoever looks, and how it is simulated. At the room's first place its board would hardly see
#: who lies in bed, and every pose there would rightly be refused.
SECOND_ROOM = "Bedroom"
SECOND_SCENE = {"scene": "bedroom", "nodes": 1, "first_node": demo_dashboard.SECOND_NODE, "seed": 1, "skip": 1}
#: How the first room is simulated: three boards whose firmware says whom it heard, two of them beside the sofa; there
#: somebody's breath shows, and who sits is told from who lies as long as each keeps to their usual place: with 3 cm
#: from one time to the next, as in the benchmarks, the room would say that lying does not repeat, and tell standing
#: only.
LIVING_SCENE = {"scene": "lounge", "nodes": 3, "seed": 1, "version": 2, "placement": 0.01}
#: What the simulated person does, and for how many seconds, over and over.
STORY = (
    ("leave", 12), ("walk", 10), ("stand", 5), ("sit", 75), ("stand", 6), ("lie", 60), ("walk", 5), ("leave", 60),
)  # fmt: skip
#: Seconds of occupancy after the last sign of life; short, so that leaving shows. Origin: chosen.
HOLD_S = 5
HELPER = """\
input_text:
  simulated_person:
    name: Simulated person
    icon: mdi:account
  simulated_pupil:
    name: Simulated person in the bedroom
    icon: mdi:account-school
"""


class Unwilling(Exception):
    """The demonstration cannot start; the message says why."""


class Ending:
    """Being asked to end is like Ctrl-C: everything started is ended in order.

    An exception that a signal raises inside a destructor is swallowed by Python; so the wish is remembered, too.
    """

    is_wished = False

    def __call__(self, number: int, frame: object) -> None:
        self.is_wished = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Called between steps."""
        if self.is_wished:
            raise KeyboardInterrupt


ending = Ending()


def main() -> int:
    """Run until the duration is over or somebody presses Ctrl-C."""
    options = read_options()
    signal.signal(signal.SIGTERM, ending)
    signal.signal(signal.SIGINT, ending)  # a shell that starts this in the background has it ignored
    with suppress(AttributeError):  # Windows has none
        signal.signal(signal.SIGHUP, ending)
    try:
        run(options)
    except KeyboardInterrupt:
        print("\nstopped")
    except (Unwilling, Stuck, Refused, RuntimeError, TimeoutError) as reason:
        print(f"demo: {reason}", file=sys.stderr)
        return 1
    return 0


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--port", type=int, help="of the web page (default: 8123, or a free one)")
    parser.add_argument("--udp-port", type=int, help="the simulated boards send to (default: 5005, or a free one)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--duration", type=float, metavar="S", help="end by itself so many seconds after it is ready")
    return parser.parse_args()


def run(options: argparse.Namespace) -> None:
    """Start everything, show it, end everything."""
    port = choose_port(options.port, 8123, socket.SOCK_STREAM)
    udp_port = choose_port(options.udp_port, 5005, socket.SOCK_DGRAM)
    started = time.monotonic()

    def say(text: str) -> None:
        ending.check()
        print(f"{time.monotonic() - started:5.1f} s  {text}", flush=True)

    place = ROOT / ".demo" / str(port)
    shutil.rmtree(place, ignore_errors=True)
    with ExitStack() as stack:
        prepared = stack.enter_context(PreparedRoom(ROOT / ".cache/demo", **LIVING_SCENE))
        say("starting Home Assistant; teaching the simulated room beside it, unless that has been done before")
        folder = prepare(place / "config", port, name="RuView demo", more=HELPER)
        home = stack.enter_context(HomeAssistantProcess(folder))
        client = home.client
        say(f"Home Assistant runs at {folder.url}; starting the simulated boards → UDP {udp_port}")
        people = stack.enter_context(SimulatedHome(udp_port, place / "truth.jsonl", **LIVING_SCENE))
        say("adding the integration and the room through their own dialogs")
        entry_id, flow = add_listener(client, udp_port)
        walk(client, flow, room_answers(add_area(client, ROOM)), close_at="baseline_intro")
        add_area(client, SECOND_ROOM)
        others = stack.enter_context(SimulatedHome(udp_port, place / "second-truth.jsonl", **SECOND_SCENE))
        room_id = rooms(client, entry_id)[ROOM]
        say("importing what the room was taught")
        import_room(client, folder.path, room_id, prepared.wait())
        entities = room_entities(client, room_id)
        client.action("number", "set_value", {"entity_id": entities["hold_time"], "value": HOLD_S})
        taught = {key: entity for key, entity in entities.items() if key not in untaught(client, room_id)}
        demo_dashboard.show(client, ROOM, taught, board_entities(client), udp_port)
        say(f"ready: {folder.url}  (signed in by itself, from this machine only)  Ctrl-C ends it")
        if not options.no_browser and has_display():
            webbrowser.open(folder.url)
        end = None if options.duration is None else time.monotonic() + options.duration
        play(client, entities, people, Pupil(client, others, str(demo_dashboard.SECOND_NODE)), home, end)
        say("the time is over; ending everything")


def play(
    client: Client,
    entities: dict[str, str],
    people: SimulatedHome,
    pupil: Pupil,
    home: HomeAssistantProcess,
    end: float | None,
) -> None:
    """Let the person live their story and the other one follow the wizard; print what the rooms say when it changes."""
    shown, is_shown = "", False
    for activity, seconds in cycle(STORY):
        people.tell(activity)
        scene_end = time.monotonic() + seconds
        while time.monotonic() < scene_end:
            ending.check()
            if end is not None and time.monotonic() >= end:
                return
            if not home.is_alive:
                raise Unwilling(f"Home Assistant ended by itself\n{home.log_tail()}")
            states = client.states()
            really = tell_truth(client, states, demo_dashboard.TRUTH, people)
            tell_truth(client, states, demo_dashboard.PUPIL_TRUTH, pupil.people)
            if news := pupil.look(time.monotonic()):
                print(f"{time.strftime('%H:%M:%S')}  {SECOND_ROOM} {news}", flush=True)
            if pupil.room is not None and not is_shown:
                demo_dashboard.show_second(client, pupil.room["title"], pupil.room["entities"])
                is_shown = True
            line = f"really: {really:<10} RuView: {describe(states, entities)}"
            if line != shown:
                print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)
                shown = line
            time.sleep(1.0)


def untaught(client: Client, room_id: str) -> set[str]:
    """Keys of entities for which this room has no specialist."""
    skills = client.command("ruview/room/details", room_id=room_id)["skills"]
    keys = {"posture": "posture", "breathing": "breathing_rate"}
    return {keys[skill["kind"]] for skill in skills if skill["kind"] in keys and skill["reason"] is not None}


def tell_truth(client: Client, states: dict[str, dict[str, Any]], entity: str, people: SimulatedHome) -> str:
    """Show what a simulated person really does; nobody but the one who looks reads it."""
    really = str(people.truth.get("activity", "absent"))
    in_words = demo_dashboard.DOINGS.get(really, really)
    if states[entity]["state"] != in_words:
        client.action("input_text", "set_value", {"entity_id": entity, "value": in_words})
    return really


def describe(states: dict[str, dict[str, object]], entities: dict[str, str]) -> str:
    """The room in one line."""
    words = {"occupancy": {"on": "occupied", "off": "clear"}, "motion": {"on": "moving", "off": "still"}}
    said = []
    for key in ("occupancy", "motion", "posture", "breathing_rate", "regime"):
        if key in entities and entities[key] in states:
            state = str(states[entities[key]]["state"])
            with suppress(ValueError):
                state = f"{float(state):.1f}"
            said.append(f"{key.split('_')[0]} {words.get(key, {}).get(state, state)}")
    return " · ".join(said)


def choose_port(wanted: int | None, usual: int, kind: socket.SocketKind) -> int:
    """The wanted port, which must be free; or the usual one, or any."""
    port = usual if wanted is None else wanted
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if wanted is not None:
                raise Unwilling(f"port {wanted} cannot be used: {error.strerror}") from None
            return free_port(kind)
    return port


def has_display() -> bool:
    """Whether a browser could show anything here."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
