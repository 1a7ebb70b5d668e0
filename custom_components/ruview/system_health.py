"""Figures of all listeners for the system information page."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .rooms import hubs


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Called by Home Assistant."""
    register.async_register_info(info, "/config/integrations/integration/ruview")


async def info(hass: HomeAssistant) -> dict[str, Any]:
    """Summed over all listeners that run."""
    running = hubs(hass)
    integration = await async_get_integration(hass, DOMAIN)
    nodes = [node for hub in running for node in hub.nodes.values()]
    rooms = [room for hub in running for room in hub.rooms.values()]
    return {
        "version": str(integration.version),
        "packets_per_second": round(sum(hub.coordinator.data.packets_per_s for hub in running)),
        "nodes_online": f"{sum(node.is_online for node in nodes)}/{len(nodes)}",
        "rooms_ready": f"{sum(room.calibration == 'ready' for room in rooms)}/{len(rooms)}",
        "dropped": sum(hub.coordinator.data.n_dropped for hub in running),
        "receive_buffer": min((hub.receive_buffer for hub in running), default=0),
    }
