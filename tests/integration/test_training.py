"""Training in a living house: recordings, the recorder's history, and an encoder that is used only if it helps."""

import json
import logging
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import Context, CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.ruview import training_job
from custom_components.ruview.const import DOMAIN
from custom_components.ruview.ruview_engine.errors import OrderError
from custom_components.ruview.ruview_engine.ingest.recording import RecordingWriter
from custom_components.ruview.ruview_engine.room.specialist import SpecialistKind
from custom_components.ruview.ruview_engine.simulate import Person, Simulator, Timeline, scenes
from custom_components.ruview.ruview_engine.training.backbone import Backbone

from .conftest import ROOM_ID, House
from .test_banks import empty_bank

#: Length of the recording, and of each stay in and out of the room.
LENGTH_S = 60
STAY_S = 12.0


@pytest.fixture(autouse=True)
def _ours(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """The real recorder, which must exist before Home Assistant does, on a database in memory."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


async def train(hass: HomeAssistant, house: House, epochs: int = 2, user: str | None = None) -> Any:
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ROOM_ID), house.entry.entry_id)
    assert device
    return await hass.services.async_call(
        DOMAIN,
        "train_encoder",
        {"device_id": device.id, "epochs": epochs},
        blocking=True,
        return_response=True,
        context=Context(user_id=user) if user else None,
    )


@cache
def heard() -> tuple[tuple[float, str, bytes], ...]:
    """What two boards send while somebody walks about in every second stay."""
    scene = scenes.living_room(nodes=2, seed=2)
    person = Person(scene, seed=3)
    simulator = Simulator(scene, Timeline([person]), seed=7)
    datagrams = []
    for second in range(LENGTH_S):
        if second % STAY_S == 0:
            person.do("walk" if (second // STAY_S) % 2 else "leave", float(second))
        datagrams += [(at_s, source[0], datagram) for at_s, source, datagram in simulator.second()]
    return tuple(datagrams)


def record(tmp_path: Path, unix_s: float) -> Path:
    """A finished recording of it."""
    path = tmp_path / ".cache" / "ruview" / "recordings" / f"{ROOM_ID}-20260403-020946.csi.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        writer = RecordingWriter(file, unix_s=unix_s, at_s=0.0)
        for at_s, source, datagram in heard():
            writer.write(at_s, source, datagram)
    return path


@pytest.fixture
def progress(hass: HomeAssistant) -> Iterator[list[Event[Any]]]:
    seen: list[Event[Any]] = []

    @callback  # or they would be appended in threads, in any order
    def see(event: Event[Any]) -> None:
        seen.append(event)

    stop = hass.bus.async_listen(training_job.EVENT_PROGRESS, see)
    yield seen
    stop()


async def test_without_a_recording_there_is_nothing_to_learn(hass: HomeAssistant, house: House) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await train(hass, house)
    assert caught.value.translation_key == "no_recordings"


async def test_sensors_of_the_house_teach_from_recorded_history(
    hass: HomeAssistant, house: House, tmp_path: Path, progress: list[Event[Any]]
) -> None:
    began_s = time.time() - 600.0
    record(tmp_path, began_s)
    subentry = house.entry.subentries[ROOM_ID]
    teachers = {"teaching_entities": ["binary_sensor.hall_motion", "sensor.hall_temperature", "light.hall"]}
    hass.config_entries.async_update_subentry(house.entry, subentry, data={**subentry.data, **teachers})
    await hass.async_block_till_done()
    for stay in range(int(LENGTH_S / STAY_S)):
        at = began_s + stay * STAY_S
        hass.states.async_set(
            "binary_sensor.hall_motion", "on" if stay % 2 else "off", {"device_class": "motion"}, timestamp=at
        )
        hass.states.async_set(
            "sensor.hall_temperature", str(20 + 0.1 * stay), {"device_class": "temperature"}, timestamp=at
        )
        hass.states.async_set("light.hall", "on" if stay % 2 else "off", timestamp=at)
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()

    answer = await train(hass, house)
    assert answer["mode"] == "full"
    assert {"pir", "temperature"} <= set(answer["signals"])
    assert "light.hall: measures none of the ten signals" in answer["notes"]
    assert answer["rows"] > 500
    json.dumps(answer)
    assert [event.data["percent"] for event in progress] == sorted({event.data["percent"] for event in progress})
    assert progress[-1].data == {"room": "Living room", "what": "done", "percent": 100}
    place = tmp_path / "ruview" / ROOM_ID / "backbone"
    assert answer["adopted"] == place.is_dir() == (answer["reason"] is None)
    assert not training_job.is_running(hass, ROOM_ID)


async def test_an_encoder_that_helps_is_adopted_and_known_after_a_restart(
    hass: HomeAssistant, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, time.time() - 600.0)
    monkeypatch.setattr(training_job, "MIN_GAIN", -1.0)
    answer = await train(hass, house, epochs=1)
    assert answer["adopted"], answer
    assert answer["posture_uses_it"] is False  # nothing was taught here yet
    assert house.room.live.encoder.revision == answer["revision"]
    place = tmp_path / "ruview" / ROOM_ID / "backbone"
    assert Backbone.load(place).revision == answer["revision"]
    # the folder is part of Home Assistant's backup: weights and measurements, no moment of the recordings
    files = {path.relative_to(place).as_posix(): path.stat().st_size for path in place.rglob("*") if path.is_file()}
    assert set(files) == {"model.safetensors", "config.json", "training-metrics.json", "report.html"}
    assert sum(files.values()) < 500_000
    await house.reload()
    assert house.room.live.encoder.revision == answer["revision"]


async def test_the_room_itself_decides_whether_posture_looks_through_a_new_encoder(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.measure()
    teacher, room = house.room.teacher, house.room.live.room
    assert await teacher.async_weigh_encoder() is False  # no bank, nothing to do
    room.bank = empty_bank(house, 1)
    assert await teacher.async_weigh_encoder() is False  # no anchors to learn from
    asked: list[Any] = []

    def job(at_s: float, *, kinds: Any) -> Any:
        asked.append(kinds)
        raise OrderError("enough seen")

    monkeypatch.setattr(room, "training_job", job)
    assert await teacher.async_weigh_encoder() is False
    assert asked == [(SpecialistKind.POSTURE,)]


async def test_an_encoder_that_does_not_help_changes_nothing(
    hass: HomeAssistant, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, time.time() - 600.0)
    monkeypatch.setattr(training_job, "MIN_GAIN", 1.0)
    answer = await train(hass, house, epochs=1)
    assert answer["adopted"] is False
    assert "without training" in answer["reason"]
    assert house.room.live.encoder is None
    assert not (tmp_path / "ruview" / ROOM_ID / "backbone").exists()


async def test_a_damaged_encoder_is_not_used_and_can_be_replaced(
    hass: HomeAssistant, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "ruview" / ROOM_ID / "backbone"
    place.mkdir(parents=True)
    (place / "model.safetensors").write_bytes(b"nothing of ours")
    await house.reload()
    assert house.room.live.encoder is None
    record(tmp_path, time.time() - 600.0)
    monkeypatch.setattr(training_job, "MIN_GAIN", -1.0)
    answer = await train(hass, house, epochs=1)
    assert answer["adopted"]
    assert house.room.live.encoder.revision == answer["revision"]


async def test_files_that_are_no_recordings_are_noted(hass: HomeAssistant, house: House, tmp_path: Path) -> None:
    path = record(tmp_path, time.time() - 600.0)
    path.with_name(f"{ROOM_ID}-20260404-000000.csi.jsonl").write_text("no recording\n" * 2000)
    answer = await train(hass, house, epochs=1)
    assert any("20260404" in note for note in answer["notes"])


async def test_training_ends_when_home_assistant_does(hass: HomeAssistant, house: House, tmp_path: Path) -> None:
    record(tmp_path, time.time() - 600.0)
    running = hass.state
    hass.set_state(CoreState.stopping)
    try:
        with pytest.raises(ServiceValidationError) as caught:
            await train(hass, house, epochs=100)
    finally:
        hass.set_state(running)
    assert caught.value.translation_key == "nothing_to_train"
    assert not training_job.is_running(hass, ROOM_ID)


async def test_only_administrators_may_train(hass: HomeAssistant, house: House, hass_read_only_user: MockUser) -> None:
    with pytest.raises(Unauthorized):
        await train(hass, house, user=hass_read_only_user.id)


async def test_a_room_names_its_teachers_in_its_dialog(hass: HomeAssistant, house: House) -> None:
    dialog = await hass.config_entries.subentries.async_init(
        (house.entry.entry_id, "room"), context={"source": "reconfigure", "subentry_id": ROOM_ID}
    )
    form = await hass.config_entries.subentries.async_configure(dialog["flow_id"], {"next_step_id": "linked"})
    assert form["step_id"] == "linked"
    done = await hass.config_entries.subentries.async_configure(
        dialog["flow_id"], {"teaching_entities": ["binary_sensor.hall_motion"]}
    )
    assert done["reason"] == "reconfigure_successful"
    assert house.entry.subentries[ROOM_ID].data["teaching_entities"] == ["binary_sensor.hall_motion"]
    assert house.room.settings["teaching_entities"] == ["binary_sensor.hall_motion"]


@pytest.mark.parametrize(
    ("gain", "new", "old", "word"),
    [
        (0.01, 0.70, None, "without training"),
        (0.05, 0.70, None, None),
        (0.05, 0.70, 0.69, "of the encoder in use 0.690"),
        (0.05, 0.72, 0.69, None),
    ],
)
def test_an_encoder_must_beat_its_controls_and_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, gain: float, new: float, old: float | None, word: str | None
) -> None:
    def model(score: float) -> Any:
        return SimpleNamespace(encoder=SimpleNamespace(embed=lambda features: score))

    monkeypatch.setattr(training_job, "mine", lambda report, rng: None)
    monkeypatch.setattr(training_job, "triplet_accuracy", lambda embedded, exam: embedded)
    run: Any = SimpleNamespace(
        triplet_score=SimpleNamespace(gain=gain, trained=new),
        table=SimpleNamespace(take=lambda rows: SimpleNamespace(features=None)),
        split=SimpleNamespace(held_out=None),
        settings=SimpleNamespace(seed=1),
        model=model(new),
    )
    former: Any = None if old is None else SimpleNamespace(model=model(old))
    refusal = training_job._why_not(run, former)
    assert refusal is None if word is None else word in str(refusal)


def test_a_broken_recording_is_noted_and_the_others_used(tmp_path: Path) -> None:
    good = record(tmp_path, 1.78e9)
    broken = good.with_name(f"{ROOM_ID}-20260404-020946.csi.jsonl")
    broken.write_bytes(b"no recording at all\n")
    material = training_job._collect([broken, good.with_name("gone.csi.jsonl"), good], lambda: None)
    assert len(material.spans) == 1
    assert [note.partition(":")[0] for note in material.notes] == [broken.name, "gone.csi.jsonl"]
