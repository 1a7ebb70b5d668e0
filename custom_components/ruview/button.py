"""One press measures the empty room again, with time to leave it."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DEFAULT_BASELINE_S, DEFAULT_LEAD_S, DOMAIN
from .coordinator import RoomCoordinator
from .entity import RoomEntity
from .hub import RuViewConfigEntry

PARALLEL_UPDATES = 0  # nothing is polled, and a press only starts a clock

CAPTURE: Final = ButtonEntityDescription(key="capture_baseline", entity_category=EntityCategory.CONFIG)


class CaptureButton(RoomEntity, ButtonEntity):
    """How it ended is told by the calibration sensor and, if refused, by a repair."""

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.data.is_fresh

    @override
    async def async_press(self) -> None:
        if self.coordinator.teacher.progress is not None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="busy")
        self.coordinator.teacher.async_start_baseline(DEFAULT_LEAD_S, DEFAULT_BASELINE_S)


async def async_setup_entry(
    hass: HomeAssistant, entry: RuViewConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Entities of every room, now and later."""

    @callback
    def add(room: RoomCoordinator) -> None:
        async_add_entities([CaptureButton(room, CAPTURE)], config_subentry_id=room.room_id)

    entry.async_on_unload(entry.runtime_data.async_on_room(add))
