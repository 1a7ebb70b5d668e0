"""The guided steps of a room: with the real engine and a simulated person who does as told."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.ruview import guided_flow, node_flow, room_flow
from custom_components.ruview.const import SUBENTRY_ROOM
from custom_components.ruview.poses import POSES
from custom_components.ruview.ruview_engine.room import room as room_module
from custom_components.ruview.ruview_engine.room.anchor import Fault, Verdict
from custom_components.ruview.view import NodeView, Outcome, Skill

from .conftest import ROOM_ID, House


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dialogs watch in real time; the house lives in simulated time."""
    monkeypatch.setattr(guided_flow, "WATCH_EVERY_S", 0.001)
    monkeypatch.setattr(node_flow, "LISTEN_EVERY_S", 0.005)
    monkeypatch.setattr(node_flow, "LISTEN_S", 0.01)
    monkeypatch.setattr(node_flow, "GIVE_UP_S", 0.05)
    short = {label: replace(anchor, duration_s=3.0, lead_s=1.0) for label, anchor in room_module.BY_LABEL.items()}
    monkeypatch.setattr(room_module, "BY_LABEL", short)


#: What the simulated person does for a pose.
ACTIVITIES = {"small_move": "small_move", "lie_down": "lie", "sleep_posture": "sleep"}


class Dialog:
    """One open dialog, driven as the frontend does."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self.hass = hass
        self.house = house
        self.result: Any = None

    async def open(self, room_id: str | None = None) -> Any:
        context: dict[str, Any] = {"source": SOURCE_USER}
        if room_id:
            context = {"source": SOURCE_RECONFIGURE, "subentry_id": room_id}
        key = (self.house.entry.entry_id, SUBENTRY_ROOM)
        self.result = await self.hass.config_entries.subentries.async_init(key, context=context)
        return self.result

    async def send(self, data: dict[str, Any] | None = None) -> Any:
        flow_id = self.result["flow_id"]
        self.result = await self.hass.config_entries.subentries.async_configure(flow_id, data)
        return self.result

    async def choose(self, step: str) -> Any:
        assert step in self.result["menu_options"], self.result
        return await self.send({"next_step_id": step})

    async def wait(self, seconds: int = 0) -> Any:
        """Let the house live while a progress step watches, then take the step that follows."""
        assert self.result["type"] is FlowResultType.SHOW_PROGRESS, self.result
        if seconds:
            await self.house.live(seconds, tick_every=10)
        for _ in range(100):
            await asyncio.sleep(0.005)
            await self.hass.async_block_till_done()
            if self.result["type"] is not FlowResultType.SHOW_PROGRESS:
                break
            await self.send()
        return self.result

    def close(self) -> None:
        self.hass.config_entries.subentries.async_abort(self.result["flow_id"])


@pytest.fixture
def dialog(hass: HomeAssistant, house: House) -> Dialog:
    return Dialog(hass, house)


def accept_all(house: House) -> Any:
    """Poses pass the gate whatever the simulated person does: this is about dialogs, the gate has its own tests."""
    return patch(
        "custom_components.ruview.ruview_engine.room.judgement.judge_anchor",
        lambda anchor, *_, **__: (Verdict.passed(anchor.label), ()),
    )


async def test_new_room_from_area_to_the_first_pose(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    hass.config_entries.async_update_subentry(
        house.entry, house.entry.subentries[ROOM_ID], data={**house.entry.subentries[ROOM_ID].data, "nodes": []}
    )
    await hass.async_block_till_done()
    await house.live(6)
    study = ar.async_get(hass).async_get_or_create("Study").id
    taken = house.entry.subentries[ROOM_ID].data["area_id"]

    assert (await dialog.open())["step_id"] == "user"
    assert (await dialog.send({"area_id": taken}))["errors"] == {"area_id": "area_taken"}
    result = await dialog.send({"area_id": study})
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "listen")
    assert "Node 1" in result["description_placeholders"]["nodes"]
    assert str(house.hub.port) in result["description_placeholders"]["address"]

    result = await dialog.wait()
    assert result["step_id"] == "nodes"
    assert "Hz" in result["description_placeholders"]["nodes"]
    assert (await dialog.send({"nodes": []}))["errors"] == {"nodes": "no_node_chosen"}
    result = await dialog.send({"nodes": ["1"]})
    assert result["step_id"] == "baseline_intro"
    (room,) = [known for known in house.hub.rooms.values() if known.title == "Study"]
    assert room.nodes == ("1",)

    progress = async_capture_events(hass, "data_entry_flow_progress_update")
    result = await dialog.send({"lead_s": 3, "duration_s": 40})
    assert result["progress_action"] == "baseline"
    assert result["description_placeholders"]["phase"] == "Leave the room and close the door"
    assert result["description_placeholders"]["seconds"] == "3"
    await house.live(20)
    await asyncio.sleep(0.01)
    result = await dialog.send()
    assert result["description_placeholders"]["phase"] == "Measuring the empty room"
    result = await dialog.wait(26)
    for _ in range(3):
        if result["step_id"] == "baseline_done":  # a false alarm of the engine costs a repetition, not the dialog
            await dialog.choose("baseline_intro")
            await dialog.send({"lead_s": 0, "duration_s": 40})
            result = await dialog.wait(43)
    assert result["step_id"] == "enrol_intro", room.teacher.outcome
    assert any(0 < event.data["progress"] < 1 for event in progress)

    result = await dialog.choose("enrol")
    assert result["step_id"] == "anchor"
    assert result["description_placeholders"]["anchor"] == "Stand still"
    assert (result["description_placeholders"]["number"], result["description_placeholders"]["total"]) == ("2", "8")
    dialog.close()
    assert room.calibration == "baseline"
    assert room.room_id in house.entry.subentries


async def test_no_node_heard(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    await dialog.open()
    study = ar.async_get(hass).async_get_or_create("Study").id
    await dialog.send({"area_id": study})
    assert (await dialog.wait())["step_id"] == "no_nodes"
    await dialog.choose("listen")
    assert (await dialog.wait())["step_id"] == "no_nodes"
    result = await dialog.choose("without_nodes")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "room_added")
    assert [room.title for room in house.hub.rooms.values()] == ["Living room", "Study"]


async def test_baseline_of_a_walked_through_room_is_refused_and_repeated(house: House, dialog: Dialog) -> None:
    await house.live(3)
    house.person.do("walk", 3.0)
    await dialog.open(ROOM_ID)
    assert "enrol" not in dialog.result["menu_options"]
    await dialog.choose("baseline_intro")
    await dialog.send({"lead_s": 0, "duration_s": 30})
    result = await dialog.wait(32)
    assert result["step_id"] == "baseline_done"
    assert result["description_placeholders"]["reason"].startswith(("something moved", "something breathed"))
    assert house.state("calibration") == "uncalibrated"
    assert (await dialog.choose("baseline_intro"))["step_id"] == "baseline_intro"
    await dialog.send({"lead_s": 0, "duration_s": 30})
    dialog.close()
    assert house.room.teacher.progress is not None, "closing the dialog must not end an empty-room measurement"
    result = await dialog.open(ROOM_ID)
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "baseline")


async def test_silence_and_business_are_said(house: House, dialog: Dialog) -> None:
    await dialog.open(ROOM_ID)
    await dialog.choose("baseline_intro")
    assert (await dialog.send({"lead_s": 0, "duration_s": 30}))["errors"] == {"base": "no_frames"}
    await house.live(3)
    house.room.teacher.signatures.async_start("Door", 0.0, 5.0)
    assert (await dialog.send({"lead_s": 0, "duration_s": 30}))["errors"] == {"base": "busy"}
    house.room.teacher.async_cancel()
    assert (await dialog.send({"lead_s": 0, "duration_s": 30}))["type"] is FlowResultType.SHOW_PROGRESS


async def test_all_poses_training_and_summary(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    with accept_all(house):
        for number, label in enumerate(POSES, 2):
            assert dialog.result["step_id"] == "anchor"
            assert dialog.result["description_placeholders"]["number"] == str(number)
            assert ("accepted" in dialog.result["description_placeholders"]["previous"]) is (number > 2)
            house.person.do(ACTIVITIES.get(label, "sit"), float(house.simulated_s))
            result = await dialog.send({})
            assert result["progress_action"] == "anchor_capture"
            await dialog.wait(6)
    assert house.room.teacher.missing == []
    assert dialog.result["type"] in (FlowResultType.SHOW_PROGRESS, FlowResultType.FORM, FlowResultType.MENU)
    if dialog.result["type"] is FlowResultType.SHOW_PROGRESS:
        assert dialog.result["progress_action"] == "train"
        await dialog.wait()
    assert dialog.result["step_id"] in ("summary", "train_done")


async def test_refused_pose_retry_skip_stop(house: House, dialog: Dialog) -> None:
    await house.measure()
    refused = patch(
        "custom_components.ruview.ruview_engine.room.judgement.judge_anchor",
        lambda anchor, *_, **__: (Verdict.failed(anchor.label, Fault.ABSENT), ()),
    )
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    with refused:
        await dialog.send({})
        result = await dialog.wait(6)
        assert result["step_id"] == "anchor_done"
        assert result["description_placeholders"]["reason"].startswith("nobody was visible")
        assert (await dialog.choose("anchor_retry"))["description_placeholders"]["anchor"] == "Stand still"
        await dialog.send({})
        await dialog.wait(6)
        assert (await dialog.choose("anchor_skip"))["description_placeholders"]["anchor"] == "Sit"
        await dialog.send({})
        await dialog.wait(6)
    await dialog.choose("stop")
    assert (await dialog.choose("later"))["reason"] == "continue_later"
    assert house.room.teacher.is_open
    await house.reload()
    await dialog.open(ROOM_ID)
    assert dialog.result["menu_options"][0] == "resume"
    assert (await dialog.choose("resume"))["description_placeholders"]["anchor"] == "Sit"


async def test_closing_the_dialog_ends_a_pose_but_keeps_what_was_accepted(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    with accept_all(house):
        await dialog.send({})
        await dialog.wait(6)
    await dialog.send({})
    dialog.close()
    assert house.room.teacher.progress is None
    assert house.room.teacher.outcome == Outcome(kind="anchor", accepted=False, reason="cancelled")
    assert "stand_still" not in house.room.teacher.missing


async def test_one_pose_again(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol_one")
    assert (await dialog.send({"anchor": "lie_down"}))["description_placeholders"]["anchor"] == "Lie down"
    assert house.room.hears
    house.room.teacher.signatures.async_start("Door", 0.0, 5.0)
    assert (await dialog.send({}))["errors"] == {"base": "busy"}
    house.room.teacher.async_cancel()
    await house.live(8, deaf=True)
    assert (await dialog.send({}))["errors"] == {"base": "no_frames"}


async def test_training_that_cannot_be_says_why(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    await dialog.send({})
    house.room.teacher.async_cancel()
    result = await dialog.wait()
    assert result["step_id"] == "anchor_done"
    await dialog.choose("stop")
    result = await dialog.choose("train")
    assert result["step_id"] == "train_done"
    assert "too few" in result["description_placeholders"]["reason"]
    assert (await dialog.choose("resume"))["step_id"] == "anchor"


async def test_training_waits_its_turn(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    await dialog.send({})
    house.room.teacher.async_cancel()
    await dialog.wait()
    await dialog.choose("stop")
    house.room.teacher.async_start_baseline(0.0, 30.0)
    assert (await dialog.choose("train"))["reason"] == "busy"


async def test_summary_lists_learnt_and_absent(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    teacher = house.room.teacher
    skills = [
        Skill(kind="presence", quality=0.97),
        Skill(kind="posture", quality=1.0, only="standing"),
        Skill(kind="heartbeat", quality=0.0, reason="not_trained"),
    ]
    with accept_all(house):
        await dialog.send({})
        await dialog.wait(6)

    def learnt() -> None:
        teacher._lessons.outcome = Outcome(kind="train", accepted=True)

    flow = house.hass.config_entries.subentries._progress[dialog.result["flow_id"]]
    flow._queue = []
    with (
        patch.object(teacher, "async_start_training", learnt),
        patch.object(type(teacher), "skills", skills),
        patch.object(type(teacher), "progress", None),
    ):
        result = await flow.async_step_train()
        assert result["type"] is FlowResultType.SHOW_PROGRESS
        await flow._watcher
        result = await flow.async_step_train_done()
    assert result["step_id"] == "summary"
    assert "✓ **Occupancy** (97%)" in result["description_placeholders"]["summary"]
    assert "✓ **Posture, only whether somebody stands** (100%)" in result["description_placeholders"]["summary"]
    assert "– **Heart rate**: not taught yet" in result["description_placeholders"]["summary"]
    assert (await flow.async_step_summary({}))["reason"] == "room_ready"


async def test_edit_moves_area_and_nodes(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    await house.live(3)
    other = ar.async_get(hass).async_get_or_create("Study").id
    hass.config_entries.async_add_subentry(house.entry, room_flow.room_subentry(hass, {"area_id": other, "nodes": []}))
    await hass.async_block_till_done()
    await dialog.open(ROOM_ID)
    result = await dialog.choose("edit")
    assert "Node 1" in result["description_placeholders"]["nodes"]
    data = {"area_id": other, "nodes": ["1"]}
    assert (await dialog.send(data))["errors"] == {"area_id": "area_taken"}
    bedroom = ar.async_get(hass).async_get_or_create("Bedroom").id
    assert (await dialog.send({**data, "area_id": bedroom}))["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert house.room.title == "Bedroom"
    assert house.room.area_id == bedroom
    from homeassistant.helpers import device_registry as dr

    device = dr.async_get(hass).async_get_device_by_identifier(("ruview", ROOM_ID), house.entry.entry_id)
    assert device
    assert device.area_id == bedroom


async def test_linked_sensor_guards_the_empty_room(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    await house.live(3)
    hub = house.hub
    await dialog.open(ROOM_ID)
    await dialog.choose("linked")
    assert (await dialog.send({"linked_entities": ["binary_sensor.pir"]}))["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert house.hub is hub, "linking needs no reload"
    hass.states.async_set("binary_sensor.pir", "on")
    house.room.teacher.async_start_baseline(0.0, 30.0)
    await house.live(2)
    assert house.room.teacher.outcome == Outcome(kind="baseline", accepted=False, reason="linked_sensor")
    assert house.room.teacher.contamination == "linked_sensor"


async def test_signature_from_dialog(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    await house.live(32, tick_every=10)
    await dialog.open(ROOM_ID)
    await dialog.choose("signatures")
    assert dialog.result["menu_options"] == ["signature_record"]
    await dialog.choose("signature_record")
    assert (await dialog.send({"label": " ", "length_s": 4}))["errors"] == {"label": "empty_label"}
    house.room.teacher.async_start_baseline(100.0, 30.0)
    assert (await dialog.send({"label": "Door", "length_s": 4}))["errors"] == {"base": "busy"}
    house.room.teacher.async_cancel()
    result = await dialog.send({"label": "Door", "length_s": 4})
    assert result["progress_action"] == "signature_capture"
    result = await dialog.wait(12)
    assert result["step_id"] == "signature_done"
    assert result["description_placeholders"]["reason"].startswith("nothing moved")
    await dialog.choose("signature_record")
    await dialog.send({"label": "Entering", "length_s": 4})
    house.person.do("enter", float(house.simulated_s) + 4.0)
    result = await dialog.wait(12)
    assert result["type"] is FlowResultType.ABORT, result
    assert result["reason"] == "signature_saved"
    assert [known.label for known in house.room.teacher.signatures.known] == ["Entering"]
    await house.reload()
    assert [known.label for known in house.room.teacher.signatures.known] == ["Entering"]
    await house.live(3)
    await dialog.open(ROOM_ID)
    await dialog.choose("signatures")
    await dialog.choose("signature_delete")
    assert (await dialog.send({"signatures": ["entering"]}))["reason"] == "signatures_deleted"
    assert house.room.teacher.signatures.known == []


async def test_signature_needs_frames(house: House, dialog: Dialog) -> None:
    await house.live(3)
    await dialog.open(ROOM_ID)
    await dialog.choose("signatures")
    await dialog.choose("signature_record")
    await house.live(8, deaf=True)
    assert (await dialog.send({"label": "Door", "length_s": 4}))["errors"] == {"base": "no_frames"}


@pytest.mark.parametrize("room_id", [None, ROOM_ID])
async def test_stopped_hub_has_no_dialogs(
    hass: HomeAssistant, house: House, dialog: Dialog, room_id: str | None
) -> None:
    await hass.config_entries.async_unload(house.entry.entry_id)
    assert (await dialog.open(room_id))["reason"] == "entry_not_loaded"


async def test_tick_that_fails_ends_the_capture_and_the_next_one_works(house: House, dialog: Dialog) -> None:
    await house.know_empty()
    broken = patch(
        "custom_components.ruview.ruview_engine.room.judgement.judge_anchor",
        side_effect=ZeroDivisionError("on purpose"),
    )
    await dialog.open(ROOM_ID)
    await dialog.choose("enrol")
    with broken:
        await dialog.send({})
        result = await dialog.wait(6)
    assert result["step_id"] == "anchor_done"
    assert result["description_placeholders"]["reason"] == "it was interrupted."
    assert house.room.n_failures == 1
    with accept_all(house):
        await dialog.choose("anchor_retry")
        await dialog.send({})
        result = await dialog.wait(6)
    assert result["description_placeholders"]["anchor"] == "Sit"
    assert result["description_placeholders"]["previous"] == "✓ Stand still was accepted."


async def test_running_measurement_is_shown_instead_of_a_second_one(house: House, dialog: Dialog) -> None:
    await house.live(3)
    await dialog.open(ROOM_ID)
    house.room.teacher.async_start_baseline(5.0, 30.0)
    assert (await dialog.choose("baseline_intro"))["progress_action"] == "baseline"


async def test_node_that_could_stand_better_is_told_so(house: House, dialog: Dialog) -> None:
    await house.live(3)
    await house.live(8, deaf=True)
    await dialog.open(ROOM_ID)
    assert "sends no frames" in (await dialog.choose("edit"))["description_placeholders"]["nodes"]
    await house.live(25, deaf=True)
    await dialog.open(ROOM_ID)
    assert "is it powered" in (await dialog.choose("edit"))["description_placeholders"]["nodes"]


@pytest.mark.parametrize(
    ("rssi_dbm", "rate_hz", "advice"),
    [(-85.0, 20.0, "weak"), (-20.0, 20.0, "strong"), (-50.0, 4.0, "slow"), (-50.0, 20.0, None)],
)
async def test_placement_advice(house: House, rssi_dbm: float, rate_hz: float, advice: str | None) -> None:
    await house.live(3)
    status = replace(house.hub.nodes["1"].status, rssi_dbm=rssi_dbm, csi_rate_hz=rate_hz)
    assert NodeView(status).advice == advice


async def test_sensitivity_reaches_the_engine(hass: HomeAssistant, house: House) -> None:
    house.room.async_set("sensitivity", 2.0)
    await hass.async_block_till_done()
    assert house.room.live.room.sensitivity == 2.0


async def test_dialog_outlives_the_hub(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    await house.live(3)
    await dialog.open(ROOM_ID)
    await dialog.choose("baseline_intro")
    await dialog.send({"lead_s": 0, "duration_s": 30})
    assert dialog.result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.config_entries.async_unload(house.entry.entry_id)
    assert (await dialog.wait())["reason"] == "entry_not_loaded"


@pytest.mark.parametrize("end", ["async_unload", "async_remove"])
async def test_every_step_ends_when_the_hub_has_gone(
    hass: HomeAssistant, house: House, dialog: Dialog, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Reloads are made by other dialogs, too: none of them may leave this one with an unknown error."""
    await house.live(3)
    form, listening, watching = dialog, Dialog(hass, house), Dialog(hass, house)
    await form.open(ROOM_ID)
    await form.choose("baseline_intro")
    await listening.open()
    study = ar.async_get(hass).async_get_or_create("Study").id
    await listening.send({"area_id": study})
    await watching.open(ROOM_ID)
    await watching.choose("baseline_intro")
    await watching.send({"lead_s": 0, "duration_s": 30})
    await getattr(hass.config_entries, end)(house.entry.entry_id)
    assert (await form.send({"lead_s": 0, "duration_s": 30}))["reason"] == "entry_not_loaded"
    assert (await listening.wait())["reason"] == "entry_not_loaded"
    assert (await watching.wait())["reason"] == "entry_not_loaded"
    assert "Traceback" not in caplog.text


async def test_node_that_another_room_took_meanwhile(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    room = house.entry.subentries[ROOM_ID]
    hass.config_entries.async_update_subentry(house.entry, room, data={**room.data, "nodes": []})
    await hass.async_block_till_done()
    await house.live(3)
    study = ar.async_get(hass).async_get_or_create("Study").id
    edit = Dialog(hass, house)
    await edit.open(ROOM_ID)
    await edit.choose("edit")
    await dialog.open()
    await dialog.send({"area_id": study})
    await dialog.wait()
    hass.config_entries.async_update_subentry(house.entry, room, data={**room.data, "nodes": ["1"]})
    await hass.async_block_till_done()
    await house.live(3)
    assert (await dialog.send({"nodes": ["1"]}))["errors"] == {"nodes": "node_taken"}
    assert (await edit.send({**room.data}))["reason"] == "reconfigure_successful", "it is its own"
    await house.live(3)
    late = Dialog(hass, house)
    other = room_flow.room_subentry(hass, {"area_id": study, "nodes": []})
    hass.config_entries.async_add_subentry(house.entry, other)
    hass.config_entries.async_update_subentry(house.entry, room, data={**room.data, "nodes": []})
    await hass.async_block_till_done()
    await house.live(3)
    await late.open(ROOM_ID)
    await late.choose("edit")
    hass.config_entries.async_update_subentry(house.entry, other, data={**other.data, "nodes": ["1"]})
    await hass.async_block_till_done()
    await house.live(3)
    assert (await late.send({**room.data, "nodes": ["1"]}))["errors"] == {"nodes": "node_taken"}


async def test_room_that_was_removed_meanwhile(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    await house.live(3)
    await dialog.open(ROOM_ID)
    hass.config_entries.async_remove_subentry(house.entry, ROOM_ID)
    await hass.async_block_till_done()
    assert (await dialog.choose("baseline_intro"))["reason"] == "entry_not_loaded"


async def test_area_that_another_room_took_meanwhile(hass: HomeAssistant, house: House, dialog: Dialog) -> None:
    study = ar.async_get(hass).async_get_or_create("Study").id
    await dialog.open()
    await dialog.send({"area_id": study})
    await dialog.wait()
    other = room_flow.room_subentry(hass, {"area_id": study, "nodes": []})
    hass.config_entries.async_add_subentry(house.entry, other)
    await hass.async_block_till_done()
    assert (await dialog.choose("without_nodes"))["reason"] == "already_configured"
