"""The readings that depend on a person being there, after veto, staleness and presence (ADR-151 §2.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..links.link_id import LinkId
from .bank import Bank
from .evidence import LinkEvidence
from .link_baseline import LinkBaseline
from .memory import Memory
from .reading import Provenance, Reading, WhyNot
from .state import Posture, Presence
from .window import RoomInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must be known before anybody may speak about a person."""

    presence: Presence | None
    is_moving: bool
    is_stale: bool
    has_frames: bool
    provenance: Provenance

    def closed(self) -> WhyNot | None:
        """Why nobody may speak; None when they may."""
        if not self.has_frames:
            return WhyNot.NO_FRAMES
        if self.is_stale:
            return WhyNot.STALE
        if self.presence is Presence.CLEAR:
            return WhyNot.ABSENT
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Five specialists after gating."""

    posture: Reading[Posture]
    breathing: Reading[float]
    heart_rate: Reading[float]
    restlessness: Reading[float]
    anomaly: Reading[float]
    is_vetoed: bool


def read_all(
    bank: Bank | None,
    inputs: RoomInputs,
    known: Mapping[LinkId, LinkBaseline],
    evidence: tuple[LinkEvidence, ...],
    gate: Gate,
    memory: Memory,
) -> tuple[Readings, Memory]:
    """Ask everybody who may speak."""
    nothing: Reading[Any] = Reading.none(gate.closed() or WhyNot.NOT_TRAINED, provenance=gate.provenance)
    return Readings(
        posture=nothing, breathing=nothing, heart_rate=nothing, restlessness=nothing, anomaly=nothing, is_vetoed=False
    ), memory
