"""Why a bank has no specialist of some kind: a closed reason for people of every language, and the numbers of it."""

from dataclasses import dataclass
from enum import StrEnum

from ..errors import TrainingError


class WhyAbsent(StrEnum):
    """Every reason there is. The integration has a sentence for each, so a new one needs one too."""

    NOT_ENROLLED = "not_enrolled"  # the anchors it learns from were skipped or refused
    NOT_SEEN = "not_seen"  # enrolled, but no link saw them long enough
    LIKE_EMPTY = "like_empty"  # a still person looks like the empty room
    ALIKE = "alike"  # its classes are not told apart on blocks it had not seen
    TAKEN_ONCE = "taken_once"  # nothing says that it repeats
    NOT_REPEATED = "not_repeated"  # taken a second time, it looked different
    NO_BREATH = "no_breath"
    NO_HEARTBEAT = "no_heartbeat"
    WOULD_VETO = "would_veto"  # it would have called the enrolment itself impossible
    UNNAMED = "unnamed"  # a bank stored before reasons had names


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A reason and its numbers, the latter in English for logs, the command line and reports."""

    why: WhyAbsent
    detail: str

    def __str__(self) -> str:
        """The detail."""
        return self.detail


class Untaught(TrainingError):
    """One specialist cannot be taught with these anchors; the others are not concerned."""

    def __init__(self, why: WhyAbsent, detail: str) -> None:
        super().__init__(detail)
        self.absence = Absence(why=why, detail=detail)
