"""Opt-in federation (ADR-105): what one home's training changed in heads and adapters, as a file that others may add.

A delta holds weights of heads and adapters and nothing else: no CSI, no features, no embeddings, no times, no labels.
The format has no place for them, and a file with any other tensor is refused. Clipping bounds what one home can change;
it is not differential privacy, and we do not call it so. There is no server of ours.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, Damaged, NewerFormat, OrderError, TrainingError
from ..shapes import Matrix
from . import tensors
from .adapter import Adapter
from .encoder import N_EMBEDDING
from .heads import Head
from .model import Model

FORMAT_VERSION: Final = 1

#: Largest Frobenius norm of a delta; larger ones are scaled down. Origin: chosen; trained heads of the recordings have
#: norms of 5–15, so an honest home is hardly touched and no home counts for many.
MAX_NORM: Final = 20.0

#: Rows that one home may claim. Origin: chosen, an hour at 100 frames per second: nobody outvotes others by a claim.
MAX_ROWS: Final = 360_000

#: Outputs of a head, rank of an adapter, number of tensors at most. Origin: chosen, several times what we make.
MAX_WIDTH: Final = 32
MAX_TENSORS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delta:
    """Changes by dotted tensor name, against one base encoder.

    base_revision : the encoder they belong to; they mean nothing on another
    n_rows : how many rows taught them, the weight in a mean
    changes : name → array, `heads.<name>.weights|bias`, `adapters.<node>.a|b`
    classes : head name → its classes, which must be equal everywhere
    """

    base_revision: str
    n_rows: int
    changes: dict[str, Matrix]
    classes: dict[str, tuple[str, ...]]

    @classmethod
    def between(cls, base: Model, trained: Model, n_rows: int, max_norm: float = MAX_NORM) -> Self:
        """What training added to `base`; heads and adapters that the base lacks count from zero. Clipped."""
        if base.revision != trained.revision:
            raise OrderError(f"the encoder changed ({base.revision} → {trained.revision}); deltas need the same one")
        before, after = _weights(base), _weights(trained)
        changes = {name: array - before.get(name, np.zeros_like(array)) for name, array in after.items()}
        if not changes:
            raise TrainingError("the trained model has neither heads nor adapters")
        classes = {name: head.classes for name, head in trained.heads.items()}
        delta = cls(base_revision=base.revision, n_rows=min(max(n_rows, 1), MAX_ROWS), changes=changes, classes=classes)
        return delta.clipped(max_norm)

    @property
    def norm(self) -> float:
        """Frobenius norm over all changes."""
        return float(np.sqrt(sum(float(np.sum(array**2)) for array in self.changes.values())))

    def clipped(self, max_norm: float = MAX_NORM) -> Self:
        """The same direction, no longer than `max_norm`."""
        if self.norm <= max_norm:
            return self
        factor = max_norm / self.norm
        return replace(self, changes={name: array * factor for name, array in self.changes.items()})

    def apply(self, base: Model) -> Model:
        """The base with the changes added; raises OrderError on another encoder."""
        if base.revision != self.base_revision:
            raise OrderError(f"made for encoder {self.base_revision}, this one is {base.revision}")
        weights = _weights(base)
        for name, change in self.changes.items():
            before = weights.get(name, np.zeros_like(change))
            if before.shape != change.shape:
                raise OrderError(f"{name} has shape {before.shape} here and {change.shape} in the delta")
            weights[name] = before + change
        heads = {
            name: Head(
                name=name,
                weights=weights[f"heads.{name}.weights"],
                bias=weights[f"heads.{name}.bias"],
                classes=self.classes.get(name, base.heads[name].classes if name in base.heads else ()),
            )
            for name in _names(weights, "heads")
        }
        adapters = {
            int(node): Adapter(a=weights[f"adapters.{node}.a"], b=weights[f"adapters.{node}.b"])
            for node in _names(weights, "adapters")
        }
        return replace(base, heads=heads, adapters=adapters)

    def to_bytes(self) -> bytes:
        """A safetensors file; same delta, same bytes."""
        from safetensors.numpy import save

        stated = {
            "format_version": FORMAT_VERSION,
            "kind": "ruview-delta",
            "base_revision": self.base_revision,
            "n_rows": self.n_rows,
            "classes": {name: list(classes) for name, classes in self.classes.items()},
        }
        arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in self.changes.items()}
        return save(arrays, metadata={tensors.METADATA_KEY: json.dumps(stated, sort_keys=True)})

    @classmethod
    def from_bytes(cls, data: bytes, max_norm: float = MAX_NORM) -> Self:
        """Read a stranger's delta: shapes, names and numbers are checked, and it is clipped again.

        Raises Damaged for anything that is no delta, NewerFormat for a later form.
        """
        found, stated = tensors.read(data)
        try:
            version, kind = int(stated["format_version"]), stated["kind"]
            base_revision, n_rows = str(stated["base_revision"]), int(stated["n_rows"])
            classes = {str(name): tuple(map(str, names)) for name, names in stated["classes"].items()}
        except MISSHAPEN as error:
            raise Damaged(f"not a delta: {error!r}") from error
        if kind != "ruview-delta" or len(found) > MAX_TENSORS or not found:
            raise Damaged(f"not a delta: kind {kind!r}, {len(found)} tensors")
        if version > FORMAT_VERSION:
            raise NewerFormat(f"written by format {version}, this release reads up to {FORMAT_VERSION}")
        for name, array in found.items():
            if not _is_allowed(name, array.shape) or not np.all(np.isfinite(array)):
                raise Damaged(f"tensor {name} of shape {array.shape} has no place in a delta, or is not finite")
        _check_pairs(found)
        changes = {name: array.astype(np.float64) for name, array in found.items()}
        return cls(
            base_revision=base_revision, n_rows=min(max(n_rows, 1), MAX_ROWS), changes=changes, classes=classes
        ).clipped(max_norm)


def aggregate(deltas: Sequence[Delta], max_norm: float = MAX_NORM) -> Delta:
    """Mean of clipped deltas, weighted by rows; each tensor over the homes that have it.

    Raises TrainingError without deltas, OrderError when they are for different encoders, classes or shapes. The mean of
    low-rank factors is not the low-rank factor of the mean; near a common start it is close, and the report of the room
    decides whether the result is used.
    """
    if not deltas:
        raise TrainingError("no deltas to aggregate")
    base = deltas[0].base_revision
    classes: dict[str, tuple[str, ...]] = {}
    for delta in deltas:
        if delta.base_revision != base:
            raise OrderError(f"deltas for encoder {base} and {delta.base_revision} cannot be mixed")
        for name, names in delta.classes.items():
            if classes.setdefault(name, names) != names:
                raise OrderError(f"head {name} has classes {classes[name]} and {names}")
    clipped = [delta.clipped(max_norm) for delta in deltas]
    changes: dict[str, Matrix] = {}
    for name in sorted({name for delta in clipped for name in delta.changes}):
        having = [delta for delta in clipped if name in delta.changes]
        if len({delta.changes[name].shape for delta in having}) != 1:
            raise OrderError(f"{name} has different shapes")
        total = sum(delta.n_rows for delta in having)
        changes[name] = np.sum([delta.changes[name] * (delta.n_rows / total) for delta in having], axis=0)
    n_rows = min(sum(delta.n_rows for delta in clipped), MAX_ROWS)
    return Delta(base_revision=base, n_rows=n_rows, changes=changes, classes=classes)


def _weights(model: Model) -> dict[str, Matrix]:
    """Heads and adapters by dotted name; never the encoder."""
    found: dict[str, Matrix] = {}
    for name, head in model.heads.items():
        found[f"heads.{name}.weights"], found[f"heads.{name}.bias"] = head.weights, head.bias
    for node, adapter in model.adapters.items():
        found[f"adapters.{node}.a"], found[f"adapters.{node}.b"] = adapter.a, adapter.b
    return found


def _names(weights: dict[str, Matrix], kind: str) -> list[str]:
    return sorted({name.split(".")[1] for name in weights if name.startswith(f"{kind}.")})


def _is_allowed(name: str, shape: tuple[int, ...]) -> bool:
    match name.split("."):
        case ["heads", _, "weights"]:
            return len(shape) == 2 and shape[0] == N_EMBEDDING and 1 <= shape[1] <= MAX_WIDTH
        case ["heads", _, "bias"]:
            return len(shape) == 1 and 1 <= shape[0] <= MAX_WIDTH
        case ["adapters", node, "a"]:
            return _is_node(node) and len(shape) == 2 and shape[0] == N_EMBEDDING and 1 <= shape[1] <= MAX_WIDTH
        case ["adapters", node, "b"]:
            return _is_node(node) and len(shape) == 2 and shape[1] == N_EMBEDDING and 1 <= shape[0] <= MAX_WIDTH
    return False


def _is_node(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _check_pairs(found: Mapping[str, NDArray[np.float32]]) -> None:
    """Weights without their bias, or an adapter's half, could not be applied. Raises Damaged."""
    for name, array in found.items():
        kind, of, part = name.split(".")
        other, width = {
            "weights": ("bias", array.shape[-1]),
            "bias": ("weights", array.shape[-1]),
            "a": ("b", array.shape[-1]),
            "b": ("a", array.shape[0]),
        }[part]
        partner = found.get(f"{kind}.{of}.{other}")
        if partner is None or width != (partner.shape[0] if other == "b" else partner.shape[-1]):
            raise Damaged(f"{name} has no {other} of its width beside it")
