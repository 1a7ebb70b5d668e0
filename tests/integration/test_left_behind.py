"""What rooms leave that were deleted while nobody was there to clear away."""

import os
import time
from pathlib import Path

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN
from custom_components.ruview.left_behind import KEPT_S

from .conftest import House, room_data

#: As Home Assistant names subentries.
KEPT, GONE = "01K8NVEN3WZ03DCCG9C7X5DH27", "01K8NVEN3WZ03DCCG9C7X5DH28"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "ruview"


def furnish(home: Path, *names: str) -> None:
    for name in names:
        (home / name).mkdir(parents=True)
        (home / name / "room.json").write_text(name)


def names(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()}


async def test_only_what_no_listener_owns_is_put_away(
    hass: HomeAssistant, house: House, home: Path, area: str, port: int
) -> None:
    """Another listener's rooms are its own, also while it is switched off; what is not a room's folder stays."""
    MockConfigEntry(
        domain=DOMAIN,
        data={"host": "127.0.0.1", "port": port + 1},
        subentries_data=[room_data(area, [], room_id=KEPT)],
        disabled_by=ConfigEntryDisabler.USER,
    ).add_to_hass(hass)
    furnish(home, KEPT, GONE, f"{GONE}-former", "exports", "living-room", f"{GONE} of my friend")
    (home / "01K8NVEN3WZ03DCCG9C7X5DH29").write_text("a file")
    await house.reload()
    waiting = home / "removed"
    assert names(waiting) == {GONE, f"{GONE}-former"}
    assert (waiting / GONE / "room.json").read_text() == GONE, "it can be put back"
    assert names(home) == {
        KEPT, "exports", "living-room", f"{GONE} of my friend", "01K8NVEN3WZ03DCCG9C7X5DH29", "removed",
    }  # fmt: skip


async def test_it_waits_a_month(house: House, home: Path) -> None:
    furnish(home, GONE)
    os.utime(home / GONE, (0.0, 0.0))  # last written long ago: what counts is when it was put away
    await house.reload()
    place = home / "removed" / GONE
    now = time.time()
    os.utime(place, (now, now - KEPT_S + 60.0))
    await house.reload()
    assert place.is_dir()
    os.utime(place, (now, now - KEPT_S - 60.0))
    await house.reload()
    assert not place.exists()


async def test_put_back_and_left_again_the_newer_one_waits(house: House, home: Path) -> None:
    furnish(home, GONE)
    await house.reload()
    furnish(home, GONE)
    (home / GONE / "room.json").write_text("newer")
    await house.reload()
    assert (home / "removed" / GONE / "room.json").read_text() == "newer"


async def test_a_folder_that_cannot_be_moved_stops_nothing(
    house: House, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    furnish(home, GONE)

    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError("not today")

    with monkeypatch.context() as sealed:
        sealed.setattr(Path, "replace", refuse)
        await house.reload()
    assert "not today" in caplog.text
    assert (home / GONE).is_dir()


async def test_nothing_waits_when_the_last_listener_goes(
    hass: HomeAssistant, house: House, home: Path, tmp_path: Path
) -> None:
    furnish(home, GONE)
    await house.reload()
    assert (home / "removed").is_dir()
    assert await hass.config_entries.async_remove(house.entry.entry_id)
    await hass.async_block_till_done()
    assert names(tmp_path) & {"ruview"} == set()


async def test_what_people_made_stays_when_the_last_listener_goes(
    hass: HomeAssistant, house: House, home: Path
) -> None:
    furnish(home, "exports")
    assert await hass.config_entries.async_remove(house.entry.entry_id)
    await hass.async_block_till_done()
    assert names(home) == {"exports"}
