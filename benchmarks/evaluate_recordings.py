"""What a home would have been told: `python -m ruview_engine evaluate` on every recording, beside its label.

    python -m benchmarks.evaluate_recordings            prints the page
    python -m benchmarks.evaluate_recordings --write    docs/benchmarks/evaluation.md

The command is really run, once per room with a baseline from another recording of that room; only its JSON is read.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.recordings import ROOT, data_dir
from ruview_engine.ingest.recording import read_recording

PAGE = ROOT / "docs/benchmarks/evaluation.md"
#: Labels in recordings → what is true.
EMPTY = {"empty", "empty_quiet", "baseline", "baseline_noisy", "quiet", "none"}
MOVING = {"walking", "moving", "movement", "walk", "mov"}
#: A second counts for a label when this share of its frames carries it.
PURE = 0.99
#: Chips of the ESPectre recordings.
CHIPS = ("esp32", "s3", "c3", "c5", "c6")


@dataclass(slots=True)
class Group:
    """One run of the command."""

    title: str
    baseline: list[Path]
    files: list[Path]
    note: str = ""
    tries_each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Seconds of one label in one recording, and what was said in them."""

    file: str
    label: str
    motion: int
    still: int
    present: int
    clear: int
    unknown: int
    breathing: tuple[float, ...]
    heart: int
    changes: int

    @property
    def seconds(self) -> int:
        """All of them."""
        return self.present + self.clear + self.unknown


def groups(data: Path, scratch: Path) -> Iterator[Group]:
    """Every room with a recording of its emptiness, and one without."""
    pulse = data / "pulse_wifi_esp32"
    yield Group(
        title="pulse (2 × ESP32, ≈ 107 Hz)",
        baseline=[pulse / "vacio_01.npz"],
        files=[path for path in sorted(pulse.glob("*.npz")) if path.stem != "vacio_01"],
        note="Baseline `vacio_01`, a minute of the empty room.",
    )
    for chip in CHIPS:
        folder = data / "espectre_multichip"
        quiet = sorted(folder.glob(f"baseline_{chip}_*.npz"), key=lambda path: path.stem.removesuffix("_hist")[-15:])
        moving = sorted(folder.glob(f"movement_{chip}_*.npz"))
        yield Group(
            title=f"ESPectre, {chip}",
            baseline=quiet,
            files=quiet + moving,
            note="Baseline: the first recording below that is accepted, ten seconds; the others are of other days.",
            tries_each=True,
        )
    ialr = data / "ialr_s3_amp"
    first, *others = sorted(ialr.glob("*.npz"))
    yield Group(
        title="ialr (ESP32-S3, 10 Hz, integer amplitudes)",
        baseline=[only(first, "empty", scratch)],
        files=others,
        note=f"Baseline: the empty minute of `{first.stem}`, the evening before or a day before.",
    )
    yield Group(
        title="geotec (ESP32-S2, 100 Hz, amplitudes)",
        baseline=[],
        files=[data / "geotec_s2_amp/D1.npz"],
        note="No recording of the empty room exists: nothing was taught.",
    )


def only(path: Path, label: str, scratch: Path) -> Path:
    """A copy that keeps the frames of one label."""
    with np.load(path, allow_pickle=False) as file:
        content = {name: file[name] for name in file.files}
    chosen = content["labels"] == label
    n = len(content["t"])
    kept = {name: values[chosen] if values.ndim and len(values) == n else values for name, values in content.items()}
    target = scratch / f"{path.stem}_{label}.npz"
    np.savez_compressed(target, **kept)
    return target


def evaluate(group: Group, scratch: Path) -> tuple[list[dict[str, Any]], str]:
    """Run the command; its JSON, and what it said about the baseline."""
    out = scratch / "out.json"
    command = [sys.executable, "-m", "ruview_engine", "evaluate", *map(str, group.files), "--plain", "--json", str(out)]
    if group.baseline:
        command += ["--baseline", *map(str, group.baseline)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env=dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"),
    )
    if done.returncode:
        return [], done.stderr.strip().splitlines()[-1].replace(str(data_dir()), "…")
    said = next((line for line in done.stderr.splitlines() if "empty room learnt" in line or "baseline" in line), "")
    return json.loads(out.read_text(encoding="utf-8")), said


def attempt(group: Group, scratch: Path) -> tuple[list[dict[str, Any]], str]:
    """As `evaluate`; where there are several candidates for the baseline, the first that teaches anything."""
    if not group.tries_each:
        return evaluate(group, scratch)
    told: list[str] = []
    for candidate in group.baseline:
        others = [path for path in group.files if path != candidate]
        reports, said = evaluate(replace(group, baseline=[candidate], files=others), scratch)
        told.append(f"`{candidate.stem}`: {said}")
        if reports:
            return reports, "; ".join(told)
    return [], "; ".join(told)


def tally(report: dict[str, Any]) -> list[Tally]:
    """Count a recording's seconds by label."""
    path = Path(report["file"])
    with np.load(path, allow_pickle=False) as file:
        labels, settling = file["labels"], file["settling"] if "settling" in file.files else None
    times = np.array([at_s for at_s, _, _ in read_recording(path)])  # clips of one file are put apart
    if labels.ndim == 0:
        labels = np.full(len(times), str(labels))
    assert len(labels) == len(times), path
    if settling is not None:  # somebody walks in or out between the blocks
        labels = np.where(settling.astype(bool), "settling", labels)
    counts: dict[str, list[dict[str, Any]]] = {}
    for second in report["seconds"]:
        inside = labels[(times >= second["t"] - 1.0) & (times < second["t"])]
        if len(inside) == 0:
            continue
        names, n = np.unique(inside, return_counts=True)
        if n.max() >= PURE * n.sum():
            counts.setdefault(str(names[n.argmax()]), []).append(second)
    found = []
    for label, seconds in counts.items():
        begins, ends = seconds[0]["t"] - 1.0, seconds[-1]["t"]
        found.append(
            Tally(
                file=path.stem,
                label=label,
                motion=sum(second["motion"] is True for second in seconds),
                still=sum(second["motion"] is False for second in seconds),
                present=sum(second["presence"] == "present" for second in seconds),
                clear=sum(second["presence"] == "clear" for second in seconds),
                unknown=sum(second["presence"] == "unknown" for second in seconds),
                breathing=tuple(s["breathing"]["value"] for s in seconds if s["breathing"]["value"] is not None),
                heart=sum(second["heart_rate"]["value"] is not None for second in seconds),
                changes=sum(begins <= change["t"] < ends for change in report["changes"]) if len(counts) == 1 else -1,
            )
        )
    return found


def percent(part: int, whole: int) -> str:
    """Without decimals where there are too few seconds for them."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def row(found: Tally) -> tuple[str, ...]:
    """One line of a table."""
    breath = f"{len(found.breathing)} × {median(found.breathing):.1f}" if found.breathing else "0"
    n = found.seconds
    said = found.motion + found.still
    return (
        f"`{found.file}`",
        found.label,
        str(n),
        percent(found.motion, said) + ("" if said == n else f" of {said}"),
        percent(found.present, n),
        percent(found.clear, n),
        percent(found.unknown, n),
        breath,
        str(found.heart),
        str(found.changes) if found.changes >= 0 else "–",
    )


def summary(tallies: list[Tally]) -> list[str]:
    """What the bars of issue 2 and of the design ask, over everything with a label that says empty or moving."""
    lines = []
    for what, labels, is_moving in (("moving", MOVING, True), ("empty", EMPTY, False)):
        chosen = [t for t in tallies if t.label in labels and t.motion + t.still >= 5]
        shares = [t.motion / (t.motion + t.still) for t in chosen]
        seconds = sum(t.seconds for t in chosen)
        within = sum(share >= 0.98 if is_moving else share <= 0.01 for share in shares)
        wrong = sum(t.clear if is_moving else t.present for t in chosen)
        lines.append(
            f"* **{what}**: {len(chosen)} stretches, {seconds} s. Motion in {100 * float(np.mean(shares)):.1f} % of "
            f"the seconds (mean over stretches), worst {100 * (min(shares) if is_moving else max(shares)):.0f} %; "
            f"{within} of {len(chosen)} within the design's bar ({'≥ 98' if is_moving else '≤ 1'} %). "
            f"Presence said {'*clear*' if is_moving else '*present*'} in {wrong} s ({100 * wrong / seconds:.1f} %)."
        )
    return lines


def page() -> str:
    """The whole page."""
    sections: list[str] = []
    everything: list[Tally] = []
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        for group in groups(data_dir(), scratch):
            started = time.perf_counter()
            reports, said = attempt(group, scratch)
            tallies = [found for report in reports for found in tally(report)]
            everything += tallies
            print(f"{group.title}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
            head = ("recording", "label", "s", "motion", "present", "clear", "unknown", "breathing", "heart", "changes")
            table = [" | ".join(head), " | ".join(["---"] * len(head)), *(" | ".join(row(found)) for found in tallies)]
            sections += [f"## {group.title}", "", group.note + (f" The command said: {said}." if said else ""), ""]
            sections += [*(f"| {line} |" for line in table), ""]
    return "\n".join(
        [
            "# Evaluation: what a home would have been told",
            "",
            "`python -m ruview_engine evaluate FILE… --baseline FILE…` on every labelled recording, second by second,",
            "with the engine Home Assistant runs. Written by `python -m benchmarks.evaluate_recordings --write`. No",
            "pose was taught, so posture and restlessness are absent; breathing is *reports × median per minute*;",
            "*changes* are regime changes (not given where one file has several labels). The recordings are named in",
            "[benchmarks](../benchmarks.md); none is in the repository.",
            "",
            f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} CPUs ({platform.machine()}), "
            f"Python {platform.python_version()}, "
            f"numpy {np.__version__}.",
            "",
            "## All together",
            "",
            *summary(everything),
            "",
            "The bars of the design are 98 % and 1 % per recording, those of the first milestone 95 % and 3 %. Where a",
            "line below misses them, it is missed.",
            "",
            *sections,
        ]
    )


def main() -> None:
    """Print or write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    text = page()
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
