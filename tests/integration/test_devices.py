"""Devices: rooms under the hub, nodes under their room, areas given once, strangers removed."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr

from custom_components.ruview.const import DOMAIN

from .conftest import ROOM_ID, House


@pytest.fixture
def registry(hass: HomeAssistant) -> dr.DeviceRegistry:
    return dr.async_get(hass)


def device(registry: dr.DeviceRegistry, house: House, identity: str) -> dr.DeviceEntry | None:
    return registry.async_get_device_by_identifier((DOMAIN, identity), house.entry.entry_id)


async def test_a_room_hangs_under_the_hub_and_its_node_under_it(house: House, registry: dr.DeviceRegistry) -> None:
    hub, room = device(registry, house, house.entry.entry_id), device(registry, house, ROOM_ID)
    node = device(registry, house, f"{house.entry.entry_id}_1")
    assert hub is not None
    assert room is not None
    assert node is not None
    assert hub.entry_type is dr.DeviceEntryType.SERVICE
    assert (room.via_device_id, node.via_device_id) == (hub.id, room.id)
    assert room.area_id == node.area_id == house.room.area_id
    assert room.config_subentry_id == node.config_subentry_id == ROOM_ID


async def test_an_area_that_the_owner_chose_stays(
    hass: HomeAssistant, house: House, registry: dr.DeviceRegistry
) -> None:
    attic = ar.async_get(hass).async_get_or_create("Attic").id
    node = device(registry, house, f"{house.entry.entry_id}_1")
    assert node is not None
    registry.async_update_device(node.id, area_id=attic)
    house.hub.devices.register_room(house.room)
    after = device(registry, house, f"{house.entry.entry_id}_1")
    assert after is not None
    assert after.area_id == attic


async def test_a_room_moves_when_it_is_told(hass: HomeAssistant, house: House, registry: dr.DeviceRegistry) -> None:
    attic = ar.async_get(hass).async_get_or_create("Attic").id
    house.hub.devices.move(ROOM_ID, attic)
    house.hub.devices.move("a room that is gone", attic)
    room = device(registry, house, ROOM_ID)
    assert room is not None
    assert room.area_id == attic


async def test_a_node_nobody_claims_goes_and_nothing_else(house: House, registry: dr.DeviceRegistry) -> None:
    house.hub.devices.remove_strangers({"1"})
    assert device(registry, house, f"{house.entry.entry_id}_1") is not None
    house.hub.devices.remove_strangers({"2"})
    assert device(registry, house, f"{house.entry.entry_id}_1") is None
    assert device(registry, house, ROOM_ID) is not None
    assert device(registry, house, house.entry.entry_id) is not None
