"""Every recording judged with every other empty stretch of its room, with the first seconds of its own, and untaught.

    python -m benchmarks.baseline_matrix [--change NAME] [--room NAME]

What somebody does who has a baseline of another day, only a few seconds of one, or none. The engine of `evaluate` runs,
with the baseline learnt as `evaluate --baseline` learns it; a row says how many of the known seconds of emptiness and
of movement were called moving, and how often presence said the contrary of the truth. `--change` makes what is judged
worse, as `recording_faults` names it; the baseline stays as it was recorded.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluate_recordings import CHIPS, EMPTY, MOVING, PURE
from benchmarks.recording_faults import FAULTS, Fault
from benchmarks.recordings import data_dir
from benchmarks.take import Take
from ruview_engine.errors import TrainingError
from ruview_engine.evaluation import EmptyRoom, Evaluation

#: Lengths of the first emptiness that are tried as a baseline of the same recording, s.
FIRST_S = (20.0, 30.0, 60.0)
#: What is judged begins so long after a baseline of the same recording has ended. Origin: chosen.
MARGIN_S = 1.0
#: Rows with fewer known seconds than this are left out of means. Origin: chosen.
FEWEST_S = 5


@dataclass(slots=True)
class Tally:
    """Seconds of one truth: those in which motion was known, called moving, and those with the contrary presence."""

    known: int = 0
    moving: int = 0
    wrong: int = 0

    @property
    def share(self) -> float:
        """Of the known seconds, called moving."""
        return self.moving / self.known

    def __str__(self) -> str:
        return f"{100 * self.share:.0f} % of {self.known}" if self.known else "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One recording judged with one baseline, and what was said of that."""

    baseline: str
    take: str
    said: str
    empty: Tally
    moving: Tally


def rooms(data: Path) -> Iterator[tuple[str, list[Take]]]:
    """The recordings of each room (of each chip, where the room is not named)."""
    yield "pulse", [Take.read(path, "pulse") for path in sorted((data / "pulse_wifi_esp32").glob("*.npz"))]
    for chip in CHIPS:
        folder = data / "espectre_multichip"
        names = [*folder.glob(f"baseline*_{chip}_*.npz"), *folder.glob(f"movement_{chip}_*.npz")]
        yield chip, [Take.read(path, chip) for path in sorted(names)]
    yield "ialr", [Take.read(path, "ialr") for path in sorted((data / "ialr_s3_amp").glob("*.npz"))]


def is_empty(one: Take) -> NDArray[np.bool_]:
    """(n,) of each datagram."""
    return np.isin(one.labels, sorted(EMPTY))


def pairs(takes: list[Take]) -> Iterator[tuple[Take | None, Take]]:
    """(baseline, what is judged): none, every other recording's emptiness, the recording's own first seconds."""
    yield from ((None, judged) for judged in takes)
    for baseline in takes:
        chosen = is_empty(baseline)
        if not chosen.any():
            continue
        learnt = baseline.part(chosen, baseline.name)
        for judged in takes:
            if judged is not baseline:
                yield learnt, judged
        empty_s = baseline.times[chosen]
        for first_s in FIRST_S:
            early = chosen & (baseline.times < empty_s[0] + first_s)
            rest = baseline.times >= empty_s[0] + first_s + MARGIN_S
            if not rest.any() or np.ptp(baseline.times[early]) < 0.9 * first_s:
                continue
            name = f"its first {first_s:.0f} s"
            yield baseline.part(early, name), baseline.part(rest, baseline.name)


def learn(baseline: Take | None) -> tuple[EmptyRoom | None, str]:
    """What `evaluate --baseline` learns, and what it says."""
    if baseline is None:
        return None, "untaught"
    try:
        empty = EmptyRoom.learn([baseline.datagrams])
    except TrainingError as error:
        return None, str(error).rpartition(": ")[2]
    return empty, "learnt" if empty.refusal is None else empty.refusal.reason.value


def judge(empty: EmptyRoom | None, judged: Take) -> tuple[Tally, Tally]:
    """Seconds of emptiness and of movement."""
    times = judged.times
    on_empty, on_moving = Tally(), Tally()
    for second in Evaluation(empty).run(judged.datagrams)["seconds"]:
        inside = judged.labels[(times >= second["t"] - 1.0) & (times < second["t"])]
        for tally, names, contrary in ((on_empty, EMPTY, "present"), (on_moving, MOVING, "clear")):
            if len(inside) and np.isin(inside, sorted(names)).mean() >= PURE:
                tally.known += second["motion"] is not None
                tally.moving += second["motion"] is True
                tally.wrong += second["presence"] == contrary
    return on_empty, on_moving


def rows(takes: list[Take], fault: Fault) -> Iterator[Row]:
    """One per pair."""
    before: Take | None = None
    empty, said = learn(None)
    for baseline, judged in pairs(takes):
        if baseline is not before:
            before = baseline
            empty, said = learn(baseline)
        on_empty, on_moving = judge(empty, fault(judged))
        name = "–" if baseline is None else baseline.name
        yield Row(baseline=name, take=judged.name, said=said, empty=on_empty, moving=on_moving)


def summary(found: list[Row]) -> str:
    """Means over rows, and the worst."""
    false = [row.empty.share for row in found if row.empty.known >= FEWEST_S]
    missed = [1.0 - row.moving.share for row in found if row.moving.known >= FEWEST_S]
    return " | ".join(
        (
            str(len(found)),
            _of(false, 0.01),
            _of(missed, 0.02),
            str(sum(row.empty.wrong for row in found)),
            str(sum(row.moving.wrong for row in found)),
        )
    )


def _of(shares: list[float], bar: float) -> str:
    if not shares:
        return "– | – | –"
    within = sum(share <= bar for share in shares)
    return f"{100 * float(np.mean(shares)):.1f} | {100 * max(shares):.0f} | {within}/{len(shares)}"


def main() -> None:
    """A line per row, one per room, and one over all: taught and untaught apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--change", choices=FAULTS, default="none")
    parser.add_argument("--room")
    arguments = parser.parse_args()
    everything: list[Row] = []
    print("room | baseline | said | recording | empty: moving | walking: moving | empty: present | walking: clear")
    for room, takes in rooms(data_dir()):
        if arguments.room not in (None, room):
            continue
        for row in rows(takes, FAULTS[arguments.change]):
            everything.append(row)
            cells = (room, row.baseline, row.said, row.take, row.empty, row.moving, row.empty.wrong, row.moving.wrong)
            print(" | ".join(map(str, cells)), flush=True)
    print("change | | rows | false %: mean | worst | ≤ 1 % | missed %: mean | worst | ≤ 2 % | present, s | clear, s")
    for what, is_taught in (("taught", True), ("untaught", False)):
        chosen = [row for row in everything if (row.said != "untaught") is is_taught]
        print(f"{arguments.change} | {what} | {summary(chosen)}")


if __name__ == "__main__":
    main()
