"""Occupancy and motion of rooms, what is wrong with them, and which nodes are there."""

from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .answers import is_anomalous, is_stale, motion, occupancy
from .coordinator import RoomCoordinator
from .entity import UNAVAILABLE, NodeEntity, NodeEntityDescription, ReadingEntity, RoomEntityDescription
from .hub import RuViewConfigEntry
from .ruview_engine.room.reading import WhyNot

PARALLEL_UPDATES = 0  # everything is pushed


@dataclass(frozen=True, kw_only=True)
class RoomBinaryDescription(RoomEntityDescription, BinarySensorEntityDescription):
    """A yes or no of a room."""


@dataclass(frozen=True, kw_only=True)
class NodeBinaryDescription(NodeEntityDescription, BinarySensorEntityDescription):
    """A yes or no of a node."""


ROOM: Final = (
    RoomBinaryDescription(
        key="occupancy",
        device_class=BinarySensorDeviceClass.OCCUPANCY,
        read=occupancy,
        # Movement alone makes it occupied before the empty room is known, and where nobody who keeps still can be told
        # from it; what is not known then is "empty".
        unavailable=UNAVAILABLE - {WhyNot.NO_BASELINE, WhyNot.NOT_SEPARABLE},
    ),
    RoomBinaryDescription(key="motion", device_class=BinarySensorDeviceClass.MOTION, read=motion),
    RoomBinaryDescription(
        key="anomaly",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=is_anomalous,
    ),
    RoomBinaryDescription(
        key="calibration_stale",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=is_stale,
        is_always_available=True,
    ),
)

NODE: Final = (
    NodeBinaryDescription(
        key="online",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda node: node.is_online,
        is_always_available=True,
    ),
)


class RoomBinarySensor(ReadingEntity, BinarySensorEntity):
    """One row of the table."""

    entity_description: RoomBinaryDescription

    @override
    def show(self, value: Any) -> None:
        self._attr_is_on = value


class StaleBinarySensor(RoomBinarySensor):
    """Says why, and since when."""

    @override
    def riders(self) -> dict[str, Any]:
        causes = self.coordinator.stale_causes
        return {
            "causes": [
                {"reason": cause.reason.value, "since": since.isoformat(), "value": cause.value, "limit": cause.limit}
                for cause, since in causes
            ],
            "since": min((since for _, since in causes), default=None),
            "reason": causes[0][0].reason.value if causes else None,
        }


class NodeBinarySensor(NodeEntity, BinarySensorEntity):
    """One row of the table."""

    entity_description: NodeBinaryDescription

    @override
    def show(self, value: Any) -> None:
        self._attr_is_on = bool(value)


async def async_setup_entry(
    hass: HomeAssistant, entry: RuViewConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Entities of every room, now and later."""
    hub = entry.runtime_data

    @callback
    def add(room: RoomCoordinator) -> None:
        rows = [row for row in ROOM if not (row.is_private and hub.is_private)]
        entities: list[BinarySensorEntity] = [
            StaleBinarySensor(room, row) if row.key == "calibration_stale" else RoomBinarySensor(room, row)
            for row in rows
        ]
        entities += [NodeBinarySensor(hub.coordinator, node, row) for node in room.nodes for row in NODE]
        async_add_entities(entities, config_subentry_id=room.room_id)

    entry.async_on_unload(hub.async_on_room(add))
