"""Where nodes should send to."""

from homeassistant.components import network
from homeassistant.core import HomeAssistant

from .const import DEFAULT_HOST


async def target(hass: HomeAssistant) -> str:
    """The address of this machine as the owner will type it into the board's provisioning tool."""
    return await network.async_get_source_ip(hass) or DEFAULT_HOST
