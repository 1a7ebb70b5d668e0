"""The listener's flow, its options, and nodes that nobody has claimed."""

import errno
import socket
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_INTEGRATION_DISCOVERY, SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN

from .conftest import ROOM_ID, House


async def start(hass: HomeAssistant) -> Any:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def test_user_adds_hub_and_lands_in_first_room(hass: HomeAssistant, port: int) -> None:
    result = await start(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["description_placeholders"]["address"]
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": port})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"host": "127.0.0.1", "port": port}
    kind, flow_id = result["next_flow"]
    room = hass.config_entries.subentries.async_get(flow_id)
    assert kind == "config_subentries_flow"
    assert room["step_id"] == "user"


async def test_same_port_twice_is_refused(hass: HomeAssistant, house: House) -> None:
    result = await start(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], dict(house.entry.data))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_taken_port_is_said_and_may_be_retried(hass: HomeAssistant, port: int) -> None:
    result = await start(hass)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": port})
        assert result["errors"] == {"port": "port_in_use"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": port})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (OSError(errno.EADDRNOTAVAIL, "no"), {"host": "address_not_here"}),
        (OSError(errno.EACCES, "no"), {"port": "port_not_allowed"}),
        (OSError(errno.EIO, "no"), {"port": "cannot_listen"}),
        (socket.gaierror(8, "no"), {"host": "address_not_here"}),
    ],
)
async def test_why_nobody_can_listen(hass: HomeAssistant, port: int, error: OSError, shown: dict[str, str]) -> None:
    result = await start(hass)
    with patch("custom_components.ruview.config_flow.probe", side_effect=error):
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": port})
    assert result["errors"] == shown


async def test_hub_that_does_not_come_up_opens_no_room(hass: HomeAssistant, port: int) -> None:
    result = await start(hass)
    with patch("custom_components.ruview.RuViewHub.async_start", side_effect=OSError(errno.EADDRINUSE, "taken")):
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": port})
        await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in result
    await hass.config_entries.async_unload(result["result"].entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_reconfigure_moves_the_listener(hass: HomeAssistant, house: House) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        new = probe.getsockname()[1]
        result = await house.entry.start_reconfigure_flow(hass)
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": new})
        assert result["errors"] == {"port": "port_in_use"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": new})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED
    assert house.hub.port == new


async def test_reconfigure_unchanged_or_another_address_of_the_same_port(hass: HomeAssistant, house: House) -> None:
    port = house.hub.port
    for host in ("127.0.0.1", "127.0.0.2"):
        result = await house.entry.start_reconfigure_flow(hass)
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": host, "port": port})
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert house.entry.state is ConfigEntryState.LOADED
    assert house.entry.data["host"] == "127.0.0.2"


async def test_reconfigure_to_the_port_of_another_listener(hass: HomeAssistant, house: House) -> None:
    MockConfigEntry(domain=DOMAIN, data={"host": "127.0.0.1", "port": 6001}).add_to_hass(hass)
    result = await house.entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"host": "127.0.0.1", "port": 6001})
    assert result["errors"] == {"port": "port_in_use"}


async def test_options_are_stored_and_reload(hass: HomeAssistant, house: House) -> None:
    hub = house.hub
    result = await hass.config_entries.options.async_init(house.entry.entry_id)
    options = {
        "privacy_mode": True,
        "hold_s": 60,
        "false_alarms_per_day": 2,
        "introspection": False,
        "recording": True,
    }
    result = await hass.config_entries.options.async_configure(result["flow_id"], options)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert house.hub is not hub
    assert house.entry.options == options
    assert house.room.setting("hold_s") == 60
    assert house.hub.engine.settings.false_alarms_per_day == 2
    assert not house.hub.engine.settings.is_introspecting


# ── nodes nobody has claimed ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def entry(entry: MockConfigEntry, hass: HomeAssistant) -> MockConfigEntry:
    """A house whose room has no node yet: node 1 is a stranger."""
    room = entry.subentries[ROOM_ID]
    hass.config_entries.async_update_subentry(entry, room, data={**room.data, "nodes": []})
    return entry


def cards(hass: HomeAssistant) -> list[Any]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == SOURCE_INTEGRATION_DISCOVERY
    ]


async def test_unknown_node_becomes_one_card_and_is_assigned(hass: HomeAssistant, house: House) -> None:
    await house.live(5)
    (card,) = cards(hass)
    assert card["context"]["title_placeholders"] == {"name": "1"}, "the rest of the title is translated"
    assert card["step_id"] == "node"
    result = await hass.config_entries.flow.async_configure(card["flow_id"], {"next_step_id": "assign"})
    result = await hass.config_entries.flow.async_configure(card["flow_id"], {"room": ROOM_ID})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "node_assigned")
    await hass.async_block_till_done()
    assert house.room.nodes == ("1",)
    await house.live(25)
    assert house.state("motion", "binary_sensor") != "unavailable"
    assert cards(hass) == []


async def test_card_goes_when_a_room_takes_the_node_by_itself(hass: HomeAssistant, house: House) -> None:
    await house.live(5)
    assert len(cards(hass)) == 1
    room = house.entry.subentries[ROOM_ID]
    hass.config_entries.async_update_subentry(house.entry, room, data={**room.data, "nodes": ["1"]})
    await hass.async_block_till_done()
    assert house.room.nodes == ("1",)
    assert cards(hass) == []


async def test_unknown_node_opens_a_new_room(hass: HomeAssistant, house: House, area: str) -> None:
    await house.live(5)
    (card,) = cards(hass)
    result = await hass.config_entries.flow.async_configure(card["flow_id"], {"next_step_id": "new_room"})
    taken = {"area_id": area}
    result = await hass.config_entries.flow.async_configure(card["flow_id"], taken)
    assert result["errors"] == {"base": "area_taken"}
    study = ar.async_get(hass).async_get_or_create("Study").id
    result = await hass.config_entries.flow.async_configure(card["flow_id"], {"area_id": study})
    assert result["reason"] == "room_created"
    assert result["description_placeholders"] == {"room": "Study"}
    await hass.async_block_till_done()
    assert sorted(room.title for room in house.hub.rooms.values()) == ["Living room", "Study"]


async def test_without_rooms_the_card_offers_a_new_one_and_later_those_there_are(
    hass: HomeAssistant, house: House, area: str
) -> None:
    hub = house.hub
    await house.live(2)
    for flow in cards(hass):
        hass.config_entries.flow.async_abort(flow["flow_id"])
    hass.config_entries.async_remove_subentry(house.entry, ROOM_ID)
    await hass.async_block_till_done()
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={"entry_id": house.entry.entry_id, "node": "1", "address": "192.0.2.1"},
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "node")
    assert house.hub is not hub
    first = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={"entry_id": house.entry.entry_id, "node": "2", "address": "192.0.2.2"},
    )
    given = {"area_id": area}
    assert (await hass.config_entries.flow.async_configure(first["flow_id"], given))["reason"] == "room_created"
    await hass.async_block_till_done()
    result = await hass.config_entries.flow.async_configure(result["flow_id"])  # the card is opened
    assert (result["type"], result["menu_options"]) == (FlowResultType.MENU, ["assign", "new_room"])


async def test_ignored_node_stays_ignored(hass: HomeAssistant, house: House) -> None:
    await house.live(5)
    (card,) = cards(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": card["context"]["unique_id"], "title": "Node 1"},
    )
    await hass.async_block_till_done()
    assert cards(hass) == []
    await house.reload()
    await house.live(5)
    assert cards(hass) == []


async def test_card_of_a_removed_hub_ends(hass: HomeAssistant, house: House) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={"entry_id": "gone", "node": "1", "address": "192.0.2.1"},
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "hub_removed")
