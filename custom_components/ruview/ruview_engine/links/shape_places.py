"""Where frames have been: regions of shapes, each remembered by a few of its members."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import UnitShape
from .transmitter import Transmitter

#: Places of one layout. Origin: chosen; the two-board recording needs 6 lasting ones, motion and glitches create more.
MAX_PLACES: Final = 16
#: Recent members of a place: the nearest of them follows a body along its path where a centroid loses it.
#: Origin: measured, 3 give within 15 % of the nearest distance that 20 give.
N_RECENT: Final = 3
#: Members spaced in time: they remember the place while a run of foreign frames (≤ 0.2 s) passes.
N_SPACED: Final = 3
SPACED_S: Final = 0.5
N_MEMBERS: Final = N_RECENT + N_SPACED
#: Candidates are forgotten after this silence. Origin: chosen, ten intervals of a 0.3 Hz transmitter.
PLACE_LIFE_S: Final = 30.0
#: Visits that make a place more than a passing shape. Origin: measured, foreign frames do not agree with each other.
SETTLED_HITS: Final = 3


@dataclass(slots=True, eq=False)
class Place:
    """A region of shapes and how often it was visited; a root is where its transmitter is known to be."""

    row: int
    of: Transmitter
    first_s: float
    last_s: float
    spaced_s: float
    hits: int = 1
    returns: int = 0
    recent: int = 0
    spaced: int = 0
    is_root: bool = False

    @property
    def newest_member(self) -> int:
        """Row of `ShapePlaces.members` with the last frame."""
        return self.row * N_MEMBERS + self.recent


class ShapePlaces:
    """A bounded memory of places. Shapes in it have length 1, so a product with `members` is a cosine.

    Parameters
    ----------
    n_bins : length of the shapes
    """

    __slots__ = ("_slots", "members")

    def __init__(self, n_bins: int) -> None:
        self.members: NDArray[np.float32] = np.zeros((MAX_PLACES * N_MEMBERS, n_bins), dtype=np.float32)
        self._slots: list[Place | None] = [None] * MAX_PLACES

    def __iter__(self) -> Iterator[Place]:
        """Every place in use."""
        return (place for place in self._slots if place is not None)

    def holding(self, member: int) -> Place | None:
        """The place that row `member` of `members` belongs to."""
        return self._slots[member // N_MEMBERS]

    def open(self, owner: Transmitter, unit: UnitShape, at_s: float, *, is_root: bool = False) -> None:
        """A new place at `unit`, unless every slot is worth more than it."""
        row = self._free_row(at_s)
        if row is None:
            return
        self.members[row * N_MEMBERS : (row + 1) * N_MEMBERS] = unit
        self._slots[row] = Place(row, owner, at_s, at_s, at_s, is_root=is_root)

    def visit(self, place: Place, unit: UnitShape, at_s: float) -> None:
        """Remember a frame as a member of `place`."""
        first = place.row * N_MEMBERS
        place.recent = (place.recent + 1) % N_RECENT
        self.members[first + place.recent] = unit
        if at_s - place.spaced_s >= SPACED_S:
            place.spaced = (place.spaced + 1) % N_SPACED
            self.members[first + N_RECENT + place.spaced] = unit
            place.spaced_s = at_s
        place.hits += 1
        place.last_s = at_s

    def forget(self, owner: Transmitter) -> None:
        """Empty the slots of all places of `owner`."""
        for place in self:
            if place.of is owner:
                self._slots[place.row] = None
                self._members_of(place)[:] = 0.0

    def roots(self, owner: Transmitter) -> tuple[Place, ...]:
        """The places where `owner` is known to be."""
        return tuple(place for place in self if place.of is owner and place.is_root)

    def rows_of_roots(self, owner: Transmitter) -> Iterator[slice]:
        """Where in `members` the places are at which `owner` is known to be."""
        return (_rows(place) for place in self if place.of is owner and place.is_root)

    def newest(self, place: Place) -> UnitShape:
        """A copy of the last member."""
        return np.array(self.members[place.newest_member])

    def distance(self, one: Place, two: Place) -> float:
        """Between the newest members."""
        return 1.0 - float(self.newest(one) @ self.newest(two))

    def separation(self, one: Place, two: Place) -> float:
        """Smallest distance between any two members."""
        return 1.0 - float((self._members_of(one) @ self._members_of(two).T).max())

    def _members_of(self, place: Place) -> NDArray[np.float32]:
        return self.members[_rows(place)]

    def _free_row(self, at_s: float) -> int | None:
        """An empty slot, else that of the least useful candidate."""
        worst: Place | None = None
        for row, place in enumerate(self._slots):
            if place is None:
                return row
            if place.is_root:
                continue
            if worst is None or _worth(place, at_s) < _worth(worst, at_s):
                worst = place
        return None if worst is None else worst.row


def _rows(place: Place) -> slice:
    return slice(place.row * N_MEMBERS, (place.row + 1) * N_MEMBERS)


def _worth(place: Place, at_s: float) -> tuple[bool, bool, float]:
    is_alive = at_s - place.last_s < PLACE_LIFE_S
    return (is_alive, is_alive and place.hits >= SETTLED_HITS, place.last_s)
