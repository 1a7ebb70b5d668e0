"""`evaluate`: recordings through the engine at recording time, as a table for people and as JSON for programs."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from ..atomic_file import write_atomically
from ..errors import FormatError, TrainingError
from ..evaluation import EmptyRoom, Evaluation
from ..ingest.recording import read_recording
from ..settings import EngineSettings
from .screen import Screen, View

HELP = "run recordings through the engine and say, second by second, what a home would have been told"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Recordings, the empty room, where the JSON goes."""
    parser.epilog = "Recordings come first: evaluate walk.npz --baseline empty.npz. More in docs/evaluate.md."
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings (.csi.jsonl, .npz)")
    parser.add_argument(
        "--baseline", nargs="+", type=Path, default=[], metavar="FILE", help="recordings of the same room, empty"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write links, seconds and changes of every file here")
    parser.add_argument(
        "--false-alarms-per-day", type=float, default=1.0, metavar="N", help="budget of the change detector (1)"
    )
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate every file on a fresh engine; 0 when all could be read, 1 when some could not."""
    try:
        settings = EngineSettings(false_alarms_per_day=arguments.false_alarms_per_day)
    except ValueError as error:
        raise FormatError(f"--{str(error).replace('_', '-')}") from error
    for path in (*arguments.files, *arguments.baseline):
        path.open("rb").close()  # a mistyped name is said now, not after the files before it
    empty = _learn(arguments.baseline, settings) if arguments.baseline else None
    results: list[dict[str, Any]] = []
    n_bad = 0
    with Screen(is_plain=arguments.plain) as screen:
        for number, path in enumerate(arguments.files):
            screen.show(_view(results, f"evaluating {path.name} ({number + 1} of {len(arguments.files)})"))
            try:
                recording = read_recording(path)
            except FormatError as error:
                n_bad += 1
                print(f"ruview_engine: {error}", file=sys.stderr)
                continue
            results.append({"file": str(path), **Evaluation(empty, settings).run(recording)})
            bad = dict(recording.report.bad)
            if bad:
                results[-1]["bad_rows"] = bad
        screen.show(_view(results, f"{len(results)} recordings" + (f", {n_bad} not read" if n_bad else "")))
    if arguments.json is not None:
        text = json.dumps(results, indent=1, allow_nan=False)
        write_atomically(arguments.json, text.encode())
        print(f"written: {arguments.json}", file=sys.stderr)
    return 1 if n_bad else 0


def _learn(paths: list[Path], settings: EngineSettings) -> EmptyRoom | None:
    """What the recordings of the empty room teach, said on stderr; None when that is nothing."""
    try:
        empty = EmptyRoom.learn([read_recording(path) for path in paths], settings)
    except TrainingError as nothing:
        print(f"{nothing}; the recordings are judged untaught", file=sys.stderr)
        return None
    print(_describe(empty), file=sys.stderr)
    return empty


def _describe(empty: EmptyRoom) -> str:
    links = ", ".join(str(link) for link in sorted(empty.quiet))
    if empty.refusal is None:
        return f"empty room learnt on {links}"
    numbers = ", ".join(f"{name} {value:.3g}" for name, value in empty.refusal.numbers)
    return (
        f"no baseline ({empty.refusal.reason.value}: {numbers}); motion still stands on the quiet of {links}, "
        "presence does without the empty room's profile"
    )


def _view(results: list[dict[str, Any]], title: str) -> View:
    return View(
        title=title,
        columns=("recording", "s", "moving", "present", "clear", "unknown", "breathing /min", "changes", "links"),
        rows=tuple(_row(result) for result in results),
    )


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    seconds = result["seconds"]
    n = max(len(seconds), 1)
    presence = Counter(second["presence"] for second in seconds)
    rates = sorted(second["breathing"]["value"] for second in seconds if second["breathing"]["value"] is not None)
    breathing = f"{rates[len(rates) // 2]:.1f} in {100 * len(rates) / n:.0f} %" if rates else "–"
    return (
        Path(result["file"]).name,
        str(len(seconds)),
        f"{100 * sum(second['motion'] is True for second in seconds) / n:.1f} %",
        *(f"{100 * presence[name] / n:.0f} %" for name in ("present", "clear", "unknown")),
        breathing,
        str(len(result["changes"])),
        ", ".join(f"{link['id']} {link['fs_hz'] or 0:.1f} Hz" for link in result["links"][:3]),
    )
