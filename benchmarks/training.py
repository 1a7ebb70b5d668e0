"""The training pipeline on recordings and in simulation; writes docs/benchmarks/training.md.

    python -m benchmarks.training [--output docs/benchmarks/training.md]

Everything is judged on blocks or sessions that training did not see, beside a random encoder, the raw features,
shuffled labels and the trivial answer. Times are of the machine that runs this, one core.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ruview_engine.errors import TrainingError
from ruview_engine.ingest.recording import RecordingWriter, read_recording
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.training.adapter import Adapter
from ruview_engine.training.camera_free.observer import Observer
from ruview_engine.training.camera_free.recipe import Teachers, train_camera_free
from ruview_engine.training.camera_free.signals import Signal
from ruview_engine.training.camera_free.timeline import lay
from ruview_engine.training.consolidation import LAMBDA_BASE, Consolidation, Task
from ruview_engine.training.contrastive import train_encoder, triplet_accuracy
from ruview_engine.training.dataset import Dataset
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.evaluation import judge_classifier
from ruview_engine.training.export import export
from ruview_engine.training.loading import load_folder
from ruview_engine.training.quantised_encoder import QuantisedEncoder
from ruview_engine.training.recipe import train
from ruview_engine.training.scoring import ClassificationScore
from ruview_engine.training.source import Span, packets
from ruview_engine.training.split import Split
from ruview_engine.training.training_run import Settings, TrainingRun
from ruview_engine.training.triplets import mine

from .recordings import data_dir

SEEDS = (71, 72, 73)
N_TIMED = 500
#: Simulated stay: out, in and walking, out; long enough for a PIR sensor's silence to mean absence.
PLAN = ((0, "leave"), (480, "walk"), (860, "leave"))
SIMULATED_S = 1300


def pretrain_file() -> Path:
    return next((data_dir() / "ruview_pretrain").glob("*.csi.jsonl"))


def collect(paths: Sequence[Path]) -> tuple[Dataset, Observer, list[Span]]:
    spans: list[Span] = []
    observer = Observer()
    dataset = Dataset.collect(packets([read_recording(path) for path in paths], Counter(), spans), observer)
    return dataset, observer, spans


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def cell(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows)]) + "\n"


def spread(score: ClassificationScore) -> str:
    """What shuffled labels reach."""
    return "{:.2f} ± {:.2f}".format(*score.by_chance)


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile in microseconds."""
    action()
    spent = []
    for _ in range(N_TIMED):
        began = time.perf_counter_ns()
        action()
        spent.append((time.perf_counter_ns() - began) / 1e3)
    return float(np.median(spent)), float(np.percentile(spent, 99))


def triplets_part(runs: Sequence[TrainingRun]) -> str:
    rows: list[tuple[object, ...]] = []
    for run in runs:
        score = run.triplet_score
        rows.append((run.settings.seed, score.n_triplets, score.trained, score.random_encoder, score.raw_features, 0.5))
    by_strategy = []
    for name in runs[0].triplet_score.by_strategy:
        parts = [run.triplet_score.by_strategy[name] for run in runs]
        mean = np.mean(parts, axis=0)
        by_strategy.append((name, round(float(mean[0])), float(mean[1]), float(mean[2])))
    return (
        table(("seed", "held-out triplets", "trained", "random encoder", "raw features", "chance"), rows)
        + "\nMean over the seeds, by strategy:\n\n"
        + table(("strategy", "triplets", "trained", "raw features"), by_strategy)
    )


def quantisation_part(run: TrainingRun) -> str:
    return table(
        ("bits", "method", "RMSE", "relative RMSE", "1 − cos, held out", "triplet accuracy", "bytes of the file"),
        [
            (
                row.n_bits, row.method.value, row.rmse, row.relative_rmse, row.embedding_error,
                row.triplet_accuracy, row.n_bytes,
            )
            for row in run.quantisation
        ],
    )  # fmt: skip


def formats_part(run: TrainingRun) -> str:
    files = export(run)
    loaded = load_folder(files)
    features = run.table.features[:200]
    difference = float(np.abs(loaded.model.embed(features) - run.model.embed(features)).max())
    rows = [(f"`{name}`", len(data)) for name, data in sorted(files.items())]
    return (
        table(("file", "bytes"), rows)
        + f"\nAll of them read back by `training/loading.py`; largest difference of an embedding {difference:.1e}.\n"
    )


def latency_part(run: TrainingRun, seconds: float, cpu_s: float) -> str:
    encoder, row = run.model.encoder, run.table.features[0]
    adapter = next(iter(run.model.adapters.values()), None) or Adapter.initialise(np.random.default_rng(0))
    embedding = encoder.embed_one(row)
    slope = np.ones_like(embedding)
    rows: list[tuple[object, ...]] = [("all phases of training, s", seconds, f"{cpu_s:.1f} on the processor")]
    rows.append(("one vector, float64, µs (p50, p99)", *timed(lambda: encoder.embed_one(row))))
    for n_bits in (8, 4, 2):
        small = QuantisedEncoder.from_bytes(run.quantised[n_bits].to_bytes()).restore()
        rows.append((f"one vector, from the {n_bits}-bit file, µs", *timed(partial(small.embed_one, row))))
    rows.append(("one adapter step, µs", *timed(lambda: adapter.step_one(embedding, slope, 1e-3))))
    return table(("what", "median", "p99 or note"), rows)


def adapters_part(run: TrainingRun) -> str:
    """Each node's adapter against the frozen encoder and an untrained adapter, on that node's held-out blocks."""
    rows = []
    report = run.table.take(run.split.held_out)
    for node, adapter in sorted(run.model.adapters.items()):
        own = report.take(report.node == node)
        exam = mine(own, np.random.default_rng(1))
        frozen = run.model.encoder.embed(own.features)
        control = Adapter.initialise(np.random.default_rng(2)).forward(frozen).embedding
        rows.append(
            (
                node, len(exam), triplet_accuracy(frozen, exam), triplet_accuracy(control, exam),
                triplet_accuracy(adapter.forward(frozen).embedding, exam),
            )
        )  # fmt: skip
    return table(("node", "triplets", "frozen encoder", "untrained adapter", "trained adapter"), rows)


def consolidation_part(run: TrainingRun) -> str:
    """Learn node 1, then node 2: how much of node 1 is left, with and without."""
    learn, report = run.table.take(run.split.train), run.table.take(run.split.held_out)
    one, two = (learn.take(learn.node == node) for node in (1, 2))
    exams = []
    for node in (1, 2):
        part = report.take(report.node == node)
        exams.append((part, mine(part, np.random.default_rng(1))))

    def score(encoder: Encoder) -> list[float]:
        return [triplet_accuracy(encoder.embed(part.features), exam) for part, exam in exams]

    rng = np.random.default_rng(5)
    learnt, triplets, _ = train_encoder(Encoder.initialise(one.features, rng), one, rng, n_epochs=10)
    consolidation = Consolidation()
    consolidation.register(Task.register("node-1", LAMBDA_BASE, learnt, one, triplets))
    rows: list[tuple[object, ...]] = [("after node 1", *score(learnt))]
    for name, penalty in (("then node 2, free", None), ("then node 2, consolidated", consolidation.penalty)):
        after, _, _ = train_encoder(learnt, two, np.random.default_rng(6), n_epochs=10, rate=3e-3, penalty=penalty)
        rows.append((name, *score(after)))
    return table(("encoder", "held-out node 1", "held-out node 2"), rows)


def sessions_part() -> str:
    """Labelled sessions: encoder and head learn from five, and are judged on the sixth."""
    paths = sorted((data_dir() / "ialr_s3_amp").glob("*.npz"))
    recordings = [read_recording(path) for path in paths]
    spans: list[Span] = []
    dataset = Dataset.collect(packets(recordings, Counter(), spans))
    rows_of = dataset.csi
    assert rows_of is not None
    session = np.searchsorted([span.start_s for span in spans], rows_of.at_s, "right") - 1
    label = np.zeros(len(rows_of), dtype=np.intp)
    quality = np.zeros(len(rows_of))
    for k, (recording, span) in enumerate(zip(recordings, spans, strict=True)):
        truth = recording.truth
        assert truth is not None
        mine_ = np.flatnonzero(session == k)
        near = np.clip(np.searchsorted(truth.at_s, rows_of.at_s[mine_] - span.start_s), 0, len(truth.at_s) - 1)
        names = truth.labels[near]
        label[mine_] = names == "moving"
        quality[mine_] = np.isin(names, ["empty", "moving"]) & ~truth.settling[near]
    rows: list[tuple[object, ...]] = []
    for k, path in enumerate(paths):
        rng = np.random.default_rng(71)
        split = Split.by_session(session.astype(np.int64), k)
        learn = rows_of.take(split.train)
        start = Encoder.initialise(learn.features, rng)
        encoder, _, _ = train_encoder(start, learn, rng, n_epochs=3)
        found: list[object] = [path.stem]
        for name, embedding in (
            ("trained", encoder.embed(rows_of.features)),
            ("random", start.embed(rows_of.features)),
        ):
            try:
                _head, score, _losses, _why = judge_classifier(
                    name, embedding, label, quality, ("empty", "moving"), split, np.random.default_rng(3)
                )
            except TrainingError as error:
                found += [str(error), "–"]
                continue
            found += [score.balanced_accuracy, spread(score)]
            if name == "trained":
                found += [score.n_rows, score.recall[0], score.recall[1]]
        rows.append(tuple(found))
    return table(
        ("session held out", "trained encoder", "shuffled labels", "rows", "recall empty", "recall moving",
         "random encoder", "its shuffled"),
        rows,
    )  # fmt: skip


def simulate(path: Path) -> dict[Signal, list[tuple[float, float]]]:
    """A room with two boards, and what its PIR, door, thermometer and hygrometer would have reported."""
    scene = scenes.living_room(nodes=2, seed=2)
    person = Person(scene, seed=3)
    simulator = Simulator(scene, Timeline([person]), seed=7)
    unix_s = 1_800_000_000.0
    plans = dict(PLAN)
    with path.open("wb") as file:
        writer = RecordingWriter(file, unix_s=unix_s, at_s=0.0)
        for second in range(SIMULATED_S):
            if second in plans:
                person.do(plans[second], float(second))
            for at_s, source, datagram in simulator.second():
                writer.write(at_s, source[0], datagram)
    inside = [(480.0, 860.0)]
    reports: dict[Signal, list[tuple[float, float]]] = {
        Signal.PIR: [(unix_s - 900.0, 0.0)],
        Signal.DOOR: [(unix_s - 900.0, 0.0)],
        Signal.TEMPERATURE: [],
        Signal.HUMIDITY: [],
    }
    warm = 0.0
    for at in range(0, SIMULATED_S, 30):
        is_inside = any(first <= at < last for first, last in inside)
        warm += 0.06 if is_inside else -0.01
        reports[Signal.TEMPERATURE].append((unix_s + at, 20.0 + max(warm, 0.0)))
        reports[Signal.HUMIDITY].append((unix_s + at, 45.0 + 0.5 * max(warm, 0.0)))
        reports[Signal.PIR].append((unix_s + at, float(is_inside)))
    for first, last in inside:
        reports[Signal.DOOR] += [(unix_s + first - 2, 1.0), (unix_s + first + 3, 0.0)]
        reports[Signal.DOOR] += [(unix_s + last - 2, 1.0), (unix_s + last + 3, 0.0)]
    return reports


def camera_free_part() -> str:
    dataset, observer, spans = collect([pretrain_file()])
    alone = train_camera_free(dataset, Teachers(seen=observer.observe(), history=lay({}, spans)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "house.csi.jsonl"
        reports = simulate(path)
        dataset, observer, spans = collect([path])
    settings = Settings(n_epochs=3)
    taught = train_camera_free(dataset, Teachers(seen=observer.observe(), history=lay(reports, spans)), settings)
    found = [run.extra["camera_free_supervision"] for run in (alone, taught)]
    provides = {
        "pir": "presence, absence after 5 min of silence", "temperature": "presence while it rises",
        "humidity": "breathing zone", "cross_node_rssi": "5×5 position, side of the pose proxy",
        "vitals_stability": "board's presence rank, count", "temporal_csi": "movement, rhythm, body region",
        "cluster_labels": "groups of moments", "fragility": "activity boundaries", "door": "entry and exit",
        "vibration": "steps",
    }  # fmt: skip
    rows = [
        (k, name, what, *(str(one["signals"][name]["source"] or "not there") for one in found))
        for k, (name, what) in enumerate(provides.items(), start=1)
    ]
    labels = [
        (name, *(f"{one['weak_labels'][name]['share_known']:.2f}" for one in found)) for name in found[0]["weak_labels"]
    ]
    labels += [(f"triplets: {name}", *(one["triplets"].get(name, 0) for one in found)) for name in
               ("temporal", "cross_node", "transition", "cross_node_transition", "sensor_verified",
                "activity_boundary")]  # fmt: skip
    pose = [
        (name, *(one["pose_proxy"].get(name, "–") for one in found))
        for name in ("seconds_with_proxy", "bodies", "skeleton_violations", "held_out_seconds", "distance_to_proxy_m",
                     "distance_of_a_constant_m", "refusal")
    ]  # fmt: skip
    heads: list[tuple[object, ...]] = []
    for run, where in ((alone, "two boards, 120 s, nodes alone"), (taught, f"simulated house, {SIMULATED_S} s")):
        score = run.scores.get("presence")
        if not isinstance(score, ClassificationScore):
            heads.append((where, run.model.refusals.get("presence", ""), "–", "–", "–"))
        else:
            heads.append((where, score.n_rows, score.balanced_accuracy, score.trivial, spread(score)))
    both = ("two boards, nodes alone", "simulated house with sensors")
    return (
        f"Modes: {found[0]['mode']} and {found[1]['mode']}.\n\n"
        + table(("#", "signal", "gives", *both), rows)
        + "\nShare of seconds with a weak label, and triplets by strategy:\n\n"
        + table(("label", *both), labels)
        + "\nPresence head taught by sensors, held-out blocks (labels are the sensors', not a witness's):\n\n"
        + table(("recording", "rows", "balanced accuracy", "trivial", "shuffled"), heads)
        + "\nPose proxy (agreement with its own proxy, never accuracy):\n\n"
        + table(("what", *both), pose)
    )


def page(runs: Sequence[TrainingRun], seconds: float, cpu_s: float) -> str:
    first = runs[0]
    refusals = [(name, why) for name, why in sorted(first.model.refusals.items())]
    heads = [
        (name, f"{score.balanced_accuracy:.2f}", f"{score.trivial:.2f}", spread(score), score.n_rows)
        for name, score in first.scores.items()
        if isinstance(score, ClassificationScore)
    ]
    return f"""# Training: benchmark

Written by `python -m benchmarks.training`; method and meaning in [training](../training.md).
Machine: {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, one core, shared with other
work while measuring. Recording unless said otherwise: ruview_pretrain (two boards, 120 s, unlabelled;
{len(first.table)} rows with features), every fourth block of 10 s held out.

## Triplets

{triplets_part(runs)}
## Quantisation

{quantisation_part(first)}
## Files

{formats_part(first)}
## Times

{latency_part(first, seconds, cpu_s)}
## Heads on what the boards say of themselves

{table(("head", "balanced accuracy", "trivial", "shuffled labels", "held-out rows"), heads)}
{table(("not part of the model", "why"), refusals)}
## Movement on labelled sessions (ialr, leave one session out)

Encoder (3 epochs) and head learn from five sessions; the sixth is another time, partly another day, same room.

{sessions_part()}
## Adapters, held-out rows of each node

{adapters_part(first)}
## Consolidation

{consolidation_part(first)}
## Camera-free

{camera_free_part()}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks/training.md"))
    arguments = parser.parse_args()
    began, began_cpu = time.perf_counter(), time.process_time()
    dataset, _, _ = collect([pretrain_file()])
    runs = [train(dataset, Settings(seed=SEEDS[0]))]
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    runs += [train(dataset, Settings(seed=seed)) for seed in SEEDS[1:]]
    arguments.output.write_text(page(runs, seconds, cpu_s), encoding="utf-8")
    print(f"written: {arguments.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
