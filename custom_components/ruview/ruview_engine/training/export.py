"""The files of a training run (ADR-071 "Output Structure"), as bytes by path: the caller writes them, atomically."""

import csv
import dataclasses
import io
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from . import tensors
from .adapter import ALPHA, DROPOUT, Adapter
from .encoder import N_EMBEDDING, N_FEATURES, N_HIDDEN
from .feature_table import thinned
from .model import Model
from .training_run import TrainingRun

#: Decimal digits of float32 values in JSON. Origin: derived, nine digits restore every float32.
_DIGITS: Final = 9

#: Embeddings in the file; of more rows every second, third, … is kept. Origin: chosen, 16 MB of text.
MAX_EMBEDDINGS: Final = 10_000

type Files = Mapping[str, bytes]


def essentials(run: TrainingRun) -> Files:
    """What uses the model, and how it was judged: small, and without a single moment of the recordings."""
    return {
        "model.safetensors": tensors.save(run.model),
        "config.json": _json(_config(run)),
        "training-metrics.json": _json(metrics(run)),
    }


def export(run: TrainingRun) -> Files:
    """Every file of the run by its path below the output folder; same run, same bytes."""
    model = run.model
    files: dict[str, bytes] = {
        **essentials(run),
        "ewc.safetensors": tensors.save_tasks(model.tasks),
        "model.json": _json(_model_state(model)),
        "model.rvf.jsonl": _lines(manifest(run)),
        "contrastive/triplets.jsonl": _lines(_triplets(run)),
        "contrastive/triplets.csv": _triplets_csv(run),
        "contrastive/embeddings.json": _json(_embeddings(run)),
    }
    for n_bits, small in run.quantised.items():
        files[f"quantized/model-q{n_bits}.bin"] = small.to_bytes()
    if run.pose_decoder is not None:
        # Beside the weights stands how far they are from a constant body: on some recordings it is the better answer.
        measured = run.extra.get("camera_free_supervision", {}).get("pose_proxy", {})
        files["pose-decoder.json"] = _json({**run.pose_decoder.to_dict(), "measured": measured})
    for node, adapter in model.adapters.items():
        files[f"lora/node-{node}.json"] = _json(adapter_state(adapter))
    return files


def manifest(run: TrainingRun) -> list[dict[str, Any]]:
    """The seed's RVF records, one per line: metadata, encoder, lora, ewc, quantization. No weights."""
    model = run.model
    records: list[dict[str, Any]] = [
        {
            "type": "metadata",
            "name": model.name,
            "revision": model.revision,
            "feature_source": model.feature_source,
            "n_rows": len(run.table),
            "nodes": list(run.dataset.nodes),
        },
        {
            "type": "encoder",
            "input": N_FEATURES,
            "hidden": N_HIDDEN,
            "output": N_EMBEDDING,
            "file": "model.safetensors",
        },
        {
            "type": "lora",
            "adapters": [
                {"node": node, "rank": adapter.a.shape[1], "alpha": ALPHA, "file": f"lora/node-{node}.json"}
                for node, adapter in model.adapters.items()
            ],
        },
        {"type": "ewc", "tasks": [{"name": task.name, "lambda": task.strength} for task in model.tasks]},
        {
            "type": "quantization",
            "files": [{"n_bits": n_bits, "file": f"quantized/model-q{n_bits}.bin"} for n_bits in run.quantised],
        },
    ]
    if "camera_free_supervision" in run.extra:
        records.append({"type": "camera_free_supervision", **run.extra["camera_free_supervision"]})
    return records


def metrics(run: TrainingRun) -> dict[str, Any]:
    """Everything measured, as plain JSON types; times are not among it, so that a second run gives the same bytes."""
    return {
        "settings": dataclasses.asdict(run.settings),
        "counts": dict(run.dataset.counts),
        "rows": {
            "all": len(run.table),
            "training": int(run.split.train.sum()),
            "held_out": int(run.split.held_out.sum()),
        },
        "losses": [
            {"epoch": loss.epoch, "triplet": float(loss.triplet), "info_nce": float(loss.info_nce)}
            for loss in run.losses
        ],
        "node_losses": {str(node): [float(loss.total) for loss in losses] for node, losses in run.node_losses.items()},
        "head_losses": {name: [float(value) for value in losses] for name, losses in run.head_losses.items()},
        "triplet_accuracy": dataclasses.asdict(run.triplet_score),
        "heads": {name: dataclasses.asdict(score) for name, score in run.scores.items()},
        "refusals": dict(run.model.refusals),
        "quantisation": [dataclasses.asdict(row) for row in run.quantisation],
        **{name: value for name, value in run.extra.items() if name != "timing"},
    }


def adapter_state(adapter: Adapter) -> dict[str, Any]:
    """One node's adapter in the seed's JSON form."""
    return {
        "config": {"rank": adapter.a.shape[1], "alpha": ALPHA, "dropout": DROPOUT},
        "inputDim": N_EMBEDDING,
        "outputDim": N_EMBEDDING,
        "weights": {"loraA": _rounded(adapter.a), "loraB": _rounded(adapter.b), "scaling": adapter.scaling},
        "frozen": False,
    }


def _config(run: TrainingRun) -> dict[str, Any]:
    return {
        "model_type": "sona-lora",
        "name": run.model.name,
        "version": run.model.revision,
        "architecture": f"csi-encoder-{N_FEATURES}-{N_HIDDEN}-{N_EMBEDDING}",
        "training": {
            "steps": len(run.losses),
            "loss": float(run.losses[-1].total) if run.losses else None,
            "seed": run.settings.seed,
        },
        "custom": {"feature_source": run.model.feature_source, "heads": sorted(run.model.heads)},
        "lora_config": {"rank": 4, "alpha": ALPHA, "dropout": DROPOUT},
    }


def _model_state(model: Model) -> dict[str, Any]:
    return {
        "metadata": tensors.describe(model),
        "loraConfig": {"rank": 4, "alpha": ALPHA, "dropout": DROPOUT},
        "loraWeights": {str(node): adapter_state(adapter)["weights"] for node, adapter in model.adapters.items()},
        "patterns": [],
        "ewcStats": [
            {
                "name": task.name,
                "lambda": task.strength,
                "fisher": {name: float(values.mean()) for name, values in task.fisher.items()},
            }
            for task in model.tasks
        ],
        "tensors": {name: _rounded(array) for name, array in tensors.to_tensors(model).items()},
    }


def _triplets(run: TrainingRun) -> list[dict[str, Any]]:
    found = run.triplets
    learn = run.table.take(run.split.train)
    return [
        {
            "anchor": int(a),
            "positive": int(p),
            "negative": int(n),
            "strategy": strategy.value,
            "at_s": [round(float(learn.at_s[i]), 3) for i in (a, p, n)],
            "nodes": [int(learn.node[i]) for i in (a, p, n)],
        }
        for a, p, n, strategy in zip(found.anchor, found.positive, found.negative, found.strategy, strict=True)
    ]


def _triplets_csv(run: TrainingRun) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["anchor", "positive", "negative", "strategy", "anchor_s", "positive_s", "negative_s"])
    for row in _triplets(run):
        writer.writerow([row["anchor"], row["positive"], row["negative"], row["strategy"], *row["at_s"]])
    return text.getvalue().encode()


def _embeddings(run: TrainingRun) -> dict[str, Any]:
    kept = thinned(len(run.table), MAX_EMBEDDINGS)
    embedding = run.model.encoder.embed(run.table.features[kept])
    return {
        "revision": run.model.revision,
        "dimension": N_EMBEDDING,
        "at_s": [round(float(at), 3) for at in run.table.at_s[kept]],
        "node": [int(node) for node in run.table.node[kept]],
        "held_out": [bool(held) for held in run.split.held_out[kept]],
        "embeddings": np.round(embedding.astype(np.float64), 5).tolist(),
    }


def _rounded(array: np.ndarray) -> list[Any]:
    def shorten(value: Any) -> Any:
        return [shorten(item) for item in value] if isinstance(value, list) else float(f"{value:.{_DIGITS}g}")

    result: list[Any] = shorten(array.astype(np.float32).astype(np.float64).tolist())
    return result


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, sort_keys=True, allow_nan=False).encode() + b"\n" for record in records)
