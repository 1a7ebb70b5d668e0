"""Which transmitter sent this frame, judged by the shape of its spectrum alone.

Interleaved transmitters and a moving body both change the shape from frame to frame. They differ in time: a
transmitter's shape is left and come back to exactly, several times a second, with nothing in between; a body moves
along a path and rarely comes back to where it was. Foreign frames (glitches) come back to nothing at all. So a new
shape is first another *place* of the transmitter it is nearest to, and becomes a transmitter of its own only when
returning has been proven: docs/algorithms/links.md#transmitters.
"""

import math
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Profile, UnitShape
from .seed_names import SeedNames, distance_between, unit_shape
from .shape_places import SETTLED_HITS, Place, ShapePlaces
from .transmitter import MAX_RADIUS, Transmitter

#: Transmitters of one layout. Origin: chosen; a node uses its three or four best links.
MAX_TRANSMITTERS: Final = 8
#: A jump is a step longer than this. Origin: chosen, below the smallest distance between transmitters seen (0.013).
MIN_JUMP: Final = 0.008
#: A jump is a return if it is this many times longer than what lies between its end and the last visit there, at both
#: its ends: a transmitter's place is a point, a body's place is a stretch of its path. Origin: measured, interleaved
#: transmitters 10–40, noise 1.5, walking at 5–10 Hz 1–3.
RETURN_RATIO: Final = 6.0
#: Returns to a place, and its age, that make it a transmitter. Origin: chosen, as `transmitter.MIN_JUMPS`; real
#: transmitters are apart within 2–4 s.
MIN_RETURNS: Final = 10
MIN_AGE_S: Final = 2.0
#: Returns that make a place doubtful while its transmitter is known to be a mixture. Origin: chosen, half of the proof.
MIN_DOUBT: Final = 3
#: Transmitters are forgotten after this silence. Origin: chosen; a router reboots within 5 minutes.
TRANSMITTER_LIFE_S: Final = 900.0
#: A longer step within `FAST_S` is a foreign frame: no body moves so far so fast. Origin: measured, walking at ≥ 100
#: Hz steps ≤ 0.032 from frame to frame, foreign frames 0.02–0.2.
FAST_JUMP: Final = 0.03
FAST_S: Final = 0.03
#: After `SETTLED_HITS` frames in a new place, or this long without any frame in an old one, the transmitter has really
#: moved. Origin: measured, foreign runs last ≤ 21 frames and ≤ 0.2 s and do not agree with each other.
SETTLED_S: Final = 0.4


class Fit(Enum):
    """How a frame fits the transmitter it was given to."""

    NEAR = "near"
    MOVED = "moved"
    FOREIGN = "foreign"


class ShapeClusters:
    """Nearest-member clustering of one layout's frames with proof of coexistence, online and bounded.

    Parameters
    ----------
    n_bins : length of the shapes
    may_split : False where the transmitter is known from its address; then only foreign frames are told apart
    """

    __slots__ = ("_may_split", "_n_bins", "_names", "_places", "_transmitters")

    def __init__(self, n_bins: int, *, may_split: bool = True) -> None:
        self._n_bins = n_bins
        self._may_split = may_split
        self._names = SeedNames()
        self.reset()

    def reset(self) -> None:
        """Forget everything but seeds that nobody has claimed yet."""
        self._places = ShapePlaces(self._n_bins)
        self._transmitters: dict[str, Transmitter] = {}
        self._names.reset()

    @property
    def labels(self) -> tuple[str, ...]:
        """Transmitters known now."""
        return tuple(self._transmitters)

    def seed(self, label: str, shape: Profile) -> None:
        """Make the transmitter that looked like `shape` before a restart carry its `label` again, see `SeedNames`.

        Give the most important seed first.
        """
        if label not in self._transmitters:
            self._names.seed(label, shape)

    def contradicts(self, label: str, shape: Profile) -> bool:
        """Is the transmitter that carries `label` now plainly another one than the one that looked like `shape`?"""
        owner = self._transmitters.get(label)
        return owner is not None and distance_between(unit_shape(shape), self._roots(owner)) > MAX_RADIUS

    def assign(self, shape: Profile, at_s: float) -> tuple[str, Fit]:
        """Whose frame this is.

        Parameters
        ----------
        shape : (n_bins,) float32, any scale, not all zero
        at_s : arrival

        Returns
        -------
        the transmitter's label, and whether the frame is near its recent past, has moved, or is foreign
        """
        unit = shape * (1.0 / math.sqrt(shape.dot(shape)))
        similarity = self._places.members.dot(unit)
        nearest = int(similarity.argmax())
        distance = max(1.0 - similarity.item(nearest), 0.0)
        place = self._places.holding(nearest)
        if place is None:
            return self._begin(unit, at_s), Fit.NEAR
        owner = place.of
        if self._names.waiting and distance > owner.radius and self._is_claimed(unit, at_s):
            return self._begin(unit, at_s), Fit.NEAR
        since_visit = max(1.0 - similarity.item(place.newest_member), 0.0)
        step = 1.0 - float(owner.previous.dot(unit)) if owner.previous is not None else 0.0
        is_return = False
        if step > MIN_JUMP:
            is_return = max(since_visit, owner.previous_distance) * RETURN_RATIO <= step
            owner.saw_jump(is_return=is_return)
        owner.saw_distance(distance)
        silence_s = at_s - owner.last_s
        owner.previous = unit
        owner.previous_distance = since_visit
        owner.last_s = at_s
        if distance <= owner.radius or self._is_of(place, similarity, distance):
            return self._join(place, unit, at_s, is_return=is_return)
        self._places.open(owner, unit, at_s)
        is_foreign = distance > FAST_JUMP and silence_s <= FAST_S and at_s - owner.near_s < SETTLED_S
        return owner.label, Fit.FOREIGN if is_foreign else Fit.MOVED

    def _is_of(self, place: Place, similarity: NDArray[np.float32], distance: float) -> bool:
        """Is a frame plainly of a candidate, though farther than its transmitter's frames are from each other?

        Who is heard more faintly scatters more, and would open a place with every frame. What lies farther than any
        jump may be another transmitter's beside a place to which a body has just brought this one.
        """
        if place.is_root or not self._may_split or distance > MIN_JUMP:
            return False
        nearest_root = max((similarity[rows].max() for rows in self._places.rows_of_roots(place.of)), default=1.0)
        to_root = 1.0 - nearest_root
        return bool(distance * RETURN_RATIO <= to_root)

    def _is_claimed(self, unit: UnitShape, at_s: float) -> bool:
        has_room = self._may_split and len(self._transmitters) < MAX_TRANSMITTERS
        return has_room and self._names.is_claimed_by(unit, at_s)

    def _begin(self, unit: UnitShape, at_s: float) -> str:
        """A new transmitter at this frame."""
        label = self._names.claim(unit, at_s, self._transmitters)
        transmitter = self._transmitters[label] = Transmitter(label, at_s, at_s, previous=unit)
        self._places.open(transmitter, unit, at_s, is_root=True)
        return label

    def _join(self, place: Place, unit: UnitShape, at_s: float, *, is_return: bool) -> tuple[str, Fit]:
        owner = place.of
        self._places.visit(place, unit, at_s)
        place.returns += is_return
        if place.is_root:
            owner.near_s = at_s
            return owner.label, Fit.NEAR
        if owner.is_mixture and self._may_split:
            is_proven = place.returns >= MIN_RETURNS and at_s - place.first_s >= MIN_AGE_S
            if is_proven and self._promote(place, at_s):
                return place.of.label, Fit.NEAR
            if place.returns >= MIN_DOUBT:
                return owner.label, Fit.FOREIGN
        if place.hits < SETTLED_HITS and at_s - owner.near_s < min(SETTLED_S, FAST_S * SETTLED_HITS):
            return owner.label, Fit.FOREIGN
        if place.hits >= SETTLED_HITS:
            owner.near_s = at_s
        return owner.label, Fit.MOVED

    def _promote(self, place: Place, at_s: float) -> bool:
        """Make a place that is left and come back to a transmitter; nearby candidates go with it."""
        places = self._places
        old = place.of
        roots = places.roots(old)
        if min(places.separation(place, root) for root in roots) < MIN_JUMP:
            place.is_root = True
            return True
        if len(self._transmitters) >= MAX_TRANSMITTERS and not self._forget_silent(at_s):
            return False
        new = self._tell_apart(old, place, at_s)
        for other in places:
            if other.of is not old or other.is_root or other is place:
                continue
            to_new = places.distance(other, place)
            if all(to_new < places.distance(other, root) for root in roots):
                other.of = new
        place.of = new
        place.is_root = True
        old.jumps = old.returns = 0.0
        return True

    def _tell_apart(self, old: Transmitter, place: Place, at_s: float) -> Transmitter:
        """The transmitter at `place`; `old` is renamed if its label was only lent."""
        shape = self._places.newest(place)
        label, kept = self._names.tell_apart(old.label, self._roots(old), shape, self._transmitters)
        if kept != old.label:
            del self._transmitters[old.label]
            old.label = kept
            self._transmitters[kept] = old
        new = self._transmitters[label] = Transmitter(label, at_s, at_s, scale=old.scale, previous=shape)
        return new

    def _roots(self, owner: Transmitter) -> list[UnitShape]:
        return [self._places.newest(root) for root in self._places.roots(owner)]

    def _forget_silent(self, at_s: float) -> bool:
        """Drop the longest silent transmitter if its life is over."""
        oldest = min(self._transmitters.values(), key=lambda transmitter: transmitter.last_s)
        if at_s - oldest.last_s < TRANSMITTER_LIFE_S:
            return False
        self._places.forget(oldest)
        del self._transmitters[oldest.label]
        return True
