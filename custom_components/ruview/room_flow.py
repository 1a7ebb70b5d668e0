"""A room from first to last: where it is, which nodes look at it, what it has been taught (subentry flow)."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.selector import (
    AreaSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .const import CONF_AREA, CONF_LINKED, CONF_NODES, CONF_TEACHERS, SUBENTRY_ROOM
from .enrolment_flow import EnrolmentFlow
from .network_target import target
from .node_flow import NodeFlow
from .ruview_engine.errors import StoreError
from .signature_flow import SignatureFlow
from .text import moment

_LOGGER = logging.getLogger(__name__)

ROOM_SCHEMA: Final = vol.Schema({vol.Required(CONF_AREA): AreaSelector()})

CONF_BANK: Final = "version"

#: Sensors whose history can teach. Origin: derived from ADR-071's ten signals: those that a house has.
TEACHERS: Final[list[EntityWithDeviceFilterSelectorConfig]] = [
    EntityWithDeviceFilterSelectorConfig(
        domain="binary_sensor",
        device_class=["motion", "occupancy", "presence", "moving", "door", "garage_door", "opening", "vibration"],
    ),
    EntityWithDeviceFilterSelectorConfig(domain="sensor", device_class=["temperature", "humidity"]),
]


def area_name(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
    """The name of the room's area, if it still exists."""
    area = ar.async_get(hass).async_get_area(data[CONF_AREA])
    return area.name if area else None


def room_subentry(hass: HomeAssistant, data: Mapping[str, Any]) -> ConfigSubentry:
    """A room as Home Assistant stores it; one per area."""
    return ConfigSubentry(
        data=MappingProxyType(dict(data)),
        subentry_type=SUBENTRY_ROOM,
        title=area_name(hass, data) or str(data[CONF_AREA]),
        unique_id=data[CONF_AREA],
    )


class RoomFlow(NodeFlow, EnrolmentFlow, SignatureFlow):
    """The room is stored as soon as its nodes are known; everything after that adds to it."""

    _data: dict[str, Any]

    # ── a new room ───────────────────────────────────────────────────────────────────────────────────────────────

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Where it is."""
        if not self.is_loaded:
            return self.async_abort(reason="entry_not_loaded")
        await self.load_texts()
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_AREA] in {room.unique_id for room in self._get_entry().subentries.values()}:
                errors[CONF_AREA] = "area_taken"
            else:
                self._data = user_input
                return await self.async_step_listen()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(ROOM_SCHEMA, user_input),
            errors=errors,
            last_step=False,
        )

    async def async_step_nodes(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Which of the nodes look at this room."""
        free = self._free_nodes()
        errors: dict[str, str] = {}
        if user_input is not None:
            if not user_input[CONF_NODES]:
                errors[CONF_NODES] = "no_node_chosen"
            elif self._taken_nodes() & set(user_input[CONF_NODES]):
                errors[CONF_NODES] = "node_taken"
            else:
                await self._add_room(user_input[CONF_NODES])
                return await self.async_step_baseline_intro()
        schema = vol.Schema(
            {vol.Required(CONF_NODES, default=free if len(free) == 1 else []): self._node_selector(free)}
        )
        return self.async_show_form(
            step_id="nodes",
            data_schema=schema,
            errors=errors,
            description_placeholders={"nodes": self._node_lines(free)},
            last_step=False,
        )

    async def async_step_no_nodes(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Nothing came: listen again, or add the room and let its node appear later."""
        return self.async_show_menu(
            step_id="no_nodes",
            menu_options=["listen", "without_nodes"],
            description_placeholders={"address": f"{await target(self.hass)}:{self.hub.port}"},
        )

    async def async_step_without_nodes(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The room without a node; a discovered node can be assigned to it."""
        await self._add_room([])
        return self.finish("room_added")

    async def _add_room(self, nodes: list[str]) -> None:
        room = room_subentry(self.hass, {**self._data, CONF_NODES: sorted(nodes)})
        self.hass.config_entries.async_add_subentry(self._get_entry(), room)
        self._room_id = room.subentry_id
        await self.hub.async_sync_rooms()

    # ── a room that is there ─────────────────────────────────────────────────────────────────────────────────────

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What can be done with a room; only what makes sense now."""
        if not self.is_loaded:
            return self.async_abort(reason="entry_not_loaded")
        await self.load_texts()
        room = self.room
        progress = room.teacher.progress
        if progress is not None and progress.kind == "baseline":
            return await self.async_step_baseline()
        options = []
        if room.has_baseline:
            if room.teacher.is_open:
                options.append("resume")
            options += ["enrol", "enrol_one"]
        options.append("baseline_intro")
        options.append("edit")
        if len(room.teacher.banks) > 1:
            options.append("restore")
        if room.hears or room.teacher.signatures.known:
            options.append("signatures")
        options.append("linked")
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=options,
            description_placeholders={
                "room": room.title,
                "calibration": self.words("calibration", room.calibration),
                "missing": str(len(room.teacher.missing)),
            },
        )

    async def async_step_edit(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Area and nodes."""
        entry, room = self._get_entry(), self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            others = {known.unique_id for known in entry.subentries.values() if known is not room}
            if user_input[CONF_AREA] in others:
                errors[CONF_AREA] = "area_taken"
            elif self._taken_nodes(besides=room.subentry_id) & set(user_input[CONF_NODES]):
                errors[CONF_NODES] = "node_taken"
            else:
                changed = room_subentry(self.hass, {**room.data, **user_input})
                return self.async_update_and_abort(
                    entry, room, title=changed.title, unique_id=changed.unique_id, data=changed.data
                )
        choices = sorted({*self._free_nodes(besides=room.subentry_id), *room.data[CONF_NODES]})
        schema = ROOM_SCHEMA.extend({vol.Required(CONF_NODES): self._node_selector(choices)})
        return self.async_show_form(
            step_id="edit",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or room.data),
            errors=errors,
            description_placeholders={"nodes": self._node_lines([key for key in choices if key in self.hub.nodes])},
        )

    async def async_step_restore(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Go back to what the room knew before."""
        room = self.room
        errors: dict[str, str] = {}
        if user_input is not None:
            version = int(user_input[CONF_BANK])
            try:
                await room.teacher.async_restore(version)
            except StoreError as error:
                _LOGGER.warning("Version %s of %s was refused: %s", version, room.title, error)
                errors[CONF_BANK] = "damaged"
            else:
                return self.finish("bank_restored", version=str(version))
        options = [
            SelectOptionDict(value=str(bank.version), label=f"{bank.version} · {moment(bank.trained_at)}")
            for bank in room.teacher.banks
            if not bank.is_current
        ]
        chosen = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="restore",
            data_schema=vol.Schema({vol.Required(CONF_BANK): chosen}),
            errors=errors,
            description_placeholders={"room": room.title},
        )

    async def async_step_linked(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Other sensors of this room; one that sees somebody stops an empty-room capture."""
        entry, room = self._get_entry(), self._get_reconfigure_subentry()
        if user_input is not None:
            named = {key: user_input.get(key, []) for key in (CONF_LINKED, CONF_TEACHERS)}
            return self.async_update_and_abort(entry, room, data_updates=named)
        sensors = EntitySelector(
            EntitySelectorConfig(
                multiple=True,
                filter=[{"domain": "binary_sensor", "device_class": ["motion", "occupancy", "presence", "moving"]}],
            )
        )
        teachers = EntitySelector(EntitySelectorConfig(multiple=True, filter=TEACHERS))
        schema = vol.Schema({vol.Optional(CONF_LINKED): sensors, vol.Optional(CONF_TEACHERS): teachers})
        return self.async_show_form(
            step_id="linked",
            data_schema=self.add_suggested_values_to_schema(schema, room.data),
            description_placeholders={"room": room.title},
        )
