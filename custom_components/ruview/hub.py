"""The one place that knows both worlds: owns the engine, its socket and its clock; hands results to the rooms."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from . import clock
from .const import (
    CONF_AREA,
    CONF_FALSE_ALARMS,
    CONF_HOLD,
    CONF_INTROSPECTION,
    CONF_NODES,
    CONF_PRIVACY,
    CONF_RECORDING,
    DEFAULT_FALSE_ALARMS,
    DEFAULT_HOLD_S,
    SUBENTRY_ROOM,
)
from .coordinator import HubCoordinator, RoomCoordinator
from .devices import Devices
from .document import plain
from .recordings import Recordings
from .ruview_engine.cli.transport import Listener
from .ruview_engine.engine import Engine
from .ruview_engine.ingest.counters import Counters
from .ruview_engine.notice import CsiResumed, CsiStalled, NodeLost, NodeReturned, Notice
from .ruview_engine.settings import EngineSettings
from .store import LastKnownStore, PinStore
from .strangers import Strangers
from .udp import listen
from .view import HubView, NodeView

_LOGGER = logging.getLogger(__name__)

#: The engine's clock. Origin: spec, docs/architecture.md "every second".
TICK: Final = timedelta(seconds=1)
#: Notices kept for diagnostics. Origin: spec, facts/homeassistant §2.12 "last 50 regime transitions".
N_NOTICES: Final = 50

DEFAULTS: Final[Mapping[str, Any]] = {
    CONF_PRIVACY: False,
    CONF_HOLD: DEFAULT_HOLD_S,
    CONF_FALSE_ALARMS: DEFAULT_FALSE_ALARMS,
    CONF_INTROSPECTION: True,
    CONF_RECORDING: False,
}

type RuViewConfigEntry = ConfigEntry[RuViewHub]
type AddRoom = Callable[[RoomCoordinator], None]


class RuViewHub:
    """One listener with its rooms. All methods run in the event loop; slow work leaves it through the rooms."""

    def __init__(self, hass: HomeAssistant, entry: RuViewConfigEntry) -> None:
        self.hass = hass
        self.entry = entry
        self.rooms: dict[str, RoomCoordinator] = {}
        self.receive_buffer = 0
        self._listener: Listener | None = None
        self._pins = PinStore(hass, entry.entry_id)
        self._last_known = LastKnownStore(hass, entry.entry_id)
        self._adders: list[AddRoom] = []
        self._syncing = asyncio.Lock()
        self._notices: deque[tuple[datetime, Notice]] = deque(maxlen=N_NOTICES)
        self._started_s = clock.now_s()
        self._epoch = dt_util.utcnow() - timedelta(seconds=self._started_s)
        self._timers: list[CALLBACK_TYPE] = []
        self._counted = (self._started_s, 0)
        self._built_from = (dict(entry.data), dict(entry.options))
        self.recordings = Recordings(hass, entry)
        self.coordinator = HubCoordinator(hass, entry)
        self.devices = Devices(hass, self.coordinator)
        self._strangers = Strangers(hass, self.coordinator)

    # ── what others ask ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def entry_id(self) -> str:
        """Of the config entry."""
        return self.entry.entry_id

    @property
    def port(self) -> int:
        """The port that is really open."""
        return self._listener.port if self._listener else int(self.entry.data[CONF_PORT])

    @property
    def nodes(self) -> dict[str, NodeView]:
        """All boards heard since the start, by key, as of the last second."""
        return self.coordinator.data.nodes

    @property
    def counters(self) -> Counters:
        """What became of everything received."""
        return self.engine.counters

    @property
    def is_private(self) -> bool:
        """Privacy mode."""
        return bool(self.option(CONF_PRIVACY))

    @property
    def _claimed(self) -> set[str]:
        """Nodes that belong to a room; all others are strangers."""
        rooms = self.entry.get_subentries_of_type(SUBENTRY_ROOM)
        return {node for room in rooms for node in room.data[CONF_NODES]}

    def option(self, name: str) -> Any:
        """An option of the entry or its default."""
        return self.entry.options.get(name, DEFAULTS[name])

    def at(self, at_s: float) -> datetime:
        """Monotonic seconds as wall clock, the same for the same moment as long as this hub lives."""
        return self._epoch + timedelta(seconds=at_s)

    def last_heard_s(self, node: str) -> float:
        """When anything came from a node; our start if nothing has since."""
        known = self.engine.nodes.get(node)
        return known.last_s if known else self._started_s

    def last_notices(self) -> list[dict[str, Any]]:
        """For diagnostics."""
        return [{"at": at.isoformat(), "what": type(what).__name__, **plain(what)} for at, what in self._notices]

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_listen(self) -> None:
        """Open the socket. Raises OSError when the port is taken."""
        data, claimed = self.entry.data, self._claimed
        pins = await self._pins.load()
        self.engine = Engine(
            EngineSettings(
                is_introspecting=bool(self.option(CONF_INTROSPECTION)),
                false_alarms_per_day=float(self.option(CONF_FALSE_ALARMS)),
            ),
            # A node that left its rooms meanwhile: its number is free for whichever board speaks next.
            pins={node: address for node, address in pins.items() if node in claimed},
        )
        self._listener = await listen(data[CONF_HOST], data[CONF_PORT], self._receive)
        self.receive_buffer = self._listener.granted_bytes
        _LOGGER.debug("Listening on port %s, receive buffer %s bytes", self.port, self.receive_buffer)

    async def async_start(self) -> None:
        """Bring up the rooms and start the clock."""
        self.devices.register_hub()
        await self.async_sync_rooms()
        for room_id, known in (await self._last_known.load()).items():
            if room_id in self.rooms:
                self.rooms[room_id].live.room.resume(known, clock.now_s())
        self.devices.remove_strangers(self._claimed)
        self._timers.append(async_track_time_interval(self.hass, self._tick, TICK, name="RuView tick"))

    async def async_stop(self) -> None:
        """Stop the clock, save what may be lost, free the port."""
        for cancel in self._timers:
            cancel()
        self._timers.clear()
        if self._listener is not None:
            await self._listener.close()
        await self._pins.flush()
        await self.recordings.stop_all()
        for room in self.rooms.values():
            await room.async_stop()
        last_known = {room_id: room.live.room.last_known for room_id, room in self.rooms.items()}
        await self._last_known.save({room_id: one for room_id, one in last_known.items() if one is not None})

    async def async_sync_rooms(self) -> None:
        """Bring up rooms that have been added since. Anything else that changes a room reloads the entry."""
        async with self._syncing:
            for subentry in list(self.entry.get_subentries_of_type(SUBENTRY_ROOM)):
                if subentry.subentry_id in self.rooms:
                    continue
                room = RoomCoordinator(self.hass, self, subentry)
                try:
                    await room.async_start()
                except BaseException:
                    await room.async_stop()
                    raise
                self.rooms[subentry.subentry_id] = room
                self.devices.register_room(room)
                for add in self._adders:
                    add(room)
        self._strangers.withdraw(self._claimed)

    def needs_reload(self) -> bool:
        """What changed goes deeper than numbers of a room and new rooms."""
        if (dict(self.entry.data), dict(self.entry.options)) != self._built_from:
            return True
        present = {room.subentry_id: room for room in self.entry.get_subentries_of_type(SUBENTRY_ROOM)}
        for room_id, room in self.rooms.items():
            now = present.get(room_id)
            if now is None or (now.title, now.data[CONF_AREA], tuple(now.data[CONF_NODES])) != (
                room.title,
                room.area_id,
                room.nodes,
            ):
                return True
        return False

    @callback
    def async_on_room(self, add: AddRoom) -> CALLBACK_TYPE:
        """Call `add` for every room, those that are there and those to come."""
        self._adders.append(add)
        for room in self.rooms.values():
            add(room)
        return lambda: self._adders.remove(add)

    # ── the frame path and the clock ─────────────────────────────────────────────────────────────────────────────

    @callback
    def _receive(self, datagram: bytes, address: str, at_s: float) -> None:
        """Called for every datagram: microseconds, and never a write of any state unless something happened."""
        self.recordings.take(datagram, address, at_s)
        notices = self.engine.feed(datagram, address, at_s)
        if notices:
            self.async_handle(notices)

    @callback
    def _tick(self, now: datetime) -> None:
        at_s = clock.now_s()
        self.async_handle(self.engine.tick(at_s))
        claimed = self._claimed
        self._strangers.announce(self.engine.nodes, claimed)
        self._publish(at_s)
        for room in self.rooms.values():
            room.async_tick(at_s)
        self.recordings.async_flush()
        self._pins.keep({key: address for key, address in self.engine.pins.items() if key in claimed})

    @callback
    def async_handle(self, notices: tuple[Notice, ...]) -> None:
        """Keep for diagnostics; to its room, or into the log."""
        for notice in notices:
            self._notices.append((self.at(notice.at_s), notice))
            room = self.rooms.get(getattr(notice, "room_id", ""))
            if room is not None:
                room.async_take_notice(notice)
            else:
                self._log(notice)

    def _log(self, notice: Notice) -> None:
        """A node comes or goes: once each way, at info."""
        match notice:
            case NodeLost(node=node):
                _LOGGER.info("Node %s is silent", node)
            case NodeReturned(node=node):
                _LOGGER.info("Node %s is back", node)
            case CsiStalled(node=node):
                _LOGGER.info("Node %s lives but sends no frames", node)
            case CsiResumed(node=node):
                _LOGGER.info("Node %s sends frames again", node)
            case _:
                _LOGGER.debug("%s", notice)

    def _publish(self, at_s: float) -> None:
        counters = self.engine.counters
        n_accepted = sum(n for _, n in counters.accepted)
        since_s, before = self._counted
        self._counted = (at_s, n_accepted)
        self.coordinator.async_set_updated_data(
            HubView(
                packets_per_s=(n_accepted - before) / max(at_s - since_s, 1e-3),
                n_dropped=counters.n_received - n_accepted,
                nodes={key: NodeView(node.status(at_s)) for key, node in self.engine.nodes.items()},
            )
        )
