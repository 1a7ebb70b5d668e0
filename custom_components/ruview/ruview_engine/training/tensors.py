"""A model as named float32 tensors in safetensors form, and back."""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, Damaged, NewerFormat
from .adapter import Adapter
from .consolidation import Task
from .encoder import PARAMETER_NAMES, Encoder
from .heads import Head
from .model import Model

FORMAT_VERSION: Final = 1

#: Where our metadata, one JSON text, stands in the file's own metadata.
METADATA_KEY: Final = "ruview"

type Tensors = dict[str, NDArray[np.float32]]


def to_tensors(model: Model) -> Tensors:
    """Encoder, heads and adapters by dotted name."""
    tensors: Tensors = {}
    for name in (*PARAMETER_NAMES, "centre", "scale"):
        tensors[f"encoder.{name}"] = np.ascontiguousarray(getattr(model.encoder, name), dtype=np.float32)
    for name, head in sorted(model.heads.items()):
        tensors[f"heads.{name}.weights"] = np.ascontiguousarray(head.weights, dtype=np.float32)
        tensors[f"heads.{name}.bias"] = np.ascontiguousarray(head.bias, dtype=np.float32)
    for node, adapter in sorted(model.adapters.items()):
        tensors[f"adapters.{node}.a"] = np.ascontiguousarray(adapter.a, dtype=np.float32)
        tensors[f"adapters.{node}.b"] = np.ascontiguousarray(adapter.b, dtype=np.float32)
    return tensors


def from_tensors(tensors: Tensors, metadata: dict[str, str]) -> Model:
    """The inverse of `to_tensors`; raises Damaged or NewerFormat, never returns half a model."""
    _check(tensors, metadata)
    try:
        encoder = Encoder(
            **{name: tensors[f"encoder.{name}"].astype(np.float64) for name in (*PARAMETER_NAMES, "centre", "scale")}
        )
        heads = {name: _head(name, tensors, metadata) for name in _names(tensors, "heads")}
        adapters = {
            int(node): Adapter(
                a=tensors[f"adapters.{node}.a"].astype(np.float64), b=tensors[f"adapters.{node}.b"].astype(np.float64)
            )
            for node in _names(tensors, "adapters")
        }
    except MISSHAPEN as error:
        raise Damaged(f"tensor missing or misshapen: {error}") from error
    return Model(
        name=metadata.get("name", "unnamed"),
        feature_source=metadata.get("feature_source", ""),
        encoder=encoder,
        heads=heads,
        adapters=adapters,
    )


def save(model: Model) -> bytes:
    """The bytes of `model.safetensors`."""
    from safetensors.numpy import save as save_tensors

    # One key only: the library writes several in an order that changes from run to run.
    return save_tensors(to_tensors(model), metadata={METADATA_KEY: json.dumps(describe(model), sort_keys=True)})


def describe(model: Model) -> dict[str, str]:
    """What must be known beside the tensors to rebuild the model; all text."""
    return {
        "format_version": str(FORMAT_VERSION),
        "name": model.name,
        "feature_source": model.feature_source,
        "revision": model.revision,
        **{f"heads.{name}.classes": ",".join(head.classes) for name, head in model.heads.items()},
    }


def save_tasks(tasks: Sequence[Task]) -> bytes:
    """The bytes of `ewc.safetensors`: weights and Fisher information of every task, for later training."""
    from safetensors.numpy import save as save_tensors

    found: Tensors = {}
    for task in tasks:
        for name in PARAMETER_NAMES:
            found[f"{task.name}.weights.{name}"] = np.ascontiguousarray(task.weights[name], dtype=np.float32)
            found[f"{task.name}.fisher.{name}"] = np.ascontiguousarray(task.fisher[name], dtype=np.float32)
    strengths = {task.name: task.strength for task in tasks}
    stated = {"format_version": str(FORMAT_VERSION), "tasks": json.dumps(strengths)}
    return save_tensors(found, metadata={METADATA_KEY: json.dumps(stated, sort_keys=True)})


def load_tasks(data: bytes) -> tuple[Task, ...]:
    """The inverse of `save_tasks`; raises Damaged or NewerFormat."""
    found, metadata = read(data)
    _check(found, metadata)
    try:
        return tuple(
            Task(
                name=str(name),
                strength=float(strength),
                weights={key: found[f"{name}.weights.{key}"].astype(np.float64) for key in PARAMETER_NAMES},
                fisher={key: found[f"{name}.fisher.{key}"].astype(np.float64) for key in PARAMETER_NAMES},
            )
            for name, strength in json.loads(metadata["tasks"]).items()
        )
    except MISSHAPEN as error:
        raise Damaged(f"tasks: {error!r}") from error


def load(data: bytes) -> Model:
    """A model from the bytes of `model.safetensors`; raises Damaged or NewerFormat."""
    return from_tensors(*read(data))


def read(data: bytes) -> tuple[Tensors, dict[str, Any]]:
    """Tensors and our metadata of a safetensors file; raises Damaged."""
    from safetensors import SafetensorError, deserialize

    try:
        entries: list[tuple[str, Any]] = deserialize(data)  # type: ignore[no-untyped-call]
        metadata = _metadata(data)
        return {name: _array(entry) for name, entry in entries}, metadata
    except (SafetensorError, *MISSHAPEN) as error:
        raise Damaged(f"not a safetensors file: {error}") from error


def _array(entry: Any) -> NDArray[Any]:
    if entry["dtype"] != "F32":
        raise ValueError(f"tensor of type {entry['dtype']}, expected F32")
    return np.frombuffer(entry["data"], "<f4").reshape(entry["shape"])


def _check(tensors: Tensors, metadata: dict[str, str]) -> None:
    version = str(metadata.get("format_version", ""))
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Damaged("not a RuView model: no format_version in the metadata")
    if int(version) > FORMAT_VERSION:
        raise NewerFormat(f"written by format {version}, this release reads up to {FORMAT_VERSION}")
    for name, array in tensors.items():
        if array.dtype != np.float32 or not np.all(np.isfinite(array)):
            raise Damaged(f"tensor {name} is not finite float32")


def _metadata(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    found = json.loads(json.loads(data[8 : 8 + length]).get("__metadata__", {}).get(METADATA_KEY, "{}"))
    return dict(found)


def _names(tensors: Tensors, kind: str) -> list[str]:
    return sorted({name.split(".")[1] for name in tensors if name.startswith(f"{kind}.")})


def _head(name: str, tensors: Tensors, metadata: dict[str, str]) -> Head:
    classes = metadata.get(f"heads.{name}.classes", "")
    return Head(
        name=name,
        weights=tensors[f"heads.{name}.weights"].astype(np.float64),
        bias=tensors[f"heads.{name}.bias"].astype(np.float64),
        classes=tuple(classes.split(",")) if classes else (),
    )
