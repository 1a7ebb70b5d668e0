"""Reads back every file that `export` makes; refuses what is damaged, newer, or not of one piece.

Bytes in, values out: whoever calls this reads the folder. Every function raises Damaged (or NewerFormat) and never
returns half of something.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, Damaged, FormatError
from ..shapes import Matrix, Times
from . import tensors
from .adapter import Adapter
from .camera_free.pose_decoder import PoseDecoder
from .consolidation import Task
from .encoder import N_EMBEDDING
from .model import Model
from .quantise import BIT_WIDTHS
from .quantised_encoder import QuantisedEncoder
from .triplets import Strategy, Triplets

#: Records that a manifest must hold, in this order (upstream §4.3); others may follow.
MANIFEST_TYPES: Final = ("metadata", "encoder", "lora", "ewc", "quantization")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embeddings:
    """`contrastive/embeddings.json`: at_s, node, held_out (n,), values (n, 128), and the encoder they are from."""

    revision: str
    at_s: Times
    node: NDArray[np.int64]
    held_out: NDArray[np.bool_]
    values: Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A whole model folder, checked to be of one piece."""

    model: Model
    config: dict[str, Any]
    manifest: tuple[dict[str, Any], ...]
    metrics: dict[str, Any]
    quantised: Mapping[int, QuantisedEncoder]
    triplets: Triplets
    embeddings: Embeddings
    pose_decoder: PoseDecoder | None


def load_folder(files: Mapping[str, bytes]) -> Loaded:
    """All files of a folder by their path in it, as `export` names them."""
    model = load_model(files)
    config = read_json(_get(files, "config.json"), "config.json")
    for what, found in (
        ("config.json", config.get("version")),
        ("model.json", load_model_json(_get(files, "model.json")).revision),
        ("contrastive/embeddings.json", load_embeddings(_get(files, "contrastive/embeddings.json")).revision),
    ):
        if found != model.revision:
            raise Damaged(f"{what} is of revision {found}, model.safetensors of {model.revision}")
    for node, adapter in model.adapters.items():
        alone = load_adapter(_get(files, f"lora/node-{node}.json"))
        if not (np.allclose(alone.a, adapter.a, atol=1e-6) and np.allclose(alone.b, adapter.b, atol=1e-6)):
            raise Damaged(f"lora/node-{node}.json and model.safetensors hold different adapters")
    return Loaded(
        model=model,
        config=config,
        manifest=load_manifest(_get(files, "model.rvf.jsonl")),
        metrics=read_json(_get(files, "training-metrics.json"), "training-metrics.json"),
        quantised={n: load_quantised(_get(files, f"quantized/model-q{n}.bin")) for n in BIT_WIDTHS},
        triplets=load_triplets(_get(files, "contrastive/triplets.jsonl")),
        embeddings=load_embeddings(_get(files, "contrastive/embeddings.json")),
        pose_decoder=(
            PoseDecoder.from_dict(read_json(files["pose-decoder.json"], "pose-decoder.json"))
            if "pose-decoder.json" in files
            else None
        ),
    )


def load_model(files: Mapping[str, bytes]) -> Model:
    """The encoder, heads and adapters of `model.safetensors`, with the tasks of `ewc.safetensors` if that is there."""
    model = tensors.load(_get(files, "model.safetensors"))
    if "ewc.safetensors" not in files:
        return model
    return model.with_tasks(load_tasks(files["ewc.safetensors"]))


def load_tasks(data: bytes) -> tuple[Task, ...]:
    """The content of `ewc.safetensors`."""
    return tensors.load_tasks(data)


def load_model_json(data: bytes) -> Model:
    """The same model from its JSON form."""
    stored = read_json(data, "model.json")
    try:
        found = {str(name): np.asarray(values, dtype=np.float32) for name, values in stored["tensors"].items()}
        metadata = {str(key): str(value) for key, value in stored["metadata"].items()}
    except MISSHAPEN as error:
        raise Damaged(f"model.json: {error!r}") from error
    return tensors.from_tensors(found, metadata)


def load_quantised(data: bytes) -> QuantisedEncoder:
    """One `quantized/model-qN.bin`, on its own."""
    try:
        return QuantisedEncoder.from_bytes(data)
    except FormatError as error:
        raise Damaged(str(error)) from error


def load_adapter(data: bytes) -> Adapter:
    """One `lora/node-N.json`."""
    stored = read_json(data, "adapter")
    try:
        weights = stored["weights"]
        a, b = np.array(weights["loraA"], dtype=np.float64), np.array(weights["loraB"], dtype=np.float64)
        rank, scaling = int(stored["config"]["rank"]), float(weights["scaling"])
    except MISSHAPEN as error:
        raise Damaged(f"adapter: {error!r}") from error
    finite = np.isfinite(a).all() and np.isfinite(b).all()
    if a.shape != (N_EMBEDDING, rank) or b.shape != (rank, N_EMBEDDING) or not finite:
        raise Damaged(f"adapter of rank {rank}: shapes {a.shape} and {b.shape}, or not finite")
    adapter = Adapter(a=a, b=b)
    if not np.isclose(adapter.scaling, scaling):
        raise Damaged(f"adapter says scaling {scaling}, its rank gives {adapter.scaling}")
    return adapter


def load_manifest(data: bytes) -> tuple[dict[str, Any], ...]:
    """The records of `model.rvf.jsonl`."""
    records = tuple(read_json(line, "model.rvf.jsonl") for line in data.splitlines())
    found = tuple(record.get("type") for record in records)
    if found[: len(MANIFEST_TYPES)] != MANIFEST_TYPES:
        raise Damaged(f"model.rvf.jsonl holds {found}, expected {MANIFEST_TYPES}")
    return records


def load_triplets(data: bytes) -> Triplets:
    """`contrastive/triplets.jsonl`, or the same as CSV."""
    try:
        text = data.decode()
        rows: list[Any]
        if text.startswith("anchor,"):
            rows = list(csv.DictReader(io.StringIO(text)))
        else:
            rows = [json.loads(line) for line in text.splitlines()]
        columns = [np.array([int(row[k]) for row in rows], dtype=np.intp) for k in ("anchor", "positive", "negative")]
        strategy = tuple(Strategy(row["strategy"]) for row in rows)
    except MISSHAPEN as error:
        raise Damaged(f"triplets: {error!r}") from error
    return Triplets(anchor=columns[0], positive=columns[1], negative=columns[2], strategy=strategy)


def load_embeddings(data: bytes) -> Embeddings:
    """`contrastive/embeddings.json`."""
    stored = read_json(data, "embeddings.json")
    try:
        values = np.array(stored["embeddings"], dtype=np.float64).reshape(-1, N_EMBEDDING)
        found = Embeddings(
            revision=str(stored["revision"]),
            at_s=np.array(stored["at_s"], dtype=np.float64),
            node=np.array(stored["node"], dtype=np.int64),
            held_out=np.array(stored["held_out"], dtype=bool),
            values=values,
        )
    except MISSHAPEN as error:
        raise Damaged(f"embeddings.json: {error!r}") from error
    if {found.at_s.shape, found.node.shape, found.held_out.shape} != {(len(values),)} or not np.isfinite(values).all():
        raise Damaged(f"embeddings.json: {len(values)} rows, times {found.at_s.shape}, or not finite")
    return found


def read_json(data: bytes, what: str) -> dict[str, Any]:
    """One JSON object; NaN and infinity, which JSON does not know, are refused."""
    try:
        found = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{what}: {error}") from error
    if not isinstance(found, dict):
        raise Damaged(f"{what} holds {type(found).__name__}, expected an object")
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _get(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise Damaged(f"{name} is missing")
    return files[name]
