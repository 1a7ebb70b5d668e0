"""The baseline's gate on recordings: which minutes are taken for an empty room.

    python -m benchmarks.baseline_recordings

Every block of one label in `ialr_s3_amp` (pauses and seconds marked as settling cut blocks), every take of
`pulse_wifi_esp32` and what is long enough in `espectre_multichip`, whole, through the demultiplexer.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.recordings import Player, Recording, data_dir, load
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.recorder import Recorder

#: Shorter blocks are what is left of one. Origin: derived, `baseline_capture.DURATION_LIMITS_S`.
SHORTEST_S = 20.0
#: A pause between frames that ends a block. Origin: chosen, above the holes of the recordings.
PAUSE_S = 3.0


def blocks(recording: Recording) -> Iterator[Recording]:
    """Stretches of one label without pauses."""
    is_new = (recording.labels[1:] != recording.labels[:-1]) | (np.diff(recording.times) > PAUSE_S)
    edges = np.concatenate(([0], np.flatnonzero(is_new) + 1, [len(recording.times)]))
    for first, last in pairwise(edges):
        chosen = np.zeros(len(recording.times), np.bool_)
        chosen[first:last] = True
        block = recording.select(chosen)
        if block.times[-1] - block.times[0] >= SHORTEST_S and block.labels[0] != "settling":
            yield block


def verdict(block: Recording) -> str:
    """Accepted, or why not with the numbers."""
    recorder = Recorder()
    for sample in Player().play(block):
        if sample is not None:
            recorder.add(sample)
    found = judge("recording", 0.0, recorder.windows())
    if isinstance(found, Baseline):
        return "accepted"
    return f"{found.reason} ({', '.join(f'{name} {value:.2f}' for name, value in found.numbers)})"


def files(data: Path) -> Iterator[Path]:
    """Everything with a label that says whether somebody is there."""
    yield from sorted((data / "ialr_s3_amp").glob("*.npz"))
    yield from sorted((data / "pulse_wifi_esp32").glob("*.npz"))
    for pattern in ("baseline_*.npz", "movement_*.npz"):
        yield from sorted((data / "espectre_multichip").glob(pattern))


def main() -> None:
    """A row per block, and how many of each label were accepted."""
    total: dict[str, Counter[str]] = {}
    print("| recording | label | seconds | verdict |")
    print("|---|---|---|---|")
    for path in files(data_dir()):
        for block in blocks(load(path)):
            label = f"{path.parent.name} {block.labels[0]}"
            said = verdict(block)
            total.setdefault(label, Counter())[said.partition(" ")[0]] += 1
            print(f"| {path.stem} | {block.labels[0]} | {block.seconds:.0f} | {said} |", flush=True)
    for label, counts in total.items():
        print(f"{label}: {dict(counts)}")


if __name__ == "__main__":
    main()
