"""What a bank has learnt, in words for its owner."""

from .ruview_engine.room.bank import Bank
from .ruview_engine.room.specialist import SpecialistKind
from .ruview_engine.room.state import Posture
from .view import Skill


def skills_of(bank: Bank | None) -> list[Skill]:
    """All six specialists: learnt, or absent and why."""
    return [_skill(bank, kind) for kind in SpecialistKind]


def _skill(bank: Bank | None, kind: SpecialistKind) -> Skill:
    provenance = None if bank is None else bank.provenance_of(kind)
    if bank is None or provenance is None:
        absence = None if bank is None else bank.why_absent(kind)
        return Skill(kind=kind.value, quality=0.0, reason="not_trained" if absence is None else absence.why.value)
    posture = bank.posture if kind is SpecialistKind.POSTURE else None
    is_partial = posture is not None and posture.postures == (Posture.STANDING,)
    return Skill(kind=kind.value, quality=provenance.quality.score, only=Posture.STANDING.value if is_partial else None)
