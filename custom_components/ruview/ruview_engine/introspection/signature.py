"""A signature: a short labelled sequence of feature vectors, and its file (ADR-099 D7)."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from ..dsp.spring import MAX_TEMPLATE
from ..errors import FormatError
from ..finite import finite
from ..shapes import Matrix

#: Fewest and most feature vectors in one signature. Origin: chosen and derived (`MAX_TEMPLATE`).
MIN_LENGTH: Final = 2
#: Widest feature vector. Origin: spec, ADR-208 embeddings are 128 wide; amplitudes of one frame stay below 512 bins.
MAX_DIMS: Final = 512
#: A file longer than this is not read. Origin: derived, 256 × 512 numbers of 20 characters and their commas.
MAX_TEXT: Final = 4_000_000
#: Largest magnitude of a vector component. Origin: chosen; features are ratios or embeddings of order one.
MAX_VALUE: Final = 1e6
#: Used when a file names none. Origin: spec, the example of ADR-099 D7.
DEFAULT_THRESHOLD: Final = 0.78
#: Used when a file names none. Origin: spec, the example of ADR-099 D7.
DEFAULT_WINDOW: Final = 8
#: Identifiers become file names and event data.
_ID_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


class FeatureKind(StrEnum):
    """What the vectors of a signature are made of; `features.py` says how."""

    AMPLITUDE = "amplitude_l2_per_subcarrier"
    PROFILE_DELTA = "profile_delta"
    MOTION_ENERGY = "motion_energy"
    EMBEDDING = "vec128"


class Role(StrEnum):
    """`IDLE` signatures describe the background itself and compete only with "something else"."""

    EVENT = "event"
    IDLE = "idle"


class SignatureError(FormatError):
    """A signature file cannot be used; `field` names the offending key ("" for the file as a whole)."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}" if field_name else message)
        self.field = field_name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signature:
    """One recognisable movement.

    vectors : (length, dims) float64 in the units of the feature kind, not whitened: a room divides by its own noise
    window : largest |samples used − elements used| of an alignment
    promotion_threshold : 0–1, the score from which a match counts
    spread : typical distance per dimension of a true repetition; None = a tenth of the signature's own size
    prior_log_odds : nats of evidence that must be seen before a score reaches one half; set by the capture from
        non-event data so that `promotion_threshold` keeps a false-match budget
    fs_hz : samples per second of `vectors`; None = one vector per frame, whatever the rate (files of ADR-099)
    layout : pair layout it came from; None = any with the same dims
    backbone_rev : of `vec128`, the revision of the encoder whose embeddings these are
    """

    id: str
    label: str
    captured_at: str
    feature_kind: FeatureKind
    vectors: Matrix
    window: int = DEFAULT_WINDOW
    promotion_threshold: float = DEFAULT_THRESHOLD
    role: Role = Role.EVENT
    spread: float | None = None
    prior_log_odds: float | None = None
    fs_hz: float | None = None
    layout: str | None = None
    backbone_rev: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Number of vectors."""
        return len(self.vectors)

    @property
    def dims(self) -> int:
        """Width of a vector."""
        return int(self.vectors.shape[1])

    def to_text(self) -> str:
        """The file: JSON, vectors one per line, so that people can read and compare them."""
        head: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "captured_at": self.captured_at,
            "feature_kind": self.feature_kind.value,
            "role": self.role.value,
            "length": self.length,
            "dims": self.dims,
            "fs_hz": self.fs_hz,
            "layout": self.layout,
            "dtw": {"window": self.window, "step_pattern": "symmetric2"},
            "promotion_threshold": self.promotion_threshold,
            "prior_log_odds": self.prior_log_odds,
            "spread": self.spread,
            "provenance": self.provenance,
        }
        if self.backbone_rev is not None:
            head["backbone_rev"] = self.backbone_rev
        rows = ",\n".join("    " + json.dumps([round(float(v), 6) for v in row]) for row in self.vectors)
        return json.dumps(head, indent=2, ensure_ascii=False)[:-2] + f',\n  "vectors": [\n{rows}\n  ]\n}}\n'


def parse_signature(text: str) -> Signature:
    """The inverse of `to_text`, also for files of ADR-099 without our extra keys. Raises SignatureError."""
    if len(text) > MAX_TEXT:
        raise SignatureError("", f"file has {len(text)} characters, at most {MAX_TEXT} are read")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SignatureError("", f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise SignatureError("", f"expected an object, found {type(data).__name__}")
    kind = _choice(data, "feature_kind", FeatureKind, None)
    vectors = _vectors(data)
    _expect_count(data, "length", len(vectors))
    _expect_count(data, "dims", vectors.shape[1])
    dtw = data.get("dtw", {})
    if not isinstance(dtw, dict):
        raise SignatureError("dtw", "expected an object")
    if dtw.get("step_pattern", "symmetric2") != "symmetric2":
        raise SignatureError("dtw.step_pattern", f"only symmetric2 is supported, found {dtw['step_pattern']!r}")
    window = _number(dtw, "window", DEFAULT_WINDOW, 0, MAX_TEMPLATE, where="dtw.")
    if window is None or window != int(window):
        raise SignatureError("dtw.window", "expected a whole number")
    provenance = data.get("provenance", {})
    if not isinstance(provenance, dict):
        raise SignatureError("provenance", "expected an object")
    threshold = _number(data, "promotion_threshold", DEFAULT_THRESHOLD, 0.0, 1.0)
    layout, backbone_rev = data.get("layout"), data.get("backbone_rev")
    return Signature(
        id=_identifier(data),
        label=_text(data, "label", 200),
        captured_at=_text(data, "captured_at", 64),
        feature_kind=kind,
        vectors=vectors,
        window=int(window),
        promotion_threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        role=_choice(data, "role", Role, Role.EVENT),
        spread=_number(data, "spread", None, 1e-9, MAX_VALUE),
        prior_log_odds=_number(data, "prior_log_odds", None, -1e4, 1e4),
        fs_hz=_number(data, "fs_hz", None, 0.1, 1000.0),
        layout=None if layout is None else _text(data, "layout", 64),
        backbone_rev=None if backbone_rev is None else _text(data, "backbone_rev", 64),
        provenance=provenance,
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def _text(data: dict[str, Any], key: str, longest: int) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise SignatureError(key, f"expected 1–{longest} characters of text, found {value!r:.60}")
    return value


def _identifier(data: dict[str, Any]) -> str:
    value = _text(data, "id", 64)
    if not _ID_CHARACTERS.issuperset(value) or value.startswith("."):
        raise SignatureError("id", f"only letters, digits, '_', '-' and '.' are allowed, found {value!r}")
    return value


def _number(
    data: dict[str, Any], key: str, default: float | None, low: float, high: float, *, where: str = ""
) -> float | None:
    value = data.get(key, default)
    if value is None:
        return default
    number = None if isinstance(value, bool) else finite(value)
    if number is None:
        raise SignatureError(where + key, f"expected a number, found {value!r:.60}")
    if not low <= number <= high:
        raise SignatureError(where + key, f"expected {low}–{high}, found {value}")
    return number


def _choice[E: StrEnum](data: dict[str, Any], key: str, kinds: type[E], default: E | None) -> E:
    value: Any = data.get(key, default)
    try:
        return kinds(value)
    except ValueError:
        raise SignatureError(key, f"expected one of {', '.join(kinds)}, found {value!r:.60}") from None


def _vectors(data: dict[str, Any]) -> Matrix:
    rows = data.get("vectors")
    if not isinstance(rows, list) or not MIN_LENGTH <= len(rows) <= MAX_TEMPLATE:
        raise SignatureError("vectors", f"expected a list of {MIN_LENGTH}–{MAX_TEMPLATE} vectors")
    if not all(isinstance(row, list) and 1 <= len(row) <= MAX_DIMS for row in rows):
        raise SignatureError("vectors", f"every vector must be a list of 1–{MAX_DIMS} numbers")
    if len({len(row) for row in rows}) != 1:
        raise SignatureError("vectors", "all vectors must have the same length")
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) for row in rows for v in row):
        raise SignatureError("vectors", "every component must be a number")
    try:
        vectors = np.asarray(rows, dtype=np.float64)
    except OverflowError:
        raise SignatureError("vectors", "a component is too large") from None
    if not np.isfinite(vectors).all() or np.abs(vectors).max() > MAX_VALUE:
        raise SignatureError("vectors", f"components must be finite and at most {MAX_VALUE:g}")
    vectors.setflags(write=False)
    return vectors


def _expect_count(data: dict[str, Any], key: str, found: int) -> None:
    claimed = data.get(key)
    if claimed is not None and claimed != found:
        raise SignatureError(key, f"the file says {claimed!r:.40}, its vectors say {found}")
