"""Enrolment as an append-only list of events; the state is what folding them gives.

Events are plain values, so the file of an unfinished enrolment is also its resume. An anchor may be taken again at any
time, alone: the newest accepted feature counts. A new baseline starts the list's next chapter, because features are
distances from a baseline; the old chapter stays in the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from ..errors import Damaged, OrderError
from .anchor import ANCHORS, AnchorLabel, Demand, Fault, Verdict
from .anchor_feature import AnchorFeature
from .fingerprint import fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A chapter: everything after belongs to this baseline."""

    at_unix_s: float
    room_id: str
    baseline_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorAccepted:
    """An anchor passed its gate; `feature` is what it teaches (None for `empty`: that is the baseline)."""

    at_unix_s: float
    verdict: Verdict
    feature: AnchorFeature | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRejected:
    """An anchor did not pass."""

    at_unix_s: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSkipped:
    """The person chose to leave one out; what needs it will be absent from the bank."""

    at_unix_s: float
    label: AnchorLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedReference:
    """For the audit: a reference followed slow drift (see `adaptation`)."""

    at_unix_s: float
    link: str
    moved_rms: float
    total_rms: float


type EnrolmentEvent = Started | AnchorAccepted | AnchorRejected | AnchorSkipped | AdaptedReference


class AnchorStatus(StrEnum):
    """Where one anchor stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnrolmentSession:
    """The fold over a room's events. `after(event)` gives the next state; nothing is ever changed in place.

    attempts : refusals of each anchor since it was last accepted
    """

    room_id: str
    baseline_id: str | None = None
    n_events: int = 0
    status: Mapping[AnchorLabel, AnchorStatus] = field(default_factory=dict)
    attempts: Mapping[AnchorLabel, int] = field(default_factory=dict)
    verdicts: Mapping[AnchorLabel, Verdict] = field(default_factory=dict)
    features: Mapping[AnchorLabel, AnchorFeature] = field(default_factory=dict)

    @classmethod
    def replay(cls, room_id: str, events: Iterable[EnrolmentEvent]) -> Self:
        """The state after all events, in order."""
        state = cls(room_id=room_id)
        for event in events:
            state = state.after(event)
        return state

    def after(self, event: EnrolmentEvent) -> Self:
        """The state after one more event; raises OrderError for an anchor before any baseline."""
        n_events = self.n_events + 1
        if isinstance(event, Started):
            return type(self)(room_id=self.room_id, baseline_id=event.baseline_id, n_events=n_events)
        if isinstance(event, AdaptedReference):
            return self._with(n_events=n_events)
        if self.baseline_id is None:
            raise OrderError("an anchor needs a baseline first")
        if isinstance(event, AnchorSkipped):
            return self._with(n_events=n_events, status={**self.status, event.label: AnchorStatus.SKIPPED})
        label = event.verdict.label
        attempts = {**self.attempts, label: self.attempts.get(label, 0) + 1}
        verdicts = {**self.verdicts, label: event.verdict}
        if isinstance(event, AnchorAccepted):
            features = {**self.features, label: event.feature} if event.feature else dict(self.features)
            status = {**self.status, label: AnchorStatus.ACCEPTED}
            attempts[label] = 0
            return self._with(n_events=n_events, status=status, attempts=attempts, verdicts=verdicts, features=features)
        # A failed repetition does not take away what was accepted before.
        kept = AnchorStatus.ACCEPTED if label in self.features else AnchorStatus.REJECTED
        return self._with(n_events=n_events, status={**self.status, label: kept}, attempts=attempts, verdicts=verdicts)

    def _with(self, **changes: Any) -> Self:
        values = {name: getattr(self, name) for name in self.__slots__}
        return type(self)(**(values | changes))

    def status_of(self, label: AnchorLabel) -> AnchorStatus:
        """Pending until something happened to it."""
        return self.status.get(label, AnchorStatus.PENDING)

    @property
    def missing(self) -> tuple[AnchorLabel, ...]:
        """Neither accepted nor skipped, in the protocol's order."""
        done = (AnchorStatus.ACCEPTED, AnchorStatus.SKIPPED)
        return tuple(anchor.label for anchor in ANCHORS if self.status_of(anchor.label) not in done)

    @property
    def accepted(self) -> tuple[AnchorLabel, ...]:
        """In the protocol's order."""
        return tuple(a.label for a in ANCHORS if self.status_of(a.label) is AnchorStatus.ACCEPTED)

    @property
    def unseen(self) -> tuple[AnchorLabel, ...]:
        """Still poses in which no link saw the person when last asked; to skip one does not change that."""
        return tuple(
            anchor.label
            for anchor in ANCHORS
            if anchor.demand is Demand.STILL
            and anchor.label not in self.features
            and (verdict := self.verdicts.get(anchor.label)) is not None
            and verdict.reason is Fault.ABSENT
        )

    @property
    def anchor_set_hash(self) -> str:
        """Made from the content of all accepted features."""
        return fingerprint({label.value: feature.to_dict() for label, feature in self.features.items()})


def event_to_dict(event: EnrolmentEvent) -> dict[str, Any]:
    """Plain types and arrays with a `type`."""
    match event:
        case Started():
            body: dict[str, Any] = {"room_id": event.room_id, "baseline_id": event.baseline_id}
        case AnchorAccepted():
            feature = None if event.feature is None else event.feature.to_dict()
            body = {"verdict": _verdict_to_dict(event.verdict), "feature": feature}
        case AnchorRejected():
            body = {"verdict": _verdict_to_dict(event.verdict)}
        case AnchorSkipped():
            body = {"label": event.label.value}
        case AdaptedReference():
            body = {"link": event.link, "moved_rms": event.moved_rms, "total_rms": event.total_rms}
    return {"type": type(event).__name__, "at_unix_s": event.at_unix_s, **body}


def event_from_dict(stored: Mapping[str, Any]) -> EnrolmentEvent:
    """The inverse; raises Damaged."""
    try:
        at = float(stored["at_unix_s"])
        match stored["type"]:
            case "Started":
                return Started(at_unix_s=at, room_id=str(stored["room_id"]), baseline_id=str(stored["baseline_id"]))
            case "AnchorAccepted":
                feature = None if stored["feature"] is None else AnchorFeature.from_dict(stored["feature"])
                return AnchorAccepted(at_unix_s=at, verdict=_verdict(stored["verdict"]), feature=feature)
            case "AnchorRejected":
                return AnchorRejected(at_unix_s=at, verdict=_verdict(stored["verdict"]))
            case "AnchorSkipped":
                return AnchorSkipped(at_unix_s=at, label=AnchorLabel(stored["label"]))
            case "AdaptedReference":
                moved, total = float(stored["moved_rms"]), float(stored["total_rms"])
                return AdaptedReference(at_unix_s=at, link=str(stored["link"]), moved_rms=moved, total_rms=total)
            case other:
                raise Damaged(f"unknown enrolment event {other!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(f"enrolment event: {error}") from error


def _verdict_to_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "label": verdict.label.value,
        "accepted": verdict.accepted,
        "reason": None if verdict.reason is None else verdict.reason.value,
        "hint": verdict.hint,
        "numbers": [list(pair) for pair in verdict.numbers],
    }


def _verdict(stored: Mapping[str, Any]) -> Verdict:
    reason = stored["reason"]
    return Verdict(
        label=AnchorLabel(stored["label"]),
        accepted=bool(stored["accepted"]),
        reason=None if reason is None else Fault(reason),
        hint=stored["hint"],
        numbers=tuple((str(name), float(value)) for name, value in stored["numbers"]),
    )
