"""Nodes that speak and that no room has claimed: one discovered card each, until they are claimed or ignored."""

from collections.abc import Collection, Mapping

from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_INTEGRATION_DISCOVERY
from homeassistant.core import HomeAssistant
from homeassistant.helpers import discovery_flow

from .const import DOMAIN
from .coordinator import HubCoordinator
from .ruview_engine.ingest.node import Node


class Strangers:
    """Belongs to the hub."""

    def __init__(self, hass: HomeAssistant, coordinator: HubCoordinator) -> None:
        self._hass = hass
        self._hub = coordinator
        self._announced: set[str] = set()

    def announce(self, nodes: Mapping[str, Node], claimed: Collection[str]) -> None:
        """One card per unclaimed node and start; ignored ones stay ignored. Whoever is forgotten loses the card."""
        forgotten = self._announced - nodes.keys()
        if forgotten:
            self._announced -= forgotten
            self.withdraw(forgotten)
        for key, node in nodes.items():
            if key in claimed or key in self._announced:
                continue
            self._announced.add(key)
            if self._is_ignored(key):
                continue
            discovery_flow.async_create_flow(
                self._hass,
                DOMAIN,
                context={"source": SOURCE_INTEGRATION_DISCOVERY},
                data={"entry_id": self._hub.entry_id, "node": key, "address": node.address},
                discovery_key=discovery_flow.DiscoveryKey(domain=DOMAIN, key=self._hub.node_identity(key), version=1),
            )

    def withdraw(self, nodes: Collection[str]) -> None:
        """These need no card any more, for a room has claimed them."""
        flows = self._hass.config_entries.flow
        theirs = {self._card(node) for node in nodes}
        for card in flows.async_progress_by_handler(DOMAIN):
            context = card["context"]
            if context["source"] == SOURCE_INTEGRATION_DISCOVERY and context.get("unique_id") in theirs:
                flows.async_abort(card["flow_id"])

    def _card(self, node: str) -> str:
        """Unique id of a node's card, as the config flow sets it."""
        return f"{self._hub.entry_id}-{node}"

    def _is_ignored(self, node: str) -> bool:
        return any(
            entry.source == SOURCE_IGNORE and entry.unique_id == self._card(node)
            for entry in self._hass.config_entries.async_entries(DOMAIN, include_ignore=True)
        )
