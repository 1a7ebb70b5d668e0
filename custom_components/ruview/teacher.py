"""Teaches one room: runs captures and training, stores what comes of them, and remembers how the last one ended."""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, callback

from . import clock
from .lessons import ANCHOR, BASELINE, TRAIN, Lessons
from .poses import POSES
from .room_signatures import RoomSignatures
from .ruview_engine.errors import OrderError, RuviewError, TrainingError
from .ruview_engine.live_room import ChangeModelsFitted
from .ruview_engine.room.baseline import Refusal
from .ruview_engine.room.baseline_capture import Phase
from .ruview_engine.room.changes import (
    AnchorJudged,
    BankTrained,
    BaselineCaptured,
    BaselineRefused,
    ProcedureCancelled,
    RoomChange,
    TrainingFailed,
)
from .ruview_engine.room.specialist import SpecialistKind
from .ruview_engine.room.training import TrainingJob, TrainingResult, train
from .skills import skills_of
from .store import RoomStore
from .view import BankInfo, Outcome, Progress, Skill

_LOGGER = logging.getLogger(__name__)

if TYPE_CHECKING:
    from .coordinator import RoomCoordinator
    from .hub import RuViewHub

type LiveChange = RoomChange | ChangeModelsFitted

#: Refusals that mean that somebody was there: worth a repair, because a button press has no dialog to say it in.
CONTAMINATED: Final = frozenset({Refusal.MOTION, Refusal.BREATHING})


class Teacher:
    """Belongs to a room's coordinator. One thing runs at a time; dialogs, actions and buttons only start and watch."""

    def __init__(self, hass: HomeAssistant, hub: RuViewHub, room: RoomCoordinator) -> None:
        self._hass = hass
        self._hub = hub
        self._room = room
        self.store = RoomStore(hass, room.room_id)
        self.contamination: str | None = None
        self._lessons = Lessons(hass, room.title)
        self.signatures = RoomSignatures(hass, hub, room, self.store, self._lessons)
        self._training: asyncio.Task[None] | None = None

    async def async_load(self) -> None:
        """Take up what was learnt before; what is damaged is refused, and the rest used."""
        stored = await self.store.load()
        self._name_refused()
        self._room.live.room.load(
            baseline=stored.baseline,
            events=stored.events,
            captures=stored.captures,
            bank=stored.bank,
            adaptation=stored.adaptation,
        )
        self._hub.engine.expect(self._room.live, change=self.store.change)
        self.signatures.apply()

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def missing(self) -> list[str]:
        """Poses that have been neither accepted nor skipped for the present baseline."""
        return [label.value for label in self._room.live.room.missing_anchors]

    @property
    def is_open(self) -> bool:
        """Teaching has begun and is not complete."""
        return 0 < len(self.missing) < len(POSES)

    @property
    def skills(self) -> list[Skill]:
        """The specialists of the bank in force, without those that privacy mode hides: learnt, or absent and why."""
        room = self._room.live.room
        return skills_of(room.bank, may_clear=room.may_clear, is_private=self._room.is_private)

    @property
    def banks(self) -> list[BankInfo]:
        """All stored banks, the newest first."""
        return self.store.banks

    # ── captures ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def outcome(self) -> Outcome | None:
        """How the last capture or training ended; None while one is running."""
        return self._lessons.outcome

    @property
    def progress(self) -> Progress | None:
        """What is running; None when nothing is, and then `outcome` says how the last one ended."""
        lesson = self._lessons.running
        if lesson is None:
            return None
        if self.signatures.take is not None:
            return self.signatures.take.progress(clock.now_s())
        now = self._room.live.room.progress(clock.now_s())
        if now is None:
            return Progress(kind=lesson.kind, phase="capturing", fraction=1.0, remaining_s=0.0, what=lesson.what)
        is_lead_in = now.phase is Phase.LEAD_IN
        return Progress(
            kind=lesson.kind,
            phase="lead_in" if is_lead_in else "capturing",
            fraction=now.fraction,
            remaining_s=now.remaining_s,
            hint=None if is_lead_in else now.live,
            what=lesson.what,
        )

    @property
    def is_judging(self) -> bool:
        """A capture is over, and its verdict is not there yet."""
        is_capture = self._lessons.runs(BASELINE) or self._lessons.runs(ANCHOR)
        return is_capture and self._room.live.room.progress(clock.now_s()) is None

    @callback
    def async_start_baseline(self, lead_s: float, duration_s: float) -> None:
        """Leave-the-room countdown, then measuring. Raises OrderError while something runs."""
        self._lessons.must_be_free()
        self._room.live.room.start_baseline(clock.now_s(), lead_s=lead_s, duration_s=duration_s)
        self._lessons.begin(BASELINE)

    @callback
    def async_start_pose(self, label: str, lead_s: float | None = None) -> None:
        """One pose. Raises OrderError without a baseline or while something runs."""
        self._lessons.must_be_free()
        self._room.live.room.start_anchor(label, clock.now_s(), lead_s=lead_s)
        self._lessons.begin(ANCHOR, label)

    async def async_skip_pose(self, label: str) -> None:
        """Leave one out; what needs it stays unknown."""
        await self.async_keep(self._room.live.room.skip_anchor(label, clock.now_s()))

    @callback
    def async_cancel(self) -> None:
        """Give up a running capture; nothing happens when none runs."""
        is_take = self.signatures.async_give_up()
        if self._room.live.room.cancel(clock.now_s()) or is_take:
            self._lessons.end(accepted=False, reason="cancelled")

    @callback
    def async_recover(self) -> None:
        """A tick failed: a capture that was being judged in it will not be judged any more."""
        is_running = self._room.live.room.progress(clock.now_s()) is not None or self.signatures.take is not None
        if not (is_running or self._lessons.runs(TRAIN)):
            self._lessons.end(accepted=False, reason="interrupted")

    @callback
    def async_interrupt(self) -> None:
        """The room is taken down: what was running will not come to its own end."""
        if self._training is not None:
            self._training.cancel()
        self.signatures.async_give_up()
        self._lessons.end(accepted=False, reason="interrupted")

    async def async_wait(self) -> Outcome:
        """Until what is running has ended."""
        return await self._lessons.wait()

    @callback
    def async_guard_baseline(self, at_s: float) -> None:
        """Another sensor that sees somebody ends the measurement of an empty room."""
        if not self._lessons.runs(BASELINE):
            return
        now = self._room.live.room.progress(at_s)
        if now is None or now.phase is not Phase.CAPTURING:
            return
        seen = [state for entity_id in self._room.linked if (state := self._hass.states.get(entity_id)) is not None]
        if any(state.state == STATE_ON for state in seen):
            self._room.live.room.cancel(at_s)
            self.contamination = "linked_sensor"
            self._lessons.end(accepted=False, reason="linked_sensor")

    # ── files ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_look_at_files(self, at_s: float) -> None:
        """Called every second: what somebody has edited counts from now on."""
        if await self.signatures.async_look(at_s):
            self._name_refused()

    def _name_refused(self) -> None:
        """The repair names the files in the owner's language; what is wrong with them is for the log."""
        for name, why in self.store.refused:
            _LOGGER.warning("The file %s of %s cannot be used: %s", name, self._room.title, why)

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    @callback
    def async_start_training(self, kinds: tuple[SpecialistKind, ...] | None = None) -> None:
        """Learn everything, or only `kinds`, from what was accepted.

        Raises OrderError when there is nothing to learn from; `outcome` says so.
        """
        self._lessons.must_be_free()
        try:
            job = self._room.live.room.training_job(clock.now_s(), kinds=kinds)
        except OrderError:
            self._lessons.outcome = Outcome(kind=TRAIN, accepted=False, reason="too_little")
            raise
        self._lessons.begin(TRAIN)
        self._training = self._hub.entry.async_create_background_task(self._hass, self._train(job), "RuView training")

    async def async_weigh_encoder(self) -> bool:
        """After another encoder was installed: the room's own report decides whether its posture looks through it."""
        room = self._room.live.room
        if room.bank is None or self._lessons.running is not None:
            return False
        try:
            self.async_start_training((SpecialistKind.POSTURE,))
        except OrderError:
            return False
        await self.async_wait()
        return room.bank.posture is not None and room.bank.posture.uses_backbone

    async def _train(self, job: TrainingJob) -> None:
        reason = "interrupted"
        try:
            result = await self._hass.async_add_executor_job(train, job)
            await self.async_keep(self._room.live.room.apply_training(self.renumbered(result)))
        except TrainingError:
            reason = "too_little"
        finally:
            if self._lessons.runs(TRAIN):
                self._lessons.end(accepted=False, reason=reason)

    def renumbered(self, result: TrainingResult) -> TrainingResult:
        """A bank trained while a former one was in force must not take a number that is used."""
        newest = max((bank.version for bank in self.banks), default=0)
        if result.bank is None or result.bank.version > newest:
            return result
        return replace(result, bank=replace(result.bank, version=newest + 1))

    async def async_restore(self, version: int) -> None:
        """Put a former bank in force. Raises StoreError when its file cannot be used."""
        self._room.live.room.restore(await self.store.restore(version))

    # ── results ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_keep(self, changes: tuple[LiveChange, ...]) -> None:
        """Store changes in their order, then say how what was running has ended."""
        for change in changes:
            try:
                await self.store.keep(change)
            except OSError, RuviewError:
                _LOGGER.exception("What %s has learnt could not be stored", self._room.title)
                self._lessons.end(accepted=False, reason="not_stored")
        for change in changes:
            self._tell(change)

    @callback
    def _tell(self, change: LiveChange) -> None:
        match change:
            case BaselineCaptured(baseline=baseline):
                self.contamination = None
                self._room.async_forget_presence()
                self._lessons.end(accepted=True, numbers=(("duration_s", baseline.duration_s),))
            case BaselineRefused(refusal=refusal):
                if refusal.reason in CONTAMINATED:
                    self.contamination = refusal.reason.value
                self._lessons.end(accepted=False, reason=refusal.reason.value, numbers=self._shown(refusal.numbers))
            case AnchorJudged(verdict=verdict):
                reason = None if verdict.reason is None else verdict.reason.value
                self._lessons.end(accepted=verdict.accepted, reason=reason, numbers=self._shown(verdict.numbers))
            case BankTrained():
                self._lessons.end(accepted=True)
            case TrainingFailed(reason=reason):
                self._lessons.end(accepted=False, reason=reason.value)
            case ProcedureCancelled():
                self._lessons.end(accepted=False, reason="cancelled")

    def _shown(self, numbers: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        """They tell how somebody breathed: privacy mode shows none."""
        return () if self._room.is_private else numbers
