"""Things that move: when they say so, as far as they say, and back."""

import numpy as np
import pytest

from ruview_engine.simulate import Person, Timeline, scenes
from ruview_engine.simulate.movers import Curtain, DoorLeaf, Fan, Furniture, UsedDoor


def travelled(mover, begin, end):
    position = mover.scatter(np.arange(begin, end, 0.05)).position
    return np.ptp(position, axis=1).max()


def test_door_opens_and_shuts():
    door = scenes.living_room().door
    leaf = DoorLeaf(door=door, opened_s=(10.0,), closed_s=(20.0,))
    at = leaf.scatter(np.array([0.0, 15.0, 30.0])).position
    assert at[:, 0] == pytest.approx(at[:, 2])
    assert np.linalg.norm(at[2, 1] - at[2, 0]) == pytest.approx(2**0.5 * 0.95 * door.leaf_m, rel=0.01)
    assert leaf.is_moving(10.5)
    assert not leaf.is_moving(15)


def test_people_use_the_door_and_nobody_else_does():
    scene = scenes.living_room()
    person = Person(scene).follow([(10, "enter"), (30, "leave")])
    door = UsedDoor(scene.door, [person])
    assert travelled(door, 0, 9) == 0
    assert travelled(door, 9, 16) > 0.5
    assert travelled(door, 20, 29) == 0
    assert travelled(door, 29, 45) > 0.5
    assert travelled(door, 45, 60) == 0
    person.do("enter", 70.0)
    assert door.is_moving(70.5)
    assert Timeline([person], movers=[door]).truth(70.5).is_disturbed


def test_furniture_fan_and_curtain():
    chair = Furniture(places=((1.0, 1.0), (1.5, 1.0)), shifted_s=10)
    assert travelled(chair, 0, 10) == 0
    assert travelled(chair, 9, 20) == pytest.approx(0.5)
    assert travelled(chair, 14, 30) == 0
    fan = Fan(position=(1, 1, 1), on_s=(5, 10))
    assert travelled(fan, 0, 5) == 0
    assert travelled(fan, 5, 10) == pytest.approx(0.4, rel=0.05)
    assert travelled(fan, 11, 15) == 0
    curtain = Curtain(position=(1, 1, 1), runs_s=((20, 40),))
    assert travelled(curtain, 0, 20) == 0
    assert 0.005 < travelled(curtain, 25, 40) < 0.03
    assert curtain.is_moving(30)
    assert not curtain.is_moving(60)
