"""What the first schema left on disk is taken up by the newest code, whole and unchanged."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN
from custom_components.ruview.ruview_engine.room.absence import WhyAbsent
from custom_components.ruview.ruview_engine.simulate import scenes

from .conftest import ROOM_ID, House

FIRST = Path(__file__).parents[1] / "fixtures/first_schema"
STORED: dict[str, Any] = json.loads((FIRST / "entry.json").read_text(encoding="utf-8"))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def entry(hass: HomeAssistant, port: int, tmp_path: Path, hass_storage: dict[str, Any]) -> MockConfigEntry:
    """The entry as it was stored, but for the port, and its room's files in their place."""
    assert ar.async_get(hass).async_get_or_create("Living room").id == "living_room"
    shutil.copytree(FIRST / "room", tmp_path / DOMAIN / ROOM_ID)
    known = STORED["entry"]
    key = f"{DOMAIN}.{known['entry_id']}.pins"
    hass_storage[key] = {**STORED["pins"], "key": key}
    found = MockConfigEntry(
        **{name: known[name] for name in ("entry_id", "version", "minor_version", "domain", "title", "options")},
        data={**known["data"], "port": port},
        subentries_data=[ConfigSubentryDataWithId(**room) for room in known["subentries"]],
    )
    found.add_to_hass(hass)
    return found


def test_every_kind_of_file_is_there() -> None:
    kinds = {name.split("/")[0] for name in digests(FIRST / "room")}
    assert kinds == {
        "room.json",
        "enrollment.jsonl",
        "baselines",
        "changes",
        "captures",
        "banks",
        "signatures",
        "backbone",
    }


async def test_first_schema_loads_and_nothing_is_written(
    hass: HomeAssistant, entry: MockConfigEntry, time_s: list[float], tmp_path: Path
) -> None:
    before = digests(tmp_path / DOMAIN)
    assert await async_setup_component(hass, "repairs", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    house = House(hass, entry, time_s, scenes.living_room(nodes=1, n_others=0))
    room, teacher = house.room, house.room.teacher

    assert teacher.store.refused == []
    assert room.live.room.baseline is not None
    assert (
        room.live.room.baseline.id
        == json.loads((FIRST / "room/room.json").read_text(encoding="utf-8"))["payload"]["baseline"]
    )
    assert teacher.missing == []
    assert [(bank.version, bank.is_current) for bank in teacher.banks] == [(1, True)]
    assert {skill.kind for skill in teacher.skills if skill.is_learnt} >= {"presence", "anomaly"}
    assert {skill.reason for skill in teacher.skills if not skill.is_learnt} <= {*WhyAbsent, "not_trained"}
    assert [signature.signature_id for signature in teacher.signatures.known] == ["door_open"]
    assert room.live.encoder is not None
    assert teacher.store.change.keys() == {link.link for link in room.live.room.baseline.links}
    assert house.hub.engine.pins == {"1": "127.0.0.11"}

    assert (room.setting("hold_s"), room.setting("sensitivity")) == (20, 1.2)
    assert house.hub.option("hold_s") == 45
    assert room.linked == ("binary_sensor.pir",)
    assert [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN] == []
    assert digests(tmp_path / DOMAIN) == before


async def test_a_room_of_the_first_schema_answers(
    hass: HomeAssistant, entry: MockConfigEntry, time_s: list[float]
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = House(hass, entry, time_s, scenes.living_room(nodes=1, n_others=0))
    await house.live(8)
    assert house.state("calibration") == "ready"
    assert house.state("occupancy", "binary_sensor") in ("on", "off", "unknown")
    assert house.attributes("occupancy", "binary_sensor")["bank_version"] == 1
