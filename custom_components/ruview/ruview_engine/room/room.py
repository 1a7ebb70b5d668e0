"""A calibrated room: the one object an engine owns per room. No clock, no files, no sockets.

Life of a room, from its owner's side::

    room = Room("living-room", unix_offset_s=...)          # Unix time minus the monotonic clock, told once
    room.load(baseline=..., events=..., captures=..., bank=...)   # whatever was stored, in any combination
    room.observe(sample)                                   # every sample of the room's nodes; idle without capture
    progress = room.progress(at_s)                         # while a capture runs: what to show
    job = room.slow_job(inputs)                            # once a second: copies in
    result = job()                                         # in any thread
    for change in room.apply(result): store or show it     # back in the owner's thread

    room.start_baseline(at_s); room.start_anchor("sit", at_s); room.skip_anchor("lie_down", at_s); room.cancel(at_s)
    job = room.training_job(at_s, kinds=None); changes = room.apply_training(job())
    room.restore(former_bank); room.reset_adaptation()

Captures end by themselves: the slow job after the end judges them, and `apply` returns the verdict among the changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..errors import OrderError
from ..links.encoder import Encoder
from ..links.sample import Sample
from .adaptation import Adaptation
from .anchor import BY_LABEL, AnchorLabel, Demand
from .anchor_capture import AnchorCapture
from .bank import Bank
from .baseline import Baseline, BaselineRefusal
from .baseline_capture import DURATION_S, LEAD_S, BaselineCapture, Capture, Progress
from .changes import (
    AnchorJudged,
    BankTrained,
    BaselineCaptured,
    BaselineRefused,
    ProcedureCancelled,
    ReferenceFollowed,
    RoomChange,
    TrainingFailed,
    WhyNoBank,
)
from .drift import Drift
from .enrolment import EnrolmentEvent, EnrolmentSession
from .enrolment_book import EnrolmentBook
from .judgement import Case, Judgement, is_in_pose
from .last_known import LastKnown
from .memory import Memory
from .runtime import Outcome, Runtime
from .specialist import SpecialistKind
from .state import Calibration, RoomState
from .training import TrainingJob, TrainingResult, train
from .window import LinkWindow, RoomInputs

#: Seconds after a capture's end before it is judged, so that frames in flight count. Origin: chosen.
GRACE_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowResult:
    """What a slow job found; hand it to `Room.apply`."""

    revision: int
    outcome: Outcome
    judgement: Judgement | None = None


class Room:
    """Owns what a room has learned and what it is doing now. All methods belong to one thread; jobs run anywhere.

    Parameters
    ----------
    room_id : stable name
    unix_offset_s : add to `at_s` to get Unix seconds; only written down, never computed with
    sensitivity : 0.25–4, multiplies evidence for presence
    encoder : the installed one, if any; may be replaced at any time
    """

    def __init__(
        self,
        room_id: str,
        *,
        unix_offset_s: float = 0.0,
        sensitivity: float = 1.0,
        encoder: Encoder | None = None,
    ) -> None:
        self.room_id = room_id
        self.unix_offset_s = unix_offset_s
        self.sensitivity = sensitivity
        self.encoder = encoder
        self.baseline: Baseline | None = None
        self.bank: Bank | None = None
        self.state: RoomState | None = None
        self.drift: Drift | None = None
        self._book = EnrolmentBook(room_id)
        self._captures: dict[AnchorLabel, tuple[LinkWindow, ...]] = {}
        self._capture: Capture | None = None
        self._seen_s: float | None = None
        self._memory: Memory | None = None
        self._adaptation = Adaptation()
        self._revision = 0

    # --- what was stored ----------------------------------------------------------------------------

    def load(
        self,
        *,
        baseline: Baseline | None = None,
        events: Iterable[EnrolmentEvent] = (),
        captures: Mapping[AnchorLabel, tuple[LinkWindow, ...]] | None = None,
        bank: Bank | None = None,
        adaptation: Adaptation | None = None,
    ) -> None:
        """Take up where a former process stopped; every part may be missing."""
        self.baseline = baseline
        self._adaptation = adaptation or Adaptation()
        if self._memory is not None:
            self._memory = replace(self._memory, adaptation=self._adaptation)
        self._book.load(events)
        self._captures = dict(captures or {})
        self.bank = bank
        self._revision += 1

    @property
    def last_known(self) -> LastKnown | None:
        """What `resume` takes up after a pause; None without a baseline, or before the first tick."""
        if self.baseline is None or self._memory is None:
            return None
        return LastKnown.of(self._memory, self.baseline.id, self._unix(self._memory.at_s))

    def resume(self, known: LastKnown, at_s: float) -> None:
        """Go on, after `load`, from what was known before a pause, as far as that still holds."""
        if self.baseline is None:
            return
        memory = known.resumed(at_s, self._unix(at_s), self.baseline.id)
        if memory is not None:
            self._memory = replace(memory, adaptation=self._adaptation)

    # --- procedures ---------------------------------------------------------------------------------

    def start_baseline(self, at_s: float, *, lead_s: float = LEAD_S, duration_s: float = DURATION_S) -> Progress:
        """Begin a leave-the-room countdown and a capture; raises OrderError while another capture runs."""
        self._must_be_free()
        self._capture = BaselineCapture(at_s=at_s, lead_s=lead_s, duration_s=duration_s)
        return self._capture.progress(at_s)

    def start_anchor(self, label: str, at_s: float, *, lead_s: float | None = None) -> Progress:
        """Begin one anchor, for the first time or again; raises OrderError without a baseline or while busy."""
        self._must_be_free()
        anchor = BY_LABEL[AnchorLabel(label)]
        if self.baseline is None:
            raise OrderError("an anchor needs a baseline first")
        lead = anchor.lead_s if lead_s is None else lead_s
        self._capture = AnchorCapture(anchor, self.baseline, at_s=at_s, lead_s=lead)
        return self._capture.progress(at_s)

    def skip_anchor(self, label: str, at_s: float) -> tuple[RoomChange, ...]:
        """Leave one out; what needs it will be absent from the bank."""
        if self.baseline is None:
            raise OrderError("an anchor needs a baseline first")
        return self._book.skip(self.baseline.id, AnchorLabel(label), self._unix(at_s))

    def cancel(self, at_s: float) -> tuple[RoomChange, ...]:
        """Give the running capture up; nothing happens when there is none."""
        capture, self._capture = self._capture, None
        return () if capture is None else (ProcedureCancelled(what=capture.what),)

    def progress(self, at_s: float) -> Progress | None:
        """The running capture; None when there is none."""
        return None if self._capture is None else self._capture.progress(at_s)

    def observe(self, sample: Sample) -> None:
        """Every sample of the room's nodes. Records while a capture runs, else returns at once."""
        if self._capture is not None:
            self._capture.observe(sample)

    @property
    def enrolment(self) -> EnrolmentSession:
        """Everything that was enrolled, of whichever baseline."""
        return self._book.session

    @property
    def calibration(self) -> Calibration:
        """Where the room is, also before the first tick."""
        if self.state is not None and self.state.calibration is Calibration.STALE:
            return Calibration.STALE
        if self.bank is not None:
            return Calibration.READY
        if self.baseline is None:
            return Calibration.UNCALIBRATED
        return Calibration.ENROLLING if self.enrolment.features else Calibration.BASELINE

    @property
    def missing_anchors(self) -> tuple[AnchorLabel, ...]:
        """A person's poses, neither accepted nor skipped with the present baseline; all of them without one."""
        return tuple(label for label in self._present.missing if label is not AnchorLabel.EMPTY)

    @property
    def may_clear(self) -> bool:
        """Nobody still was taught whom the links do not see, or who looks like the empty room."""
        return not self._present.unseen and (self.bank is None or self.bank.may_clear)

    # --- the slow tick ------------------------------------------------------------------------------

    def slow_job(self, inputs: RoomInputs, fill: Callable[[], RoomInputs] | None = None) -> Callable[[], SlowResult]:
        """Everything expensive, on copies; run it anywhere, then `apply` its result.

        `fill` makes the same inputs with samples in them where `inputs` only names the links: it runs with the job.
        """
        runtime = Runtime(
            room_id=self.room_id,
            baseline=self.baseline,
            bank=self.bank,
            encoder=self.encoder,
            sensitivity=self.sensitivity,
            may_clear=not self._present.unseen,
        )
        memory = self._memory or replace(Memory.new(inputs.at_s), adaptation=self._adaptation)
        revision = self._revision
        case = self._close(inputs, memory)

        def job() -> SlowResult:
            outcome = runtime.evaluate(fill() if fill else inputs, memory)
            return SlowResult(revision=revision, outcome=outcome, judgement=None if case is None else case.judge())

        return job

    def _close(self, inputs: RoomInputs, memory: Memory) -> Case | None:
        """The capture whose time is over: judged exactly once, even when jobs overlap."""
        capture = self._capture
        if capture is None or inputs.at_s < capture.ends_s + GRACE_S:
            return None
        self._capture = None
        stood = self.enrolment.features.get(AnchorLabel.STAND_STILL)
        return Case(
            room_id=self.room_id,
            capture=capture,
            at_unix_s=self._unix(inputs.at_s),
            radios={window.link: (window.frequency_mhz, window.access_point) for window in inputs.windows},
            baseline=self.baseline,
            breathing=None if self.bank is None else self.bank.breathing,
            attempt=1 + sum(n for label, n in self._present.attempts.items() if label == capture.what),
            is_in_pose=is_in_pose(memory, capture, self._seen_s),
            stood=() if stood is None else stood.links,
        )

    def apply(self, result: SlowResult) -> tuple[RoomChange, ...]:
        """Take a job's result in; returns what changed for good, in the order in which it must be stored."""
        changes: list[RoomChange] = []
        outcome = result.outcome
        if result.revision == self._revision:
            self.state, self._memory, self.drift = outcome.state, outcome.memory, outcome.drift
            if outcome.adapted and self.baseline is not None:
                changes.extend(self._book.follow(outcome.adapted, self._unix(outcome.state.at_s)))
                changes.append(ReferenceFollowed(baseline_id=self.baseline.id, adaptation=outcome.memory.adaptation))
        if result.judgement is not None:
            changes.extend(self._take(result.judgement, outcome.state.at_s))
        return tuple(changes)

    def _take(self, judgement: Judgement, at_s: float) -> tuple[RoomChange, ...]:
        if isinstance(judgement.baseline, BaselineRefusal):
            return (BaselineRefused(refusal=judgement.baseline),)
        if judgement.baseline is not None:
            return self._take_baseline(judgement.baseline, judgement.kept, at_s)
        return self._take_anchor(judgement, at_s)

    def _take_baseline(
        self, baseline: Baseline, captures: tuple[LinkWindow, ...], at_s: float
    ) -> tuple[RoomChange, ...]:
        """In force from now on; the bank of another baseline stays, and is stale until trained again."""
        self.baseline = baseline
        self._memory = self._seen_s = None
        self._adaptation = Adaptation()
        self._captures = {AnchorLabel.EMPTY: captures}
        self._revision += 1
        return (BaselineCaptured(baseline=baseline, captures=captures), *self._book.open(baseline.id, self._unix(at_s)))

    def _take_anchor(self, judgement: Judgement, at_s: float) -> tuple[RoomChange, ...]:
        assert judgement.verdict is not None
        assert self.baseline is not None
        verdict = judgement.verdict
        if judgement.saw_somebody:
            self._seen_s = at_s
        kept = judgement.kept if verdict.accepted else ()
        if verdict.accepted and BY_LABEL[verdict.label].demand is not Demand.NOBODY:
            self._captures[verdict.label] = kept
        written = self._book.judge(self.baseline.id, verdict, judgement.features, self._unix(at_s))
        return (AnchorJudged(verdict=verdict, captures=kept), *written)

    # --- training -----------------------------------------------------------------------------------

    def training_job(
        self, at_s: float, *, kinds: Sequence[SpecialistKind] | None = None, first_version: int = 1
    ) -> TrainingJob:
        """Train all specialists, or only `kinds` again; raises OrderError without baseline or anchors.

        first_version : the new bank's version is at least this; after a rollback, one more than the newest stored
        """
        if self.baseline is None:
            raise OrderError("training needs a baseline")
        if self.enrolment.baseline_id != self.baseline.id or not self.enrolment.features:
            raise OrderError("training needs at least one accepted anchor of the present baseline")
        return TrainingJob(
            baseline=self.baseline,
            features=dict(self.enrolment.features),
            captures=dict(self._captures),
            former=self.bank,
            kinds=tuple(kinds) if kinds is not None else tuple(SpecialistKind),
            anchor_set_hash=self.enrolment.anchor_set_hash,
            trained_at_s=self._unix(at_s),
            encoder=self.encoder,
            first_version=first_version,
        )

    def train(
        self, at_s: float, *, kinds: Sequence[SpecialistKind] | None = None, first_version: int = 1
    ) -> tuple[RoomChange, ...]:
        """`training_job`, run and applied at once; for the command line and tests (a second or so)."""
        return self.apply_training(train(self.training_job(at_s, kinds=kinds, first_version=first_version)))

    def apply_training(self, result: TrainingResult) -> tuple[RoomChange, ...]:
        """Take a trained bank in; a result for another baseline than the present one is dropped."""
        if result.bank is None:
            return (TrainingFailed(reason=WhyNoBank.NOTHING_TAUGHT, report=result.report),)
        if self.baseline is None or result.bank.baseline_id != self.baseline.id:
            return (TrainingFailed(reason=WhyNoBank.BASELINE_CHANGED, report=result.report),)
        self.restore(result.bank)
        return (BankTrained(bank=result.bank, report=result.report),)

    def restore(self, bank: Bank | None) -> None:
        """Put another bank in force (rollback, import); the owner stores the pointer."""
        self.bank = bank
        self._revision += 1

    def reset_adaptation(self) -> tuple[RoomChange, ...]:
        """Undo all following of slow drift."""
        if self.baseline is None:
            return ()
        self._adaptation = Adaptation()
        if self._memory is not None:
            self._memory = replace(self._memory, adaptation=self._memory.adaptation.reset())
            self._revision += 1
        return (ReferenceFollowed(baseline_id=self.baseline.id, adaptation=self._adaptation),)

    # --- inside -------------------------------------------------------------------------------------

    @property
    def _present(self) -> EnrolmentSession:
        """What was enrolled with the present baseline; nothing without one."""
        return self._book.chapter(None if self.baseline is None else self.baseline.id)

    def _must_be_free(self) -> None:
        if self._capture is not None:
            raise OrderError(f"{self._capture.what} is being captured")

    def _unix(self, at_s: float) -> float:
        return at_s + self.unix_offset_s
