"""Who and what moves in a scene, and the truth about any moment."""

from collections.abc import Iterable
from typing import Self

from .movers import Mover, UsedDoor
from .person import Person
from .scene import Scene
from .truth import Truth


class Timeline:
    """People, pets and moving things. People may be told more while the simulation runs.

    Parameters
    ----------
    people : counted by the truth
    movers : doors, furniture, fans
    pets : bodies that are not counted
    """

    def __init__(
        self, people: Iterable[Person] = (), *, movers: Iterable[Mover] = (), pets: Iterable[Person] = ()
    ) -> None:
        self.people = tuple(people)
        self.movers = tuple(movers)
        self.pets = tuple(pets)

    @classmethod
    def home(cls, scene: Scene, person: Person) -> Self:
        """One person who uses the scene's door. Its leaf is part of the empty room's shape: teach and live with it."""
        return cls([person], movers=[UsedDoor(scene.door, [person])])

    def truth(self, at_s: float) -> Truth:
        """What a perfect sensor would say."""
        steps = [(person, person.step_at(at_s)) for person in self.people]
        present = [(person, step) for person, step in steps if step.is_present]
        is_disturbed = any(mover.is_moving(at_s) for mover in self.movers) or any(
            pet.step_at(at_s).is_moving for pet in self.pets
        )
        if not present:
            return Truth(
                at_s=at_s,
                n_people=0,
                is_moving=False,
                posture=None,
                breathing_bpm=None,
                heart_bpm=None,
                place=None,
                activity="absent",
                is_disturbed=is_disturbed,
            )
        person, step = present[0]
        is_alone = len(present) == 1
        is_settled = step.posture_from == step.posture_to and step.speed_m_s == 0
        return Truth(
            at_s=at_s,
            n_people=len(present),
            is_moving=any(step.is_moving for _, step in present),
            posture=step.posture_to if is_alone and is_settled else None,
            breathing_bpm=person.breathing_bpm(at_s) if is_alone and step.depth > 0 else None,
            heart_bpm=person.heart_bpm if is_alone else None,
            place=person.place_at(at_s),
            activity=step.activity,
            is_disturbed=is_disturbed,
        )
