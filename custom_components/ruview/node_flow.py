"""Hearing which boards are there: their rates come in before the owner's eyes, and what could be better about them."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode

from .const import CONF_NODES, SUBENTRY_ROOM
from .guided_flow import GuidedFlow
from .network_target import target

#: A node sends at least a few frames in this time, so its rate means something. Origin: chosen.
LISTEN_S: Final = 5.0
#: Silence for so long means that nothing will come by waiting. Origin: chosen; a board boots in 10 s.
GIVE_UP_S: Final = 60.0

#: The list is told anew this often while listening. Origin: chosen; ages are shown in whole seconds.
LISTEN_EVERY_S: Final = 1.0


class NodeFlow(GuidedFlow):
    """Part of a room's first steps; the room decides which of the boards look at it."""

    async def async_step_listen(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Hear which nodes are there, with their rates coming in before the owner's eyes."""
        if self._watcher is None:
            self._watcher = self.hass.async_create_background_task(self._listen(), "ruview listen", eager_start=False)
        if not self.is_loaded:  # a progress step may not abort by itself
            return self.async_show_progress_done(next_step_id="lost")
        if self._watcher.done():
            self._watcher = None
            return self.async_show_progress_done(next_step_id="nodes" if self._free_nodes() else "no_nodes")
        return self.async_show_progress(
            step_id="listen",
            progress_action="listen",
            progress_task=self._watcher,
            description_placeholders={
                "nodes": self._node_lines(self._free_nodes()) or "…",
                "address": f"{await target(self.hass)}:{self.hub.port}",
            },
        )

    async def _listen(self) -> None:
        loop = self.hass.loop
        start = loop.time()
        heard_at: float | None = None
        while loop.time() - start < GIVE_UP_S and (heard_at is None or loop.time() - heard_at < LISTEN_S):
            await asyncio.sleep(LISTEN_EVERY_S)
            if not self.is_loaded:
                return
            if heard_at is None and self._free_nodes():
                heard_at = loop.time()
            share = (loop.time() - start) / GIVE_UP_S if heard_at is None else (loop.time() - heard_at) / LISTEN_S
            self.async_update_progress(min(share, 1.0))
            self.async_notify_flow_changed()

    def _free_nodes(self, *, besides: str | None = None) -> list[str]:
        """Nodes heard that no other room has claimed."""
        taken = self._taken_nodes(besides=besides)
        return [node for node in self.hub.nodes if node not in taken]

    def _taken_nodes(self, *, besides: str | None = None) -> set[str]:
        """Nodes of all rooms, or of all others."""
        rooms = self._get_entry().get_subentries_of_type(SUBENTRY_ROOM)
        return {node for room in rooms if room.subentry_id != besides for node in room.data[CONF_NODES]}

    def _node_lines(self, keys: list[str]) -> str:
        """One line per node: rate, strength, and what to do about it."""
        lines = []
        for key in keys:
            node = self.hub.nodes[key]
            line = f"- **{self._node_name(key)}** · {node.summary}"
            if node.advice is not None:
                line += f" — {self.words('advice', node.advice)}"
            lines.append(line)
        return "\n".join(lines)

    def _node_name(self, key: str) -> str:
        return self.words("node", "name").format(node=key)

    def _node_selector(self, keys: list[str]) -> SelectSelector:
        heard = self.hub.nodes
        options = [
            SelectOptionDict(
                value=key,
                label=" · ".join([self._node_name(key), *([heard[key].summary] if key in heard else [])]),
            )
            for key in keys
        ]
        return SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
