"""How soon each cause of STALE is declared and cured, and how often nothing is called one in a day of slow drift.

python -m benchmarks.room_stale            # delays: one run of forty simulated minutes
python -m benchmarks.room_stale --day 3    # a day of drift with somebody who comes and goes, three rooms (2 min each)
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from ruview_engine.engine import Engine
from ruview_engine.links.demux import Demux
from ruview_engine.live_room import LiveRoom
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.memory import Memory
from ruview_engine.room.runtime import Runtime
from ruview_engine.room.window import LinkWindow, RoomInputs
from ruview_engine.settings import RoomSettings
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.simulate.arrivals import NONE
from ruview_engine.simulate.faults import (
    ChannelChange,
    Fault,
    Frozen,
    GainStep,
    LayoutChange,
    NodeMoved,
    PowerStep,
    RateChange,
    Reboot,
    Roam,
    Silence,
    TransmitterGone,
)
from ruview_engine.wire import decode
from ruview_engine.wire.packet import CsiFrame

#: Each fault lasts this long and is followed by as much of the room as it was. Origin: chosen, over patience and cure.
FAULT_S = 110.0
REST_S = 90.0
FIRST_S = 120.0
#: Looks over the day, and what they see. Origin: derived; a step of the profile is looked for over a dozen seconds.
LOOK_S, WINDOW_S = 10, 60


def faults() -> list[tuple[str, Fault]]:
    """One after the other, each with the name it goes by."""
    made = (
        ("board silent", Silence, {"node_id": 1}),
        ("board reboots, 14 s", Reboot, {"node_id": 1}),
        ("access point gone", TransmitterGone, {}),
        ("another channel", ChannelChange, {"channel": 11}),
        ("another access point", Roam, {"position": (3.0, 0.3, 1.2), "mac": bytes.fromhex("0252560000ff")}),
        ("another layout", LayoutChange, {"old": "64", "new": "128"}),
        ("power −14 dB", PowerStep, {"power_db": -14.0}),
        ("gain +10 dB", GainStep, {"level_db": 10.0}),
        ("one frame in ten", RateChange, {"factor": 0.1}),
        ("board repeats itself", Frozen, {"node_id": 1}),
        ("board pushed 6 cm", NodeMoved, {"node_id": 1, "offset": (0.06, 0.02, 0.0)}),
    )
    found = []
    for number, (name, kind, fields) in enumerate(made):
        begin = FIRST_S + number * (FAULT_S + REST_S)
        found.append((name, kind(begin_s=begin, end_s=begin + (14.0 if kind is Reboot else FAULT_S), **fields)))
    return found


def said(live: LiveRoom) -> str:
    """What the entities say; readings that need a person have one reason in common."""
    state = live.state
    presence = state.presence.value.value if state.presence.value else f"– ({state.presence.why_not})"
    motion = {True: "moving", False: "still", None: "–"}[live.is_moving]
    regime = "–" if live.snapshot is None else live.snapshot.regime.value
    others = {
        str(reading.why_not) for reading in (state.posture, state.breathing, state.heart_rate, state.restlessness)
    }
    return f"presence {presence}, motion {motion}, regime {regime}, others – ({'/'.join(sorted(others))})"


class Home:
    """An engine with one room, fed by a simulated bedroom with two boards and nobody in it."""

    def __init__(self, faults: list[Fault]) -> None:
        scene = scenes.living_room(geometry="bedroom", layout=64, nodes=2, version=2, seed=1)
        self.at_s = 0.0
        self._simulator = Simulator(scene, Timeline(), 1, faults=faults)
        self._engine = Engine()
        self.live = self._engine.add_room(RoomSettings(room_id="home", nodes=None), at_s=0.0)

    def calibrate(self) -> None:
        """Warm up and capture a minute."""
        self.run(20)
        self.live.room.start_baseline(self.at_s, lead_s=3.0)
        self.run(65)
        assert self.live.room.baseline is not None

    def run(self, seconds: float, look: Callable[[], None] = lambda: None) -> None:
        """Let time pass, a tick every second."""
        for _ in range(int(seconds)):
            for at_s, source, datagram in self._simulator.second():
                self._engine.feed(datagram, source[0], at_s)
            self.at_s += 1.0
            self._engine.tick(self.at_s)
            self.live.apply(self.live.slow_job(self.at_s)())
            look()


def delays() -> None:
    """One line per fault: declared after, as what, cured after, and what was said meanwhile. Nobody is there."""
    planned = faults()
    home = Home([fault for _, fault in planned])
    home.calibrate()
    for name, fault in planned:
        home.run(fault.begin_s - home.at_s)
        declared: dict[str, float] = {}
        words: Counter[str] = Counter()
        cured: list[float] = []

        def look(begin_s: float = fault.begin_s, seen: dict = declared, heard: Counter = words) -> None:
            for cause in home.live.state.stale:
                seen.setdefault(cause.reason.value, home.at_s - begin_s)
            if seen:
                heard[said(home.live)] += bool(home.live.state.stale)

        def after(end_s: float = fault.end_s, cured: list = cured) -> None:
            if not home.live.state.stale:
                cured.append(home.at_s - end_s)

        home.run(fault.end_s - home.at_s, look)
        home.run(REST_S - 2, after)
        answer = {"fault": name, "declared_s": declared, "cured_s": min(cured, default=None)}
        print(json.dumps(answer | {"said": words.most_common(2)}, ensure_ascii=False), flush=True)


def day(seed: int, geometry: str, hours: int, drift: float) -> None:
    """Minutes of STALE in a day of slow drift: nobody at home, an evening on the sofa, a night in bed, nobody again."""
    scene = scenes.living_room(geometry=geometry, rate_hz=5, nodes=1, n_others=0, version=2, drift=drift, seed=seed)
    person = Person(scene, seed, placement_m=0.03)
    person.follow(
        [(6 * 3600, "sit"), (7 * 3600, "walk"), (7 * 3600 + 40, "sit"), (8 * 3600, "sleep"), (15 * 3600, "leave")]
    )
    timeline = Timeline([person])
    windows = looks(scene, timeline, seed, hours * 3600)
    baseline = judge("room", 0.0, (next(window for at_s, window in windows if at_s >= WINDOW_S),))
    assert isinstance(baseline, Baseline), baseline
    runtime = Runtime(room_id="room", baseline=baseline)
    memory: Memory | None = None
    stale: Counter[str] = Counter()
    shift: list[float] = []
    called: Counter[tuple[bool, str]] = Counter()
    for at_s, window in windows:
        outcome = runtime.evaluate(RoomInputs(at_s=at_s, windows=(window,)), memory)
        memory = outcome.memory
        stale.update(cause.reason.value for cause in outcome.state.stale)
        if outcome.drift is not None and not timeline.truth(at_s).is_present:
            shift.append(outcome.drift.value)
        presence = outcome.state.presence.value
        called[timeline.truth(at_s).is_present, presence.value if presence else "unknown"] += 1
    print(
        json.dumps(
            {
                "room": f"{geometry} {seed}",
                "minutes_stale": {name: n * LOOK_S / 60 for name, n in stale.items()},
                "empty_shift_median_p99": [round(float(np.quantile(shift, share)), 3) for share in (0.5, 0.99)],
                "minutes": {
                    f"{'somebody' if is_there else 'nobody'}: {word}": round(n * LOOK_S / 60)
                    for (is_there, word), n in called.items()
                },
                "followed_rms": {
                    str(link): round(float(np.sqrt(np.mean(offset**2))), 3)
                    for link, offset in (memory.adaptation.offsets.items() if memory else ())
                },
            }
        ),
        flush=True,
    )


def looks(scene: scenes.Scene, timeline: Timeline, seed: int, until_s: int) -> Iterator[tuple[float, LinkWindow]]:
    """The last minute of the room's one link, look after look."""
    simulator = Simulator(scene, timeline, seed, imperfections=NONE, chatter=frozenset())
    demux = Demux("1")
    for at_s in range(LOOK_S, until_s + 1, LOOK_S):
        for now_s, _, datagram in simulator.datagrams(LOOK_S):
            packet = decode(datagram)
            if isinstance(packet, CsiFrame):
                demux.feed(packet, now_s)
        link = next(iter(demux.links.values()))
        yield float(at_s), LinkWindow.of(link.id, link.window(float(WINDOW_S), float(at_s)))


def main() -> None:
    """Print one JSON line per fault, or per room."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=24, help="length of that day")
    parser.add_argument("--drift", type=float, default=0.03, help="change of every static path over a day")
    parser.add_argument(
        "--day", type=int, metavar="ROOMS", help="a day of drift in so many rooms instead of the delays"
    )
    options = parser.parse_args()
    if options.day is None:
        delays()
        return
    geometries = tuple(scenes.GEOMETRIES)
    for number in range(options.day):
        day(number + 1, geometries[number % len(geometries)], options.hours, options.drift)


if __name__ == "__main__":
    main()
