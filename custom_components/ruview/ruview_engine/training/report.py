"""One HTML page about a training run: what was learnt, how it was judged, what the figures do not show."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from . import chart
from .quantise import Method
from .scoring import ClassificationScore
from .training_run import TrainingRun

#: Bars of the few-bit files. Origin: spec, TRAINING "Bars"; the seed's own are of absolute error, which is no harm.
MAX_TURN: Final = {4: 0.002, 2: 0.03}
MAX_BYTES: Final = 10_000

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#222;"
    "background:#fff}"
    "h2{margin-top:2.2rem;border-bottom:1px solid #8884;padding-bottom:.2rem}"
    ".charts{display:flex;flex-wrap:wrap;gap:1rem}svg{flex:1 1 460px;max-width:540px;font-size:11px}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #8883;padding:.25rem .7rem;text-align:left}thead th{color:#777;font-weight:600}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}.yes{color:#009E73;font-weight:bold}"
    ".no{color:#D55E00;font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}}"
)


def html(run: TrainingRun) -> str:
    """The whole page; same run, same text."""
    seconds = run.table.at_s[-1] - run.table.at_s[0]
    parts = [
        f"<h1>{escape(run.model.name)}</h1>",
        f"<p>Revision {run.model.revision}. {len(run.table)} rows of source <b>{escape(run.model.feature_source)}</b> "
        f"from nodes {', '.join(map(str, run.dataset.nodes))} over {seconds:.0f} s; every fourth block of 10 s was "
        "held out and seen by nothing but this report.</p>",
        _in_short(run),
        _contrastive(run),
        _heads(run),
        _adapters(run),
        _quantisation(run),
        _camera_free(run.extra.get("camera_free_supervision")),
        "<h2>What was collected</h2>",
        chart.table(("what", "packets"), run.dataset.counts),
        "<h2>What these figures do not show</h2><p>Held-out blocks come from the same room, day and people. Labels of "
        "the heads are the boards' own reports, or other sensors': agreement with them is not accuracy. Triplet "
        "accuracy says that moments near in time look alike; it does not say what they show.</p>",
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(run.model.name)}</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )


def _in_short(run: TrainingRun) -> str:
    score = run.triplet_score
    rows: list[tuple[object, ...]] = [
        (
            "Does the encoder part moments better than without training?",
            f"{score.trained:.3f} against {score.trained - score.gain:.3f}",
            "more",
            score.gain > 0,
        )
    ]
    for row in run.quantisation:
        if row.method is Method.CALIBRATED and row.n_bits in MAX_TURN:
            bar = MAX_TURN[row.n_bits]
            rows.append(
                (
                    f"Do {row.n_bits} bits keep embeddings where they were?",
                    f"1 − cos {row.embedding_error:.2g}, {row.n_bytes} bytes",
                    f"≤ {bar:g}, ≤ {MAX_BYTES} bytes",
                    row.embedding_error <= bar and row.n_bytes <= MAX_BYTES,
                )
            )
    judged = sorted({*run.scores, *(name for name in run.model.refusals if not name.startswith("adapter"))})
    for name in judged:
        why = run.model.refusals.get(name, "better than its controls")
        rows.append((f"Is there a head for {name}?", why, "both controls", name in run.model.heads))
    return "<h2>In short</h2>" + chart.table(("question", "measured", "bar", ""), rows)


def _contrastive(run: TrainingRun) -> str:
    score = run.triplet_score
    losses = {
        "triplet": [loss.triplet for loss in run.losses],
        "InfoNCE": [loss.info_nce for loss in run.losses],
    }
    places = chart.plane(run.model.encoder.embed(run.table.features))
    accuracy: dict[str, Mapping[str, float]] = {
        f"all {score.n_triplets}": {
            "trained": score.trained,
            "raw features": score.raw_features,
            "random encoder": score.random_encoder,
        }
    }
    for name, (n, trained, raw) in score.by_strategy.items():
        accuracy[f"{name.replace('_', ' ')} {n}"] = {"trained": trained, "raw features": raw}
    return (
        "<h2>Contrastive pretraining</h2>"
        + ("" if run.losses else "<p>The encoder was given and stayed as it was.</p>")
        + '<div class="charts">'
        + chart.lines("Loss, share of the first epoch's", losses, "epoch")
        + chart.bars("Held-out triplets told apart", accuracy, 0.5)
        + chart.shades("Embeddings, by movement", places, run.table.motion, "still", "moving")
        + chart.points("Embeddings, by node", places, [f"node {n}" for n in run.table.node])
        + "</div>"
    )


def _heads(run: TrainingRun) -> str:
    text = "<h2>Task heads</h2>"
    for name, score in sorted(run.scores.items()):
        kept = "part of the model" if name in run.model.heads else "left out of the model"
        if isinstance(score, ClassificationScore):
            mean, spread = score.by_chance
            text += (
                f"<h3>{escape(name)}: balanced accuracy {score.balanced_accuracy:.2f}, {kept}</h3>"
                f"<p>Always guessing one class gives {score.trivial:.2f}; training on shuffled labels "
                f"{mean:.2f} ± {spread:.2f} ({len(score.shuffled)} draws).</p>"
            )
            text += chart.confusion(score.classes, score.confusion)
        else:
            text += f"<h3>{escape(name)}: {kept}</h3>"
            text += chart.table(
                ("output", "mean absolute error", "of a constant", "variance explained"),
                list(zip(score.outputs, score.mean_absolute_error, score.trivial_error, score.explained, strict=True)),
            )
    if not run.scores:
        text += "<p>None could be judged.</p>"
    return text + chart.lines("Loss on check rows, share of the first epoch's", run.head_losses, "epoch")


def _adapters(run: TrainingRun) -> str:
    losses = {f"node {node}": [loss.total for loss in one] for node, one in run.node_losses.items()}
    shown = chart.lines("Loss, share of the first epoch's", losses, "epoch")
    return f"<h2>Adapters per node</h2>{shown}" if shown else ""


def _quantisation(run: TrainingRun) -> str:
    return "<h2>Quantisation</h2>" + chart.table(
        ("bits", "method", "RMSE", "relative RMSE", "1 − cos of embeddings", "triplet accuracy", "bytes"),
        [
            (
                row.n_bits, row.method.value, row.rmse, row.relative_rmse, row.embedding_error, row.triplet_accuracy,
                row.n_bytes,
            )
            for row in run.quantisation
        ],
    )  # fmt: skip


def _camera_free(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    signals = [(name.replace("_", " "), one["source"] or "not there") for name, one in found["signals"].items()]
    labels = [
        (
            name.replace("_", " "),
            f"{100 * one['share_known']:.0f} %",
            one["mean_weight"],
            ", ".join(one["sources"]).replace("_", " "),
        )
        for name, one in found["weak_labels"].items()
    ]
    notes = "".join(f"<li>{escape(note)}</li>" for note in found["notes"])
    pose = [
        (name.replace("_", " "), value) for name, value in found["pose_proxy"].items() if not isinstance(value, list)
    ]
    return (
        f"<h2>Camera-free supervision</h2><p>Mode <b>{escape(found['mode'])}</b>: {escape(found['able'])}.</p>"
        + (f"<ul>{notes}</ul>" if notes else "")
        + chart.table(("signal", "from"), signals)
        + chart.table(("weak label", "seconds labelled", "mean weight", "by"), labels)
        + "<h3>Pose proxy</h3><p>Agreement with its own proxy, never accuracy: one pair of radios sees no limbs.</p>"
        + chart.table(("what", "value"), pose)
    )
