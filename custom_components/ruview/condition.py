"""Automation conditions on regime and posture; occupancy and motion come from core by device class."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

import probatio as vol
from homeassistant.const import CONF_FOR, CONF_OPTIONS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)

from .const import POSTURES, REGIMES
from .trigger import ours


def _schema(option: str, choices: tuple[str, ...]) -> vol.Schema:
    """The usual options of a state condition and which states to accept."""
    return ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {
            vol.Required(CONF_OPTIONS, default={}): {
                vol.Required(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): vol.In([BEHAVIOR_ANY, BEHAVIOR_ALL]),
                vol.Optional(CONF_FOR): cv.positive_time_period,
                vol.Required(option): vol.All(cv.ensure_list, [vol.In(choices)]),
            }
        }
    )


class _StateIs(EntityConditionBase):
    """One of our enumerated sensors shows one of the chosen states."""

    _domain_specs: Mapping[str, DomainSpec] = {"sensor": DomainSpec()}
    _key: ClassVar[str]

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        options: dict[str, Any] = config.options or {}
        self._accepted = set(options[self._key])

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return ours(self._hass, super().entity_filter(entities), self._key)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        return entity_state.state in self._accepted


class IsRegime(_StateIs):
    """The dynamics of a room are of one of the chosen kinds."""

    _key = "regime"
    _schema = _schema("regime", REGIMES)


class IsPosture(_StateIs):
    """The person in a room holds one of the chosen postures."""

    _key = "posture"
    _schema = _schema("posture", POSTURES)


CONDITIONS: dict[str, type[Condition]] = {"is_regime": IsRegime, "is_posture": IsPosture}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """The conditions of this integration by name."""
    return CONDITIONS
