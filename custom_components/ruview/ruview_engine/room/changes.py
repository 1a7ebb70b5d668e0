"""What a room tells its owner after something was decided: to be stored, shown, or both."""

from dataclasses import dataclass
from enum import StrEnum

from .adaptation import Adaptation
from .anchor import AnchorLabel, Verdict
from .bank import Bank
from .baseline import Baseline, BaselineRefusal
from .enrolment import EnrolmentEvent
from .sensitivity import SensitivityReport
from .window import LinkWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCaptured:
    """A new baseline is in force. Store it and `captures` (for training) before telling anybody."""

    baseline: Baseline
    captures: tuple[LinkWindow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRefused:
    """The capture was not an empty room; the former baseline stays."""

    refusal: BaselineRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorJudged:
    """An anchor was captured; `captures` is empty when it was not accepted."""

    verdict: Verdict
    captures: tuple[LinkWindow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentAppended:
    """Append to `enrollment.jsonl`."""

    event: EnrolmentEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFollowed:
    """References have followed slow drift by another step, or are back where they were captured; to be stored."""

    baseline_id: str
    adaptation: Adaptation


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTrained:
    """A new bank is in force; store it."""

    bank: Bank
    report: SensitivityReport


class WhyNoBank(StrEnum):
    """Why a training changed nothing."""

    NOTHING_TAUGHT = "nothing_taught"
    BASELINE_CHANGED = "baseline_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFailed:
    """Nothing changed; the report says why, kind by kind."""

    reason: WhyNoBank
    report: SensitivityReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureCancelled:
    """A capture was given up; `what` is "baseline" or an anchor's label."""

    what: str | AnchorLabel


type RoomChange = (
    BaselineCaptured
    | BaselineRefused
    | AnchorJudged
    | EnrolmentAppended
    | ReferenceFollowed
    | BankTrained
    | TrainingFailed
    | ProcedureCancelled
)
