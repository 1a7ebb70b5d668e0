"""A specialist's answer, and why there may be none."""

from dataclasses import dataclass
from enum import StrEnum


class WhyNot(StrEnum):
    """Why a reading has no value. Shown to the user, translated; keep it closed."""

    NO_FRAMES = "no_frames"
    WARMING_UP = "warming_up"
    NO_BASELINE = "no_baseline"
    NOT_TRAINED = "not_trained"
    NOT_SEPARABLE = "not_separable"
    STALE = "stale"
    ABSENT = "absent"
    MOVING = "moving"
    ANOMALY = "anomaly"
    WEAK_EVIDENCE = "weak_evidence"
    DISAGREEMENT = "disagreement"
    AMBIGUOUS = "ambiguous"
    NOVEL = "novel"
    GAP = "gap"
    RATE_TOO_LOW = "rate_too_low"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a reading rests on, so that a consumer can tell two calibrations apart."""

    baseline_id: str | None = None
    bank_version: int | None = None
    backbone_rev: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading[T]:
    """`value` is None exactly when `why_not` is set. `evidence` holds the numbers behind it, by name."""

    value: T | None
    confidence: float
    why_not: WhyNot | None = None
    provenance: Provenance = Provenance()
    evidence: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) != (self.why_not is not None):
            raise ValueError("a reading has either a value or a reason for having none")

    @classmethod
    def none(cls, why_not: WhyNot, *, provenance: Provenance = Provenance()) -> Reading[T]:
        """No value, and why."""
        return cls(value=None, confidence=0.0, why_not=why_not, provenance=provenance)
