"""One card per node that nobody claimed."""

from types import SimpleNamespace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_INTEGRATION_DISCOVERY
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN
from custom_components.ruview.strangers import Strangers

from .conftest import House


@pytest.fixture
def strangers(hass: HomeAssistant, house: House) -> Strangers:
    return Strangers(hass, house.hub.coordinator)


def heard(*keys: str) -> Any:
    return {key: SimpleNamespace(address=f"192.0.2.{key}") for key in keys}


async def cards(hass: HomeAssistant) -> set[str]:
    await hass.async_block_till_done()
    return {
        flow["context"]["unique_id"]
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == SOURCE_INTEGRATION_DISCOVERY
    }


async def test_each_is_announced_once(hass: HomeAssistant, house: House, strangers: Strangers) -> None:
    for _ in range(3):
        strangers.announce(heard("1", "7", "8"), {"1"})
    assert await cards(hass) == {f"{house.entry.entry_id}-7", f"{house.entry.entry_id}-8"}


async def test_an_ignored_one_stays_ignored(hass: HomeAssistant, house: House, strangers: Strangers) -> None:
    MockConfigEntry(domain=DOMAIN, source=SOURCE_IGNORE, unique_id=f"{house.entry.entry_id}-7").add_to_hass(hass)
    strangers.announce(heard("7"), set())
    assert await cards(hass) == set()


async def test_a_claimed_ones_card_is_withdrawn(hass: HomeAssistant, house: House, strangers: Strangers) -> None:
    strangers.announce(heard("7", "8"), set())
    assert len(await cards(hass)) == 2
    strangers.withdraw({"7"})
    assert await cards(hass) == {f"{house.entry.entry_id}-8"}


async def test_one_that_gave_its_place_away_has_no_card_and_is_new_when_it_returns(
    hass: HomeAssistant, house: House, strangers: Strangers
) -> None:
    strangers.announce(heard("7", "8"), set())
    assert len(await cards(hass)) == 2
    strangers.announce(heard("8"), set())
    assert await cards(hass) == {f"{house.entry.entry_id}-8"}
    strangers.announce(heard("7", "8"), set())
    assert len(await cards(hass)) == 2
