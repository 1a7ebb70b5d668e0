"""A simulated home with a person who follows a script, once through the real demultiplexer, kept for many replays.

Simulating and demultiplexing half an hour takes ten to forty seconds; what the room makes of it, five to twenty. While
rules of the room are worked on, only the second part changes. The script is the same for every room: a minute of
emptiness, all anchors twice (the second time is looked at only where the first was refused), a later stay in which the
person stands, sits and sleeps with other placements and is away in between, and everything that one can do wrong.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.recordings import ROOT
from ruview_engine.links.demux import Demux
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.room.anchor import ANCHORS, BY_LABEL, AnchorLabel
from ruview_engine.room.window import LinkWindow
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.simulate.truth import Truth
from ruview_engine.wire import decode
from ruview_engine.wire.packet import CsiFrame

#: What a cooperating person does at each prompt.
OBEY: Final = {
    "stand_still": "stand",
    "sit": "sit",
    "lie_down": "lie",
    "breathe_slow": "breathe:7.5",
    "breathe_normal": "breathe:15",
    "small_move": "small_move",
    "sleep_posture": "sleep",
}
#: Placements differ by this from time to time, per axis; and how fast the empty room drifts. Origin: chosen.
PLACEMENT_M: Final = 0.03
DRIFT: Final = 0.03
#: Modules of `ruview_engine/links` between a frame and its sample; the others make something of samples.
HEARING: Final = (
    "amplitude", "demux", "front_end", "layout", "link", "link_id", "mask", "quality", "rate", "ring", "sample",
    "seed_names", "shape_clusters", "shape_places", "transmitter",
)  # fmt: skip
#: What the cached samples depend on.
SOURCES: Final = (
    "ruview_engine/simulate",
    *(f"ruview_engine/links/{name}.py" for name in HEARING),
    "benchmarks/room_tape.py",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Geometry, layout, boards, rate and format of one simulated home.

    moved : the boards stand so many of the room's places further than our advice put them at first
    """

    geometry: str
    layout: str
    nodes: int
    rate_hz: float
    version: int
    seed: int
    moved: int = 0

    def __str__(self) -> str:
        moved = ", moved" if self.moved else ""
        return f"{self.geometry} {self.layout} {self.nodes}×{self.rate_hz:g} Hz v{self.version}{moved}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A part of the script: from when, and when the person has got there. `name` is "group:label"."""

    name: str
    begin_s: float
    ready_s: float
    does: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tape:
    """All usable samples of all links, what was true every second, and the script."""

    links: dict[LinkId, LinkWindow]
    truth: tuple[Truth, ...]
    marks: tuple[Mark, ...]

    def windows(self, at_s: float, seconds: float = 60.0) -> tuple[LinkWindow, ...]:
        """The last minute of every link that was heard in it."""
        found = (window.between(np.nextafter(at_s - seconds, np.inf), at_s) for window in self.links.values())
        return tuple(window for window in found if len(window))

    def samples(self, after_s: float, until_s: float) -> Iterator[Sample]:
        """Every sample in (after, until], link after link."""
        for link, window in self.links.items():
            cut = window.between(np.nextafter(after_s, np.inf), until_s)
            for index, (at_s, profile, level, rssi) in enumerate(
                zip(cut.times, cut.profiles, cut.levels, cut.rssi_dbm, strict=True)
            ):
                yield Sample(
                    link=link, at_s=float(at_s), index=index, profile=profile, level=float(level),
                    rssi_dbm=None if np.isnan(rssi) else int(rssi), gap_s=None,
                )  # fmt: skip

    @classmethod
    def of(cls, home: Home, folder: Path | None = None) -> Tape:
        """From the cache, or played now."""
        place = folder or Path(tempfile.gettempdir()) / "ruview-room-tapes"
        path = place / f"{_digest(home)}.npz"
        if path.exists():
            return _read(path)
        tape = Script(home).play()
        place.mkdir(parents=True, exist_ok=True)
        _write(path, tape)
        return tape


class Script:
    """Plays a home second by second."""

    def __init__(self, home: Home) -> None:
        scene = scenes.living_room(
            nodes=home.nodes, layout=home.layout, rate_hz=home.rate_hz, geometry=home.geometry, version=home.version,
            n_others=1, skip=home.moved, drift=DRIFT, seed=home.seed,
        )  # fmt: skip
        self._person = Person(scene, home.seed + 100, placement_m=PLACEMENT_M)
        self.guest = Person(scene, home.seed + 200, placement_m=PLACEMENT_M, breathing_bpm=19.0)
        self._simulator = Simulator(scene, Timeline([self._person, self.guest]), home.seed)
        self._demuxes: dict[int, Demux] = {}
        self._frequencies: dict[str, int] = {}
        self._samples: dict[LinkId, list[Sample]] = {}
        self._truth: list[Truth] = []
        self._marks: list[Mark] = []
        self.at_s = 0.0

    def play(self) -> Tape:
        """The whole script."""
        self.run(20)
        self._mark("baseline", 3.0)
        self.run(66)
        for group in ("first", "second"):
            for anchor in ANCHORS[1:]:
                if anchor.breath_hz is not None:
                    self._settle("sit")
                self._anchor(group, anchor.label, OBEY[anchor.label.value])
        self._later()
        self._wrong()
        self._two()
        return Tape(
            links=self.links(),
            truth=tuple(self._truth),
            marks=tuple(self._marks),
        )

    def links(self) -> dict[LinkId, LinkWindow]:
        """Everything heard so far."""
        return {link: self._window(link, samples) for link, samples in self._samples.items()}

    def _later(self) -> None:
        self._act("leave")
        self._mark("gone")
        self.run(30)
        self._mark("stay:absent")
        self.run(120)
        for activity, seconds in (("stand", 70), ("sit", 80), ("sleep", 80)):
            ready = self._act(activity)
            self._mark(f"stay:{activity}", ready - self.at_s)
            self.run(ready - self.at_s + seconds)
            self._act("leave")
            self._mark("gone")
            self.run(50)
        self.run(120)

    def _wrong(self) -> None:
        self._settle("sit")
        self._anchor("wrong", AnchorLabel.SIT, "small_move")
        self._act("leave")
        self.run(60)
        self._anchor("wrong", AnchorLabel.STAND_STILL, "absent")
        self._settle("sit")
        self._anchor("wrong", AnchorLabel.BREATHE_SLOW, "breathe:16")
        self._anchor("wrong", AnchorLabel.BREATHE_NORMAL, "breathe:7")
        self._settle("sit")
        self._anchor("wrong", AnchorLabel.SMALL_MOVE, "sit")
        self._settle("stand")
        self._act("leave")
        self._anchor("leaves", AnchorLabel.STAND_STILL, "absent")

    def _two(self) -> None:
        self._settle("sit")
        self.guest.do("stand", self.at_s)
        self.run(25)
        self._anchor("two", AnchorLabel.BREATHE_NORMAL, "breathe:15")
        self._anchor("two", AnchorLabel.SIT, "sit")
        self.guest.do("sit", self.at_s, spot="stand")
        self.run(15)
        self._anchor("pair", AnchorLabel.BREATHE_NORMAL, "breathe:12")
        self.guest.do("walk", self.at_s)
        self._anchor("visitor", AnchorLabel.SIT, "sit")

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(ceil(seconds)):
            for at_s, _, datagram in self._simulator.second():
                packet = decode(datagram)
                if not isinstance(packet, CsiFrame):
                    continue
                demux = self._demuxes.setdefault(packet.node_id, Demux(str(packet.node_id)))
                self._frequencies[str(packet.node_id)] = packet.freq_mhz
                sample = demux.feed(packet, at_s)
                if sample is not None and sample.is_usable:
                    self._samples.setdefault(sample.link, []).append(sample)
            self.at_s += 1.0
            self._truth.append(self._simulator.truth(self.at_s))

    def _act(self, text: str) -> float:
        return self._person.obey(text, self.at_s)

    def _settle(self, text: str) -> None:
        self.run(max(0.0, self._act(text) - self.at_s + 1))

    def _mark(self, name: str, lead_s: float = 0.0, does: str = "") -> None:
        self._marks.append(Mark(name=name, begin_s=self.at_s, ready_s=self.at_s + lead_s, does=does))

    def _anchor(self, group: str, label: AnchorLabel, does: str) -> None:
        """The lead-in is as long as the way there takes."""
        anchor = BY_LABEL[label]
        lead_s = max(anchor.lead_s, self._act(does) - self.at_s + 2)
        self._mark(f"{group}:{label.value}", lead_s, does)
        self.run(lead_s + anchor.duration_s + 3)

    def _window(self, link: LinkId, samples: list[Sample]) -> LinkWindow:
        return LinkWindow(
            link=link,
            times=np.array([sample.at_s for sample in samples]),
            profiles=np.array([sample.profile for sample in samples], np.float32),
            levels=np.array([sample.level for sample in samples]),
            rssi_dbm=np.array([np.nan if sample.rssi_dbm is None else sample.rssi_dbm for sample in samples], float),
            frequency_mhz=self._frequencies[link.node],
        )


def _digest(home: Home) -> str:
    """Changes with the home and with everything that makes its samples."""
    digest = hashlib.sha256(repr(home).encode())
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _write(path: Path, tape: Tape) -> None:
    arrays: dict[str, np.ndarray] = {}
    for number, window in enumerate(tape.links.values()):
        for name in ("times", "profiles", "levels", "rssi_dbm"):
            arrays[f"{number}.{name}"] = getattr(window, name)
    head = {
        "links": [[str(link), window.frequency_mhz] for link, window in tape.links.items()],
        "truth": [{name: getattr(one, name) for name in Truth.__slots__} for one in tape.truth],
        "marks": [{name: getattr(one, name) for name in Mark.__slots__} for one in tape.marks],
    }
    beside = path.with_suffix(".part.npz")
    np.savez(beside, head=np.array(json.dumps(head)), **arrays)  # type: ignore[arg-type]
    beside.replace(path)


def _read(path: Path) -> Tape:
    with np.load(path, allow_pickle=False) as stored:
        head: dict[str, Any] = json.loads(str(stored["head"]))
        links = {}
        for number, (name, frequency) in enumerate(head["links"]):
            fields = {key: stored[f"{number}.{key}"] for key in ("times", "profiles", "levels", "rssi_dbm")}
            links[LinkId.parse(name)] = LinkWindow(link=LinkId.parse(name), frequency_mhz=frequency, **fields)
    return Tape(
        links=links,
        truth=tuple(Truth(**one) for one in head["truth"]),
        marks=tuple(Mark(**one) for one in head["marks"]),
    )
