"""Which transmitter sent this frame, judged by the shape of its spectrum alone.

Interleaved transmitters and a moving body both change the shape from frame to frame. They differ in time: a
transmitter's shape is left and come back to exactly, several times a second, with nothing in between; a body moves
along a path and rarely comes back to where it was. Foreign frames (glitches) come back to nothing at all. So a new
shape is first another *place* of the transmitter it is nearest to, and becomes a transmitter of its own only when
returning has been proven: docs/algorithms/links.md#transmitters.
"""

import math
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Profile

#: Places of one layout. Origin: chosen; the two-board recording needs 6 lasting ones, motion and glitches create more.
MAX_PLACES: Final = 16
#: Transmitters of one layout. Origin: chosen; a node uses its three or four best links.
MAX_TRANSMITTERS: Final = 8
#: Recent members of a place: the nearest of them follows a body along its path where a centroid loses it.
#: Origin: measured, 3 give within 15 % of the nearest distance that 20 give.
N_RECENT: Final = 3
#: Members spaced in time: they remember the place while a run of foreign frames (≤ 0.2 s) passes.
N_SPACED: Final = 3
SPACED_S: Final = 0.5
N_MEMBERS: Final = N_RECENT + N_SPACED
#: A frame is in a place within this multiple of the transmitter's usual nearest distance. Origin: measured, p99/p50 of
#: that distance is 4–10 on clean links.
RADIUS_FACTOR: Final = 8.0
#: Bounds of that radius in 1 − cosine. Origin: measured; transmitters of the two-board recording lie 0.013–0.15 apart,
#: frames of one transmitter 0.0004–0.005.
MIN_RADIUS: Final = 0.003
MAX_RADIUS: Final = 0.03
#: A jump is a step longer than this. Origin: chosen, below the smallest distance between transmitters seen (0.013).
MIN_JUMP: Final = 0.008
#: A jump is a return if it is this many times longer than what lies between its end and the last visit there, at both
#: its ends: a transmitter's place is a point, a body's place is a stretch of its path. Origin: measured, interleaved
#: transmitters 10–40, noise 1.5, walking at 5–10 Hz 1–3.
RETURN_RATIO: Final = 6.0
#: Share of returns among jumps above which frames come from several transmitters. Origin: measured, ≥ 0.85 interleaved,
#: ≤ 0.3 walking, ≤ 0.1 foreign frames.
INTERLEAVED_SHARE: Final = 0.6
#: Jumps that must have been seen before the share is believed, and how many it remembers. Origin: chosen; steady
#: walking is sampled stroboscopically and can alternate between two shapes for a second, hardly for two.
MIN_JUMPS: Final = 24
JUMP_MEMORY: Final = 40
#: Returns to a place, and its age, that make it a transmitter. Origin: chosen, as above; real transmitters are apart
#: within 2–4 s.
MIN_RETURNS: Final = 10
MIN_AGE_S: Final = 2.0
#: Returns that make a place doubtful while its transmitter is known to be a mixture. Origin: chosen, half of the proof.
MIN_DOUBT: Final = 3
#: Candidates are forgotten after this silence. Origin: chosen, ten intervals of a 0.3 Hz transmitter.
PLACE_LIFE_S: Final = 30.0
#: Transmitters are forgotten after this silence. Origin: chosen; a router reboots within 5 minutes.
TRANSMITTER_LIFE_S: Final = 900.0
#: A longer step within `FAST_S` is a foreign frame: no body moves so far so fast. Origin: measured, walking at ≥ 100
#: Hz steps ≤ 0.032 from frame to frame, foreign frames 0.02–0.2.
FAST_JUMP: Final = 0.03
FAST_S: Final = 0.03
#: After so many frames in a new place, or this long without any frame in an old one, the transmitter has really moved.
#: Origin: measured, foreign runs last ≤ 21 frames and ≤ 0.2 s and do not agree with each other.
SETTLED_HITS: Final = 3
SETTLED_S: Final = 0.4
#: Share by which the usual nearest distance moves per frame; its first guess. Origin: chosen; measured (median 0.0008).
SCALE_STEP: Final = 0.05
FIRST_SCALE: Final = 0.001


#: A frame this near to a seed is that transmitter at once. Origin: chosen, below the smallest distance between two
#: transmitters seen (0.013), far above frames of one (0.005).
SEED_RADIUS: Final = 0.01
#: How long after the first frame seeds wait for such frames; later a body on its way could pass by a seed. Origin:
#: chosen, ten intervals of the slowest transmitter worth a link (0.2 Hz).
SEED_WAIT_S: Final = 60.0


class Fit(Enum):
    """How a frame fits the transmitter it was given to."""

    NEAR = "near"
    MOVED = "moved"
    FOREIGN = "foreign"


@dataclass(slots=True, eq=False)
class _Transmitter:
    """What is known about the frames under one label."""

    label: str
    last_s: float
    near_s: float
    scale: float = FIRST_SCALE
    jumps: float = 0.0
    returns: float = 0.0
    previous: NDArray[np.float32] | None = None
    previous_distance: float = 0.0

    @property
    def radius(self) -> float:
        return min(max(RADIUS_FACTOR * self.scale, MIN_RADIUS), MAX_RADIUS)

    @property
    def is_mixture(self) -> bool:
        return self.jumps >= MIN_JUMPS and self.returns >= INTERLEAVED_SHARE * self.jumps

    def saw_jump(self, *, is_return: bool) -> None:
        keep = 1.0 - 1.0 / JUMP_MEMORY if self.jumps >= JUMP_MEMORY else 1.0
        self.jumps = self.jumps * keep + 1.0
        self.returns = self.returns * keep + is_return

    def saw_distance(self, distance: float) -> None:
        self.scale = max(self.scale * (1.0 + SCALE_STEP if distance > self.scale else 1.0 - SCALE_STEP), 1e-6)


@dataclass(slots=True, eq=False)
class _Place:
    """A region of shapes: a few members and how often it was visited."""

    row: int
    of: _Transmitter
    first_s: float
    last_s: float
    spaced_s: float
    hits: int = 1
    returns: int = 0
    recent: int = 0
    spaced: int = 0
    is_root: bool = False


class ShapeClusters:
    """Nearest-member clustering of one layout's frames with proof of coexistence, online and bounded.

    Parameters
    ----------
    n_bins : length of the shapes
    may_split : False where the transmitter is known from its address; then only foreign frames are told apart
    """

    __slots__ = (
        "_labels",
        "_lent",
        "_may_split",
        "_members",
        "_n_bins",
        "_places",
        "_seeds",
        "_started_s",
        "_transmitters",
    )

    def __init__(self, n_bins: int, *, may_split: bool = True) -> None:
        self._n_bins = n_bins
        self._may_split = may_split
        self._seeds: dict[str, NDArray[np.float32]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything but seeds that nobody has claimed yet."""
        self._members: NDArray[np.float32] = np.zeros((MAX_PLACES * N_MEMBERS, self._n_bins), dtype=np.float32)
        self._places: list[_Place | None] = [None] * MAX_PLACES
        self._transmitters: dict[str, _Transmitter] = {}
        self._lent: dict[str, NDArray[np.float32]] = {}
        self._labels = (_letters(n) for n in count())
        self._started_s: float | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Transmitters known now."""
        return tuple(self._transmitters)

    def seed(self, label: str, shape: Profile) -> None:
        """Make the transmitter that looked like `shape` before a restart carry its `label` again.

        A frame at a seed claims it at once. Where everything has moved since (another day, furniture), the seeds are
        names: whoever is found is lent the nearest one, and gives it back when somebody at the seed is told apart from him.
        Give the most important seed first.
        """
        if label not in self._transmitters:
            self._seeds[label] = (shape / np.sqrt(shape @ shape)).astype(np.float32)

    def contradicts(self, label: str, shape: Profile) -> bool:
        """Is the transmitter that carries `label` now plainly another one than the one that looked like `shape`?"""
        seed = (shape / np.sqrt(shape @ shape)).astype(np.float32)
        return label in self._transmitters and self._from_holder(label, seed) > MAX_RADIUS

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
        similarity = self._members.dot(unit)
        row = int(similarity.argmax())
        distance = max(1.0 - similarity.item(row), 0.0)
        place = self._places[row // N_MEMBERS]
        if place is None:
            return self._begin(unit, at_s), Fit.NEAR
        owner = place.of
        if self._seeds and distance > owner.radius and self._is_claimed(unit, at_s):
            return self._claim(unit, at_s), Fit.NEAR
        since_visit = max(1.0 - similarity.item(place.row * N_MEMBERS + place.recent), 0.0)
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
        if distance <= owner.radius:
            return self._join(place, unit, at_s, is_return=is_return)
        self._open(owner, unit, at_s)
        is_foreign = distance > FAST_JUMP and silence_s <= FAST_S and at_s - owner.near_s < SETTLED_S
        return owner.label, Fit.FOREIGN if is_foreign else Fit.MOVED

    def _begin(self, unit: NDArray[np.float32], at_s: float) -> str:
        self._started_s = at_s
        return self._claim(unit, at_s)

    def _is_claimed(self, unit: NDArray[np.float32], at_s: float) -> bool:
        """The frame is at a seed, and it is early enough for that to mean the transmitter."""
        if self._started_s is None or at_s - self._started_s > SEED_WAIT_S or not self._may_split:
            return False
        return self._nearest_seed(unit)[1] <= SEED_RADIUS and len(self._transmitters) < MAX_TRANSMITTERS

    def _claim(self, unit: NDArray[np.float32], at_s: float) -> str:
        """A new transmitter at this frame, under the nearest seed's label if there is one.

        The label is lent, not given, to a shape that is not at its seed: the first frame heard may be a stranger's.
        """
        if self._seeds:
            label, distance = self._nearest_seed(unit)
            seed = self._seeds.pop(label)
            if distance > SEED_RADIUS:
                self._lent[label] = seed
        else:
            label = self._next_label()
        transmitter = _Transmitter(label, at_s, at_s, previous=unit)
        self._transmitters[label] = transmitter
        self._open(transmitter, unit, at_s, is_root=True)
        return label

    def _nearest_seed(self, unit: NDArray[np.float32]) -> tuple[str, float]:
        """Label and distance; when all are far, distances mean nothing and the first seed is the nearest."""
        distances = {label: 1.0 - float(seed @ unit) for label, seed in self._seeds.items()}
        label = min(distances, key=distances.__getitem__)
        if distances[label] > MAX_RADIUS:
            label = next(iter(distances))
        return label, distances[label]

    def _name_apart(self, old: _Transmitter, unit: NDArray[np.float32]) -> str:
        """The label of a transmitter that has been told apart from `old`: a seed's, or the one `old` was only lent."""
        if self._seeds:
            label, distance = self._nearest_seed(unit)
            if distance <= MAX_RADIUS:
                del self._seeds[label]
                return label
        lent = self._lent.get(old.label)
        if lent is None or 1.0 - float(lent @ unit) > min(SEED_RADIUS, self._from_holder(old.label, lent)):
            return self._next_label()
        label = old.label
        del self._lent[label], self._transmitters[label]
        old.label = self._next_label(label)
        self._transmitters[old.label] = old
        return label

    def _from_holder(self, label: str, seed: NDArray[np.float32]) -> float:
        """How far the transmitter that was lent a label is from the label's seed."""
        roots = [p for p in self._places if p is not None and p.is_root and p.of.label == label]
        return min((1.0 - float(seed @ self._newest(root)) for root in roots), default=2.0)

    def _next_label(self, besides: str = "") -> str:
        taken = {besides, *self._seeds, *self._lent, *self._transmitters}
        return next(label for label in self._labels if label not in taken)

    def _join(self, place: _Place, unit: NDArray[np.float32], at_s: float, *, is_return: bool) -> tuple[str, Fit]:
        owner = place.of
        self._remember(place, unit, at_s)
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

    def _remember(self, place: _Place, unit: NDArray[np.float32], at_s: float) -> None:
        first = place.row * N_MEMBERS
        place.recent = (place.recent + 1) % N_RECENT
        self._members[first + place.recent] = unit
        if at_s - place.spaced_s >= SPACED_S:
            place.spaced = (place.spaced + 1) % N_SPACED
            self._members[first + N_RECENT + place.spaced] = unit
            place.spaced_s = at_s
        place.hits += 1
        place.last_s = at_s

    def _promote(self, place: _Place, at_s: float) -> bool:
        """Make a place that is left and come back to a transmitter; nearby candidates go with it."""
        old = place.of
        roots = [other for other in self._places if other is not None and other.of is old and other.is_root]
        if min(self._separation(place, root) for root in roots) < MIN_JUMP:
            place.is_root = True
            return True
        if len(self._transmitters) >= MAX_TRANSMITTERS and not self._forget_silent(at_s):
            return False
        label = self._name_apart(old, self._newest(place))
        new = _Transmitter(label, at_s, at_s, scale=old.scale, previous=self._newest(place))
        self._transmitters[new.label] = new
        for other in self._places:
            if other is None or other.of is not old or other.is_root or other is place:
                continue
            to_new = self._distance(other, place)
            if all(to_new < self._distance(other, root) for root in roots):
                other.of = new
        place.of = new
        place.is_root = True
        old.jumps = old.returns = 0.0
        return True

    def _newest(self, place: _Place) -> NDArray[np.float32]:
        return np.array(self._members[place.row * N_MEMBERS + place.recent])

    def _distance(self, one: _Place, two: _Place) -> float:
        return 1.0 - float(self._newest(one) @ self._newest(two))

    def _separation(self, one: _Place, two: _Place) -> float:
        """Smallest distance between any two members."""
        return 1.0 - float((self._all(one) @ self._all(two).T).max())

    def _all(self, place: _Place) -> NDArray[np.float32]:
        return self._members[place.row * N_MEMBERS : (place.row + 1) * N_MEMBERS]

    def _open(
        self, owner: _Transmitter, unit: NDArray[np.float32], at_s: float, *, is_root: bool = False
    ) -> _Place | None:
        """A new place; None if every slot is worth more than it."""
        row = self._free_row(at_s)
        if row is None:
            return None
        place = _Place(row, owner, at_s, at_s, at_s, is_root=is_root)
        self._members[row * N_MEMBERS : (row + 1) * N_MEMBERS] = unit
        self._places[row] = place
        return place

    def _free_row(self, at_s: float) -> int | None:
        """An empty slot, else that of the least useful candidate."""
        worst: _Place | None = None
        for row, place in enumerate(self._places):
            if place is None:
                return row
            if place.is_root:
                continue
            if worst is None or _worth(place, at_s) < _worth(worst, at_s):
                worst = place
        return None if worst is None else worst.row

    def _forget_silent(self, at_s: float) -> bool:
        """Drop the longest silent transmitter if its life is over."""
        oldest = min(self._transmitters.values(), key=lambda transmitter: transmitter.last_s)
        if at_s - oldest.last_s < TRANSMITTER_LIFE_S:
            return False
        for row, place in enumerate(self._places):
            if place is not None and place.of is oldest:
                self._places[row] = None
                self._members[row * N_MEMBERS : (row + 1) * N_MEMBERS] = 0.0
        del self._transmitters[oldest.label]
        return True


def _worth(place: _Place, at_s: float) -> tuple[bool, bool, float]:
    is_alive = at_s - place.last_s < PLACE_LIFE_S
    return (is_alive, is_alive and place.hits >= SETTLED_HITS, place.last_s)


def _letters(number: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text
