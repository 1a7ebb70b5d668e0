"""Things that move without being people: the door, furniture that is shifted, a fan, a curtain over the radiator."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from .body import Scatter
from .person import Person
from .randomness import Times
from .scene import Door, Place, Point
from .step import smooth

#: Time to open or close a door; to push a chair aside. Origin: chosen.
DOOR_S: Final = 1.5
SHIFT_S: Final = 3.0
#: Somebody who leaves opens the door this long before they are gone. Origin: derived, 2.9 m at 1.15 m/s and opening.
PASSAGE_S: Final = 4.0
#: A door leaf as three scatterers, m² each. Origin: chosen, a wooden leaf seen aslant.
LEAF_SECTION_M2: Final = 0.25


class Mover(Protocol):
    """Anything whose scattering points are known at any moment."""

    def scatter(self, times: Times) -> Scatter:
        """Points at ascending moments."""
        ...

    def is_moving(self, at_s: float) -> bool:
        """It moves at that moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLeaf:
    """Opens at each `opened_s` and closes at each `closed_s`; shut at first."""

    door: Door
    opened_s: tuple[float, ...] = ()
    closed_s: tuple[float, ...] = ()

    def scatter(self, times: Times) -> Scatter:
        """Three points along the leaf."""
        part = np.zeros(len(times))
        for begin in self.opened_s:
            part += smooth((times - begin) / DOOR_S)
        for begin in self.closed_s:
            part -= smooth((times - begin) / DOOR_S)
        angle = self.door.closed + (self.door.opened - self.door.closed) * np.clip(part, 0.0, 1.0)
        reach = self.door.leaf_m * np.array([0.3, 0.6, 0.95])[:, None]
        position = np.stack(
            [
                self.door.hinge[0] + reach * np.cos(angle),
                self.door.hinge[1] + reach * np.sin(angle),
                np.broadcast_to(np.array([0.7, 1.4, 1.0])[:, None], (3, len(times))),
            ],
            axis=-1,
        )
        return _plain(position, LEAF_SECTION_M2)

    def is_moving(self, at_s: float) -> bool:
        """Within `DOOR_S` of a beginning."""
        return any(0 <= at_s - begin < DOOR_S for begin in (*self.opened_s, *self.closed_s))


class UsedDoor:
    """Opens when somebody comes or goes and shuts behind them; knows the plans of `people`, also those made later."""

    def __init__(self, door: Door, people: Iterable[Person]) -> None:
        self._door = door
        self._people = tuple(people)

    def scatter(self, times: Times) -> Scatter:
        """The leaf, as `DoorLeaf` moves it."""
        return self._leaf().scatter(times)

    def is_moving(self, at_s: float) -> bool:
        """Somebody just opened or shut it."""
        return self._leaf().is_moving(at_s)

    def _leaf(self) -> DoorLeaf:
        uses = [step for person in self._people for step in person.steps if step.activity in ("enter", "leave")]
        return DoorLeaf(
            door=self._door,
            opened_s=tuple(step.end_s - PASSAGE_S if step.activity == "leave" else step.start_s for step in uses),
            closed_s=tuple(step.end_s for step in uses),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """A piece that stands at the first place until it is pushed to the second."""

    places: tuple[Place, Place]
    shifted_s: float
    height: float = 0.6
    cross_section_m2: float = 0.4

    def scatter(self, times: Times) -> Scatter:
        """One point."""
        part = smooth((times - self.shifted_s) / SHIFT_S)[:, None]
        position = np.empty((1, len(times), 3))
        position[0, :, :2] = np.array(self.places[0]) * (1 - part) + np.array(self.places[1]) * part
        position[..., 2] = self.height
        return _plain(position, self.cross_section_m2)

    def is_moving(self, at_s: float) -> bool:
        """While it is pushed."""
        return 0 <= at_s - self.shifted_s < SHIFT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Two blade tips that turn, a strictly periodic mover.

    turns_per_s : of the blades; the channel sees twice that
    """

    position: Point
    turns_per_s: float = 1.6
    radius_m: float = 0.2
    cross_section_m2: float = 0.02
    on_s: tuple[float, float] = (0.0, float("inf"))

    def scatter(self, times: Times) -> Scatter:
        """Two opposite points; at rest outside `on_s`."""
        running = np.clip(times, self.on_s[0], self.on_s[1])
        turn = 2 * np.pi * self.turns_per_s * (running - self.on_s[0])
        angle = np.stack([turn, turn + np.pi])
        position = np.empty((2, len(times), 3))
        position[..., 0] = self.position[0] + self.radius_m * np.cos(angle)
        position[..., 1] = self.position[1]
        position[..., 2] = self.position[2] + self.radius_m * np.sin(angle)
        return _plain(position, self.cross_section_m2)

    def is_moving(self, at_s: float) -> bool:
        """While it is switched on."""
        return self.on_s[0] <= at_s < self.on_s[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtain:
    """Air from a heater or an air conditioner makes it swing by millimetres during each run.

    runs_s : (begin, end) of each run
    """

    position: Point
    runs_s: tuple[tuple[float, float], ...]
    swing_m: float = 0.004
    cross_section_m2: float = 0.3

    def scatter(self, times: Times) -> Scatter:
        """One point that swings along y with three incommensurate periods."""
        amount = np.zeros(len(times))
        for begin, end in self.runs_s:
            amount += smooth((times - begin) / 4) * (1 - smooth((times - end) / 8))
        wave = np.sin(2 * np.pi * 0.43 * times) + 0.7 * np.sin(2 * np.pi * 0.71 * times + 1) + 0.4 * np.sin(7.9 * times)
        position = np.empty((1, len(times), 3))
        position[...] = self.position
        position[0, :, 1] += self.swing_m * amount * wave
        return _plain(position, self.cross_section_m2)

    def is_moving(self, at_s: float) -> bool:
        """During a run."""
        return any(begin <= at_s < end + 8 for begin, end in self.runs_s)


def _plain(position: np.ndarray, cross_section_m2: float) -> Scatter:
    """Points that look the same from everywhere."""
    return Scatter(
        position=position,
        normal=np.zeros_like(position),
        root_section=np.full(position.shape[:2], np.sqrt(cross_section_m2)),
    )
