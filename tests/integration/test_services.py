"""The actions: what they answer, what they refuse and how."""

import asyncio
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ruview.const import DOMAIN
from custom_components.ruview.details import details
from custom_components.ruview.ruview_engine.ingest.recording import read_recording
from custom_components.ruview.ruview_engine.room.anchor import AnchorLabel, Verdict
from custom_components.ruview.ruview_engine.room.specialist import SpecialistKind
from custom_components.ruview.services import ACTIONS
from custom_components.ruview.view import BankInfo

from .conftest import ROOM_ID, House

DOOR = Path(__file__).resolve().parents[2] / "signatures" / "door_open.sig.json"


class Actions:
    """Calls actions on the living room."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self.hass = hass
        self.house = house

    def device(self, identifier: str = ROOM_ID) -> str:
        found = dr.async_get(self.hass).async_get_device_by_identifier((DOMAIN, identifier), self.house.entry.entry_id)
        assert found
        return found.id

    async def call(self, name: str, **data: Any) -> Any:
        return await self.hass.services.async_call(
            DOMAIN, name, {"device_id": self.device(), **data}, blocking=True, return_response=True
        )

    async def while_living(self, seconds: int, name: str, **data: Any) -> Any:
        """Call an action that answers when something has ended."""
        answer = asyncio.ensure_future(self.call(name, **data))
        await asyncio.sleep(0)
        await self.house.live(seconds, tick_every=10)
        return await answer


@pytest.fixture
def actions(hass: HomeAssistant, house: House) -> Actions:
    return Actions(hass, house)


async def refused(key: str, call: Any) -> ServiceValidationError:
    with pytest.raises(ServiceValidationError) as caught:
        await call
    assert caught.value.translation_key == key
    return caught.value


async def test_room_state_says_what_and_why(house: House, actions: Actions) -> None:
    await house.live(20)
    answer = await actions.call("get_room_state")
    assert answer["room"] == "Living room"
    assert answer["state"]["presence"]["value"] is None
    assert answer["state"]["presence"]["reason"] == "no_baseline"
    assert answer["state"]["motion"]["value"] is False
    json.dumps(answer)


async def test_snapshot(house: House, actions: Actions) -> None:
    await house.live(8)
    answer = await actions.call("get_snapshot")
    assert answer["snapshot"]["room_id"] == ROOM_ID
    assert answer["snapshot"]["links"]
    assert answer["signatures"] == []
    json.dumps(answer)


async def test_baseline_pose_training_and_rollback(house: House, actions: Actions) -> None:
    await refused("no_frames", actions.call("capture_baseline"))
    await house.live(2)
    await refused("no_baseline", actions.call("record_anchor", anchor="sit"))
    await refused("no_baseline", actions.call("train_room"))
    answer = await actions.while_living(45, "capture_baseline", lead=0, duration=40)
    assert answer["accepted"], answer
    house.person.do("sit", float(house.simulated_s))
    await house.live(12, tick_every=10)
    answer = await actions.while_living(25, "record_anchor", anchor="sit", lead=0)
    assert set(answer) == {"accepted", "reason", "numbers"}
    await refused("unknown_bank", actions.call("restore_bank", version=7))


async def test_one_thing_at_a_time(house: House, actions: Actions) -> None:
    await house.know_empty()
    house.room.teacher.async_start_baseline(100.0, 30.0)
    for name, data in (
        ("capture_baseline", {}),
        ("record_anchor", {"anchor": "sit"}),
        ("train_room", {}),
        ("capture_signature", {"label": "Door"}),
        ("import_room", {"file": "a.zip"}),
    ):
        await refused("busy", actions.call(name, **data))
    with pytest.raises(HomeAssistantError) as caught:
        await actions.hass.services.async_call(
            "button", "press", {"entity_id": house.entity("capture_baseline", "button")}, blocking=True
        )
    assert caught.value.translation_key == "busy"


async def test_whoever_waits_for_a_capture_is_told_that_the_listener_was_stopped(
    hass: HomeAssistant, house: House, actions: Actions
) -> None:
    await house.live(3)
    for name, data in (("capture_baseline", {"lead": 60}), ("capture_signature", {"label": "Door", "lead": 60})):
        answer = asyncio.ensure_future(actions.call(name, **data))
        await asyncio.sleep(0)
        assert house.room.teacher.progress is not None
        await house.reload()
        assert (await asyncio.wait_for(answer, 1))["reason"] == "interrupted"
        await house.live(3)


async def test_training_without_poses_is_refused(house: House, actions: Actions) -> None:
    await house.know_empty()
    await refused("nothing_taught", actions.call("train_room"))


async def test_signature_is_recorded_and_deleted(house: House, actions: Actions) -> None:
    await house.know_empty()
    await house.live(32, tick_every=10)
    house.person.do("enter", float(house.simulated_s) + 3.0)
    answer = await actions.while_living(12, "capture_signature", label="Entering", duration=4, lead=3)
    assert answer["accepted"], answer
    assert answer["signature_id"] == "entering"
    await refused("unknown_signature", actions.call("delete_signature", signature_id="no"))
    assert await actions.call("delete_signature", signature_id="entering") == {"signature_id": "entering"}


async def test_recording_is_off_unless_allowed_and_can_be_replayed(
    hass: HomeAssistant, house: House, actions: Actions, tmp_path: Path
) -> None:
    await house.live(2)
    await refused("recording_not_allowed", actions.call("start_recording"))
    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await house.live(2)
    await refused("not_recording", actions.call("stop_recording"))
    answer = await actions.call("start_recording", duration=60)
    await refused("busy", actions.call("start_recording"))
    await house.live(5)
    stopped = await actions.call("stop_recording")
    assert stopped["file"] == answer["file"]
    path = tmp_path / ".cache" / "ruview" / "recordings" / answer["file"]
    recording = read_recording(path)
    datagrams = list(recording)
    assert len(datagrams) == stopped["datagrams"] > 80
    assert 4.0 < datagrams[-1].at_s < 6.0


async def test_recording_ends_by_itself_and_with_the_entry(hass: HomeAssistant, house: House, actions: Actions) -> None:
    from datetime import timedelta

    from pytest_homeassistant_custom_component.common import async_fire_time_changed

    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await house.live(2)
    await actions.call("start_recording", duration=30)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.hub.recordings.tapes == {}
    await actions.call("start_recording", duration=30)
    hub = house.hub
    await hass.config_entries.async_unload(house.entry.entry_id)
    assert hub.recordings.tapes == {}


async def test_two_recordings_cannot_begin_at_once(hass: HomeAssistant, house: House, actions: Actions) -> None:
    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await refused("no_frames", actions.call("start_recording"))
    await house.live(2)
    first = asyncio.ensure_future(actions.call("start_recording"))
    await asyncio.sleep(0)
    await refused("busy", actions.call("start_recording"))
    assert (await actions.call("stop_recording"))["file"] == (await first)["file"]


async def test_boards_heard_through_a_socket_for_both_families_are_recorded(
    hass: HomeAssistant, house: House, actions: Actions
) -> None:
    """Such a socket reports `::ffff:192.0.2.1` for what the engine knows as 192.0.2.1."""
    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    receive = house.hub._receive
    house.hub._receive = lambda datagram, address, at_s: receive(  # type: ignore[method-assign]
        datagram, f"::ffff:{address}", at_s
    )
    await house.live(2)
    await actions.call("start_recording")
    await house.live(2)
    assert (await actions.call("stop_recording"))["datagrams"] > 30


async def test_recording_without_a_place_on_the_disk_is_refused(
    hass: HomeAssistant, house: House, actions: Actions, tmp_path: Path
) -> None:
    (tmp_path / ".cache").write_text("a file where the folder should be")
    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await house.live(2)
    with pytest.raises(HomeAssistantError) as caught:
        await actions.call("start_recording")
    assert caught.value.translation_key == "disk"
    assert house.hub.recordings.tapes == {}


async def test_recording_ends_when_the_disk_is_full(
    hass: HomeAssistant, house: House, actions: Actions, caplog: pytest.LogCaptureFixture
) -> None:
    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await house.live(2)
    name = (await actions.call("start_recording"))["file"]

    def full(batch: list[tuple[float, str, bytes]]) -> None:
        raise OSError(28, "No space left on device")

    house.hub.recordings.tapes[ROOM_ID]._write = full  # type: ignore[method-assign]
    await house.live(2)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.hub.recordings.tapes == {}
    assert f"The recording {name} ends early" in caplog.text
    await refused("not_recording", actions.call("stop_recording"))


async def test_export_and_import(house: House, actions: Actions, tmp_path: Path) -> None:
    await house.measure()
    before = house.room.live.room.baseline
    assert before
    signatures = tmp_path / "ruview" / ROOM_ID / "signatures"
    signatures.mkdir()
    (signatures / "door.json").write_bytes(DOOR.read_bytes())
    exported = (await actions.call("export_room"))["file"]
    (signatures / "door.json").unlink()
    assert (tmp_path / "ruview" / "exports" / exported).is_file()
    house.room.live.room.load()
    assert (await actions.call("import_room", file=exported))["calibration"] == "baseline"
    after = house.room.live.room.baseline
    assert after
    assert after.id == before.id
    assert [known.signature_id for known in house.room.teacher.signatures.known] == ["door_open"]
    await refused("file_not_found", actions.call("import_room", file="none.zip"))
    (tmp_path / "ruview" / "exports" / "bad.zip").write_bytes(b"not an archive")
    await refused("file_refused", actions.call("import_room", file="bad.zip"))
    newer = tmp_path / "ruview" / "exports" / "newer.zip"
    with zipfile.ZipFile(newer, "w") as archive, zipfile.ZipFile(newer.with_name(exported)) as ours:
        for name in ours.namelist():
            archive.writestr(name, ours.read(name).replace(b'"schema_version": 1', b'"schema_version": 99'))
    await refused("file_newer", actions.call("import_room", file="newer.zip"))
    await house.reload()
    assert house.state("calibration") == "baseline"


async def test_archive_with_an_impossible_number_is_refused_and_changes_nothing(
    house: House, actions: Actions, tmp_path: Path
) -> None:
    """Whoever makes an archive can make its digests fit."""
    await house.measure()
    exported = (await actions.call("export_room"))["file"]
    exports = tmp_path / "ruview" / "exports"
    with zipfile.ZipFile(exports / "odd.zip", "w") as archive, zipfile.ZipFile(exports / exported) as ours:
        for name in ours.namelist():
            text = ours.read(name)
            if name.startswith("baselines/") and name.endswith(".json"):
                stored = json.loads(text)
                stored["payload"]["links"][0]["reference"] = float("inf")
                body = json.dumps(stored["payload"], sort_keys=True, separators=(",", ":"))
                stored["payload_sha256"] = hashlib.sha256(body.encode()).hexdigest()
                text = json.dumps(stored).replace("Infinity", "1e999").encode()
            archive.writestr(name, text)
    before = house.room.live.room.baseline
    await refused("file_refused", actions.call("import_room", file="odd.zip"))
    assert house.room.live.room.baseline is before
    assert not (tmp_path / "ruview" / f"{ROOM_ID}-arriving").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("import_room", {"file": "../secrets.yaml"}),
        ("import_room", {"file": ".."}),
        ("capture_signature", {"label": "  "}),
        ("capture_signature", {"label": "a" * 65}),
        ("capture_baseline", {"duration": 29}),
        ("record_anchor", {"anchor": "empty"}),
        ("restore_bank", {"version": 0}),
    ],
)
async def test_fields_out_of_bounds_are_refused(
    house: House, actions: Actions, name: str, data: dict[str, Any]
) -> None:
    import probatio as vol

    with pytest.raises(vol.Invalid):
        await actions.call(name, **data)


async def test_wrong_devices_are_refused(hass: HomeAssistant, house: House, actions: Actions) -> None:
    hub_device = actions.device(house.entry.entry_id)
    call = hass.services.async_call(
        DOMAIN, "get_room_state", {"device_id": hub_device}, blocking=True, return_response=True
    )
    await refused("not_a_room", call)
    room_device = actions.device()
    await hass.config_entries.async_unload(house.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "get_room_state", {"device_id": room_device}, blocking=True, return_response=True
        )


@pytest.mark.parametrize("name", sorted(name for name, action in ACTIONS.items() if action[3]))
async def test_teaching_and_what_the_radio_sees_are_for_administrators(
    hass: HomeAssistant, house: House, actions: Actions, hass_read_only_user: MockUser, name: str
) -> None:
    data: dict[str, Any] = {
        "record_anchor": {"anchor": "sit"},
        "restore_bank": {"version": 1},
        "capture_signature": {"label": "Door"},
        "delete_signature": {"signature_id": "door"},
        "import_room": {"file": "a.zip"},
    }.get(name, {})
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            name,
            {"device_id": actions.device(), **data},
            blocking=True,
            return_response=ACTIONS[name][2] is SupportsResponse.ONLY,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_readings_are_for_whoever_may_see_the_room(
    hass: HomeAssistant, house: House, actions: Actions, hass_read_only_user: MockUser
) -> None:
    async def ask() -> Any:
        return await hass.services.async_call(
            DOMAIN, "get_room_state", {"device_id": actions.device()}, blocking=True, return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )  # fmt: skip

    hass_read_only_user.mock_policy({"entities": {"entity_ids": {house.entity("posture"): True}}})
    assert (await ask())["room"] == "Living room"
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {"light.kitchen": True}}})
    with pytest.raises(Unauthorized):
        await ask()


async def test_signature_that_cannot_be_stored_is_not_told_as_known(
    house: House, actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.know_empty()
    await house.live(32, tick_every=10)
    house.person.do("enter", float(house.simulated_s) + 3.0)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.room.teacher.store._signatures, "write", full)
    answer = await actions.while_living(12, "capture_signature", label="Entering", duration=4, lead=3)
    assert (answer["accepted"], answer["reason"], answer["signature_id"]) == (False, "not_stored", None)
    assert house.room.teacher.signatures.known == []


async def test_damaged_bank_is_refused_in_words(house: House, actions: Actions, tmp_path: Path) -> None:
    house.room.teacher.store.banks = [BankInfo(version=3, trained_at=dt_util.utcnow(), is_current=False)]
    banks = tmp_path / "ruview" / ROOM_ID / "banks"
    banks.mkdir(parents=True)
    (banks / "3.json").write_text("{ not a bank")
    with pytest.raises(HomeAssistantError) as caught:
        await actions.call("restore_bank", version=3)
    assert (caught.value.translation_key, caught.value.translation_placeholders) == ("damaged", {"room": "Living room"})


@pytest.mark.parametrize("is_private", [False, True])
async def test_privacy_mode_tells_no_breath_of_who_taught_the_room(
    hass: HomeAssistant, house: House, actions: Actions, hass_client: ClientSessionGenerator, is_private: bool
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    hass.config_entries.async_update_entry(house.entry, options={"privacy_mode": is_private})
    await hass.async_block_till_done()
    await house.know_empty()
    verdict = Verdict.passed(AnchorLabel.SIT, (("breath_bpm", 13.25),))
    with patch(
        "custom_components.ruview.ruview_engine.room.judgement.judge_anchor", lambda anchor, *_, **__: (verdict, ())
    ):
        answer = await actions.while_living(25, "record_anchor", anchor="sit", lead=0)
    assert answer == {"accepted": True, "reason": None, "numbers": {} if is_private else {"breath_bpm": 13.25}}
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, house.entry)
    for told in (details(house.room), diagnostics):
        assert ("13.25" in str(told)) is not is_private
    kinds = {"presence", "anomaly"} if is_private else set(SpecialistKind)
    assert {skill.kind for skill in house.room.teacher.skills} == kinds


async def test_full_disk_is_said(house: House, actions: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.live(2)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.room.teacher.store._repository, "save_baseline", full)
    answer = await actions.while_living(45, "capture_baseline", lead=0, duration=40)
    assert (answer["accepted"], answer["reason"]) == (False, "not_stored")


async def test_shutdown_completes_a_recording_and_frees_the_port(
    hass: HomeAssistant, house: House, actions: Actions, tmp_path: Path
) -> None:
    import socket

    from homeassistant.const import EVENT_HOMEASSISTANT_STOP

    hass.config_entries.async_update_entry(house.entry, options={"recording": True})
    await hass.async_block_till_done()
    await house.live(2)
    name = (await actions.call("start_recording", duration=600))["file"]
    await house.live(3)
    port = house.hub.port
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
    recording = read_recording(tmp_path / ".cache" / "ruview" / "recordings" / name)
    assert len(list(recording)) > 40
