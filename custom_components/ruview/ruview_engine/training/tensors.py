"""A model as named float32 tensors in safetensors form, and back."""

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import Damaged, NewerFormat, ShapeError
from .adapter import Adapter
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
    version = metadata.get("format_version", "")
    if not version.isdigit():
        raise Damaged("not a RuView model: no format_version in the metadata")
    if int(version) > FORMAT_VERSION:
        raise NewerFormat(f"written by format {version}, this release reads up to {FORMAT_VERSION}")
    for name, array in tensors.items():
        if array.dtype != np.float32 or not np.all(np.isfinite(array)):
            raise Damaged(f"tensor {name} is not finite float32")
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
    except (KeyError, ValueError, ShapeError) as error:
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

    classes = {f"heads.{name}.classes": ",".join(head.classes) for name, head in model.heads.items()}
    metadata = {
        "format_version": str(FORMAT_VERSION),
        "name": model.name,
        "feature_source": model.feature_source,
        "revision": model.revision,
        **classes,
    }
    # One key only: the library writes several in an order that changes from run to run.
    return save_tensors(to_tensors(model), metadata={METADATA_KEY: json.dumps(metadata, sort_keys=True)})


def load(data: bytes) -> Model:
    """A model from the bytes of `model.safetensors`; raises Damaged or NewerFormat."""
    from safetensors import SafetensorError, deserialize

    try:
        entries: list[tuple[str, Any]] = deserialize(data)  # type: ignore[no-untyped-call]
        metadata = _metadata(data)
        tensors = {name: np.frombuffer(entry["data"], "<f4").reshape(entry["shape"]) for name, entry in entries}
    except (SafetensorError, ValueError) as error:
        raise Damaged(f"not a safetensors file: {error}") from error
    return from_tensors(tensors, metadata)


def _metadata(data: bytes) -> dict[str, str]:
    length = int.from_bytes(data[:8], "little")
    found = json.loads(json.loads(data[8 : 8 + length]).get("__metadata__", {}).get(METADATA_KEY, "{}"))
    return {str(key): str(value) for key, value in found.items()}


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
