"""A room, a simulated house and a person who obeys: what benchmarks and tests of the calibrated room stand on."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ruview_engine.links.demux import Demux
from ruview_engine.room.anchor import ANCHORS, BY_LABEL, AnchorLabel, Verdict
from ruview_engine.room.changes import AnchorJudged, BankTrained, BaselineCaptured, BaselineRefused, RoomChange
from ruview_engine.room.room import Room
from ruview_engine.room.sensitivity import SensitivityReport
from ruview_engine.room.window import LinkWindow, RoomInputs
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.simulate.faults import Fault
from ruview_engine.simulate.scene import Scene
from ruview_engine.simulate.truth import Truth
from ruview_engine.wire import decode
from ruview_engine.wire.packet import CsiFrame

#: What a cooperating person does at each prompt.
OBEY = {
    "stand_still": "stand",
    "sit": "sit",
    "lie_down": "lie",
    "breathe_slow": "breathe:7.5",
    "breathe_normal": "breathe:15",
    "small_move": "small_move",
    "sleep_posture": "sleep",
}


@dataclass(slots=True)
class Lab:
    """One simulated home with one calibrated room; `scene` instead of its description, when given."""

    geometry: str = "living_room"
    layout: str | int = 64
    nodes: int = 1
    rate_hz: float = 20.0
    seed: int = 1
    placement_m: float = 0.03
    version: int = 1
    n_others: int = 1
    drift: float = 0.03
    faults: Iterable[Fault] = ()
    scene: Scene | None = None
    at_s: float = 0.0
    room: Room = field(init=False)
    tick_ms: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        scene = self.scene or scenes.living_room(
            nodes=self.nodes, layout=self.layout, rate_hz=self.rate_hz, geometry=self.geometry, version=self.version,
            n_others=self.n_others, drift=self.drift, seed=self.seed,
        )  # fmt: skip
        self.person = Person(scene, self.seed + 100, placement_m=self.placement_m)
        self.guest = Person(scene, self.seed + 200, placement_m=self.placement_m, breathing_bpm=19.0)
        self.simulator = Simulator(scene, Timeline([self.person, self.guest]), self.seed, faults=self.faults)
        self.room = Room(f"lab-{self.seed}")
        self._demuxes: dict[int, Demux] = {}
        self._frequency: dict[int, int] = {}

    _demuxes: dict[int, Demux] = field(init=False)
    _frequency: dict[int, int] = field(init=False)
    person: Person = field(init=False)
    guest: Person = field(init=False)
    simulator: Simulator = field(init=False)

    # --- time ---------------------------------------------------------------------------------------

    def run(
        self, seconds: float, *, each: Callable[[Lab], None] | None = None, is_ticking: bool = True, every: int = 1
    ) -> list[RoomChange]:
        """Let time pass; without ticks only the end of a capture is judged."""
        changes: list[RoomChange] = []
        for _ in range(int(seconds)):
            for at_s, _source, datagram in self.simulator.second():
                packet = decode(datagram)
                if isinstance(packet, CsiFrame):
                    demux = self._demuxes.setdefault(packet.node_id, Demux(str(packet.node_id)))
                    self._frequency[packet.node_id] = packet.freq_mhz
                    sample = demux.feed(packet, at_s)
                    if sample is not None:
                        self.room.observe(sample)
            self.at_s += 1.0
            progress = self.room.progress(self.at_s)
            is_done = progress is not None and progress.remaining_s <= 0 and progress.fraction >= 1
            if (is_ticking and int(self.at_s) % every == 0) or is_done:
                changes += self.tick()
                if each is not None:
                    each(self)
        return changes

    def tick(self) -> tuple[RoomChange, ...]:
        """One slow tick now."""
        job = self.room.slow_job(RoomInputs(at_s=self.at_s, windows=self.windows()))
        began = time.perf_counter()
        result = job()
        self.tick_ms.append(1e3 * (time.perf_counter() - began))
        return self.room.apply(result)

    def windows(self) -> tuple[LinkWindow, ...]:
        """The last minute of every link."""
        return tuple(
            LinkWindow.of(link.id, link.window(60.0, self.at_s), frequency_mhz=self._frequency[node])
            for node, demux in self._demuxes.items()
            for link in demux.links.values()
        )

    @property
    def truth(self) -> Truth:
        """What a perfect sensor would say now."""
        return self.simulator.truth(self.at_s)

    # --- procedures ---------------------------------------------------------------------------------

    def act(self, text: str) -> float:
        """Tell the person; returns the moment from which it is going on."""
        activity, _, rate = text.partition(":")
        return self.person.do(activity, self.at_s, rate_bpm=float(rate) if rate else None)

    def calibrate(self) -> BaselineCaptured | BaselineRefused:
        """Warm up, capture, judge."""
        self.run(20, is_ticking=False)
        self.room.start_baseline(self.at_s, lead_s=3.0)
        changes = self.run(65, is_ticking=False)
        return next(change for change in changes if isinstance(change, BaselineCaptured | BaselineRefused))

    def anchor(self, label: str, do: str | None = None) -> Verdict:
        """One anchor with what the person does instead of what it asks for, when given."""
        if label.startswith("breathe") and do is None:
            settled = self.act("sit")
            self.run(max(0.0, settled - self.at_s + 1), every=3)
        ready = self.act(do or OBEY[label])
        anchor = BY_LABEL[AnchorLabel(label)]
        lead_s = max(anchor.lead_s, ready - self.at_s + 2)
        self.room.start_anchor(label, self.at_s, lead_s=lead_s)
        changes = self.run(lead_s + anchor.duration_s + 3, every=3)
        return next(change.verdict for change in changes if isinstance(change, AnchorJudged))

    def enrol(self, *, attempts: int = 2) -> dict[str, Verdict]:
        """All anchors, each up to `attempts` times."""
        verdicts = {}
        for anchor in ANCHORS:
            label = anchor.label.value
            if label == "empty":
                continue
            for _ in range(attempts):
                verdicts[label] = self.anchor(label)
                if verdicts[label].accepted:
                    break
        return verdicts

    def train(self) -> SensitivityReport | None:
        """Train everything; the report, or None when nothing separated."""
        changes = self.room.train(self.at_s)
        return next((change.report for change in changes if isinstance(change, BankTrained)), None)
