"""One HTML page about a training run: what was learnt, how it was judged, what the figures do not show."""

from html import escape
from typing import Final

from . import chart
from .training_run import TrainingRun
from .scoring import ClassificationScore

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#222}"
    "svg{width:520px;max-width:100%;font-size:11px}table{border-collapse:collapse;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #ddd;padding:.25rem .7rem;text-align:left}.n{text-align:right}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}svg{background:#eee}td,th{border-color:#444}}"
)


def html(run: TrainingRun) -> str:
    """The whole page; same run, same text."""
    parts = [
        f"<h1>{escape(run.model.name)} · revision {run.model.revision}</h1>",
        f"<p>{len(run.table)} rows of source <b>{escape(run.model.feature_source)}</b> from nodes "
        f"{', '.join(map(str, run.dataset.nodes))} over {run.table.at_s[-1] - run.table.at_s[0]:.0f} s; every fourth "
        "block of 10 s was held out and seen by nothing but this report.</p>",
        _contrastive(run),
        _heads(run),
        _quantisation(run),
        "<h2>What was collected</h2>",
        chart.table(("what", "packets"), run.dataset.counts),
        "<h2>What these figures do not show</h2><p>Held-out blocks come from the same room, day and people. Labels of "
        "the heads are the boards' own reports: agreement with them is not accuracy. Triplet accuracy says that "
        "moments near in time look alike; it does not say what they show.</p>",
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(run.model.name)}</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )


def _contrastive(run: TrainingRun) -> str:
    score = run.triplet_score
    losses = {
        "triplet": [loss.triplet for loss in run.losses],
        "InfoNCE": [loss.info_nce for loss in run.losses],
    }
    embedding = run.model.encoder.embed(run.table.features)
    return (
        "<h2>Contrastive pretraining</h2>"
        + chart.lines("Loss per epoch", losses, "epoch")
        + chart.points("Embedding, first two directions", chart.plane(embedding), [f"node {n}" for n in run.table.node])
        + chart.table(
            ("held-out triplet accuracy", "value", "triplets"),
            (
                ("trained encoder", score.trained, score.n_triplets),
                ("random encoder", score.random_encoder, score.n_triplets),
                ("raw features", score.raw_features, score.n_triplets),
                ("chance", 0.5, score.n_triplets),
            ),
        )
    )


def _heads(run: TrainingRun) -> str:
    text = "<h2>Task heads</h2>"
    for name, reason in sorted(run.model.refusals.items()):
        text += f"<p><b>{escape(name)}</b> is not part of the model: {escape(reason)}.</p>"
    for name, score in sorted(run.scores.items()):
        if isinstance(score, ClassificationScore):
            text += f"<h3>{escape(name)}: balanced accuracy {score.balanced_accuracy:.2f}</h3>"
            shuffled = "{:.2f} ± {:.2f}".format(*score.by_chance)
            text += (
                f"<p>Always guessing one class gives {score.trivial:.2f}, training on shuffled labels {shuffled}.</p>"
            )
            rows = [(truth, *counts) for truth, counts in zip(score.classes, score.confusion, strict=True)]
            text += chart.table(("truth \\ answer", *score.classes), rows)
        else:
            text += f"<h3>{escape(name)}</h3>"
            text += chart.table(
                ("output", "mean absolute error", "of a constant", "variance explained"),
                list(zip(score.outputs, score.mean_absolute_error, score.trivial_error, score.explained, strict=True)),
            )
    if run.head_losses:
        text += chart.lines("Check loss per epoch", run.head_losses, "epoch")
    return text


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
