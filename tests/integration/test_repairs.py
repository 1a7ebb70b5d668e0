"""What becomes a repair, what does not, and that each fix really fixes."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ruview import issues
from custom_components.ruview.const import DOMAIN
from custom_components.ruview.ruview_engine.room.stale import StaleCause, StaleReason
from custom_components.ruview.view import BankInfo

from .conftest import ROOM_ID, START_S, House


def shown(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    return {issue.issue_id: issue for (domain, _), issue in ir.async_get(hass).issues.items() if domain == DOMAIN}


@pytest.fixture
def board(hass: HomeAssistant, house: House) -> issues.IssueBoard:
    return issues.IssueBoard(hass, house.hub)


def stale(house: House, monkeypatch: pytest.MonkeyPatch, *reasons: StaleReason) -> None:
    """Make the room say that it is stale."""
    causes = [
        (StaleCause(reason=reason, since_s=START_S, value=2.0, limit=1.0), house.hub.at(START_S)) for reason in reasons
    ]
    monkeypatch.setattr(type(house.room), "stale_causes", property(lambda self: causes))


class Fix:
    """One repair dialog, driven as the frontend does."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def open(self, issue_id: str) -> dict[str, Any]:
        answer = await self.client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id})
        self.result = await answer.json()
        return self.result

    async def choose(self, step: str) -> dict[str, Any]:
        flow_id = self.result["flow_id"]
        answer = await self.client.post(f"/api/repairs/issues/fix/{flow_id}", json={"next_step_id": step})
        self.result = await answer.json()
        return self.result


@pytest.fixture
async def fix(hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator) -> Fix:
    assert REPAIRS in hass.config.components
    return Fix(await hass_client())


async def test_healthy_and_empty_and_sleeping_rooms_need_no_repair(
    hass: HomeAssistant, house: House, board: issues.IssueBoard
) -> None:
    await house.live(10)
    house.person.do("sleep", float(house.simulated_s))
    await house.live(30)
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}


async def test_stale_room_is_taught_again_from_its_repair(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, fix: Fix, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale(house, monkeypatch, StaleReason.DRIFT)
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}, "a room that was never taught cannot be stale"
    house.room.teacher.store.banks = [BankInfo(version=1, trained_at=dt_util.utcnow(), is_current=True)]
    board.async_inspect(dt_util.utcnow())
    issue_id = f"stale_{ROOM_ID}"
    assert shown(hass)[issue_id].is_fixable
    result = await fix.open(issue_id)
    assert result["menu_options"] == ["reenrol", "keep"]
    assert result["description_placeholders"]["room"] == "Living room"
    assert "slowly become another" in result["description_placeholders"]["reason"]
    result = await fix.choose("reenrol")
    kind, flow_id = result["next_flow"]
    assert (result["reason"], kind) == ("reenrol_started", "config_subentries_flow")
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "reconfigure"
    assert issue_id in shown(hass), "it stays until the room is fresh"
    stale(house, monkeypatch)
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}


async def test_not_now_hides_until_the_reason_changes(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, fix: Fix, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.room.teacher.store.banks = [BankInfo(version=1, trained_at=dt_util.utcnow(), is_current=True)]
    stale(house, monkeypatch, StaleReason.DRIFT)
    board.async_inspect(dt_util.utcnow())
    await fix.open(f"stale_{ROOM_ID}")
    await fix.choose("keep")
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}
    stale(house, monkeypatch, StaleReason.LINK_GONE)
    board.async_inspect(dt_util.utcnow())
    assert f"stale_{ROOM_ID}" in shown(hass)


async def test_contaminated_baseline(hass: HomeAssistant, house: House, board: issues.IssueBoard, fix: Fix) -> None:
    await house.live(3)
    house.person.do("walk", 3.0)
    await hass.services.async_call(
        "button", "press", {"entity_id": house.entity("capture_baseline", "button")}, blocking=True
    )
    await house.live(84, tick_every=20)
    assert house.room.teacher.outcome is not None
    assert not house.room.teacher.outcome.accepted
    board.async_inspect(dt_util.utcnow())
    result = await fix.open(f"contaminated_baseline_{ROOM_ID}")
    assert result["description_placeholders"]["reason"].startswith(("something moved", "something breathed"))
    assert (await fix.choose("reenrol"))["reason"] == "reenrol_started"


async def test_silent_node_is_given_up(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, fix: Fix, time_s: list[float]
) -> None:
    await house.live(2)
    time_s[0] += issues.SILENT_S - 10
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}
    time_s[0] += 11
    board.async_inspect(dt_util.utcnow())
    issue_id = f"node_silent_{ROOM_ID}_1"
    result = await fix.open(issue_id)
    since = dt_util.as_local(house.hub.at(house.hub.last_heard_s("1")))
    assert since.utcoffset() != timedelta(0), "the house is elsewhere than the machine"
    assert result["description_placeholders"]["since"] == since.strftime("%Y-%m-%d %H:%M")
    result = await fix.choose("remove")
    assert result["reason"] == "node_removed"
    await hass.async_block_till_done()
    assert house.room.nodes == ()
    assert shown(hass) == {}


async def test_silent_node_that_is_waited_for_is_not_told_again(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, fix: Fix, time_s: list[float]
) -> None:
    await house.live(2)
    time_s[0] += issues.SILENT_S + 1
    board.async_inspect(dt_util.utcnow())
    await fix.open(f"node_silent_{ROOM_ID}_1")
    await fix.choose("keep")
    for _ in range(3):
        time_s[0] += 3600.0
        board.async_inspect(dt_util.utcnow())
        assert shown(hass) == {}
    house.hub._receive(next(house.simulator.datagrams(1.0))[2], "127.0.0.11", time_s[0])
    time_s[0] += issues.SILENT_S + 1
    board.async_inspect(dt_util.utcnow())
    assert set(shown(hass)) == {f"node_silent_{ROOM_ID}_1"}, "it was heard again, and is silent again"


async def test_node_without_csi(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, time_s: list[float]
) -> None:
    await house.live(3)
    vitals = [
        datagram
        for _, _, datagram in house.simulator.datagrams(3.0)
        if int.from_bytes(datagram[:4], "little") != 0xC5110001
    ]
    for _ in range(3):
        time_s[0] += issues.NO_CSI_S / 2 + 1
        house.hub._receive(vitals[-1], "127.0.0.11", time_s[0])
        house.hub._publish(time_s[0])
        board.async_inspect(dt_util.utcnow())
    assert set(shown(hass)) == {f"no_csi_{ROOM_ID}_1"}
    assert not shown(hass)[f"no_csi_{ROOM_ID}_1"].is_fixable
    await house.live(1)


async def test_low_rate_needs_a_quarter_of_an_hour(
    hass: HomeAssistant, house: House, board: issues.IssueBoard, time_s: list[float]
) -> None:
    await house.live(3)
    for second in range(40):
        house.hub._receive(next(house.simulator.datagrams(5.0))[2], "127.0.0.11", START_S + 10 + second)
    time_s[0] = START_S + 49
    house.hub._publish(time_s[0])
    house.room.async_tick(time_s[0])
    assert house.room._job is not None
    await house.room._job
    house.room._publish(time_s[0] + 1.0)
    board.async_inspect(dt_util.utcnow())
    assert shown(hass) == {}
    board._since = {key: at - issues.LOW_RATE_S for key, at in board._since.items()}
    board.async_inspect(dt_util.utcnow())
    assert set(shown(hass)) == {f"low_rate_{ROOM_ID}"}


async def test_two_boards_with_one_number(hass: HomeAssistant, house: House, board: issues.IssueBoard) -> None:
    from custom_components.ruview import clock

    for _ in range(5):
        for _, _, datagram in house.simulator.second():
            for address in ("127.0.0.11", "192.0.2.9"):
                house.hub._receive(datagram, address, clock.now_s())
        await house.live(1)
    apart = [key for key in house.hub.nodes if "@" in key]
    assert apart, "the engine keeps the second board apart"
    board.async_inspect(dt_util.utcnow())
    issue = shown(hass)[f"duplicate_node_{house.entry.entry_id}_{apart[0]}"]
    assert issue.translation_placeholders
    assert issue.translation_placeholders["second"] == "192.0.2.9"


async def test_damaged_file_is_refused_and_named(
    hass: HomeAssistant, house: House, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await house.measure()
    (path,) = tmp_path.glob(f"ruview/{ROOM_ID}/baselines/*.json")
    path.write_bytes(path.read_bytes()[:-20])
    damaged = path.read_bytes()
    await house.reload()
    assert house.state("calibration") == "uncalibrated"
    board = issues.IssueBoard(hass, house.hub)
    board.async_inspect(dt_util.utcnow())
    (issue,) = shown(hass).values()
    assert issue.translation_key == "corrupt_file"
    file = f"baselines/{path.stem}"
    assert issue.translation_placeholders == {"room": "Living room", "file": file}, "words of ours only"
    assert f"The file {file} of Living room cannot be used: " in caplog.text
    assert path.read_bytes() == damaged, "what cannot be read is never overwritten"


async def test_issues_go_with_the_entry_and_are_looked_for_every_minute(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_homeassistant_custom_component.common import async_fire_time_changed

    house.room.teacher.contamination = "motion"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()
    assert set(shown(hass)) == {f"contaminated_baseline_{ROOM_ID}"}
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert shown(hass) == {}


@pytest.mark.parametrize("step", ["reenrol", "remove"])
async def test_fix_of_a_room_that_is_gone(hass: HomeAssistant, house: House, fix: Fix, step: str) -> None:
    kind = {"reenrol": "contaminated_baseline", "remove": "node_silent"}[step]
    words = {"room": "Living room", "reason": "motion", "node": "1", "since": "2026-11-29 08:00"}
    finding = issues.Finding(kind=kind, issue_id=f"{kind}_x", words=words, room_id=ROOM_ID, node="1")
    issues.async_raise(hass, house.entry.entry_id, finding)
    assert (await fix.open(f"{kind}_x"))["type"] == "menu"
    hass.config_entries.async_remove_subentry(house.entry, ROOM_ID)
    await hass.async_block_till_done()
    issues.async_raise(hass, house.entry.entry_id, finding)
    assert (await fix.choose(step))["reason"] == "room_gone"
    issues.async_raise(hass, house.entry.entry_id, finding)
    assert (await fix.open(f"{kind}_x"))["reason"] == "room_gone"
