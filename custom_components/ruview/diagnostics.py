"""What helps to help, without what identifies: no addresses, no names of rooms, and nothing that privacy mode hides."""

from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import CONF_AREA, CONF_LINKED, CONF_TEACHERS, DOMAIN
from .coordinator import RoomCoordinator
from .details import details, node_document
from .document import plain
from .hub import RuViewConfigEntry, RuViewHub
from .pseudonyms import Pseudonyms

TO_REDACT: Final = {
    CONF_AREA,
    CONF_HOST,
    CONF_LINKED,
    CONF_TEACHERS,
    "access_point",
    "address",
    "bssid",
    "mac",
    "pins",
    "room",
    "sources",
    "strangers",
    "title",
    "transmitter",
    "unique_id",
}


#: Names that people give to signatures; which is which still matters.
GIVEN_NAMES: Final = {"label", "signature_id"}


def _room(room: RoomCoordinator) -> dict[str, Any]:
    return {"state": plain(room.data.state), "snapshot": plain(room.snapshot), **details(room)}


def _hub(hub: RuViewHub) -> dict[str, Any]:
    return {
        "receive_buffer": hub.receive_buffer,
        "packets_per_s": hub.coordinator.data.packets_per_s,
        "counters": plain(hub.counters),
        "nodes": {key: node_document(node) for key, node in hub.nodes.items()},
        "last_notices": hub.last_notices(),
    }


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: RuViewConfigEntry) -> dict[str, Any]:
    """Called by Home Assistant."""
    hub = entry.runtime_data
    return _redact(
        {
            "entry": {"data": dict(entry.data), "options": dict(entry.options), "version": entry.version},
            "hub": _hub(hub),
            "rooms": {room.room_id: {**dict(room.settings), **_room(room)} for room in hub.rooms.values()},
        }
    )


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: RuViewConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Called by Home Assistant: a room, a node or the hub."""
    hub = entry.runtime_data
    for domain, identifier in device.identifiers:
        if domain != DOMAIN:
            continue
        if (room := hub.rooms.get(identifier)) is not None:
            return _redact(_room(room))
        node = hub.nodes.get(identifier.removeprefix(f"{entry.entry_id}_"))
        if node is not None:
            return _redact({"status": node_document(node)})
    return _redact({"hub": _hub(hub)})


def _redact(data: dict[str, Any]) -> dict[str, Any]:
    redacted: dict[str, Any] = Pseudonyms(GIVEN_NAMES).hide(async_redact_data(data, TO_REDACT))
    return redacted
