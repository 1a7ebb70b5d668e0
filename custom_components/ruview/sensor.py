"""Posture, rates, regime and calibration of rooms; strength, pace and loss of nodes; pace of the listener."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    UnitOfFrequency,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .answers import Answer, calibration, confidence_of, motion_level, of_best_link, regime, restlessness
from .const import POSTURES, REGIMES
from .coordinator import RoomCoordinator
from .entity import (
    UNAVAILABLE,
    HubEntity,
    HubEntityDescription,
    NodeEntity,
    NodeEntityDescription,
    Policy,
    ReadingEntity,
    RoomEntityDescription,
)
from .hub import RuViewConfigEntry
from .ruview_engine.room.reading import Reading, WhyNot
from .ruview_engine.room.state import Calibration
from .view import NodeView

PARALLEL_UPDATES = 0  # everything is pushed

#: A person's breathing is not read more often than this. Origin: facts/homeassistant §2.11 asks for ≥ 5 s; twice
#: that keeps an hour of sleep below 360 rows.
VITALS: Final = Policy(step=0.5, every_s=10.0)
SLOW: Final = Policy(every_s=60.0)

#: No constant exists; withings says "br/min", and "bpm" is core's word for the heart (facts/homeassistant §2.5).
BREATHS_PER_MINUTE: Final = "br/min"
BEATS_PER_MINUTE: Final = "bpm"


@dataclass(frozen=True, kw_only=True)
class RoomSensorDescription(RoomEntityDescription, SensorEntityDescription):
    """A quantity or a word of a room."""


@dataclass(frozen=True, kw_only=True)
class NodeSensorDescription(NodeEntityDescription, SensorEntityDescription):
    """A quantity of a node."""


@dataclass(frozen=True, kw_only=True)
class HubSensorDescription(HubEntityDescription, SensorEntityDescription):
    """A quantity of the listener."""


def closer_look(
    key: str,
    read: Answer[float],
    *,
    unit: str | None = None,
    digits: int = 0,
    policy: Policy = SLOW,
    is_private: bool = False,
) -> RoomSensorDescription:
    """A number for whoever wants to know how the room comes to its words: off until asked for, written seldom."""
    return RoomSensorDescription(
        key=key,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=digits,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        read=read,
        policy=policy,
        is_private=is_private,
    )


def booted_at(node: NodeView) -> datetime | None:
    """When the board started; Home Assistant suppresses the jitter of this class."""
    if node.status.uptime_s is None:
        return None
    return dt_util.utcnow() - timedelta(seconds=node.status.uptime_s)


ROOM: Final = (
    RoomSensorDescription(
        key="posture",
        device_class=SensorDeviceClass.ENUM,
        options=list(POSTURES),
        read=lambda view: view.state.posture,
        is_private=True,
    ),
    RoomSensorDescription(
        key="breathing_rate",
        native_unit_of_measurement=BREATHS_PER_MINUTE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        read=lambda view: view.state.breathing,
        policy=VITALS,
        # Whoever comes in the first half minute is looked at, though not yet for long enough.
        unavailable=UNAVAILABLE - {WhyNot.WARMING_UP},
        is_private=True,
    ),
    RoomSensorDescription(
        key="heart_rate",
        native_unit_of_measurement=BEATS_PER_MINUTE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        read=lambda view: view.state.heart_rate,
        policy=Policy(step=1.0, every_s=10.0),
        is_private=True,
    ),
    RoomSensorDescription(
        key="restlessness",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        read=restlessness,
        policy=Policy(step=5.0, every_s=10.0),
        is_private=True,
    ),
    RoomSensorDescription(key="regime", device_class=SensorDeviceClass.ENUM, options=list(REGIMES), read=regime),
    RoomSensorDescription(
        key="calibration",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in Calibration],
        entity_category=EntityCategory.DIAGNOSTIC,
        read=calibration,
        is_always_available=True,
    ),
    closer_look("presence_score", confidence_of(lambda state: state.presence), unit=PERCENTAGE),
    closer_look("motion_energy", motion_level, unit=PERCENTAGE, policy=Policy(step=1.0, every_s=10.0)),
    closer_look("lyapunov", of_best_link(lambda link: link.lyapunov_exponent), digits=2),
    closer_look("attractor_dim", of_best_link(lambda link: link.attractor_dim), digits=1),
    closer_look("confidence_posture", confidence_of(lambda state: state.posture), unit=PERCENTAGE, is_private=True),
    closer_look("confidence_breathing", confidence_of(lambda state: state.breathing), unit=PERCENTAGE, is_private=True),
)

NODE: Final = (
    NodeSensorDescription(
        key="rssi",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda node: node.status.rssi_dbm,
        policy=Policy(step=3.0, every_s=60.0),
    ),
    NodeSensorDescription(
        key="frame_rate",
        device_class=SensorDeviceClass.FREQUENCY,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda node: node.status.csi_rate_hz,
        policy=Policy(step=2.0, every_s=60.0),
    ),
    NodeSensorDescription(
        key="packet_loss",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        read=lambda node: None if node.status.loss is None else 100.0 * node.status.loss,
        policy=Policy(step=1.0, every_s=60.0),
    ),
    NodeSensorDescription(
        key="uptime",
        device_class=SensorDeviceClass.UPTIME,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        read=booted_at,
        policy=Policy(step=60.0),
    ),
)

HUB: Final = (
    HubSensorDescription(
        key="frames_per_second",
        device_class=SensorDeviceClass.FREQUENCY,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        read=lambda hub: hub.packets_per_s,
        policy=Policy(step=1.0, every_s=60.0),
    ),
    HubSensorDescription(
        key="dropped_frames",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        read=lambda hub: hub.n_dropped,
        policy=SLOW,
    ),
)


class RoomSensor(ReadingEntity, SensorEntity):
    """One row of the table."""

    entity_description: RoomSensorDescription

    @override
    def show(self, value: Any) -> None:
        self._attr_native_value = value


class PostureSensor(RoomSensor):
    """Remembers the posture before: between two postures it is usually unknown for a while."""

    _last: str | None = None
    _previous: str | None = None

    @override
    def show(self, value: Any) -> None:
        super().show(value)
        if value is not None and value != self._last:
            self._previous, self._last = self._last, value

    @override
    def riders(self) -> dict[str, Any]:
        return {**super().riders(), "previous": self._previous}


class CalibrationSensor(RoomSensor):
    """Says of each reading why it is silent, also while that reading itself is unavailable."""

    @override
    def riders(self) -> dict[str, Any]:
        state = self.coordinator.data.state
        readings: dict[str, Reading[Any]] = {
            "presence": state.presence,
            "motion": state.motion,
            "anomaly": state.anomaly,
        }
        if not self.coordinator.is_private:
            readings |= {"posture": state.posture, "breathing": state.breathing, "heart_rate": state.heart_rate}
        return {"reasons": {name: found.why_not.value for name, found in readings.items() if found.why_not}}


class NodeSensor(NodeEntity, SensorEntity):
    """One row of the table."""

    entity_description: NodeSensorDescription

    @override
    def show(self, value: Any) -> None:
        self._attr_native_value = value


class HubSensor(HubEntity, SensorEntity):
    """One row of the table."""

    entity_description: HubSensorDescription

    @override
    def show(self, value: Any) -> None:
        self._attr_native_value = value


SPECIAL: Final = {"posture": PostureSensor, "calibration": CalibrationSensor}


async def async_setup_entry(
    hass: HomeAssistant, entry: RuViewConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Entities of the hub, and of every room, now and later."""
    hub = entry.runtime_data
    async_add_entities(HubSensor(hub.coordinator, row) for row in HUB)

    @callback
    def add(room: RoomCoordinator) -> None:
        rows = [row for row in ROOM if not (row.is_private and hub.is_private)]
        entities: list[SensorEntity] = [SPECIAL.get(row.key, RoomSensor)(room, row) for row in rows]
        entities += [NodeSensor(hub.coordinator, node, row) for node in room.nodes for row in NODE]
        async_add_entities(entities, config_subentry_id=room.room_id)

    entry.async_on_unload(hub.async_on_room(add))
