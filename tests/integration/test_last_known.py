"""What rooms knew of somebody is stored when they stop, and taken up when they begin again."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.ruview_engine.room.state import Presence
from custom_components.ruview.ruview_engine.simulate import scenes

from .conftest import ROOM_ID, House
from .test_upgrade import entry as taught_entry

#: Of the first schema, taught.
entry = taught_entry


async def test_a_reload_goes_on_from_what_was_known(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    time_s: list[float],
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = House(hass, entry, time_s, scenes.living_room(nodes=1, n_others=0))
    house.person.follow([(5.0, "walk"), (12.0, "stand")])
    await house.live(19)
    assert house.state("motion", "binary_sensor") == "off"
    assert house.state("occupancy", "binary_sensor") == "on"
    freezer.tick(house.simulated_s + 1.0)  # of the simulated seconds the wall clock knows nothing
    await house.reload()
    key = f"ruview.{entry.entry_id}.last_known"
    assert hass_storage[key]["data"][ROOM_ID]["presence"] == "present"
    known = house.room.live.room.last_known
    assert known is not None, "nothing has been looked at yet, so this was taken up"
    assert known.presence is Presence.PRESENT
    assert await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert key not in hass_storage
