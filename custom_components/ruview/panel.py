"""Puts panel and card before the browser: our own files, served from this folder, nothing downloaded elsewhere."""

from pathlib import Path
from typing import Final

from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.components.panel_custom import async_register_panel
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from .const import DOMAIN

FILES: Final = Path(__file__).parent / "frontend"
URL: Final = "/ruview_static"


async def async_setup_panel(hass: HomeAssistant) -> None:
    """Once per start. The version in the address makes browsers fetch new files after an update."""
    version = (await async_get_integration(hass, DOMAIN)).version
    await hass.http.async_register_static_paths([StaticPathConfig(URL, str(FILES), cache_headers=True)])
    add_extra_js_url(hass, f"{URL}/ruview-room-card.js?v={version}")
    await async_register_panel(
        hass,
        frontend_url_path=DOMAIN,
        webcomponent_name="ruview-panel",
        sidebar_title="RuView",
        sidebar_icon="mdi:access-point",
        module_url=f"{URL}/ruview-panel.js?v={version}",
        require_admin=True,
        config_panel_domain=DOMAIN,
    )
