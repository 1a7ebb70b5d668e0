"""What panel and card ask for. Everybody sees the rooms they may see; what the radio sees is for administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, override

import probatio as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from .browser_stream import BrowserStream
from .const import CONF_INTROSPECTION, DOMAIN
from .coordinator import RoomCoordinator
from .details import details, live_links
from .document import plain
from .hub import RuViewHub
from .rooms import entities, find_room, hubs, may_see
from .ruview_engine.introspection.subscribers import MAX_SUBSCRIBERS, Subscription

#: A browser is told no more often than this; what lies between is coalesced into the newest. Origin: spec, issue 5.
MAX_HZ: Final = 15

type Command = Callable[[HomeAssistant, ActiveConnection, dict[str, Any], RuViewHub, RoomCoordinator], None]


def with_room(command: Command) -> websocket_api.const.WebSocketCommandHandler:
    """Find the room of a command, or answer with an error."""

    @wraps(command)
    @callback
    def handle(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
        found = find_room(hass, msg["room_id"])
        if found is None or not may_see(hass, connection.user, found[1]):
            connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "No such room")
            return
        command(hass, connection, msg, *found)

    return handle


def room_document(room: RoomCoordinator) -> dict[str, Any]:
    """What everybody who may see the room sees."""
    view = room.data
    return {
        "room_id": room.room_id,
        "title": room.title,
        "calibration": room.calibration,
        "is_fresh": view.is_fresh,
        "state": plain(view.state),
        "regime": plain(view.snapshot.regime) if view.snapshot else None,
        "regime_confidence": plain(view.snapshot.regime_confidence) if view.snapshot else None,
        "stale": [
            {
                "reason": cause.reason.value,
                "since": since.isoformat(),
                "value": plain(cause.value),
                "limit": cause.limit,
            }
            for cause, since in room.stale_causes
        ],
        "progress": plain(room.teacher.progress),
    }


@websocket_api.websocket_command({vol.Required("type"): "ruview/rooms"})
@callback
def ws_rooms(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """All rooms that the user may see; whether none can be seen because no listener runs."""
    running = hubs(hass)
    found = [
        {
            "room_id": room.room_id,
            "entry_id": room.entry_id,
            "title": room.title,
            "area_id": room.area_id,
            "calibration": room.calibration,
            "is_fresh": room.data.is_fresh,
            "privacy": hub.is_private,
            "nodes": list(room.nodes),
            "entities": entities(hass, room),
        }
        for hub in running
        for room in hub.rooms.values()
        if may_see(hass, connection.user, room)
    ]
    is_off = not running and bool(hass.config_entries.async_entries(DOMAIN, include_ignore=False))
    connection.send_result(msg["id"], {"rooms": found, "is_off": is_off})


@websocket_api.websocket_command({vol.Required("type"): "ruview/room/subscribe", vol.Required("room_id"): str})
@with_room
def ws_room(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], hub: RuViewHub, room: RoomCoordinator
) -> None:
    """The room's readings now and whenever they are published (at most twice a second)."""

    @callback
    def send() -> None:
        connection.send_event(msg["id"], room_document(room))

    connection.subscriptions[msg["id"]] = room.async_add_listener(send)
    connection.send_result(msg["id"])
    send()


@websocket_api.require_admin
@websocket_api.websocket_command({vol.Required("type"): "ruview/room/details", vol.Required("room_id"): str})
@with_room
def ws_details(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], hub: RuViewHub, room: RoomCoordinator
) -> None:
    """What changes rarely: nodes, drift, enrolment history, banks, what each specialist may say and why."""
    connection.send_result(msg["id"], details(room))


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        vol.Required("type"): "ruview/introspection/subscribe",
        vol.Required("room_id"): str,
        vol.Optional("max_hz", default=MAX_HZ): vol.All(vol.Coerce(float), vol.Range(min=0.5, max=MAX_HZ)),
        vol.Optional("profiles", default=True): bool,
    }
)
@with_room
def ws_introspection(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], hub: RuViewHub, room: RoomCoordinator
) -> None:
    """What the radio sees, coalesced.

    Every event says for how many frames it stands (`n_frames`), and how many so far gave way to a newer one
    (`n_coalesced`) or fell out of the ring that waits for this browser (`n_dropped`).
    """
    if not hub.option(CONF_INTROSPECTION):
        connection.send_error(msg["id"], websocket_api.ERR_NOT_ALLOWED, "Introspection is switched off in the options")
        return
    subscription = room.live.subscribers.open()
    if subscription is None:
        connection.send_error(
            msg["id"], websocket_api.ERR_NOT_ALLOWED, f"{MAX_SUBSCRIBERS} browsers are watching already"
        )
        return
    IntrospectionStream(hass, connection, msg, hub, room, subscription).start()


class IntrospectionStream(BrowserStream):
    """One browser watching one room: of the snapshots that waited for it, the newest."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        msg: dict[str, Any],
        hub: RuViewHub,
        room: RoomCoordinator,
        subscription: Subscription,
    ) -> None:
        super().__init__(hass, connection, msg)
        self._room = room
        self._subscription = subscription
        self._n_told: int | None = None
        # A breath could be read from profiles: in privacy mode there are none.
        self._has_profiles = bool(msg["profiles"]) and not hub.is_private

    @override
    @callback
    def news(self) -> dict[str, Any] | None:
        """The newest snapshot and what each link hears; at first what there is already."""
        waited = self._subscription
        snapshot = waited.latest() or (self._room.snapshot if self._n_told is None else None)
        if snapshot is None and self._n_told is not None:
            return None
        n_new = waited.n_published - (self._n_told or 0)
        self._n_told = waited.n_published
        return {
            "snapshot": plain(snapshot),
            "links": live_links(self._room, has_profiles=self._has_profiles),
            "n_frames": n_new,
            "n_coalesced": waited.n_coalesced,
            "n_dropped": waited.n_dropped,
        }

    @override
    @callback
    def close(self) -> None:
        """The browser has gone."""
        super().close()
        self._room.live.subscribers.close(self._subscription)


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register all commands; they outlive the config entry."""
    for command in (ws_rooms, ws_room, ws_details, ws_introspection):
        websocket_api.async_register_command(hass, command)
