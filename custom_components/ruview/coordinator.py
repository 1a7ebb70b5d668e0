"""Publish what the engine says: one coordinator for the listener and its nodes, one per room. Nothing is polled."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from . import clock
from .const import CONF_AREA, CONF_HOLD, CONF_LINKED, CONF_NODES, CONF_SENSITIVITY, DOMAIN
from .ruview_engine.introspection.snapshot import RoomSnapshot
from .ruview_engine.notice import Notice, RegimeChanged
from .ruview_engine.room.reading import Reading, WhyNot
from .ruview_engine.room.stale import StaleCause
from .ruview_engine.room.state import Presence, RoomState
from .ruview_engine.settings import RoomSettings
from .settled_regime import SettledRegime
from .teacher import Teacher
from .training_job import async_backbone
from .view import FRESH_S, HubView, RoomView

if TYPE_CHECKING:
    from .hub import RuViewHub

_LOGGER = logging.getLogger(__name__)

#: A room is published at most this often. Origin: spec, STYLE B2 "at most twice a second".
PUBLISH_EVERY_S: Final = 0.5

#: A state older than this is of another time, and its room knows nothing now. Origin: chosen; ten looks were missed, so
#: the slow path fails or is stuck, and what it said last must not stand for what is.
STATE_LIFE_S: Final = 10.0
#: The same while a capture is judged, which takes the place of some looks. Origin: derived, a minute of six links costs
#: 0.7 s of a desktop's processor; a host that is forty times slower still keeps its answers.
JUDGING_LIFE_S: Final = 30.0

type TakeNotice = Callable[[Notice], None]


class HubCoordinator(DataUpdateCoordinator[HubView]):
    """The listener and its nodes, once a second."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=f"{DOMAIN} listener", update_interval=None)
        self.entry_id = entry.entry_id
        self.data = HubView(packets_per_s=0.0, n_dropped=0, nodes={})

    def node_identity(self, node: str) -> str:
        """A node's identity in the registries: node numbers are unique per listener only."""
        return f"{self.entry_id}_{node}"


class RoomCoordinator(DataUpdateCoordinator[RoomView]):
    """One room: drives its slow path and tells its entities. What it learns is the `teacher`'s part."""

    def __init__(self, hass: HomeAssistant, hub: RuViewHub, subentry: ConfigSubentry) -> None:
        super().__init__(hass, _LOGGER, config_entry=hub.entry, name=f"{DOMAIN} room", update_interval=None)
        self.hub = hub
        self.subentry = subentry
        # Home Assistant changes the subentry in place; what the room was built from tells whether it must be rebuilt.
        self.title: Final = subentry.title
        self.area_id: Final = str(subentry.data[CONF_AREA])
        self.nodes: Final[tuple[str, ...]] = tuple(subentry.data[CONF_NODES])
        self.live = hub.engine.add_room(
            RoomSettings(
                room_id=self.room_id,
                nodes=frozenset(self.nodes),
                sensitivity=self.setting(CONF_SENSITIVITY),
                unix_offset_s=hub.at(0.0).timestamp(),
            ),
            clock.now_s(),
        )
        self.teacher = Teacher(hass, hub, self)
        self.n_failures = 0
        self._job: asyncio.Task[None] | None = None
        self._is_stopped = False
        self._present_s: float | None = None
        self._published_s = 0.0
        self._life_s = STATE_LIFE_S
        self._takers: list[TakeNotice] = []
        self._regime = SettledRegime()
        self.data = self._view(clock.now_s())

    # ── who and where ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def room_id(self) -> str:
        """The subentry's id: stable for the life of the room."""
        return self.subentry.subentry_id

    @property
    def entry_id(self) -> str:
        """Of the listener."""
        return self.hub.entry_id

    @property
    def linked(self) -> tuple[str, ...]:
        """Other sensors that see this room."""
        return tuple(self.subentry.data.get(CONF_LINKED, ()))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The subentry's data."""
        return self.subentry.data

    @property
    def is_private(self) -> bool:
        """Privacy mode of the house."""
        return self.hub.is_private

    def setting(self, name: str) -> float:
        """A number of this room, or of the house, or its default."""
        fallback = self.hub.option(name) if name == CONF_HOLD else 1.0
        return float(self.subentry.data.get(name, fallback))

    @callback
    def async_set(self, name: str, value: float) -> None:
        """Store a number; it holds from now on."""
        data = {**self.subentry.data, name: value}
        self.hass.config_entries.async_update_subentry(self.hub.entry, self.subentry, data=data)
        self.async_take_settings(self.hub.entry.subentries[self.room_id])

    @callback
    def async_take_settings(self, subentry: ConfigSubentry) -> None:
        """The subentry was changed in a way that needs no reload."""
        self.subentry = subentry
        self.live.room.sensitivity = self.setting(CONF_SENSITIVITY)
        self.async_update_listeners()

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_start(self) -> None:
        """Take up what was learnt before; entities made from now on show it at once."""
        await self.teacher.async_load()
        self.live.set_encoder(await async_backbone(self.hass, self.room_id))
        self.data = self._view(clock.now_s())

    async def async_stop(self) -> None:
        """Let a running job end, tell whoever waits for a capture that none will come, then leave the engine."""
        self._is_stopped = True
        if self._job is not None:
            await asyncio.wait([self._job])
        self.teacher.async_interrupt()
        if self.room_id in self.hub.engine.rooms:
            self.hub.engine.remove_room(self.room_id)

    @callback
    def async_tick(self, at_s: float) -> None:
        """Once a second: what is due, then one slow job, never two at a time."""
        if self._is_stopped:
            return
        self.teacher.async_guard_baseline(at_s)
        if self._job is None or self._job.done():
            self._job = self.hub.entry.async_create_background_task(self.hass, self._slow(at_s), "RuView slow tick")
        if (settled := self._regime.look(at_s)) is not None:
            self._tell(settled)
        self._publish(at_s)

    async def _slow(self, at_s: float) -> None:
        """The expensive part in the executor, its results in the loop; what is kept is on disk before it is told."""
        try:
            job = self.live.slow_job(at_s)
            is_judging = self.teacher.is_judging
            if is_judging:
                self._life_s = JUDGING_LIFE_S
            changes, notices = self.live.apply(await self.hass.async_add_executor_job(job))
            if not is_judging:
                self._life_s = STATE_LIFE_S
            await self.teacher.async_keep(changes)
            await self.teacher.signatures.async_finish(at_s)
            await self.teacher.async_look_at_files(at_s)
        except Exception:
            self.n_failures += 1
            self._life_s = STATE_LIFE_S
            if self.n_failures == 1:
                _LOGGER.exception("The slow tick of %s failed; it is tried again every second", self.title)
            self.teacher.async_recover()
            return
        self.hub.async_handle(notices)
        self._publish(clock.now_s())

    # ── what it says ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def hears(self) -> bool:
        """At least one of its nodes sends frames."""
        return any(node.sends_csi for key in self.nodes if (node := self.hub.nodes.get(key)) is not None)

    @property
    def calibration(self) -> str:
        """One word about how far it is."""
        return self.live.room.calibration.value

    @property
    def has_baseline(self) -> bool:
        """The empty room is known."""
        return self.live.room.baseline is not None

    @property
    def snapshot(self) -> RoomSnapshot | None:
        """What introspection sees now; None when it is switched off or nothing was heard."""
        return self.live.snapshot

    @property
    def stale_causes(self) -> list[tuple[StaleCause, datetime]]:
        """Why it is stale, and since when, the oldest first."""
        causes = sorted(self.live.state.stale, key=lambda cause: cause.since_s)
        return [(cause, self.hub.at(cause.since_s)) for cause in causes]

    @callback
    def async_take_notice(self, notice: Notice) -> None:
        """Something happened here, which is rare: publish at once, then tell the event entities."""
        if isinstance(notice, RegimeChanged):
            settled = self._regime.hear(notice)
            if settled is None:
                return
            notice = settled
        self._tell(notice)

    @callback
    def _tell(self, notice: Notice) -> None:
        self._published_s = notice.at_s
        self.async_set_updated_data(self._view(notice.at_s))
        for take in list(self._takers):
            take(notice)

    @callback
    def async_on_notice(self, take: TakeNotice) -> CALLBACK_TYPE:
        """Be told of notices."""
        self._takers.append(take)
        return lambda: self._takers.remove(take)

    @callback
    def async_forget_presence(self) -> None:
        """The room has just been judged empty: what an unmeasured room took for movement holds no longer."""
        self._present_s = None

    def _publish(self, at_s: float) -> None:
        if at_s - self._published_s >= PUBLISH_EVERY_S:
            self._published_s = at_s
            self.async_set_updated_data(self._view(at_s))

    def _view(self, at_s: float) -> RoomView:
        state = self._held(self.live.state, at_s)
        nodes = [node for key in self.nodes if (node := self.hub.engine.nodes.get(key)) is not None]
        ages = [age for node in nodes if (age := node.csi_age_s(at_s)) is not None]
        snapshot = self.snapshot
        return RoomView(
            state=hidden(state) if self.is_private else state,
            snapshot=None if snapshot is None else replace(snapshot, regime=self._regime.of(snapshot.regime)),
            is_fresh=bool(ages) and min(ages) < FRESH_S and at_s - self.live.state.at_s < self._life_s,
            calibration=self.live.room.calibration,
        )

    def _held(self, state: RoomState, at_s: float) -> RoomState:
        """Occupied for `hold` after the last sign of a person; unknown stays unknown.

        Before the empty room is known only movement is a sign of one, and nothing ever says "clear".
        """
        presence = state.presence
        is_uncalibrated = presence.why_not is WhyNot.NO_BASELINE and not self.has_baseline
        if presence.value is Presence.PRESENT:
            self._present_s = at_s
        if self._present_s is None or not (presence.value is Presence.CLEAR or is_uncalibrated):
            return state
        age_s = at_s - self._present_s
        if age_s >= self.setting(CONF_HOLD):
            return state
        confidence = state.motion.confidence if is_uncalibrated else presence.confidence
        held = replace(
            presence,
            value=Presence.PRESENT,
            why_not=None,
            confidence=confidence,
            evidence=(*presence.evidence, ("held_s", age_s)),
        )
        return replace(state, presence=held)


def hidden(state: RoomState) -> RoomState:
    """The state in privacy mode: nothing about a body, and no numbers from which it could be read."""
    return replace(
        state,
        presence=replace(state.presence, evidence=()),
        motion=replace(state.motion, evidence=()),
        anomaly=replace(state.anomaly, evidence=()),
        posture=Reading.none(WhyNot.PRIVACY),
        breathing=Reading.none(WhyNot.PRIVACY),
        heart_rate=Reading.none(WhyNot.PRIVACY),
        restlessness=Reading.none(WhyNot.PRIVACY),
    )
