"""RuView for Home Assistant."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.typing import ConfigType

from . import issues
from .const import CONF_AREA, CONF_NODES, DOMAIN, PLATFORMS, SUBENTRY_ROOM
from .hub import RuViewConfigEntry, RuViewHub
from .left_behind import async_clear_away, async_forget_all
from .panel import async_setup_panel
from .rest_api import SnapshotView
from .sensor import ROOM as ROOM_SENSORS
from .services import async_setup_services
from .store import LastKnownStore, PinStore, delete_room
from .text import Texts
from .udp import why_refused
from .waterfall import async_setup_waterfall
from .websocket_api import async_setup_websocket

__all__ = ["DOMAIN"]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """What outlives a config entry: actions, commands, panel."""
    async_setup_services(hass)
    async_setup_websocket(hass)
    async_setup_waterfall(hass)
    hass.http.register_view(SnapshotView)
    await async_setup_panel(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: RuViewConfigEntry) -> bool:
    """Open the port, bring up the rooms, then their entities."""
    hub = RuViewHub(hass, entry)
    try:
        await hub.async_listen()
    except OSError as error:
        words = {
            "host": entry.data[CONF_HOST],
            "port": str(entry.data[CONF_PORT]),
            "reason": (await Texts.load(hass)).get("listen", why_refused(error)),
        }
        issues.async_raise_port_taken(hass, entry.entry_id, words)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="cannot_listen", translation_placeholders=words
        ) from error
    issues.async_withdraw_port_taken(hass, entry.entry_id)
    entry.runtime_data = hub
    await async_clear_away(hass)
    try:
        await hub.async_start()
        if hub.is_private:
            _remove_private_entities(hass, entry)
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        await hub.async_stop()  # or the next attempt finds the port taken by this one
        raise
    board = issues.IssueBoard(hass, hub)
    entry.async_on_unload(async_track_time_interval(hass, board.async_inspect, issues.EVERY, name="RuView repairs"))
    entry.async_on_unload(board.async_clear)
    entry.async_on_unload(entry.add_update_listener(_async_updated))

    async def stop(event: Event) -> None:
        await hub.async_stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: RuViewConfigEntry) -> bool:
    """The opposite, in the opposite order."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """The owner deleted the listener: what its rooms have learnt goes, too, and that it could not listen."""
    issues.async_withdraw_port_taken(hass, entry.entry_id)
    for room in entry.get_subentries_of_type(SUBENTRY_ROOM):
        await delete_room(hass, room.subentry_id)
    await PinStore(hass, entry.entry_id).remove()
    await LastKnownStore(hass, entry.entry_id).remove()
    if not hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        await async_forget_all(hass)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: RuViewConfigEntry, device: dr.DeviceEntry
) -> bool:
    """A node may be deleted by hand once it is silent; it leaves its room. Rooms go with their subentry."""
    nodes_heard = entry.runtime_data.nodes if entry.state is ConfigEntryState.LOADED else {}
    for _, identifier in device.identifiers:
        node = identifier.removeprefix(f"{entry.entry_id}_")
        if node == identifier:
            return False
        known = nodes_heard.get(node)
        if known is not None and known.is_online:
            return False
        for room in list(entry.get_subentries_of_type(SUBENTRY_ROOM)):
            if node in room.data[CONF_NODES]:
                nodes = [key for key in room.data[CONF_NODES] if key != node]
                hass.config_entries.async_update_subentry(entry, room, data={**room.data, CONF_NODES: nodes})
    return True


async def _async_updated(hass: HomeAssistant, entry: RuViewConfigEntry) -> None:
    """Do as little as a change needs: take a number in, bring up one more room, or reload."""
    hub = entry.runtime_data
    present = {room.subentry_id: room for room in entry.get_subentries_of_type(SUBENTRY_ROOM)}
    for gone in set(hub.rooms) - set(present):
        await hub.rooms[gone].async_stop()  # or a job that still runs would put files back
        await delete_room(hass, gone)
    if hub.needs_reload():
        for room_id, room in hub.rooms.items():
            if room_id in present and present[room_id].data[CONF_AREA] != room.area_id:
                hub.devices.move(room_id, present[room_id].data[CONF_AREA])
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    for room_id, room in hub.rooms.items():
        room.async_take_settings(present[room_id])
    await hub.async_sync_rooms()


def _remove_private_entities(hass: HomeAssistant, entry: RuViewConfigEntry) -> None:
    """Deny by default: what an earlier run made goes from the registry, not only from view."""
    registry = er.async_get(hass)
    private = {row.key for row in ROOM_SENSORS if row.is_private}
    rooms = {room.subentry_id for room in entry.get_subentries_of_type(SUBENTRY_ROOM)}
    for known in er.async_entries_for_config_entry(registry, entry.entry_id):
        room_id, _, key = known.unique_id.partition("_")
        if room_id in rooms and key in private:
            registry.async_remove(known.entity_id)
