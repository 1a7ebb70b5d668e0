"""Automation triggers that core has no word for; occupancy and motion come from core by device class."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

import probatio as vol
from homeassistant.const import CONF_OPTIONS, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    EntityTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
)

from .const import DOMAIN, POSTURES, REGIMES


def ours(hass: HomeAssistant, entities: set[str], key: str) -> set[str]:
    """Those of `entities` that this integration made for `key`."""
    registry = er.async_get(hass)
    return {
        entity_id
        for entity_id in entities
        if (known := registry.async_get(entity_id)) and known.platform == DOMAIN and known.translation_key == key
    }


def _from_to(choices: tuple[str, ...]) -> vol.Schema:
    """Options `from` and `to`, each any number of choices; empty means any."""
    some = vol.All(lambda value: [value] if isinstance(value, str) else value, [vol.In(choices)])
    return ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {
            vol.Required(CONF_OPTIONS, default={}): {
                vol.Optional("from", default=[]): some,
                vol.Optional("to", default=[]): some,
            }
        }
    )


class RegimeChanged(StatelessEntityTriggerBase):
    """A room's dynamics changed; stands on the event entity, which carries where it came from."""

    _domain_specs: Mapping[str, DomainSpec] = {"event": DomainSpec()}
    _schema = _from_to(REGIMES)

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return ours(self._hass, super().entity_filter(entities), "regime_changed")

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        return _matches(self._options, state.attributes.get("from"), state.attributes.get("event_type"))


class PostureChanged(EntityTriggerBase):
    """A person took another posture. In between it is often unknown, so the sensor remembers the one before."""

    _domain_specs: Mapping[str, DomainSpec] = {"sensor": DomainSpec()}
    _schema = _from_to(POSTURES)
    _excluded_from_states: ClassVar[frozenset[str]] = frozenset({STATE_UNAVAILABLE})

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return ours(self._hass, super().entity_filter(entities), "posture")

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        before = state.attributes.get("previous")
        return before is not None and before != state.state and _matches(self._options, before, state.state)


class BecameStale(EntityTriggerBase):
    """A room's calibration is not to be believed any more."""

    _domain_specs: Mapping[str, DomainSpec] = {"binary_sensor": DomainSpec()}
    _schema = ENTITY_STATE_TRIGGER_SCHEMA
    _primary_entities_only = False

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return ours(self._hass, super().entity_filter(entities), "calibration_stale")

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        return from_state.state == STATE_OFF

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        return state.state == STATE_ON


def _matches(options: dict[str, Any], before: str | None, after: str | None) -> bool:
    """Whether a change is one of those asked for."""
    return (not options.get("from") or before in options["from"]) and (not options.get("to") or after in options["to"])


TRIGGERS: dict[str, type[Trigger]] = {
    "regime_changed": RegimeChanged,
    "posture_changed": PostureChanged,
    "calibration_became_stale": BecameStale,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """The triggers of this integration by name."""
    return TRIGGERS
