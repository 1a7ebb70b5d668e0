"""Bases of all entities: device, unique id, availability, and when a state is worth writing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator

from . import clock
from .const import DOMAIN
from .coordinator import HubCoordinator, RoomCoordinator
from .ruview_engine.room.reading import Reading, WhyNot
from .view import HubView, NodeView, RoomView

#: Attributes that change without a change of state (confidence, evidence) are written no more often than this.
#: Origin: derived; 8 entities × 12/h keeps a living room below 600 recorder rows an hour with room to spare.
RIDER_EVERY_S: Final = 300.0

#: Reasons that mean "there is nothing to stand on" (→ unavailable). With any other the room looks, but cannot tell
#: (→ unknown, the reason beside it). Origin: spec, facts/homeassistant §7 rules R1–R3.
UNAVAILABLE: Final = frozenset(
    {
        WhyNot.NO_FRAMES,
        WhyNot.WARMING_UP,
        WhyNot.NO_BASELINE,
        WhyNot.NOT_TRAINED,
        WhyNot.NOT_SEPARABLE,
        WhyNot.PRIVACY,
    }
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """When a new value is worth a row in the database.

    step : smaller changes of a number are not written; every_s : nor is any number more often than this
    """

    step: float = 0.0
    every_s: float = 0.0


class Writer:
    """Decides for one entity. A first value, a lost value and a changed word are always written at once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._shown: tuple[bool, Any] | None = None
        self._riders: dict[str, Any] | None = None
        self._written_s = 0.0

    def wants(self, is_available: bool, value: Any, riders: dict[str, Any], now_s: float) -> bool:
        """Whether to write this, remembering it if so."""
        if self._is_news(is_available, value, now_s) or (
            riders != self._riders and now_s - self._written_s >= RIDER_EVERY_S
        ):
            self._shown, self._riders, self._written_s = (is_available, value), riders, now_s
            return True
        return False

    def _is_news(self, is_available: bool, value: Any, now_s: float) -> bool:
        if self._shown is None or self._shown[0] != is_available:
            return True
        before = self._shown[1]
        if value == before:
            return False
        if isinstance(value, datetime) and isinstance(before, datetime):
            value, before = value.timestamp(), before.timestamp()
        if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(before, int | float):
            return True
        return abs(value - before) >= self._policy.step and now_s - self._written_s >= self._policy.every_s


@dataclass(frozen=True, kw_only=True)
class RoomEntityDescription(EntityDescription):
    """A room entity. `read` gives the value or why there is none; `is_private` ones are not made in privacy mode."""

    read: Callable[[RoomView], Reading[Any]]
    policy: Policy = Policy()
    unavailable: frozenset[WhyNot] = UNAVAILABLE
    is_private: bool = False
    is_always_available: bool = False


class RoomEntity(CoordinatorEntity[RoomCoordinator]):
    """Belongs to a room's device."""

    _attr_has_entity_name = True
    _unrecorded_attributes = frozenset(
        {"confidence", "evidence", "reason", "reasons", "baseline_id", "bank_version", "causes"}
    )

    def __init__(self, coordinator: RoomCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{coordinator.room_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, coordinator.room_id)})


class FrugalEntity[C: DataUpdateCoordinator[Any]](CoordinatorEntity[C]):
    """Reads with every update of its coordinator, and writes what its `Writer` wants."""

    _writer: Writer

    def read(self) -> Any:
        """The value as of the last update; None for unknown."""
        raise NotImplementedError

    def show(self, value: Any) -> None:
        """Put a value, or None for unknown, into the platform's attribute."""
        raise NotImplementedError

    def riders(self) -> dict[str, Any]:
        """Attributes beside the value."""
        return {}

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._take()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._take():
            self.async_write_ha_state()

    def _take(self) -> bool:
        """Read anew; whether that is worth writing."""
        value = self.read()
        self.show(value)
        self._attr_extra_state_attributes = self.riders()
        return self._writer.wants(self.available, value, self._attr_extra_state_attributes, clock.now_s())


class ReadingEntity(FrugalEntity[RoomCoordinator], RoomEntity):
    """A room entity that shows one reading."""

    entity_description: RoomEntityDescription

    def __init__(self, coordinator: RoomCoordinator, description: RoomEntityDescription) -> None:
        super().__init__(coordinator, description)
        self._writer = Writer(description.policy)
        self._reading = description.read(coordinator.data)

    @override
    def read(self) -> Any:
        self._reading = self.entity_description.read(self.coordinator.data)
        return self._reading.value

    @override
    def riders(self) -> dict[str, Any]:
        reading = self._reading
        found: dict[str, Any] = {"reason": reading.why_not.value if reading.why_not else None}
        if reading.value is not None:
            found["confidence"] = round(reading.confidence, 2)
        if reading.provenance.baseline_id is not None:
            found["baseline_id"] = reading.provenance.baseline_id
        if reading.provenance.bank_version is not None:
            found["bank_version"] = reading.provenance.bank_version
        if reading.evidence:
            found["evidence"] = {name: round(number, 3) for name, number in reading.evidence}
        return found

    @property
    @override
    def available(self) -> bool:
        if self.entity_description.is_always_available:
            return True
        return self.coordinator.data.is_fresh and self._reading.why_not not in self.entity_description.unavailable


class ListenerEntity(FrugalEntity[HubCoordinator]):
    """An entity of the listener or one of its nodes."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: HubCoordinator, identity: str, description: EntityDescription, policy: Policy
    ) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{identity}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, identity)})
        self._writer = Writer(policy)


@dataclass(frozen=True, kw_only=True)
class NodeEntityDescription(EntityDescription):
    """A node entity."""

    read: Callable[[NodeView], Any]
    policy: Policy = Policy()
    is_always_available: bool = False


class NodeEntity(ListenerEntity):
    """Belongs to a node's device, which belongs to a room."""

    entity_description: NodeEntityDescription

    def __init__(self, coordinator: HubCoordinator, node: str, description: NodeEntityDescription) -> None:
        self._node = node
        super().__init__(coordinator, coordinator.node_identity(node), description, description.policy)

    @override
    def read(self) -> Any:
        node = self.coordinator.data.nodes.get(self._node)
        return None if node is None else self.entity_description.read(node)

    @property
    @override
    def available(self) -> bool:
        if self.entity_description.is_always_available:
            return True
        node = self.coordinator.data.nodes.get(self._node)
        return node is not None and node.is_online


@dataclass(frozen=True, kw_only=True)
class HubEntityDescription(EntityDescription):
    """An entity of the listener itself."""

    read: Callable[[HubView], Any]
    policy: Policy = Policy()


class HubEntity(ListenerEntity):
    """Belongs to the hub's device; always available, for it counts what does not come, too."""

    entity_description: HubEntityDescription

    def __init__(self, coordinator: HubCoordinator, description: HubEntityDescription) -> None:
        super().__init__(coordinator, coordinator.entry_id, description, description.policy)

    @override
    def read(self) -> Any:
        return self.entity_description.read(self.coordinator.data)

    @property
    @override
    def available(self) -> bool:
        return True
