"""Two real boards, recorded, sent again to a running Home Assistant with their own timing: found, separated, alive."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .client import Client, wait_for
from .config_folder import ROOT
from .homeassistant_process import HomeAssistantProcess, end_with_parent, free_port
from .walkthrough import Flow, add_area, add_listener, board_entities, room_entities, rooms

#: Origin: spec, SENSING §5: median of 1 − cosine between a link's consecutive profiles.
MAX_CHANGE = 0.0025
#: Origin: spec, SENSING §5.
MIN_KEPT = 0.9
#: Within-link change is asked of links with at least so many profiles. Origin: chosen.
MIN_PROFILES = 20
#: Of the recording. Origin: spec, shared data: 120 s.
RECORDING_S = 120.0


@pytest.fixture(scope="module")
def recording() -> Path:
    folder = Path(os.environ.get("RUVIEW_DATA", ROOT.parent / "shared/data")) / "ruview_pretrain"
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        pytest.skip(f"no recording in {folder}; set RUVIEW_DATA to run this test")
    return found[0]


@contextmanager
def replayed(recording: Path, udp_port: int, speed: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "ruview_engine", "replay", str(recording), "--plain", "--to"]
    process = subprocess.Popen(
        [*command, f"127.0.0.1:{udp_port}", "--speed", str(speed)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=end_with_parent(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def discovered(client: Client, entry_id: str) -> dict[str, Flow]:
    """The cards of nodes that no room has claimed, by node."""
    flows = client.command("config_entries/flow/progress")
    return {
        flow["context"]["title_placeholders"]["name"]: flow
        for flow in flows
        if flow["handler"] == "ruview" and flow["context"]["unique_id"].startswith(entry_id)
    }


def claim_both(client: Client, entry_id: str, title: str) -> str:
    """A room for the first node, the second node beside it; the room's id."""
    cards = wait_for(lambda: found if len(found := discovered(client, entry_id)) == 2 else None, 20, "two discovered")
    assert set(cards) == {"1", "2"}
    created = client.continue_flow(cards["1"], area_id=add_area(client, title))
    assert created["reason"] == "room_created", created
    room_id = wait_for(lambda: rooms(client, entry_id).get(title), 5, "the room")
    menu = client.get(f"/api/config/config_entries/flow/{cards['2']['flow_id']}")
    assert menu["menu_options"] == ["assign", "new_room"], "the card was there before the room, and offers it"
    flow = client.continue_flow(menu, next_step_id="assign")
    assigned = client.continue_flow(flow, room=room_id)
    assert assigned["reason"] == "node_assigned", assigned

    def nodes() -> list[str]:
        return next(
            (room["nodes"] for room in client.command("ruview/rooms")["rooms"] if room["room_id"] == room_id), []
        )

    wait_for(lambda: nodes() == ["1", "2"], 20, "the listener with both nodes in the room")
    return room_id


def within_link_change(events: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """1 − cosine between consecutive profiles of each path, as the panel's waterfall has them."""
    profiles: dict[str, list[np.ndarray]] = {}
    for event in events:
        for link, row in event["rows"].items():
            profile = np.frombuffer(base64.b64decode(row), np.uint8).astype(float)
            profiles.setdefault(link, []).append(profile / np.linalg.norm(profile))
    return {
        link: np.array([1 - a @ b for a, b in pairwise(rows) if len(a) == len(b)])
        for link, rows in profiles.items()
        if len(rows) > MIN_PROFILES
    }


@pytest.mark.parametrize("speed", [4.0, pytest.param(1.0, marks=pytest.mark.slow)])
def test_recorded_boards_come_to_life(home: HomeAssistantProcess, recording: Path, speed: float) -> None:
    client, udp_port = home.client, free_port(socket.SOCK_DGRAM)
    entry_id, flow = add_listener(client, udp_port)
    client.close_subentry_flow(flow)
    began = time.monotonic()
    with replayed(recording, udp_port, speed):
        room_id = claim_both(client, entry_id, f"Office at {speed:g}")
        with client.listening("ruview/waterfall/subscribe", room_id=room_id) as events:
            time.sleep(began + RECORDING_S / speed - 3.0 - time.monotonic())
            states = client.states()
            document = client.get(f"/api/diagnostics/config_entry/{entry_id}")["data"]
    entities = room_entities(client, room_id)
    assert states[entities["motion"]]["state"] in ("on", "off")
    assert states[entities["regime"]]["state"] != "unavailable"
    boards = [entity for entity in board_entities(client) if f"office_at_{speed:g}" in entity]
    assert {states[entity]["state"] for entity in boards if entity.endswith("_online")} == {"on"}
    rates = [float(states[entity]["state"]) for entity in boards if entity.endswith("_frame_rate")]
    assert len(rates) == 2
    assert all(10 * speed < rate < 40 * speed for rate in rates), rates

    links = document["rooms"][room_id]["links"]
    assert {link["id"].split("/")[0] for link in links} == {"1", "2"}
    n_csi = dict(document["hub"]["counters"]["accepted"])["csi"]
    n_kept = sum(link["frames"] - link["glitches"] - link["duplicates"] for link in links)
    assert n_kept >= MIN_KEPT * n_csi, f"{n_kept} of {n_csi}"

    changes = within_link_change(events)
    assert len(changes) >= 4, "several paths to each board, told apart"
    assert float(np.median(np.concatenate(list(changes.values())))) <= MAX_CHANGE
    assert home.complaints() == []
