"""The rooms of all listeners that run: finding one, its entities, and who may see it."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import RoomCoordinator
from .hub import RuViewHub


def hubs(hass: HomeAssistant) -> list[RuViewHub]:
    """All listeners that run."""
    return [
        entry.runtime_data
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.state is ConfigEntryState.LOADED
    ]


def find_room(hass: HomeAssistant, room_id: str) -> tuple[RuViewHub, RoomCoordinator] | None:
    """A room by its id, the id of its device, of its area, or its title."""
    device = dr.async_get(hass).async_get(room_id)
    names = {room_id} | ({identifier for _, identifier in device.identifiers} if device else set())
    for hub in hubs(hass):
        for room in hub.rooms.values():
            if names & {room.room_id, room.area_id, room.title}:
                return hub, room
    return None


def entities(hass: HomeAssistant, room: RoomCoordinator) -> dict[str, str]:
    """Entity ids of a room by key; only those that are enabled."""
    registry = er.async_get(hass)
    prefix = f"{room.room_id}_"
    return {
        known.unique_id.removeprefix(prefix): known.entity_id
        for known in er.async_entries_for_config_entry(registry, room.entry_id)
        if known.unique_id.startswith(prefix) and known.disabled_by is None
    }


def may_see(hass: HomeAssistant, user: User, room: RoomCoordinator) -> bool:
    """Whoever may read one of the room's entities may see what these say."""
    return user.is_admin or any(
        user.permissions.check_entity(entity_id, POLICY_READ) for entity_id in entities(hass, room).values()
    )
