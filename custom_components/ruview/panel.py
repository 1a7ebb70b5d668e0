"""Puts panel and card before the browser: our own files, served from this folder, nothing downloaded elsewhere."""

from hashlib import sha256
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


def fingerprint() -> str:
    """Changes whenever a file of the frontend does. Reads about 100 KB: call it in an executor."""
    digest = sha256()
    for path in sorted(FILES.rglob("*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def async_setup_panel(hass: HomeAssistant) -> None:
    """Once per start. Modules import each other by relative address, so what makes browsers fetch new files after an
    update must be a part of the path; a query would be lost on the second file.
    """
    version = (await async_get_integration(hass, DOMAIN)).version
    fresh = f"{URL}/{await hass.async_add_executor_job(fingerprint)}"
    await hass.http.async_register_static_paths(
        [
            StaticPathConfig(fresh, str(FILES), cache_headers=True),
            StaticPathConfig(URL, str(FILES), cache_headers=False),
        ]
    )
    add_extra_js_url(hass, f"{fresh}/ruview-room-card.js?v={version}")
    await async_register_panel(
        hass,
        frontend_url_path=DOMAIN,
        webcomponent_name="ruview-panel",
        sidebar_title="RuView",
        sidebar_icon="mdi:access-point",
        module_url=f"{fresh}/ruview-panel.js?v={version}",
        require_admin=True,
        config_panel_domain=DOMAIN,
    )
