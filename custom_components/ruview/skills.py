"""What a bank has learnt, in words for its owner."""

from typing import Final

from .ruview_engine.room.bank import Bank
from .ruview_engine.room.specialist import SpecialistKind
from .ruview_engine.room.state import Posture, Presence
from .view import Skill

#: Privacy mode says nothing of these.
PRIVATE: Final = frozenset(
    {SpecialistKind.BREATHING, SpecialistKind.HEARTBEAT, SpecialistKind.POSTURE, SpecialistKind.RESTLESSNESS}
)


def skills_of(bank: Bank | None, *, may_clear: bool = True, is_private: bool = False) -> list[Skill]:
    """All six specialists, in privacy mode those that are not about a body: learnt, or absent and why.

    may_clear : False where somebody may be there unseen, so that presence only tells who is seen
    """
    kinds = (kind for kind in SpecialistKind if not (is_private and kind in PRIVATE))
    return [_skill(bank, kind, may_clear=may_clear) for kind in kinds]


def _skill(bank: Bank | None, kind: SpecialistKind, *, may_clear: bool) -> Skill:
    provenance = None if bank is None else bank.provenance_of(kind)
    if bank is None or provenance is None:
        absence = None if bank is None else bank.why_absent(kind)
        return Skill(kind=kind.value, quality=0.0, reason="not_trained" if absence is None else absence.why.value)
    only = None
    if kind is SpecialistKind.POSTURE and bank.posture is not None and bank.posture.postures == (Posture.STANDING,):
        only = Posture.STANDING.value
    elif kind is SpecialistKind.PRESENCE and not may_clear:
        only = Presence.PRESENT.value
    return Skill(kind=kind.value, quality=provenance.quality.score, only=only)
