"""Fixtures of the integration's tests: the real engine, simulated boards, no mocks of our own code."""

# Before the test plugin's own `custom_components` can take the name.
import custom_components.ruview  # isort: skip

import asyncio
import socket
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview import clock
from custom_components.ruview.const import DOMAIN, SUBENTRY_ROOM
from custom_components.ruview.coordinator import RoomCoordinator
from custom_components.ruview.hub import RuViewHub
from custom_components.ruview.ruview_engine.engine import Engine
from custom_components.ruview.ruview_engine.introspection.introspector import ChangeModel
from custom_components.ruview.ruview_engine.links.link_id import LinkId
from custom_components.ruview.ruview_engine.room.baseline import Baseline
from custom_components.ruview.ruview_engine.settings import RoomSettings
from custom_components.ruview.ruview_engine.simulate import Person, Simulator, Timeline, scenes
from custom_components.ruview.ruview_engine.simulate.scene import Scene

ROOM_ID = "01ROOM"
#: Where the simulated time begins on the monotonic clock.
START_S = 50_000.0


@pytest.fixture(autouse=True)
def _ours(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration."""
    assert custom_components.ruview.DOMAIN == DOMAIN


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Instead of the plugin's: a traceback for every future takes a third of the processor, so only with --run-slow."""
    asyncio.get_running_loop().set_debug(request.config.getoption("--run-slow"))


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Each test writes into a folder of its own."""
    return str(tmp_path)


@pytest.fixture
def port(socket_enabled: None) -> int:
    """A UDP port that is free at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def time_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The integration's clock, to be set: `time_s[0] = …`."""
    now = [START_S]
    monkeypatch.setattr(clock, "now_s", lambda: now[0])
    return now


@pytest.fixture
def area(hass: HomeAssistant) -> str:
    """The id of the living room's area."""
    return ar.async_get(hass).async_get_or_create("Living room").id


def room_data(area_id: str, nodes: list[str], room_id: str = ROOM_ID, title: str = "Living room") -> Any:
    """A room as it is stored."""
    return ConfigSubentryDataWithId(
        data={"area_id": area_id, "nodes": nodes},
        subentry_id=room_id,
        subentry_type=SUBENTRY_ROOM,
        title=title,
        unique_id=area_id,
    )


def living_room() -> Scene:
    """The room of nearly all tests."""
    return scenes.living_room(nodes=1, seed=2)


def inhabited(scene: Scene) -> tuple[Person, Simulator]:
    """Who lives in a room, absent until told otherwise, and the boards that look at it."""
    person = Person(scene, seed=3)
    return person, Simulator(scene, Timeline([person]), seed=7)


@cache
def measured() -> tuple[Baseline, dict[LinkId, ChangeModel]]:
    """Its baseline with what introspection learnt of quiet, by the engine alone: the same whichever test asks first."""
    engine = Engine()
    room = engine.add_room(RoomSettings(room_id=ROOM_ID, nodes=frozenset({"1"})), START_S)
    _, simulator = inhabited(living_room())
    for number in range(1, 47):
        for at_s, source, datagram in simulator.second():
            engine.feed(datagram, source[0], START_S + at_s)
        if number == 3:
            room.room.start_baseline(START_S + 3.0, lead_s=0.0, duration_s=40.0)
        if number % 10 == 3 or number > 43:
            room.apply(room.slow_job(START_S + number)())
    assert room.room.baseline is not None
    return room.room.baseline, dict(room._known.change)


class House:
    """A running hub, a simulated room in front of it, and a clock that turns when told."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, time_s: list[float], scene: Scene) -> None:
        self.hass = hass
        self.entry = entry
        self.scene = scene
        self.person, self.simulator = inhabited(scene)
        self.simulated_s = 0
        self._time_s = time_s

    @property
    def hub(self) -> RuViewHub:
        hub: RuViewHub = self.entry.runtime_data
        return hub

    @property
    def room(self) -> RoomCoordinator:
        return self.hub.rooms[ROOM_ID]

    async def live(self, seconds: int, *, deaf: bool = False, tick_every: int = 1, is_hurried: bool = False) -> None:
        """Let time pass: frames arrive (unless deaf), the hub ticks every second, slow jobs end before the next.

        is_hurried : they do not, time passes while one runs
        """
        for number in range(seconds):
            for at_s, source, datagram in self.simulator.second():
                if not deaf:
                    self._time_s[0] = START_S + at_s
                    self.hub._receive(datagram, source[0], self._time_s[0])
            self.simulated_s += 1
            self._time_s[0] = START_S + self.simulated_s
            if number % tick_every and number < seconds - 2:
                continue
            self.hub._tick(dt_util.utcnow())
            for room in self.hub.rooms.values():
                if room._job is not None and not is_hurried:
                    await room._job
        await self.hass.async_block_till_done()

    async def know_empty(self) -> None:
        """Give the room its baseline, as a restart would; the minute itself is measured once in a test run."""
        baseline, change = measured()
        await self.live(3)
        self.room.live.room.load(baseline=baseline)
        self.hub.engine.expect(self.room.live, change=change)
        await self.live(2)

    async def measure(self) -> None:
        """Let the room measure itself, once its links have names."""
        await self.live(3)
        self.room.teacher.async_start_baseline(0.0, 40.0)
        await self.live(43, tick_every=10)
        assert self.room.teacher.outcome is not None
        assert self.room.teacher.outcome.accepted, self.room.teacher.outcome

    def entity(self, key: str, platform: str = "sensor") -> str:
        """Entity id by key."""
        found = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{ROOM_ID}_{key}")
        assert found is not None, f"no entity {platform}.{key}"
        return found

    def state(self, key: str, platform: str = "sensor") -> str | None:
        """State by key; None when there is no state at all."""
        found = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{ROOM_ID}_{key}")
        state = None if found is None else self.hass.states.get(found)
        return None if state is None else state.state

    def attributes(self, key: str, platform: str = "sensor") -> dict[str, Any]:
        """Attributes by key."""
        state = self.hass.states.get(self.entity(key, platform))
        assert state is not None
        return dict(state.attributes)

    async def reload(self) -> None:
        """Unload and set up again."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()


@pytest.fixture
def entry(hass: HomeAssistant, port: int, area: str) -> MockConfigEntry:
    """A listener with a living room and its node 1, not set up yet."""
    found = MockConfigEntry(
        domain=DOMAIN,
        title="RuView",
        data={"host": "127.0.0.1", "port": port},
        subentries_data=[room_data(area, ["1"])],
        version=1,
        minor_version=1,
    )
    found.add_to_hass(hass)
    return found


@pytest.fixture
async def house(hass: HomeAssistant, entry: MockConfigEntry, time_s: list[float]) -> House:
    """The same, set up."""
    assert await async_setup_component(hass, "repairs", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return House(hass, entry, time_s, living_room())
