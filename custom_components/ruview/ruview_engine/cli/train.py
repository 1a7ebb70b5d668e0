"""`train`: the pipeline of ADR-071, from recordings to a folder with a model, its measurements and a report."""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..errors import FormatError
from ..ingest.recording import read_recording
from ..training.adaptation import train_adapter
from ..training.adapter import Adapter
from ..training.backbone import Backbone
from ..training.camera_free.observer import Observer
from ..training.camera_free.recipe import train_camera_free
from ..training.dataset import Dataset
from ..training.export import export
from ..training.features import FeatureSource
from ..training.recipe import train
from ..training.report import html
from ..training.source import Span, packets
from ..training.training_run import Settings, TrainingRun
from .model_folder import must_be_replaceable, write_folder
from .screen import Screen, View
from .seed import add_seed_arguments
from .teachers import gather

#: Begins the names of counts of what could not be read.
REFUSED: Final = "refused: "

HELP = "train the encoder, its heads and adapters on recordings (ADR-071)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Data, output, choices."""
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FILE", help="recordings")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the model goes; made anew")
    parser.add_argument("--name", default="csi-v1", help="name of the model (csi-v1)")
    parser.add_argument("--encoder", metavar="DIR", help="keep this one; train only heads and adapters on it")
    parser.add_argument("--epochs", type=int, default=20, metavar="N", help="contrastive epochs (20)")
    parser.add_argument("--seed", type=int, default=71, metavar="N", help="same seed, same bytes (71)")
    parser.add_argument(
        "--source",
        choices=[source.name.lower() for source in FeatureSource],
        default=FeatureSource.CSI.name.lower(),
        help="features derived from raw CSI, or the boards' own vectors (csi)",
    )
    free = parser.add_argument_group("camera-free supervision (other sensors as teachers)")
    free.add_argument("--camera-free", action="store_true", help="weak labels of other sensors, and a pose proxy")
    free.add_argument(
        "--sensors",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="Home Assistant history (JSON or CSV), or a table of the ten signals (CSV, JSONL)",
    )
    free.add_argument(
        "--entity", action="append", default=[], metavar="ID=SIGNAL", help="which signal an entity or column gives"
    )
    free.add_argument("--no-seed", action="store_true", help="use the nodes alone")
    add_seed_arguments(free, required=False)
    parser.add_argument("--benchmark", action="store_true", help="also measure inference and adaptation times")
    parser.add_argument("--plain", action="store_true", help="plain text, no live screen")


def run(arguments: argparse.Namespace) -> int:
    """Train, then put the finished folder in its place; nothing half-written is left on any error."""
    if arguments.epochs < 1:
        raise FormatError("--epochs must be at least 1")
    if not arguments.camera_free and (arguments.sensors or arguments.seed_url or arguments.entity):
        raise FormatError("--sensors, --entity and --seed-url need --camera-free")
    if arguments.encoder and (arguments.camera_free or arguments.source != FeatureSource.CSI.name.lower()):
        raise FormatError("--encoder keeps one of source csi; --camera-free and --source firmware train another")
    if arguments.no_seed and arguments.seed_url:
        raise FormatError("--no-seed and --seed-url contradict each other")
    must_be_replaceable(arguments.output)
    settings = Settings(
        name=arguments.name,
        source=FeatureSource[arguments.source.upper()],
        n_epochs=arguments.epochs,
        seed=arguments.seed,
    )
    backbone = None if arguments.encoder is None else Backbone.fetch(arguments.encoder)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    with Screen(is_plain=arguments.plain) as screen:
        screen.show(View(title="reading recordings"))
        recordings = [read_recording(path) for path in arguments.data]
        refused: Counter[str] = Counter()
        spans: list[Span] = []
        observer = Observer() if arguments.camera_free else None
        dataset = Dataset.collect(packets(recordings, refused, spans), observer)
        for recording in recordings:
            refused.update(recording.report.bad)
        if refused:
            counts = dict(dataset.counts) | {f"{REFUSED}{why}": n for why, n in refused.items()}
            dataset = replace(dataset, counts=tuple(sorted(counts.items())))

        def tell(what: str, share: float) -> None:
            screen.show(_view(what, share))

        if observer is None:
            encoder = None if backbone is None else backbone.model.encoder
            result = train(dataset, settings, tell, encoder=encoder)
        else:
            screen.show(View(title="gathering the teachers"))
            result = train_camera_free(dataset, gather(arguments, observer.observe(), spans), settings, tell)
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    files = dict(export(result))
    files["report.html"] = html(result).encode()
    if arguments.benchmark:
        # Times differ from run to run, so they live in a file of their own and leave the others byte for byte the same.
        files["benchmark.json"] = (json.dumps(_benchmark(result, seconds, cpu_s), indent=1) + "\n").encode()
    write_folder(arguments.output, files)
    _summarise(result, seconds, arguments.output)
    return 0


def _benchmark(result: TrainingRun, seconds: float, cpu_s: float) -> dict[str, Any]:
    """Median and 99th percentile of what runs on a device, one row at a time; times of this machine, now."""
    encoder, table = result.model.encoder, result.table
    rows = list(table.features[:500])
    adapter = next(iter(result.model.adapters.values()), None) or Adapter.initialise(np.random.default_rng(0))
    embedding = encoder.embed_one(rows[0])
    slope = np.ones_like(embedding)

    def adapt() -> None:
        adapter.step_one(embedding, slope, 1e-3)

    one_node = table.take(table.node == table.node[0])
    began_s = time.perf_counter()
    train_adapter(encoder, one_node, np.random.default_rng(0), n_epochs=1)
    return {
        "training_s": seconds,
        "training_cpu_s": cpu_s,
        "n_rows": len(table),
        "embed_one_us": _percentiles([_timed(lambda row=row: encoder.embed_one(row)) for row in rows]),
        "adapter_step_us": _percentiles([_timed(adapt) for _ in range(500)]),
        "adapter_epoch_s": time.perf_counter() - began_s,
    }


def _timed(action: Any) -> float:
    began_ns = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - began_ns) / 1e3


def _percentiles(microseconds: list[float]) -> dict[str, float]:
    return {"p50": float(np.percentile(microseconds, 50)), "p99": float(np.percentile(microseconds, 99))}


def _view(what: str, share: float) -> View:
    filled = round(30 * share)
    return View(title=f"{what:<24} {'█' * filled}{'░' * (30 - filled)} {100 * share:3.0f} %")


def _summarise(result: TrainingRun, seconds: float, output: Path) -> None:
    score = result.triplet_score
    print(f"{len(result.table)} rows, {seconds:.1f} s; model {result.model.name} in {output}")
    for what, n in result.dataset.counts:
        if what.startswith(REFUSED):
            print(f"{what}: {n}")
    print(
        f"held-out triplet accuracy {score.trained:.3f} (random encoder {score.random_encoder:.3f}, "
        f"raw features {score.raw_features:.3f}, chance 0.5; {score.n_triplets} triplets)"
    )
    if score.gain <= 0:
        print("this encoder parts moments no better than none: record longer, or with more going on")
    if found := result.extra.get("camera_free_supervision"):
        there = [name for name, one in found["signals"].items() if one["source"]]
        print(f"camera-free, mode {found['mode']} ({found['able']}); signals: {', '.join(there)}")
        for note in found["notes"]:
            print(f"note: {note}")
    for name, reason in sorted(result.model.refusals.items()):
        print(f"not in the model: {name} – {reason}")
    print(f"report: {output / 'report.html'}", file=sys.stderr)
