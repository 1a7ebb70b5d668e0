"""Setting up the listener, changing it, its options, and what to do with a node nobody has claimed yet."""

from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
from homeassistant.helpers.typing import DiscoveryInfoType

from .const import (
    CONF_FALSE_ALARMS,
    CONF_HOLD,
    CONF_INTROSPECTION,
    CONF_NODES,
    CONF_PRIVACY,
    CONF_RECORDING,
    DEFAULT_FALSE_ALARMS,
    DEFAULT_HOLD_S,
    DEFAULT_HOST,
    DEFAULT_PORT,
    DOMAIN,
    MAX_HOLD_S,
    SUBENTRY_ROOM,
)
from .network_target import target
from .room_flow import ROOM_SCHEMA, RoomFlow, area_name, room_subentry
from .udp import probe, why_refused

LISTENER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PORT, default=DEFAULT_PORT): vol.All(
            NumberSelector(NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)), vol.Coerce(int)
        ),
        vol.Required(CONF_HOST, default=DEFAULT_HOST): TextSelector(),
    }
)

OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PRIVACY, default=False): BooleanSelector(),
        vol.Required(CONF_HOLD, default=DEFAULT_HOLD_S): NumberSelector(
            NumberSelectorConfig(min=0, max=MAX_HOLD_S, unit_of_measurement="s", mode=NumberSelectorMode.BOX)
        ),
        vol.Required(CONF_FALSE_ALARMS, default=DEFAULT_FALSE_ALARMS): NumberSelector(
            NumberSelectorConfig(min=0.1, max=24, step=0.1, mode=NumberSelectorMode.BOX)
        ),
        vol.Required(CONF_INTROSPECTION, default=True): BooleanSelector(),
        vol.Required(CONF_RECORDING, default=False): BooleanSelector(),
    }
)


async def listen_error(host: str, port: int) -> dict[str, str]:
    """Field and error key when nobody could listen there; empty when it works."""
    try:
        await probe(host, port)
    except OSError as error:
        key = why_refused(error)
        return {CONF_HOST if key == "address_not_here" else CONF_PORT: key}
    return {}


class RuViewConfigFlow(ConfigFlow, domain=DOMAIN):
    """The listener, and nodes that nobody has claimed yet."""

    VERSION = 1
    MINOR_VERSION = 1

    _node: str
    _entry: ConfigEntry

    @override
    @classmethod
    @callback
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_ROOM: RoomFlow}

    @override
    @staticmethod
    @callback
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return RuViewOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Which port to listen on; tried out before anything is saved."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._async_abort_entries_match({CONF_PORT: user_input[CONF_PORT]})
            errors = await listen_error(user_input[CONF_HOST], user_input[CONF_PORT])
            if not errors:
                return self.async_create_entry(title=f"RuView ({user_input[CONF_PORT]})", data=user_input)
        return await self._listener_form("user", user_input, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Move the listener to another port or address."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            others = {other.data[CONF_PORT] for other in self._async_current_entries() if other is not entry}
            if user_input[CONF_PORT] in others:
                errors[CONF_PORT] = "port_in_use"
            elif user_input != dict(entry.data):
                errors = await self._moved_error(entry, user_input)
            if not errors:
                return self.async_update_and_abort(
                    entry, title=f"RuView ({user_input[CONF_PORT]})", data_updates=user_input
                )
        return await self._listener_form("reconfigure", user_input or dict(entry.data), errors)

    async def _moved_error(self, entry: ConfigEntry, wanted: dict[str, Any]) -> dict[str, str]:
        """As `listen_error`, knowing that our own socket holds the present port."""
        if entry.state is ConfigEntryState.LOADED and wanted[CONF_PORT] == entry.data[CONF_PORT]:
            return await listen_error(wanted[CONF_HOST], 0)
        return await listen_error(wanted[CONF_HOST], wanted[CONF_PORT])

    async def _listener_form(
        self, step_id: str, suggested: dict[str, Any] | None, errors: dict[str, str]
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(LISTENER_SCHEMA, suggested),
            errors=errors,
            description_placeholders={"address": await target(self.hass)},
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the first room without another click."""
        entry = result["result"]
        if entry.state is ConfigEntryState.LOADED:
            room = await self.hass.config_entries.subentries.async_init(
                (entry.entry_id, SUBENTRY_ROOM), context=SubentryFlowContext(source=SOURCE_USER)
            )
            result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, room["flow_id"])
        return result

    @override
    async def async_step_integration_discovery(self, discovery_info: DiscoveryInfoType) -> ConfigFlowResult:
        """A node that no room has claimed was heard by one of our listeners."""
        self._node = discovery_info["node"]
        entry = self.hass.config_entries.async_get_entry(discovery_info["entry_id"])
        if entry is None:
            return self.async_abort(reason="hub_removed")
        self._entry = entry
        await self.async_set_unique_id(f"{entry.entry_id}-{self._node}")
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": self._node}
        self._placeholders = {"node": self._node, "address": discovery_info["address"]}
        return await self.async_step_node()

    async def async_step_node(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Into a room that is there, or into a new one. A card that was made before the first room offers it, too."""
        if user_input is not None:
            return await self.async_step_new_room(user_input)
        if not list(self._entry.get_subentries_of_type(SUBENTRY_ROOM)):
            return self._new_room_form("node")
        return self.async_show_menu(
            step_id="node", menu_options=["assign", "new_room"], description_placeholders=self._placeholders
        )

    async def async_step_assign(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Which of the rooms."""
        rooms = {room.subentry_id: room for room in self._entry.get_subentries_of_type(SUBENTRY_ROOM)}
        room = rooms.get(user_input[SUBENTRY_ROOM]) if user_input is not None else None
        if room is not None:
            nodes = [*room.data[CONF_NODES], self._node]
            self.hass.config_entries.async_update_subentry(
                self._entry, room, data={**room.data, CONF_NODES: sorted(set(nodes))}
            )
            return self.async_abort(reason="node_assigned", description_placeholders={"room": room.title})
        options = [SelectOptionDict(value=room_id, label=room.title) for room_id, room in rooms.items()]
        schema = vol.Schema({vol.Required(SUBENTRY_ROOM): SelectSelector(SelectSelectorConfig(options=options))})
        return self.async_show_form(step_id="assign", data_schema=schema, description_placeholders=self._placeholders)

    async def async_step_new_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """A room of its own; calibration is done from the room's own menu."""
        errors: dict[str, str] = {}
        if user_input is not None:
            room: ConfigSubentry = room_subentry(self.hass, {**user_input, CONF_NODES: [self._node]})
            if room.unique_id in {known.unique_id for known in self._entry.subentries.values()}:
                errors["base"] = "area_taken"
            else:
                self.hass.config_entries.async_add_subentry(self._entry, room)
                return self.async_abort(
                    reason="room_created",
                    description_placeholders={"room": area_name(self.hass, user_input) or room.title},
                )
        return self._new_room_form("new_room", user_input, errors)

    def _new_room_form(
        self, step_id: str, suggested: dict[str, Any] | None = None, errors: dict[str, str] | None = None
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(ROOM_SCHEMA, suggested),
            errors=errors,
            description_placeholders=self._placeholders,
        )


class RuViewOptionsFlow(OptionsFlow):
    """Options of the whole house; each room has its own hold time and sensitivity besides."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """One page."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(OPTIONS_SCHEMA, self.config_entry.options),
        )
