"""What the waterfall draws: bytes that mean profiles, for administrators, at a bounded pace."""

import asyncio
from base64 import b64decode

import numpy as np
import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.ruview.waterfall import HEARD_S, STEP, quantised
from custom_components.ruview.websocket_api import MAX_HZ

from .conftest import ROOM_ID, House


async def watch(client: MockHAClientWebSocket) -> None:
    """Subscribe; the answer is taken off the wire."""
    await client.send_json_auto_id({"type": "ruview/waterfall/subscribe", "room_id": ROOM_ID})
    assert (await client.receive_json())["success"]


def test_bytes_mean_profiles() -> None:
    profile = np.array([0.0, 0.004, 0.006, 1.0, 2.55, 9.0], dtype=np.float32)
    assert list(b64decode(quantised(profile))) == [0, 0, 1, 100, 255, 255]
    assert list(b64decode(quantised(np.array([-1.0], dtype=np.float32)))) == [0]


async def test_rows_are_the_newest_profiles(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.live(3)
    client = await hass_ws_client(hass)
    await watch(client)
    first = (await client.receive_json())["event"]
    taps = {str(link): tap for link, tap in house.hub.engine.taps.items()}
    assert {about["id"] for about in first["links"]} == set(taps)
    for about in first["links"]:
        active = taps[about["id"]].link.active
        assert about["bins"] == np.flatnonzero(active).tolist()
        assert about["reference"] is None, "nothing is known of the empty room yet"
        row = np.frombuffer(b64decode(first["rows"][about["id"]]), dtype=np.uint8)
        assert row.size == active.sum()
        assert row.mean() * STEP == pytest.approx(1.0, abs=0.05), "a profile has mean 1"


async def test_frames_between_two_looks_are_one_row(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.live(3)
    client = await hass_ws_client(hass)
    await watch(client)
    assert (await client.receive_json())["event"]["n_left_out"] == 0
    frames = sum(tap.link.frames for tap in house.hub.engine.taps.values())
    await house.live(4)
    frames = sum(tap.link.frames for tap in house.hub.engine.taps.values()) - frames
    await asyncio.sleep(3 / MAX_HZ)
    await client.send_json_auto_id({"type": "ruview/rooms"})
    events = []
    while "event" in (message := await client.receive_json()):
        events.append(message["event"])
    rows = sum(len(event["rows"]) for event in events)
    told = rows + events[-1]["n_left_out"]
    assert 0.8 * frames <= told <= frames, (
        "a frame is a row or left out; only those before a path had a name are neither"
    )
    assert len(events) <= 10, "four seconds of frames arrived in a few moments"


async def test_silence_is_not_sent(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> None:
    await house.live(3)
    client = await hass_ws_client(hass)
    await watch(client)
    first = (await client.receive_json())["event"]
    await asyncio.sleep(3 / MAX_HZ)
    await client.send_json_auto_id({"type": "ruview/rooms"})
    assert "result" in await client.receive_json()
    await house.live(1)
    second = (await client.receive_json())["event"]
    assert second["rows"]
    names = [about["id"] for about in first["links"]]
    assert [about["id"] for about in second.get("links", [])] != names, "what has not changed is not told again"


async def test_a_path_that_fell_silent_is_not_offered(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    """It has the most frames of all for long, and its picture would stand still."""
    await house.live(5)
    links = [tap.link for tap in house.hub.engine.taps.values()]
    assert len(links) > 1
    silent = max(links, key=lambda link: link.frames)
    assert silent.last_s is not None
    silent.last_s -= HEARD_S
    client = await hass_ws_client(hass)
    await watch(client)
    offered = {about["id"] for about in (await client.receive_json())["event"]["links"]}
    assert offered == {str(link.id) for link in links} - {str(silent.id)}


async def test_reference_comes_with_the_baseline(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.know_empty()
    await house.live(1)
    client = await hass_ws_client(hass)
    await watch(client)
    links = (await client.receive_json())["event"]["links"]
    known = [about for about in links if about["reference"] is not None]
    assert known
    for about in known:
        assert len(b64decode(about["reference"])) == len(about["bins"])


async def test_privacy_mode_has_no_profiles(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    hass.config_entries.async_update_entry(house.entry, options={"privacy_mode": True})
    await hass.async_block_till_done()
    await house.live(3)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/waterfall/subscribe", "room_id": ROOM_ID})
    assert (await client.receive_json())["error"]["code"] == "not_allowed"
    await client.send_json_auto_id({"type": "ruview/introspection/subscribe", "room_id": ROOM_ID})
    await client.receive_json()
    links = (await client.receive_json())["event"]["links"]
    assert links
    assert not any("profile" in link for link in links)


async def test_profiles_may_be_left_out(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> None:
    await house.live(3)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ruview/introspection/subscribe", "room_id": ROOM_ID, "profiles": False})
    await client.receive_json()
    event = (await client.receive_json())["event"]
    assert event["snapshot"]["room_id"] == ROOM_ID
    assert "profile" not in event["links"][0]


async def test_administrators_only(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    await reader.send_json_auto_id({"type": "ruview/waterfall/subscribe", "room_id": ROOM_ID})
    assert (await reader.receive_json())["error"]["code"] == "unauthorized"


async def test_nothing_remains_when_nobody_looks(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    """A timer that lived on would fail this test at its end."""
    await house.live(2)
    client = await hass_ws_client(hass)
    await watch(client)
    await client.receive_json()
    await client.close()
    await hass.async_block_till_done()
