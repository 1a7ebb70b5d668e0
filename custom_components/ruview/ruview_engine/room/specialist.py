"""What all six specialists have in common: a kind, a provenance, a quality, and plain data to be stored as."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self


class SpecialistKind(StrEnum):
    """The six questions of ADR-151 §2.4; the values are the seed's words for `--specialists`."""

    BREATHING = "breathing"
    HEARTBEAT = "heartbeat"
    RESTLESSNESS = "restlessness"
    POSTURE = "posture"
    PRESENCE = "presence"
    ANOMALY = "anomaly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well a specialist separates, measured on held-out blocks of the anchors it was not fitted on.

    score : 0–1; what it means is in `measure` ("auc", "balanced_accuracy", "standing_told", …)
    n_blocks : held-out blocks behind it
    """

    measure: str
    score: float
    n_blocks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistProvenance:
    """ADR-151 §2.4: what a specialist was made from.

    version : counts up by one each time this specialist alone is trained again
    trained_at_s : Unix seconds, told by the owner
    anchor_set_hash, baseline_hash : contents it was fitted on
    backbone_rev : revision of the encoder whose embedding it uses; None when it uses none
    """

    version: int
    trained_at_s: float
    anchor_set_hash: str
    baseline_hash: str
    backbone_rev: str | None
    quality: Quality


class Specialist(Protocol):
    """One question, one file. Frozen after training; `to_dict` gives plain JSON types and numpy arrays."""

    @property
    def provenance(self) -> SpecialistProvenance | None:
        """What it was made from; None where nobody has said."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to be built again."""
        ...

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse of `to_dict`; raises Damaged on impossible numbers."""
        ...
