"""Smoke."""

import socket

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN


async def test_up(hass, socket_enabled):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={"host": "127.0.0.1", "port": port},
        subentries_data=[
            ConfigSubentryDataWithId(
                data={"area_id": "living_room", "nodes": ["1"], "purpose": "living_room"},
                subentry_id="ROOM1",
                subentry_type="room",
                title="Living room",
                unique_id="living_room",
            )
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    for s in hass.states.async_all():
        print(s.entity_id, s.state, dict(s.attributes))
