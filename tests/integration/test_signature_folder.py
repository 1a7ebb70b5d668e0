"""Signature files are read again when somebody has edited them, while Home Assistant runs."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.ruview import signature_folder
from custom_components.ruview.const import DOMAIN
from custom_components.ruview.room_signatures import LOOK_EVERY_S
from custom_components.ruview.ruview_engine.introspection.signature import parse_signature
from custom_components.ruview.signature_folder import SignatureFolder

from .conftest import ROOM_ID, House

SIGNATURE = Path(__file__).resolve().parents[2] / "signatures" / "door_open.sig.json"


def text(signature_id: str, **changes: Any) -> str:
    return json.dumps(json.loads(SIGNATURE.read_text()) | {"id": signature_id, "label": signature_id} | changes)


@pytest.fixture
def folder(tmp_path: Path) -> SignatureFolder:
    (tmp_path / "signatures").mkdir()
    return SignatureFolder(tmp_path / "signatures")


@pytest.fixture
def edit(tmp_path: Path) -> Any:
    """Write a file, each time a second later than before: two edits within a tick of the disk's clock are no test."""
    moments = iter(range(1_700_000_000, 1_700_001_000))

    def write(name: str, content: str) -> Path:
        path = tmp_path / "signatures" / name
        path.write_text(content)
        moment = next(moments)
        os.utime(path, (moment, moment))
        return path

    return write


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    folder = SignatureFolder(tmp_path / "nowhere")
    assert not folder.look()
    assert len(folder.library) == 0


def test_files_are_read_only_when_something_changed(
    folder: SignatureFolder, edit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("a.json", text("door"))
    assert folder.look()
    with monkeypatch.context() as patch:
        patch.setattr(signature_folder, "_text", pytest.fail)
        assert not folder.look()
    edit("a.json", text("gate"))
    assert folder.look()
    assert list(folder.library.signatures) == ["gate"]


def test_what_is_added_and_removed_is_seen(folder: SignatureFolder, edit: Any) -> None:
    first, _ = edit("a.json", text("door")), edit("b.json", text("gate"))
    assert folder.look()
    assert set(folder.library.signatures) == {"door", "gate"}
    first.unlink()
    assert folder.look()
    assert set(folder.library.signatures) == {"gate"}


def test_a_bad_file_is_named_and_hides_nothing(folder: SignatureFolder, edit: Any) -> None:
    edit("a.json", "{")
    edit("b.json", text("gate"))
    edit("c.json", text("gate"))
    (folder._folder / "d.json").mkdir()
    assert folder.look()
    assert set(folder.library.signatures) == {"gate"}
    assert set(folder.library.errors) == {"a.json", "c.json", "d.json"}


def test_a_signature_is_replaced_and_deleted_where_it_lives(folder: SignatureFolder, edit: Any) -> None:
    path = edit("by hand.json", text("door"))
    folder.look()
    folder.write(parse_signature(text("door", label="Front door")))
    assert [file.name for file in folder._folder.iterdir()] == ["by hand.json"]
    assert folder.library.signatures["door"].label == "Front door"
    folder.delete("door")
    assert not path.exists()
    assert len(folder.library) == 0
    folder.delete("door")


def known(house: House) -> set[str]:
    return {one.signature_id for one in house.room.teacher.signatures.known}


def looked_for(house: House) -> set[str]:
    snapshot = house.room.snapshot
    return set() if snapshot is None else {match.signature_id for match in snapshot.top_k_similarity}


async def test_an_edited_file_counts_without_a_reload(
    hass: HomeAssistant, house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "ruview" / ROOM_ID / "signatures"
    place.mkdir(parents=True)
    await house.live(3)
    assert known(house) == set()
    (place / "door.json").write_text(text("door"))
    await house.live(int(LOOK_EVERY_S) + 2)
    assert known(house) == looked_for(house) == {"door"}

    (place / "door.json").write_text("{ not yet")
    (place / "window.json").write_text(text("window"))
    await house.live(int(LOOK_EVERY_S) + 2)
    assert known(house) == looked_for(house) == {"window"}
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()
    issue = f"corrupt_file_{ROOM_ID}_signatures/door.json"
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue)
    assert found is not None
    assert found.translation_placeholders == {"room": "Living room", "file": "signatures/door.json"}
    assert "The file signatures/door.json of Living room cannot be used: " in caplog.text
    assert "not JSON" in caplog.text

    (place / "door.json").write_text(text("door"))
    await house.live(int(LOOK_EVERY_S) + 2)
    assert known(house) == looked_for(house) == {"door", "window"}
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=122))
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None, "mended"
