"""The demonstration's story in simulated time: the room it is taught in must be the room it is lived in."""

import pytest

from ruview_engine.engine import Engine
from ruview_engine.live_room import LiveRoom
from ruview_engine.room.repository import RoomRepository
from ruview_engine.room.state import Presence
from ruview_engine.simulate import Person, Simulator, Timeline, scenes

from . import taught_room
from .config_folder import ROOT
from .demo import LIVING_SCENE, STORY
from .prepared_room import PreparedRoom

#: A room says nothing about its first seconds; a person is seen this soon and forgotten this late. Origin: chosen.
SETTLE_S = 5
SEEN_S = 3
GONE_S = 20
#: A breath is read this long after sitting down. Origin: derived, half a minute without movement, and two looks.
FIRST_BREATH_S = 33


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What the demonstration's room said in every second, and what was so."""
    with PreparedRoom(ROOT / ".cache/demo", **LIVING_SCENE) as prepared:
        repository = RoomRepository(tmp_path_factory.mktemp("story"), "prepared")
        repository.import_(prepared.wait())
    return list(_play(*taught_room.begin(repository)))


def _play(engine: Engine, room: LiveRoom):
    scene = scenes.living_room(LIVING_SCENE["nodes"], version=LIVING_SCENE["version"], geometry=LIVING_SCENE["scene"])
    person = Person(scene, LIVING_SCENE["seed"], placement_m=LIVING_SCENE["placement"])
    simulator = Simulator(scene, Timeline.home(scene, person), LIVING_SCENE["seed"])
    second = 0
    for activity, seconds in STORY:
        person.obey(activity, float(second))
        for _ in range(seconds):
            for at_s, source, datagram in simulator.second():
                engine.feed(datagram, source, at_s)
            second += 1
            engine.tick(float(second))
            room.apply(room.slow_job(float(second))())
            truth, state = simulator.truth(float(second)), room.state
            yield {
                "second": second,
                "is_present": truth.is_present,
                "bpm": truth.breathing_bpm,
                "presence": state.presence.value,
                "breathing": state.breathing.value,
                "really": truth.posture,
                "posture": state.posture.value,
                "activity": truth.activity,
            }


def _said(told, begin: int, end: int) -> set[object]:
    return {look["presence"] for look in told if begin <= look["second"] < end}


def test_the_empty_room_is_clear_before_anybody_comes(told) -> None:
    enters = next(look["second"] for look in told if look["is_present"])
    assert _said(told, SETTLE_S, enters) == {Presence.CLEAR}


def test_the_person_is_seen_at_once_and_until_the_end(told) -> None:
    inside = [look["second"] for look in told if look["is_present"]]
    assert _said(told, inside[0] + SEEN_S, inside[-1]) == {Presence.PRESENT}


def test_breath_is_read_while_somebody_sits_and_it_is_theirs_every_second(told) -> None:
    sitting = [look for look in told if look["activity"] == "sit" and look["really"] == "sit"]
    first = next(number for number, look in enumerate(sitting) if look["breathing"] is not None)
    assert first <= FIRST_BREATH_S
    assert all(abs(look["breathing"] - look["bpm"]) < 1.5 for look in sitting[first:])


def test_who_sits_is_told_from_who_lies(told) -> None:
    settled = [look for look in told if look["really"] is not None]  # not on their way into a posture or out of one
    said = [(look["really"], look["posture"].value) for look in settled if look["posture"] is not None]
    assert set(said) == {("sit", "sitting"), ("lie", "lying")}
    assert said.count(("sit", "sitting")) >= 45
    assert said.count(("lie", "lying")) >= 30


def test_the_room_is_clear_again_after_the_person_has_left(told) -> None:
    leaves = [look["second"] for look in told if look["is_present"]][-1]
    assert _said(told, leaves + GONE_S, told[-1]["second"] + 1) == {Presence.CLEAR}
