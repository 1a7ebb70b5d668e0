"""Presence on recordings: ours by `evaluate --baseline`, and the published rule, on the same seconds.

    python -m benchmarks.presence_recordings

The published rule (mean amplitude: variance above the midpoint of empty and occupied, or mean beyond half the occupied
distance) has to be shown somebody; it is given the same baseline and, in turn, two occupied recordings of the room, and
judges the ten seconds that end with each second. Ours has been shown the empty room alone. Seconds in which somebody
walks in or out, where a recording marks them, are left out.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluate_recordings import EMPTY, PURE, only
from benchmarks.recordings import data_dir
from benchmarks.upstream_method import VariancePresence
from ruview_engine.evaluation import EmptyRoom, Evaluation
from ruview_engine.ingest.recording import read_recording
from ruview_engine.links.amplitude import amplitudes
from ruview_engine.wire import decode
from ruview_engine.wire.packet import CsiFrame

#: What the published rule looks at. Origin: upstream §3.5, 200 frames at its fixed 15 Hz.
WINDOW_S = 10.0
#: The label of seconds in which somebody walks in or out.
SETTLING = "settling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Recordings of one room: its emptiness, somebody in it (for the published rule), and what is judged."""

    baseline: Path
    occupied: tuple[tuple[Path, str | None], ...]
    files: tuple[Path, ...]


def rooms(data: Path, scratch: Path) -> Iterator[Room]:
    """The two rooms with more than one recording of their emptiness."""
    pulse = data / "pulse_wifi_esp32"
    yield Room(
        baseline=pulse / "vacio_01.npz",
        occupied=((pulse / "resp_12rpm.npz", None), (pulse / "mov_01.npz", None)),
        files=tuple(path for path in sorted(pulse.glob("*.npz")) if path.stem != "vacio_01"),
    )
    first, *others = sorted((data / "ialr_s3_amp").glob("*.npz"))
    yield Room(baseline=only(first, "empty", scratch), occupied=((first, "moving"),), files=tuple(others))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Mean amplitude of every frame with its time and label."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    labels: NDArray[np.str_]

    @classmethod
    def of(cls, path: Path) -> Series:
        """Of the frames as they would arrive."""
        times, values = [], []
        for at_s, _, datagram in read_recording(path):
            packet = decode(datagram)
            if isinstance(packet, CsiFrame):
                times.append(at_s)
                values.append(float(amplitudes(packet.iq, packet.n_pairs).mean()))
        with np.load(path, allow_pickle=False) as file:
            labels, clock = np.asarray(file["labels"]).astype(str), np.asarray(file["t"], np.float64)
            if "settling" in file.files:
                labels = np.where(file["settling"].astype(bool), SETTLING, labels)
        at = np.clip(np.searchsorted(clock, times), 0, len(clock) - 1)
        shown = np.full(len(times), str(labels)) if labels.ndim == 0 else labels[at]
        return cls(times=np.array(times), values=np.array(values), labels=shown)

    def between(self, begin_s: float, end_s: float) -> NDArray[np.intp]:
        """Indices of the frames in (begin, end]."""
        return np.flatnonzero((self.times > begin_s) & (self.times <= end_s))


def compare(room: Room) -> None:
    """One table row per recording and label."""
    empty = EmptyRoom.learn([read_recording(room.baseline)])
    quiet = Series.of(room.baseline).values
    rules = []
    for path, label in room.occupied:
        shown = Series.of(path)
        rules.append(VariancePresence.fit(quiet, shown.values[shown.labels == label] if label else shown.values))
    for path in room.files:
        series = Series.of(path)
        tallies: dict[str, Counter[str]] = {}
        for second in Evaluation(empty).run(read_recording(path))["seconds"]:
            end_s = second["t"]
            now, window = series.between(end_s - 1.0, end_s), series.between(end_s - WINDOW_S, end_s)
            labels, counts = np.unique(series.labels[now], return_counts=True)
            if not len(now) or counts.max() < PURE * len(now):
                continue
            tally = tallies.setdefault(str(labels[np.argmax(counts)]), Counter())
            tally["seconds"] += 1
            tally[second["presence"]] += 1
            tally["rate"] += second["breathing"]["value"] is not None
            for number, rule in enumerate(rules):
                tally[f"published {number}"] += rule.is_present(series.values[window])
        tallies.pop(SETTLING, None)
        for label, tally in tallies.items():
            ours = " / ".join(str(tally[word]) for word in ("present", "unknown", "clear"))
            theirs = " , ".join(f"{tally[f'published {k}'] / tally['seconds']:.0%}" for k in range(len(rules)))
            truth = "nobody" if label in EMPTY else "somebody"
            print(f"| {path.stem} | {label} | {truth} | {tally['seconds']} | {ours} | {theirs} |", flush=True)


def main() -> None:
    """Print the table."""
    print("| recording | label | there is | seconds | ours: present / unknown / clear | published: present |")
    print("|" + "---|" * 6)
    with tempfile.TemporaryDirectory() as scratch:
        for room in rooms(data_dir(), Path(scratch)):
            compare(room)


if __name__ == "__main__":
    main()
