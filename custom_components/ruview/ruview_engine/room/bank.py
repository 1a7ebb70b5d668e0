"""The trained specialists of one room, tied to one baseline."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from ..errors import Damaged
from .absence import Absence, WhyAbsent
from .specialist import Quality, Specialist, SpecialistKind, SpecialistProvenance
from .specialists.anomaly import AnomalySpecialist
from .specialists.breathing import BreathingSpecialist
from .specialists.heartbeat import HeartbeatSpecialist
from .specialists.posture import PostureSpecialist
from .specialists.presence import PresenceSpecialist
from .specialists.restlessness import RestlessnessSpecialist

#: Rules by which specialists are trained and read. A bank of another generation is not believed (BANK_VERSION).
GENERATION: Final = 1

#: Which class answers which question.
SPECIALISTS: Final[Mapping[SpecialistKind, type[Specialist]]] = {
    SpecialistKind.BREATHING: BreathingSpecialist,
    SpecialistKind.HEARTBEAT: HeartbeatSpecialist,
    SpecialistKind.RESTLESSNESS: RestlessnessSpecialist,
    SpecialistKind.POSTURE: PostureSpecialist,
    SpecialistKind.PRESENCE: PresenceSpecialist,
    SpecialistKind.ANOMALY: AnomalySpecialist,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """Partial banks are banks: what is None is absent, and `absent` says why.

    version : counts up by one per training of the room; each specialist has its own besides
    baseline_id : the invalidation contract: with any other baseline the room is STALE
    """

    version: int
    baseline_id: str
    trained_at_s: float
    breathing: BreathingSpecialist | None = None
    heartbeat: HeartbeatSpecialist | None = None
    restlessness: RestlessnessSpecialist | None = None
    posture: PostureSpecialist | None = None
    presence: PresenceSpecialist | None = None
    anomaly: AnomalySpecialist | None = None
    absent: tuple[tuple[SpecialistKind, Absence], ...] = ()
    generation: int = GENERATION

    def get(self, kind: SpecialistKind) -> Specialist | None:
        """One specialist; None when it is absent."""
        found: Specialist | None = getattr(self, kind.value)
        return found

    @property
    def kinds(self) -> tuple[SpecialistKind, ...]:
        """What is in the bank."""
        return tuple(kind for kind in SpecialistKind if self.get(kind) is not None)

    def why_absent(self, kind: SpecialistKind) -> Absence | None:
        """The reason given at training; None when it is present or was never asked for."""
        return dict(self.absent).get(kind)

    @property
    def may_clear(self) -> bool:
        """Nobody still who was taught looks like the empty room, so that silence says something."""
        trained = self.presence
        return SpecialistKind.PRESENCE not in dict(self.absent) if trained is None else trained.may_clear

    def provenance_of(self, kind: SpecialistKind) -> SpecialistProvenance | None:
        """What a specialist was made from."""
        one = self.get(kind)
        return None if one is None else one.provenance

    def version_of(self, kind: SpecialistKind) -> int:
        """A specialist's own version; 0 when it is absent."""
        provenance = self.provenance_of(kind)
        return 0 if provenance is None else provenance.version

    def problem(self, backbone_rev: str | None) -> int:
        """0 when usable; 1 another generation; 2 specialists of another backbone than the installed one."""
        if self.generation != GENERATION:
            return 1
        revisions = {p.backbone_rev for kind in self.kinds if (p := self.provenance_of(kind)) is not None}
        return 2 if revisions - {None, backbone_rev} else 0

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays, for `codec`."""
        specialists = {}
        for kind in self.kinds:
            provenance = self.provenance_of(kind)
            specialists[kind.value] = {
                "provenance": None if provenance is None else asdict(provenance),
                "content": self.get(kind).to_dict(),  # type: ignore[union-attr]
            }
        return {
            "version": self.version,
            "generation": self.generation,
            "baseline_id": self.baseline_id,
            "trained_at_s": self.trained_at_s,
            "absent": [[kind.value, one.detail, one.why.value] for kind, one in self.absent],
            "specialists": specialists,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse; raises Damaged."""
        try:
            specialists: dict[str, Any] = {}
            for name, one in stored["specialists"].items():
                kind = SpecialistKind(name)
                provenance = None if one["provenance"] is None else _provenance(one["provenance"])
                specialists[kind.value] = SPECIALISTS[kind].from_dict(one["content"], provenance)
            bank = cls(
                version=int(stored["version"]),
                generation=int(stored["generation"]),
                baseline_id=str(stored["baseline_id"]),
                trained_at_s=float(stored["trained_at_s"]),
                absent=tuple((SpecialistKind(kind), _absence(*rest)) for kind, *rest in stored["absent"]),
                **specialists,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"bank: {error}") from error
        if bank.version < 1:
            raise Damaged(f"bank version {bank.version}")
        return bank


def _absence(detail: str, why: str = WhyAbsent.UNNAMED) -> Absence:
    """As stored; a reason that a newer release has named is one without a name here."""
    known = why if why in WhyAbsent else WhyAbsent.UNNAMED
    return Absence(why=WhyAbsent(known), detail=str(detail))


def _provenance(stored: Mapping[str, Any]) -> SpecialistProvenance:
    quality = stored["quality"]
    return SpecialistProvenance(
        version=int(stored["version"]),
        trained_at_s=float(stored["trained_at_s"]),
        anchor_set_hash=str(stored["anchor_set_hash"]),
        baseline_hash=str(stored["baseline_hash"]),
        backbone_rev=None if stored["backbone_rev"] is None else str(stored["backbone_rev"]),
        quality=Quality(
            measure=str(quality["measure"]), score=float(quality["score"]), n_blocks=int(quality["n_blocks"])
        ),
    )
