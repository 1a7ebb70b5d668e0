"""Panel, card, websocket, REST: who may see what, and how fast it comes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.ruview import panel, websocket_api
from custom_components.ruview.const import DOMAIN
from custom_components.ruview.ruview_engine.introspection.subscribers import MAX_SUBSCRIBERS

from .conftest import ROOM_ID, House


async def test_panel_and_card_are_registered_once(hass: HomeAssistant, house: House) -> None:
    from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, DATA_PANELS

    registered = hass.data[DATA_PANELS][DOMAIN]
    assert registered.require_admin
    assert registered.config_panel_domain == DOMAIN
    assert any("ruview-room-card.js?v=" in url for url in hass.data[DATA_EXTRA_MODULE_URL].urls)
    await house.reload()


async def test_files_are_served(house: House, hass_client_no_auth: ClientSessionGenerator) -> None:
    client = await hass_client_no_auth()
    for path in panel.FILES.glob("*.js"):
        answer = await client.get(f"{panel.URL}/{path.name}")
        assert answer.status == 200
        assert await answer.text() == path.read_text(encoding="utf-8")


def test_frontend_downloads_nothing() -> None:
    for path in Path(panel.FILES).rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "http://" not in text.replace("http://www.w3.org", "")
            assert "https://" not in text
            assert "import(" not in text


async def test_rooms_for_everybody_who_may_see_one(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    await house.live(3)
    admin = await hass_ws_client(hass)
    await admin.send_json_auto_id({"type": "ruview/rooms"})
    (room,) = (await admin.receive_json())["result"]["rooms"]
    assert room["room_id"] == ROOM_ID
    assert room["entities"]["occupancy"] == house.entity("occupancy", "binary_sensor")
    assert "heart_rate" not in room["entities"], "disabled entities have no state to show"
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    await reader.send_json_auto_id({"type": "ruview/rooms"})
    assert len((await reader.receive_json())["result"]["rooms"]) == 1
    for is_off in (False, True):
        await admin.send_json_auto_id({"type": "ruview/rooms"})
        assert (await admin.receive_json())["result"]["is_off"] is is_off
        await hass.config_entries.async_unload(house.entry.entry_id)


async def test_room_stream_for_the_card(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    await house.live(3)
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    await reader.send_json_auto_id({"type": "ruview/room/subscribe", "room_id": ROOM_ID})
    assert (await reader.receive_json())["success"]
    first = (await reader.receive_json())["event"]
    assert first["title"] == "Living room"
    assert first["state"]["presence"]["reason"] is not None
    await house.live(1)
    assert (await reader.receive_json())["event"]["is_fresh"]


@pytest.mark.parametrize("message", [{"type": "ruview/introspection/subscribe"}, {"type": "ruview/room/details"}])
async def test_what_the_radio_sees_is_for_administrators(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    message: dict[str, Any],
) -> None:
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    await reader.send_json_auto_id({**message, "room_id": ROOM_ID})
    assert (await reader.receive_json())["error"]["code"] == "unauthorized"


async def test_introspection_stream_coalesces(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.live(5)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/introspection/subscribe", "room_id": ROOM_ID})
    assert (await client.receive_json())["success"]
    first = (await client.receive_json())["event"]
    assert first["links"][0]["profile"]
    assert first["snapshot"]["room_id"] == ROOM_ID
    await house.live(4)
    events = []
    while sum(event["n_frames"] for event in events) <= 60:  # four seconds arrive in a moment: one event, or a few
        events.append((await client.receive_json())["event"])
    assert len(events) < 10
    assert all(event["snapshot"]["room_id"] == ROOM_ID for event in events)
    left_out = events[-1]["n_coalesced"] + events[-1]["n_dropped"]
    assert left_out == sum(event["n_frames"] for event in events) - len(events) > 50, "every one is accounted for"
    assert events[-1]["n_dropped"] > 0, "the ring does not hold four seconds"
    for _ in range(2):  # what was on its way when the frames ended; then nothing
        await asyncio.sleep(3 / websocket_api.MAX_HZ)
        await client.send_json_auto_id({"type": "ruview/rooms"})
        n_before = 0
        while "result" not in await client.receive_json():
            n_before += 1
    assert n_before == 0, "silence is not sent"


async def test_stream_ends_with_the_browser(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.live(2)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/introspection/subscribe", "room_id": ROOM_ID})
    await client.receive_json()
    await client.receive_json()
    assert len(house.room.live.subscribers) == 1
    await client.close()
    await hass.async_block_till_done()
    assert len(house.room.live.subscribers) == 0


async def test_watchers_are_bounded(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> None:
    client = await hass_ws_client(hass)
    watch = {"type": "ruview/introspection/subscribe", "room_id": ROOM_ID, "max_hz": 0.5}
    said: list[bool] = []
    ids = [await client.send_json_auto_id(watch) for _ in range(MAX_SUBSCRIBERS + 1)]
    while len(said) < len(ids):
        message = await client.receive_json()
        if "success" in message:
            said.append(message["success"])
    assert said == [True] * MAX_SUBSCRIBERS + [False]


async def test_introspection_may_be_switched_off(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_client: ClientSessionGenerator
) -> None:
    hass.config_entries.async_update_entry(house.entry, options={"introspection": False})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/introspection/subscribe", "room_id": ROOM_ID})
    assert (await client.receive_json())["error"]["code"] == "not_allowed"
    answer = await (await hass_client()).get("/api/ruview/introspection/snapshot", params={"room": ROOM_ID})
    assert answer.status == 403


async def test_details_for_the_panel(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> None:
    await house.know_empty()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/room/details", "room_id": ROOM_ID})
    details = (await client.receive_json())["result"]
    assert details["baseline"]["links"]
    assert details["nodes"]["1"]["is_online"]
    assert {skill["kind"] for skill in details["skills"]} >= {"presence", "posture", "breathing"}
    assert [row["anchor"] for row in details["enrolment"]][:2] == ["empty", "stand_still"]
    hass.config_entries.async_update_entry(house.entry, options={"privacy_mode": True})
    await hass.async_block_till_done()
    await client.send_json_auto_id({"type": "ruview/room/details", "room_id": ROOM_ID})
    skills = (await client.receive_json())["result"]["skills"]
    assert {skill["kind"] for skill in skills} == {"presence", "anomaly"}


@pytest.mark.parametrize("name", [ROOM_ID, "Living room", "living_room"])
async def test_snapshot_over_rest(house: House, hass_client: ClientSessionGenerator, name: str) -> None:
    await house.live(3)
    answer = await (await hass_client()).get("/api/ruview/introspection/snapshot", params={"room": name})
    assert answer.status == 200
    assert (await answer.json())["snapshot"]["room_id"] == ROOM_ID


async def test_rest_refuses_strangers_readers_and_unknown_rooms(
    house: House,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    url = "/api/ruview/introspection/snapshot"
    assert (await (await hass_client_no_auth()).get(url, params={"room": ROOM_ID})).status == 401
    reader = await hass_client(hass_read_only_access_token)
    assert (await reader.get(url, params={"room": ROOM_ID})).status == 401
    assert (await (await hass_client()).get(url, params={"room": "nowhere"})).status == 404


async def test_unknown_room(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> None:
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/room/subscribe", "room_id": "nowhere"})
    assert (await client.receive_json())["error"]["code"] == "not_found"


@pytest.mark.parametrize(("silent_s", "is_online"), [(20, True), (31, False)])
async def test_panel_and_entities_agree_on_who_is_online(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, silent_s: int, is_online: bool
) -> None:
    """A board that restarts is silent for up to ten seconds; the engine's log may say so, nothing else should."""
    await house.live(3)
    await house.live(silent_s, deaf=True)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/room/details", "room_id": ROOM_ID})
    node = (await client.receive_json())["result"]["nodes"]["1"]
    assert (node["is_online"], node["sends_csi"]) == (is_online, False)
    found = er.async_get(hass).async_get_entity_id("binary_sensor", DOMAIN, f"{house.entry.entry_id}_1_online")
    assert found
    state = hass.states.get(found)
    assert state
    assert state.state == ("on" if is_online else "off")


async def test_diagnostics_name_nobody(hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator) -> None:
    from homeassistant.helpers import device_registry as dr
    from pytest_homeassistant_custom_component.components.diagnostics import (
        get_diagnostics_for_config_entry,
        get_diagnostics_for_device,
    )

    assert await async_setup_component(hass, "diagnostics", {})
    await house.know_empty()
    found = await get_diagnostics_for_config_entry(hass, hass_client, house.entry)
    text = str(found)
    assert "127.0.0" not in text
    assert "Living room" not in text
    assert "living_room'" not in text
    assert found["hub"]["counters"]["n_received"] > 0
    assert found["rooms"][ROOM_ID]["calibration"] == "baseline"
    assert found["rooms"][ROOM_ID]["baseline"]["id"]
    registry = dr.async_get(hass)
    for identifier, key in (
        (ROOM_ID, "calibration"),
        (f"{house.entry.entry_id}_1", "status"),
        (house.entry.entry_id, "hub"),
    ):
        device = registry.async_get_device_by_identifier((DOMAIN, identifier), house.entry.entry_id)
        assert device
        assert key in await get_diagnostics_for_device(hass, hass_client, house.entry, device)


async def test_diagnostics_hide_addresses_inside_names(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    from dataclasses import replace

    from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry

    from custom_components.ruview import clock
    from custom_components.ruview.ruview_engine.wire import CsiFrame, decode, encode

    assert await async_setup_component(hass, "diagnostics", {})
    transmitter = bytes.fromhex("a0b1c2d3e4f5")
    for _ in range(3):
        for _, _, datagram in house.simulator.second():
            packet = decode(datagram)
            if isinstance(packet, CsiFrame):
                named = encode(replace(packet, version=2, transmitter=transmitter))
                for address in ("127.0.0.11", "192.0.2.9"):
                    house.hub._receive(named, address, clock.now_s())
        await house.live(1)
    assert any(link.transmitter == transmitter.hex() for link in house.hub.engine.taps)
    assert "1@192.0.2.9" in house.hub.nodes
    text = str(await get_diagnostics_for_config_entry(hass, hass_client, house.entry))
    assert "1@address-" in text
    for address in ("192.0.2.9", "127.0.0.11", transmitter.hex()):
        assert address not in text


async def test_system_health(hass: HomeAssistant, house: House) -> None:
    from pytest_homeassistant_custom_component.common import get_system_health_info

    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    await house.live(3)
    info = await get_system_health_info(hass, DOMAIN)
    assert info["nodes_online"] == "1/1"
    assert info["rooms_ready"] == "0/1"
    assert info["packets_per_second"] > 10
    assert info["receive_buffer"] > 100_000
