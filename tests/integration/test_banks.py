"""What a room was taught, kept in versions: listed, restored, numbered anew, shown with what is missing and why."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util

from custom_components.ruview.ruview_engine.room.absence import Absence, WhyAbsent
from custom_components.ruview.ruview_engine.room.adaptation import Adaptation
from custom_components.ruview.ruview_engine.room.bank import Bank
from custom_components.ruview.ruview_engine.room.changes import BankTrained, ReferenceFollowed
from custom_components.ruview.ruview_engine.room.sensitivity import SensitivityReport
from custom_components.ruview.ruview_engine.room.specialist import SpecialistKind
from custom_components.ruview.ruview_engine.room.training import TrainingResult

from .conftest import ROOM_ID, House
from .test_room_flow import Dialog
from .test_services import Actions


def empty_bank(house: House, version: int) -> Bank:
    """A bank in which every specialist is absent, and says why."""
    baseline = house.room.live.room.baseline
    assert baseline is not None
    absence = Absence(why=WhyAbsent.ALIKE, detail="balanced accuracy 0.61 on held-out blocks")
    absent = tuple((kind, absence) for kind in SpecialistKind)
    return Bank(version=version, baseline_id=baseline.id, trained_at_s=1_795_000_000.0 + version, absent=absent)


async def train(house: House, version: int) -> Bank:
    """Put a bank in force as training does."""
    bank = empty_bank(house, version)
    room = house.room.live.room
    await house.room.teacher.async_keep(room.apply_training(TrainingResult(bank=bank, report=SensitivityReport())))
    return bank


async def test_banks_are_listed_newest_first_and_survive_a_restart(house: House) -> None:
    await house.measure()
    for version in (1, 2):
        await train(house, version)
    assert [(bank.version, bank.is_current) for bank in house.room.teacher.banks] == [(2, True), (1, False)]
    await house.reload()
    assert [(bank.version, bank.is_current) for bank in house.room.teacher.banks] == [(2, True), (1, False)]
    assert house.state("calibration") == "ready"
    skills = house.room.teacher.skills
    assert {skill.reason for skill in skills} == {"alike"}
    assert not any(skill.is_learnt for skill in skills)


async def test_damaged_former_bank_is_refused_in_the_dialog(hass: HomeAssistant, house: House, tmp_path: Path) -> None:
    await house.measure()
    for version in (1, 2):
        await train(house, version)
    path = tmp_path / "ruview" / ROOM_ID / "banks" / "1.json"
    path.write_bytes(path.read_bytes()[:-20])
    dialog = Dialog(hass, house)
    await dialog.open(ROOM_ID)
    await dialog.choose("restore")
    result = await dialog.send({"version": "1"})
    assert (result["step_id"], result["errors"]) == ("restore", {"version": "damaged"})
    assert house.room.live.room.bank is not None
    assert house.room.live.room.bank.version == 2, "what was in force stays so"


async def test_former_bank_is_restored_by_dialog_and_action(hass: HomeAssistant, house: House) -> None:
    await house.measure()
    for version in (1, 2):
        await train(house, version)
    dialog = Dialog(hass, house)
    await dialog.open(ROOM_ID)
    await dialog.choose("restore")
    (choice,) = dialog.result["data_schema"].schema["version"].config["options"]
    trained = dt_util.as_local(dt_util.utc_from_timestamp(1_795_000_001.0))
    assert choice["label"] == f"1 · {trained:%Y-%m-%d %H:%M}", "in the time of the house"
    result = await dialog.send({"version": "1"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "bank_restored")
    assert house.room.live.room.bank is not None
    assert house.room.live.room.bank.version == 1
    assert await Actions(hass, house).call("restore_bank", version=2) == {"version": 2}
    assert house.room.live.room.bank.version == 2
    await house.reload()
    assert house.room.live.room.bank is not None
    assert house.room.live.room.bank.version == 2


async def test_training_after_a_rollback_takes_a_new_number(house: House) -> None:
    await house.measure()
    first = await train(house, 1)
    await train(house, 2)
    await house.room.teacher.async_restore(1)
    result = TrainingResult(bank=replace(first, version=2), report=SensitivityReport())
    renumbered = house.room.teacher.renumbered(result)
    assert renumbered.bank is not None
    assert renumbered.bank.version == 3
    await house.room.teacher.async_keep((BankTrained(bank=renumbered.bank, report=renumbered.report),))
    assert [bank.version for bank in house.room.teacher.banks] == [3, 2, 1]


async def test_damaged_bank_falls_back_to_the_former_one(house: House) -> None:
    await house.measure()
    for version in (1, 2):
        await train(house, version)
    path = house.room.teacher.store._repository.folder / "banks" / "2.json"
    path.write_bytes(path.read_bytes()[:-30])
    await house.reload()
    assert house.room.live.room.bank is not None
    assert house.room.live.room.bank.version == 1
    assert [file for file, _ in house.room.teacher.store.refused] == ["banks/2"]
    assert [bank.version for bank in house.room.teacher.banks] == [1]


async def test_an_import_that_was_killed_half_way_has_not_happened(house: House) -> None:
    """Between its two renames the room is in neither place but in the one it was moved to."""
    await house.measure()
    await train(house, 1)
    home = house.room.teacher.store._repository.folder
    home.replace(home.with_name(f"{home.name}-former"))
    await house.reload()
    assert house.room.live.room.baseline is not None
    assert [bank.version for bank in house.room.teacher.banks] == [1]
    assert home.is_dir()


async def test_what_was_followed_of_drift_survives_a_restart(house: House) -> None:
    await house.measure()
    baseline = house.room.live.room.baseline
    assert baseline is not None
    link = baseline.links[0]
    adaptation = Adaptation(offsets={link.link: np.full(link.log_reference.shape, 0.03)})
    await house.room.teacher.async_keep((ReferenceFollowed(baseline_id=baseline.id, adaptation=adaptation),))
    await house.reload()
    await house.live(4)
    memory = house.room.live.room._memory
    assert memory is not None
    assert memory.adaptation.offset(link.link) == pytest.approx(0.03, abs=0.001)


async def test_new_baseline_makes_the_bank_stale(house: House) -> None:
    await house.measure()
    bank = await train(house, 1)
    room = house.room.live.room
    room.restore(replace(bank, baseline_id="another"))
    await house.live(4)
    assert house.state("calibration") == "stale"
    assert house.state("calibration_stale", "binary_sensor") == "on"
    causes = house.attributes("calibration_stale", "binary_sensor")["causes"]
    assert causes[0]["reason"] == "baseline_mismatch"
    assert house.state("motion", "binary_sensor") in ("on", "off")
    assert house.state("posture") in ("unknown", "unavailable")
