"""Things that happen: the dynamics of a room change, a recorded signature is recognised."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import REGIMES
from .coordinator import RoomCoordinator
from .entity import RoomEntity
from .hub import RuViewConfigEntry
from .ruview_engine.introspection.snapshot import Regime
from .ruview_engine.notice import Notice, RegimeChanged, SignatureMatched

PARALLEL_UPDATES = 0  # everything is pushed

REGIME: Final = EventEntityDescription(key="regime_changed", event_types=list(REGIMES))
SIGNATURE: Final = EventEntityDescription(key="signature_recognised", event_types=["recognised"])


class RoomEvent(RoomEntity, EventEntity):
    """Available while frames come, so that the first event after a gap is seen by triggers."""

    _was_available: bool | None = None

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.data.is_fresh

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_on_notice(self._heard))

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self.available is not self._was_available:
            self._was_available = self.available
            self.async_write_ha_state()

    @callback
    def _heard(self, notice: Notice) -> None:
        raise NotImplementedError

    @callback
    def _fire(self, event_type: str, attributes: dict[str, str | float | None]) -> None:
        """Available first, then the event: triggers do not look at what comes out of `unavailable`."""
        self._handle_coordinator_update()
        self._trigger_event(event_type, attributes)
        self.async_write_ha_state()


class RegimeEvent(RoomEvent):
    """Its types are the regimes entered."""

    @callback
    @override
    def _heard(self, notice: Notice) -> None:
        if isinstance(notice, RegimeChanged) and notice.after is not Regime.UNKNOWN:
            self._fire(
                notice.after.value,
                {
                    "from": notice.before.value,
                    "confidence": round(notice.confidence, 2),
                    "lyapunov": None if notice.lyapunov_exponent is None else round(notice.lyapunov_exponent, 3),
                },
            )


class SignatureEvent(RoomEvent):
    """One occurrence of something that was recorded under a name."""

    @callback
    @override
    def _heard(self, notice: Notice) -> None:
        if isinstance(notice, SignatureMatched):
            match = notice.match
            self._fire(
                "recognised",
                {
                    "label": match.label,
                    "signature_id": match.signature_id,
                    "score": None if match.score is None else round(match.score, 3),
                },
            )


async def async_setup_entry(
    hass: HomeAssistant, entry: RuViewConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Entities of every room, now and later."""

    @callback
    def add(room: RoomCoordinator) -> None:
        async_add_entities(
            [RegimeEvent(room, REGIME), SignatureEvent(room, SIGNATURE)], config_subentry_id=room.room_id
        )

    entry.async_on_unload(entry.runtime_data.async_on_room(add))
