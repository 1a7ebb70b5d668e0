"""What a room says of somebody after a pause in which nobody looked: a reload, a restart.

`python -m benchmarks.pauses`: four simulated homes are taught. Somebody sits still, or leaves, or comes while the room
is not looked at; then an engine that knows what was stored begins, with and without what was known of presence.
Printed: seconds until *present* and until *clear*, and how many of 75 seconds said what.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ruview_engine.room.repository import RoomRepository
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from tests.e2e import taught_room
from tests.e2e.prepared_room import teach

#: Geometry, boards and seed. Origin: chosen; in the bedroom no link sees a sitter breathe.
HOMES = (("living_room", 3, 3), ("bedroom", 2, 2), ("studio", 3, 9), ("living_room", 2, 6))
#: What happens; the pause; how long somebody had been sitting before it. Seconds.
CASES = (
    ("stays", 2, 20),
    ("stays", 2, 45),
    ("stays", 2, 90),
    ("stays", 30, 45),
    ("stays", 60, 45),
    ("leaves", 15, 40),
    ("leaves", 40, 40),
    ("comes", 30, 0),
)
#: Looked at for so long afterwards. Origin: chosen, more than two windows of breath.
LOOK_S = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A taught home."""

    geometry: str
    nodes: int
    seed: int
    repository: RoomRepository

    def play(self, what: str, pause_s: int, sat_s: int, *, is_known: bool) -> list[str]:
        """What presence is called in every second after the pause."""
        scene = scenes.living_room(self.nodes, version=2, geometry=self.geometry)
        person = Person(scene, self.seed)
        simulator = Simulator(scene, Timeline.home(scene, person), self.seed)
        engine, room = taught_room.begin(self.repository)
        second = 0

        def live(seconds: int, *, is_watched: bool = True) -> list[str]:
            nonlocal second
            said = []
            for _ in range(seconds):
                for at_s, source, datagram in simulator.second():
                    if is_watched:
                        engine.feed(datagram, source, at_s)
                second += 1
                if is_watched:
                    engine.tick(float(second))
                    room.apply(room.slow_job(float(second))())
                    said.append(str(room.state.presence.value or "unknown"))
            return said

        live(20)
        if what != "comes":
            person.obey("walk", float(second))
            live(8)
            person.obey("sit", float(second))
            live(sat_s)
        if what != "stays":
            person.obey("leave" if what == "leaves" else "sit", float(second))
        known = room.room.last_known if is_known else None
        live(pause_s, is_watched=False)
        engine, room = taught_room.begin(self.repository, float(second), known)
        return live(LOOK_S)


def when(said: list[str], word: str) -> str:
    """The first second of a word."""
    return f"{said.index(word) + 1} s" if word in said else "–"


def main() -> None:
    """One row per home and case."""
    print("| home | what | pause, s | sat, s | forgotten: present / clear after | known: present / clear after |")
    print("|---|---|---|---|---|---|")
    for geometry, nodes, seed in HOMES:
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "room.zip"
            teach(archive, nodes=nodes, layout="64", seed=seed, version=2, geometry=geometry)
            repository = RoomRepository(Path(folder), "prepared")
            repository.import_(archive)
            home = Home(geometry=geometry, nodes=nodes, seed=seed, repository=repository)
            for what, pause_s, sat_s in CASES:
                cells = []
                for is_known in (False, True):
                    said = home.play(what, pause_s, sat_s, is_known=is_known)
                    counts = ", ".join(f"{word} {n}" for word, n in Counter(said).most_common())
                    cells.append(f"{when(said, 'present')} / {when(said, 'clear')} ({counts})")
                print(
                    f"| {geometry}, {nodes} boards | {what} | {pause_s} | {sat_s} | {cells[0]} | {cells[1]} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
