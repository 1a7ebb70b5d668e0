"""What a room says at one moment: all readings after veto, gating and staleness."""

from dataclasses import dataclass
from enum import StrEnum

from .reading import Reading
from .stale import StaleCause


class Presence(StrEnum):
    """Is a person in the room? The third answer is a reading without value."""

    PRESENT = "present"
    CLEAR = "clear"


class Posture(StrEnum):
    """What `stand_still`, `sit` and `lie_down` taught."""

    STANDING = "standing"
    SITTING = "sitting"
    LYING = "lying"


class Calibration(StrEnum):
    """Where a room is on its way from unboxing to trusted readings."""

    UNCALIBRATED = "uncalibrated"
    BASELINE = "baseline"
    ENROLLING = "enrolling"
    READY = "ready"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomState:
    """Frozen, so the integration may keep it. Rates are per minute, scores 0–1.

    motion : someone or something moves now
    motion_level : 0–1, scale-free strength of movement; None before the link is warm
    anomaly : score of the novelty / impossible-signal detector; `is_vetoed` says that it suppressed the rest
    """

    room_id: str
    at_s: float
    calibration: Calibration
    presence: Reading[Presence]
    motion: Reading[bool]
    motion_level: float | None
    posture: Reading[Posture]
    breathing: Reading[float]
    heart_rate: Reading[float]
    restlessness: Reading[float]
    anomaly: Reading[float]
    is_vetoed: bool
    stale: tuple[StaleCause, ...]
