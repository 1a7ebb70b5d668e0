"""The harness itself: what it starts is a Home Assistant, what it ends is gone, and its log gate closes."""

import os
from pathlib import Path

import pytest

from .browser import signed_in_page
from .client import Client, Refused
from .config_folder import COMPONENT, install, prepare
from .homeassistant_process import HomeAssistantProcess, free_port, is_complaint, processes_with

STAMP = "2026-11-21 04:12:19.117"


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} WARNING (MainThread) [custom_components.ruview.hub] port 5005 is in use",
        f"{STAMP} ERROR (MainThread) [custom_components.ruview.ruview_engine.engine] boom",
        f"{STAMP} ERROR (MainThread) [homeassistant.setup] Setup failed for custom integration 'ruview': boom",
        f"{STAMP} WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open with args …",
        '  File "/config/custom_components/ruview/hub.py", line 3, in feed',
    ],
)
def test_gate_closes(line: str) -> None:
    assert is_complaint(line)


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} INFO (MainThread) [custom_components.ruview.hub] node 1 is back",
        f"{STAMP} WARNING (MainThread) [homeassistant.components.camera] something of somebody else's",
        f"{STAMP} WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration ruview which has not "
        "been tested by Home Assistant. This component might cause stability problems",
    ],
)
def test_gate_stays_open(line: str) -> None:
    assert not is_complaint(line)


def test_install_is_what_hacs_would_install(tmp_path: Path) -> None:
    install(tmp_path)
    installed = tmp_path / "custom_components/ruview"
    names = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert names == {
        path.relative_to(COMPONENT)
        for path in COMPONENT.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert Path("ruview_engine/wire/packet.py") in names


def test_home_runs(home: HomeAssistantProcess) -> None:
    assert home.client.get("/api/config")["location_name"] == "RuView test"
    assert home.client.command("config/auth/list")[0]["name"] == "Owner"


def test_strangers_stay_outside(home: HomeAssistantProcess) -> None:
    with pytest.raises(Refused) as refusal:
        Client(home.folder.url, "no token at all").get("/api/config")
    assert refusal.value.status == 401


def test_guest_is_no_owner(home: HomeAssistantProcess) -> None:
    guest = Client(home.folder.url, home.folder.guest.token)
    assert guest.get("/api/config")["state"] == "RUNNING"
    with pytest.raises(Refused):
        guest.command("config/auth/list")


@pytest.mark.usefixtures("browser")
def test_page_opens_signed_in(home: HomeAssistantProcess) -> None:
    with signed_in_page(home.folder.url, home.folder.owner) as page:
        page.goto(home.folder.url)
        page.get_by_text("Owner", exact=True).wait_for(timeout=30_000)
        assert "/auth/authorize" not in page.url


def test_nothing_stays_behind(tmp_path: Path) -> None:
    with HomeAssistantProcess(prepare(tmp_path / "config", free_port())) as process:
        pid = process.pid
        os.killpg(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)
    assert process.complaints() == []
    assert processes_with(str(tmp_path)) == []
