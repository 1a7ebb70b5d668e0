"""What a bank has learnt, in words for its owner."""

from typing import Final

from .ruview_engine.room.bank import Bank
from .ruview_engine.room.specialist import SpecialistKind
from .ruview_engine.room.state import Posture
from .view import Skill

#: Privacy mode says nothing of these.
PRIVATE: Final = frozenset(
    {SpecialistKind.BREATHING, SpecialistKind.HEARTBEAT, SpecialistKind.POSTURE, SpecialistKind.RESTLESSNESS}
)


def skills_of(bank: Bank | None, *, is_private: bool = False) -> list[Skill]:
    """All six specialists, in privacy mode those that are not about a body: learnt, or absent and why."""
    return [_skill(bank, kind) for kind in SpecialistKind if not (is_private and kind in PRIVATE)]


def _skill(bank: Bank | None, kind: SpecialistKind) -> Skill:
    provenance = None if bank is None else bank.provenance_of(kind)
    if bank is None or provenance is None:
        absence = None if bank is None else bank.why_absent(kind)
        return Skill(kind=kind.value, quality=0.0, reason="not_trained" if absence is None else absence.why.value)
    posture = bank.posture if kind is SpecialistKind.POSTURE else None
    is_partial = posture is not None and posture.postures == (Posture.STANDING,)
    return Skill(kind=kind.value, quality=provenance.quality.score, only=Posture.STANDING.value if is_partial else None)
