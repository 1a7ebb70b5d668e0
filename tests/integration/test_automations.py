"""Events, triggers, conditions, blueprints and the logbook, in real automations."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.ruview.ruview_engine.introspection.snapshot import Match, Regime
from custom_components.ruview.ruview_engine.notice import RegimeChanged, SignatureMatched

from .conftest import ROOM_ID, House

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "ruview"


@pytest.fixture
def calls(hass: HomeAssistant) -> list[ServiceCall]:
    return async_mock_service(hass, "test", "automation")


async def automate(hass: HomeAssistant, **config: Any) -> None:
    config = {"actions": [{"action": "test.automation"}]} | config
    assert await async_setup_component(hass, "automation", {"automation": [{"alias": "test", **config}]})
    await hass.async_block_till_done()


async def change(house: House, before: Regime, after: Regime) -> None:
    from custom_components.ruview import clock

    notice = RegimeChanged(
        at_s=clock.now_s(), room_id=ROOM_ID, before=before, after=after, confidence=0.9, lyapunov_exponent=0.12
    )
    house.hub.async_handle((notice,))
    await house.hass.async_block_till_done()


async def test_regime_event_carries_where_it_came_from(house: House) -> None:
    await house.live(3)
    assert house.state("regime_changed", "event") == "unknown", "the first look after a start is not an event"
    await change(house, Regime.IDLE, Regime.CHAOTIC)
    attributes = house.attributes("regime_changed", "event")
    assert (attributes["event_type"], attributes["from"], attributes["confidence"]) == ("chaotic", "idle", 0.9)
    first = house.state("regime_changed", "event")
    await change(house, Regime.CHAOTIC, Regime.UNKNOWN)
    assert house.state("regime_changed", "event") == first, "losing sight is not an event"


@pytest.mark.parametrize(
    ("options", "fires"),
    [
        ({}, True),
        ({"to": ["chaotic"]}, True),
        ({"to": "chaotic", "from": ["idle"]}, True),
        ({"to": ["periodic"]}, False),
        ({"from": ["transient"]}, False),
    ],
)
async def test_regime_trigger_by_area(
    hass: HomeAssistant, house: House, area: str, calls: list[ServiceCall], options: Any, fires: bool
) -> None:
    await house.live(3)
    trigger = {"trigger": "ruview.regime_changed", "target": {"area_id": area}, "options": options}
    await automate(hass, triggers=[trigger])
    await change(house, Regime.IDLE, Regime.CHAOTIC)
    assert len(calls) == int(fires)


async def test_regime_trigger_fires_for_the_first_event_after_a_gap(
    hass: HomeAssistant, house: House, area: str, calls: list[ServiceCall]
) -> None:
    await house.live(3)
    await automate(hass, triggers=[{"trigger": "ruview.regime_changed", "target": {"area_id": area}}])
    await house.live(8, deaf=True)
    assert house.state("regime_changed", "event") == "unavailable"
    for at_s, source, datagram in house.simulator.second()[:3]:
        house.hub._receive(datagram, source[0], 50_000.0 + at_s)
    await change(house, Regime.IDLE, Regime.TRANSIENT)
    assert len(calls) == 1


async def test_signature_event(house: House) -> None:
    await house.live(3)
    match = Match(signature_id="door", label="Door", score=0.93, progress=1.0, above_threshold=True)
    house.hub.async_handle((SignatureMatched(at_s=50_003.0, room_id=ROOM_ID, match=match),))
    attributes = house.attributes("signature_recognised", "event")
    assert (attributes["label"], attributes["signature_id"], attributes["score"]) == ("Door", "door", 0.93)


def set_posture(hass: HomeAssistant, house: House, state: str, previous: str | None) -> None:
    hass.states.async_set(house.entity("posture"), state, {"previous": previous})


async def test_posture_trigger_sees_through_unknown(
    hass: HomeAssistant, house: House, area: str, calls: list[ServiceCall]
) -> None:
    trigger = {"trigger": "ruview.posture_changed", "target": {"area_id": area}, "options": {"to": ["lying"]}}
    await automate(hass, triggers=[trigger])
    for state, previous, count in (
        ("sitting", None, 0),
        ("unknown", None, 0),
        ("sitting", None, 0),
        ("unknown", None, 0),
        ("lying", "sitting", 1),
        ("unknown", "sitting", 1),
        ("standing", "lying", 1),
    ):
        set_posture(hass, house, state, previous)
        await hass.async_block_till_done()
        assert len(calls) == count, (state, previous)


async def test_posture_sensor_remembers_the_one_before(hass: HomeAssistant, house: House) -> None:
    from custom_components.ruview.sensor import ROOM, PostureSensor

    sensor = PostureSensor(house.room, next(row for row in ROOM if row.key == "posture"))
    for value in ("sitting", None, "sitting", None, "lying"):
        sensor.show(value)
    assert sensor.riders()["previous"] == "sitting"


async def test_stale_trigger(hass: HomeAssistant, house: House, area: str, calls: list[ServiceCall]) -> None:
    await automate(hass, triggers=[{"trigger": "ruview.calibration_became_stale", "target": {"area_id": area}}])
    entity_id = house.entity("calibration_stale", "binary_sensor")
    for state, count in (("unavailable", 0), ("on", 0), ("off", 0), ("on", 1), ("on", 1)):
        hass.states.async_set(entity_id, state)
        await hass.async_block_till_done()
        assert len(calls) == count, state
    hass.states.async_set(house.entity("anomaly", "binary_sensor"), "on")
    await hass.async_block_till_done()
    assert len(calls) == 1, "other problems are no staleness"


@pytest.mark.parametrize(
    ("condition", "key", "states"),
    [
        (
            {"condition": "ruview.is_regime", "options": {"regime": ["idle", "periodic"]}},
            "regime",
            {"idle": 1, "chaotic": 0},
        ),
        ({"condition": "ruview.is_posture", "options": {"posture": "lying"}}, "posture", {"lying": 1, "sitting": 0}),
    ],
)
async def test_conditions(
    hass: HomeAssistant, house: House, area: str, calls: list[ServiceCall], condition: Any, key: str, states: Any
) -> None:
    await automate(
        hass,
        triggers=[{"trigger": "event", "event_type": "test"}],
        conditions=[{**condition, "target": {"area_id": area}}],
    )
    for state, count in states.items():
        hass.states.async_set(house.entity(key), state)
        calls.clear()
        hass.bus.async_fire("test")
        await hass.async_block_till_done()
        assert len(calls) == count, state


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Install a shipped blueprint as its import button does, and make an automation of it."""
    home = Path(hass.config.path("blueprints", "automation", "ruview"))
    await hass.async_add_executor_job(lambda: home.mkdir(parents=True, exist_ok=True))
    text = await hass.async_add_executor_job((BLUEPRINTS / name).read_text)
    await hass.async_add_executor_job((home / name).write_text, text)
    assert load_yaml_dict(str(home / name))
    config = {"alias": "test", "use_blueprint": {"path": f"ruview/{name}", "input": inputs}}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()


@pytest.mark.parametrize("hold", [{"seconds": 60}, "00:01:00"], ids=["mouse", "yaml"])
async def test_blueprint_light(hass: HomeAssistant, house: House, freezer: Any, hold: Any) -> None:
    from datetime import timedelta

    from homeassistant.util import dt as dt_util
    from pytest_homeassistant_custom_component.common import async_fire_time_changed

    on = async_mock_service(hass, "homeassistant", "turn_on")
    off = async_mock_service(hass, "homeassistant", "turn_off")
    occupancy = house.entity("occupancy", "binary_sensor")
    hass.states.async_set(occupancy, "off")
    await use(hass, "light_by_occupancy.yaml", occupancy=occupancy, light={"entity_id": "light.lamp"}, hold=hold)
    hass.states.async_set(occupancy, "on")
    await hass.async_block_till_done()
    assert on[0].data["entity_id"] == ["light.lamp"]
    hass.states.async_set(occupancy, "unavailable")
    freezer.tick(timedelta(hours=1))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert not off, "not knowing does not switch the light off"
    hass.states.async_set(occupancy, "on")
    await hass.async_block_till_done()
    assert len(on) == 2, "after an hour of not knowing whoever is there has come anew"
    hass.states.async_set(occupancy, "unknown")
    freezer.tick(timedelta(seconds=20))
    hass.states.async_set(occupancy, "on")
    await hass.async_block_till_done()
    assert len(on) == 2, "whoever switched it off by hand sits in the dark on purpose"
    hass.states.async_set(occupancy, "off")
    freezer.tick(timedelta(seconds=61))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert len(off) == 1


async def test_blueprint_regime_at_night(
    hass: HomeAssistant, house: House, calls: list[ServiceCall], freezer: Any
) -> None:
    await hass.config.async_set_time_zone("UTC")
    await house.live(3)
    freezer.move_to("2026-11-21 02:00:00+00:00")
    await use(
        hass,
        "notify_regime_change_at_night.yaml",
        room={"entity_id": [house.entity("regime_changed", "event")]},
        notify=[{"action": "test.automation"}],
    )
    await change(house, Regime.IDLE, Regime.PERIODIC)
    assert len(calls) == 0
    await change(house, Regime.PERIODIC, Regime.CHAOTIC)
    assert len(calls) == 1
    freezer.move_to("2026-11-21 12:00:00+00:00")
    await change(house, Regime.IDLE, Regime.CHAOTIC)
    assert len(calls) == 1


async def test_blueprint_stale_reminder(
    hass: HomeAssistant, house: House, calls: list[ServiceCall], freezer: Any
) -> None:
    from datetime import timedelta

    from homeassistant.util import dt as dt_util
    from pytest_homeassistant_custom_component.common import async_fire_time_changed

    stale = house.entity("calibration_stale", "binary_sensor")
    hass.states.async_set(stale, "off")
    await use(hass, "stale_reminder.yaml", stale=stale, remind=[{"action": "test.automation"}])
    hass.states.async_set(stale, "on")
    await hass.async_block_till_done()
    assert not calls
    freezer.tick(timedelta(minutes=61))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("kind", "what", "reason", "told"),
    [
        ("baseline", None, None, "the empty room was measured"),
        ("baseline", None, "linked_sensor", "refused: another sensor of this room saw somebody."),
        ("anchor", "stand_still", None, "the pose Stand still was accepted"),
        ("anchor", "sit", "moved", "the pose Sit was refused: you moved."),
        ("signature", "Front door", None, "the signature Front door was recorded"),
        ("signature", "Front door", "no_onset", "the signature Front door was not kept: nothing moved"),
        ("train", None, None, "the room was taught"),
        ("train", None, "nothing_taught", "nothing could be learnt: none of the questions"),
    ],
)
async def test_logbook_tells_what_was_taught(
    hass: HomeAssistant, house: House, kind: str, what: str | None, reason: str | None, told: str
) -> None:
    from custom_components.ruview.logbook import async_describe_events

    described: dict[str, Any] = {}
    async_describe_events(hass, lambda domain, event_type, describe: described.update({event_type: describe}))
    assert set(described) == {"ruview_calibration"}
    data = {"room": "Study", "kind": kind, "what": what, "accepted": reason is None, "reason": reason}
    entry = described["ruview_calibration"](type("Event", (), {"data": data}))
    assert entry["name"] == "Study"
    assert told in entry["message"]
