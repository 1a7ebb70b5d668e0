"""What introspection says about one link at one frame, and about a room (ADR-099 D3)."""

from dataclasses import dataclass
from enum import StrEnum

from ..frame_value import frame_value
from .why_unknown import WhyUnknown


class Regime(StrEnum):
    """Kind of dynamics of a link or room now. `UNKNOWN` is a proper answer."""

    IDLE = "idle"
    PERIODIC = "periodic"
    TRANSIENT = "transient"
    CHAOTIC = "chaotic"
    UNKNOWN = "unknown"


@frame_value()
class Match:
    """How well the recent past fits one signature.

    score : 0–1, posterior against idle and "something else"; None when not comparable, then `why_not` says why
    progress : 0–1, how far into the signature the best alignment ends
    """

    signature_id: str
    label: str
    score: float | None
    progress: float
    above_threshold: bool
    why_not: WhyUnknown | None = None


@frame_value()
class Snapshot:
    """One link at one frame. Every `None` has its reason in `why_not`, keyed by field name."""

    timestamp_ns: int
    node: str
    link: str
    frame_count: int
    regime: Regime
    regime_confidence: float
    regime_changed: bool
    lyapunov_exponent: float | None
    lyapunov_interval: tuple[float, float] | None
    attractor_dim: float | None
    attractor_confidence: float
    change_score: float | None
    change_threshold: float | None
    top_k_similarity: tuple[Match, ...]
    why_not: tuple[tuple[str, WhyUnknown], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSnapshot:
    """All links of a room at one moment, fused by likelihood; `links` holds the newest snapshot of each."""

    timestamp_ns: int
    room_id: str
    regime: Regime
    regime_confidence: float
    regime_changed: bool
    change_score: float | None
    change_threshold: float | None
    top_k_similarity: tuple[Match, ...]
    links: tuple[Snapshot, ...]
