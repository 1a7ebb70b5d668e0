"""What an owner may turn per room: how long occupancy holds, how easily it is roused."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_HOLD, CONF_SENSITIVITY, MAX_HOLD_S
from .coordinator import RoomCoordinator
from .entity import RoomEntity
from .hub import RuViewConfigEntry

PARALLEL_UPDATES = 0  # nothing is polled, and a setting is taken at once


@dataclass(frozen=True, kw_only=True)
class RoomNumberDescription(NumberEntityDescription):
    """A setting kept in the room's subentry under `option`."""

    option: str


ROOM: Final = (
    RoomNumberDescription(
        key="hold_time",
        option=CONF_HOLD,
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        native_min_value=0,
        native_max_value=MAX_HOLD_S,
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
    ),
    RoomNumberDescription(
        key="sensitivity",
        option=CONF_SENSITIVITY,
        native_min_value=0.25,
        native_max_value=4,
        native_step=0.25,
        mode=NumberMode.SLIDER,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    ),
)


class RoomNumber(RoomEntity, NumberEntity):
    """One row of the table."""

    entity_description: RoomNumberDescription

    def __init__(self, coordinator: RoomCoordinator, description: RoomNumberDescription) -> None:
        super().__init__(coordinator, description)
        self._attr_native_value = coordinator.setting(description.option)

    @property
    @override
    def available(self) -> bool:
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        value = self.coordinator.setting(self.entity_description.option)
        if value != self._attr_native_value:
            self._attr_native_value = value
            self.async_write_ha_state()

    @override
    async def async_set_native_value(self, value: float) -> None:
        self.coordinator.async_set(self.entity_description.option, value)
        self._handle_coordinator_update()


async def async_setup_entry(
    hass: HomeAssistant, entry: RuViewConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Entities of every room, now and later."""

    @callback
    def add(room: RoomCoordinator) -> None:
        async_add_entities([RoomNumber(room, row) for row in ROOM], config_subentry_id=room.room_id)

    entry.async_on_unload(entry.runtime_data.async_on_room(add))
