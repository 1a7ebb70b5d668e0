"""Guided fixes. An issue that only needs a sentence has none (see `issues.KINDS`)."""

from typing import Any

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigSubentry, SubentryFlowContext
from homeassistant.core import HomeAssistant

from .const import CONF_NODES, SUBENTRY_ROOM
from .text import Texts


class RoomRepair(RepairsFlow):
    """Base: a menu about a room."""

    options: tuple[str, ...] = ()
    #: Group of `text.Texts` in which the issue's reason is a word.
    reasons = "stale"

    @property
    def words(self) -> dict[str, str]:
        """What the issue said."""
        return {key: str(value) for key, value in (self.data or {}).items() if value is not None}

    @property
    def entry(self) -> ConfigEntry | None:
        """The listener, if it is still there."""
        return self.hass.config_entries.async_get_entry(self.words.get("entry_id", ""))

    @property
    def room(self) -> ConfigSubentry | None:
        """The room, if it is still there."""
        return self.entry.subentries.get(self.words.get("room_id", "")) if self.entry else None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Every fix begins with its menu."""
        return await self.async_step_choose()

    async def async_step_choose(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """What to do about it."""
        if self.room is None:
            return self.async_abort(reason="room_gone")
        words = self.words
        texts = await Texts.load(self.hass)
        if "reason" in words:
            words["reason"] = texts.get(self.reasons, words["reason"])
        return self.async_show_menu(step_id="choose", menu_options=list(self.options), description_placeholders=words)

    async def async_step_keep(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Not now: gone from the list until it is found anew."""
        return self.async_create_entry(data={})


class ReenrolRepair(RoomRepair):
    """Hands over to the room's guided steps. The issue stays until the room really is fresh again."""

    options = ("reenrol", "keep")

    async def async_step_reenrol(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Open the room's menu."""
        room = self.room
        if room is None or self.entry is None:
            return self.async_abort(reason="room_gone")
        wizard = await self.hass.config_entries.subentries.async_init(
            (self.entry.entry_id, SUBENTRY_ROOM),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=room.subentry_id),
        )
        return self.async_abort(
            reason="reenrol_started", next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, wizard["flow_id"])
        )


class ContaminatedRepair(ReenrolRepair):
    """The empty room was not empty."""

    reasons = "refusal"


class SilentNodeRepair(RoomRepair):
    """Give a dead node up, or go on waiting."""

    options = ("remove", "keep")

    async def async_step_remove(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Take it out of its room."""
        room, node = self.room, self.words["node"]
        if room is None or self.entry is None:
            return self.async_abort(reason="room_gone")
        nodes = [key for key in room.data[CONF_NODES] if key != node]
        self.hass.config_entries.async_update_subentry(self.entry, room, data={**room.data, CONF_NODES: nodes})
        return self.async_abort(reason="node_removed", description_placeholders={"node": node, "room": room.title})


FLOWS: dict[str, type[RoomRepair]] = {
    "stale": ReenrolRepair,
    "contaminated_baseline": ContaminatedRepair,
    "node_silent": SilentNodeRepair,
}


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Called by Home Assistant; the id begins with the kind."""
    kind = next(kind for kind in FLOWS if issue_id.startswith(f"{kind}_"))
    return FLOWS[kind]()
