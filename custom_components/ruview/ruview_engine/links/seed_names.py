"""How transmitters get their labels, and get back the ones they had before a restart.

A *seed* is a label with the shape its transmitter had. A frame at a seed claims it at once. Where everything has moved
since (another day, furniture), the seeds are only names: whoever is found is lent the nearest one, and gives it back
when somebody at the seed is told apart from him.
"""

from collections.abc import Collection, Iterable
from itertools import count
from typing import Final

import numpy as np

from ..shapes import Profile, UnitShape
from .transmitter import MAX_RADIUS

#: A frame this near to a seed is that transmitter at once. Origin: chosen, below the smallest distance between two
#: transmitters seen (0.013), far above frames of one (0.005).
SEED_RADIUS: Final = 0.01
#: How long after the first frame seeds wait for such frames; later a body on its way could pass by a seed. Origin:
#: chosen, ten intervals of the slowest transmitter worth a link (0.2 Hz).
SEED_WAIT_S: Final = 60.0


class SeedNames:
    """Labels that wait for their transmitter, labels that are lent to another, and fresh ones: a, b, c, …

    `waiting` is a public mapping only so that a frame can be let through by its truth alone.
    """

    __slots__ = ("_lent", "_letters", "_started_s", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[str, UnitShape] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything but seeds that nobody has claimed yet."""
        self._lent: dict[str, UnitShape] = {}
        self._letters = (letters(number) for number in count())
        self._started_s: float | None = None

    def seed(self, label: str, shape: Profile) -> None:
        """Let `label` wait for a transmitter that looks like `shape`; the first given is the most important."""
        self.waiting[label] = unit_shape(shape)

    def is_claimed_by(self, unit: UnitShape, at_s: float) -> bool:
        """Is the frame at a seed, early enough for that to mean the transmitter?"""
        if self._started_s is None or at_s - self._started_s > SEED_WAIT_S:
            return False
        return self._nearest(unit)[1] <= SEED_RADIUS

    def claim(self, unit: UnitShape, at_s: float, taken: Collection[str]) -> str:
        """A label for a transmitter that is new at this frame: the nearest seed's, if any waits.

        It is lent, not given, to a shape that is not at its seed: the first frame heard may be a stranger's.
        """
        if self._started_s is None:
            self._started_s = at_s
        if not self.waiting:
            return self._fresh(taken)
        label, distance = self._nearest(unit)
        seed = self.waiting.pop(label)
        if distance > SEED_RADIUS:
            self._lent[label] = seed
        return label

    def tell_apart(
        self, held: str, holder: Iterable[UnitShape], unit: UnitShape, taken: Collection[str]
    ) -> tuple[str, str]:
        """Labels for two that went under one.

        Parameters
        ----------
        held : the label both had
        holder : shapes of the one who had it first
        unit : shape of the other
        taken : labels in use, `held` among them

        Returns
        -------
        the label of the other, and that of the holder from now on
        """
        if self.waiting:
            label, distance = self._nearest(unit)
            if distance <= MAX_RADIUS:
                del self.waiting[label]
                return label, held
        lent = self._lent.get(held)
        if lent is None or distance_between(lent, [unit]) > min(SEED_RADIUS, distance_between(lent, holder)):
            return self._fresh(taken), held
        del self._lent[held]
        return held, self._fresh(taken)

    def _nearest(self, unit: UnitShape) -> tuple[str, float]:
        """Label and distance; when all are far, distances mean nothing and the first seed is the nearest."""
        distances = {label: distance_between(seed, [unit]) for label, seed in self.waiting.items()}
        label = min(distances, key=distances.__getitem__)
        if distances[label] > MAX_RADIUS:
            label = next(iter(distances))
        return label, distances[label]

    def _fresh(self, taken: Collection[str]) -> str:
        return next(
            label
            for label in self._letters
            if label not in taken and label not in self.waiting and label not in self._lent
        )


def unit_shape(shape: Profile) -> UnitShape:
    """The shape at length 1."""
    unit: UnitShape = (shape / np.sqrt(shape @ shape)).astype(np.float32)
    return unit


def distance_between(unit: UnitShape, others: Iterable[UnitShape]) -> float:
    """1 − cosine to the nearest of some shapes of length 1; 2, the farthest there is, to none."""
    return min((1.0 - float(unit @ other) for other in others), default=2.0)


def letters(number: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text
