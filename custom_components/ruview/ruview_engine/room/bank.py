"""The trained specialists of one room, tied to one baseline."""

from dataclasses import dataclass
from typing import Final

from .specialist import SpecialistKind
from .specialists.presence import PresenceSpecialist

#: Rules by which specialists are trained and read. A bank of another generation is not believed.
GENERATION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """Partial banks are banks: what is None is absent, and `absent` says why."""

    version: int
    baseline_id: str
    trained_at_s: float
    presence: PresenceSpecialist | None = None
    absent: tuple[tuple[SpecialistKind, str], ...] = ()
    generation: int = GENERATION

    def problem(self, backbone_rev: str | None) -> int:
        """0 when usable; 1 another generation, 2 another backbone than the specialists were trained on."""
        return 1 if self.generation != GENERATION else 0
