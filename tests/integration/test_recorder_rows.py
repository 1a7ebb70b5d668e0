"""How many rows an hour a taught living room writes into the recorder's table of states."""

from collections import Counter

import pytest
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.ruview_engine.simulate import plans, scenes

from .conftest import House
from .test_upgrade import entry as taught_entry

#: Rows an hour, all entities of a room and its node that are on by default. Origin: spec, issue 5, for a living room;
#: chosen for somebody who is in and out every 100 s, which no home has (measured: 806).
MAX_ROWS = {"evening": 600, "demo": 900}

entry = taught_entry


@pytest.mark.slow
@pytest.mark.parametrize("plan", MAX_ROWS)
async def test_an_hour_in_a_taught_room(
    hass: HomeAssistant, entry: MockConfigEntry, time_s: list[float], plan: str
) -> None:
    """An evening of reading, lying and sleeping; and, worse than any home, somebody in and out all the time."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = House(hass, entry, time_s, scenes.living_room(nodes=1, n_others=0))
    house.person.follow(getattr(plans, plan)(3600.0))
    await house.live(15)
    ours = {one.entity_id for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)}
    rows: Counter[str] = Counter()

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] in ours:
            rows[event.data["entity_id"]] += 1

    hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    await house.live(3600)
    print(f"{plan}: {rows.total()} rows: {dict(rows.most_common())}")
    assert rows.total() < MAX_ROWS[plan]
