"""The device registry of one listener: itself, its rooms under it, their nodes under them."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, MANUFACTURER
from .coordinator import HubCoordinator, RoomCoordinator


class Devices:
    """Areas are given once, when a device is new: after that they are the owner's."""

    def __init__(self, hass: HomeAssistant, coordinator: HubCoordinator) -> None:
        self._hass = hass
        self._registry = dr.async_get(hass)
        self._hub = coordinator

    def register_hub(self) -> None:
        """The listener."""
        self._registry.async_get_or_create(
            config_entry_id=self._hub.entry_id,
            identifiers={(DOMAIN, self._hub.entry_id)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            model="Listener",
            translation_key="hub",
        )

    def register_room(self, room: RoomCoordinator) -> None:
        """The room under the hub, in its area; its nodes under the room."""
        entry_id = self._hub.entry_id
        hub_id = dr.async_get_device_id_by_identifier(self._hass, (DOMAIN, entry_id), config_entry_id=entry_id)
        device = self._registry.async_get_or_create(
            config_entry_id=entry_id,
            config_subentry_id=room.room_id,
            identifiers={(DOMAIN, room.room_id)},
            manufacturer=MANUFACTURER,
            model="Room",
            translation_key="room",
            via_device_id=hub_id,
        )
        self._place(device, room.area_id)
        for node in room.nodes:
            self._register_node(room, node, device.id)

    def _register_node(self, room: RoomCoordinator, node: str, room_device_id: str) -> None:
        identity = (DOMAIN, self._hub.node_identity(node))
        known = self._registry.async_get_device_by_identifier(identity, self._hub.entry_id)
        if known is not None and known.config_subentry_id != room.room_id:
            self._registry.async_update_device(known.id, new_config_subentry_id=room.room_id)
        board = self._registry.async_get_or_create(
            config_entry_id=self._hub.entry_id,
            config_subentry_id=room.room_id,
            identifiers={identity},
            manufacturer="Espressif",
            model="ESP32",
            translation_key="node",
            translation_placeholders={"node": node},
            via_device_id=room_device_id,
        )
        self._place(board, room.area_id)

    def _place(self, device: dr.DeviceEntry, area_id: str) -> None:
        if device.area_id is None:
            self._registry.async_update_device(device.id, area_id=area_id)

    def move(self, room_id: str, area_id: str) -> None:
        """The owner chose another area in the flow: the room's device goes along."""
        device = self._registry.async_get_device_by_identifier((DOMAIN, room_id), self._hub.entry_id)
        if device is not None:
            self._registry.async_update_device(device.id, area_id=area_id)

    def remove_strangers(self, claimed: Iterable[str]) -> None:
        """A node that left its room is a stranger again: its device goes, a card comes when it speaks."""
        kept = {self._hub.node_identity(node) for node in claimed}
        for device in dr.async_entries_for_config_entry(self._registry, self._hub.entry_id):
            identities = {identity for domain, identity in device.identifiers if domain == DOMAIN}
            nodes = {identity for identity in identities if identity.startswith(self._hub.node_identity(""))}
            if nodes and not nodes & kept:
                self._registry.async_remove_device(device.id)
