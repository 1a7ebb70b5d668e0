"""Triplets that other sensors vouch for (ADR-071 camera-free phase 2): rooms with and without somebody must differ."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...shapes import Times
from ..feature_table import FeatureTable
from ..triplets import NONE, POSITIVE_WITHIN_S, LinkIndex, Strategy, Triplets, mine

#: A label must be at least this trustworthy to forbid two rows to be near each other. Origin: chosen between the trust
#: in temperature (0.6) and in a PIR sensor (0.95).
MIN_TRUST: Final = 0.9

#: Rows this far on either side of an activity boundary are before and after it. Origin: chosen as in `triplets.HARD_*`.
BOUNDARY_FROM_S: Final = 0.5
BOUNDARY_TO_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorMiner:
    """A miner for `contrastive.train_encoder`: the base triplets, and those that sensors verify.

    at_s, presence, trust : (m,) the presence label of a grid of seconds: 1, 0, −1 unknown, and its weight
    boundaries : (k,) seconds of activity boundaries (fragility spikes, entries, exits)
    """

    at_s: Times
    presence: NDArray[np.float64]
    trust: NDArray[np.float64]
    boundaries: Times

    def __call__(self, table: FeatureTable, rng: np.random.Generator) -> Triplets:
        """Base triplets first, then the verified ones; same rng state, same triplets."""
        return mine(table, rng).joined(self.verified(table, rng)).joined(self.across(table, rng))

    def verified(self, table: FeatureTable, rng: np.random.Generator) -> Triplets:
        """Anchor and positive within a second, negative on the same link when the sensors say the opposite."""
        state = self._state(table)
        anchors, negatives = [], []
        for link in np.unique(table.link):
            some = np.flatnonzero((state == 1) & (table.link == link))
            none = np.flatnonzero((state == 0) & (table.link == link))
            if len(some) and len(none):
                anchors += [some, none]
                negatives += [rng.choice(none, len(some)), rng.choice(some, len(none))]
        if not anchors:
            return _empty()
        return _with_neighbours(
            table, rng, np.concatenate(anchors), np.concatenate(negatives), Strategy.SENSOR_VERIFIED
        )

    def across(self, table: FeatureTable, rng: np.random.Generator) -> Triplets:
        """Anchor just before a boundary, negative just after it."""
        anchors, negatives = [], []
        for boundary in self.boundaries:
            before = _between(table, boundary - BOUNDARY_TO_S, boundary - BOUNDARY_FROM_S)
            after = _between(table, boundary + BOUNDARY_FROM_S, boundary + BOUNDARY_TO_S)
            for link in np.unique(table.link[before]):
                there = after[table.link[after] == link]
                if len(there):
                    anchors.append(before[table.link[before] == link])
                    negatives.append(rng.choice(there, len(anchors[-1])))
        if not anchors:
            return _empty()
        return _with_neighbours(
            table, rng, np.concatenate(anchors), np.concatenate(negatives), Strategy.ACTIVITY_BOUNDARY
        )

    def _state(self, table: FeatureTable) -> NDArray[np.float64]:
        """(n,) what the sensors say at each row: 1, 0, or −1 when nobody trustworthy says anything."""
        if not len(self.at_s):
            return np.full(len(table), -1.0)
        row = np.clip(np.searchsorted(self.at_s, table.at_s, side="right") - 1, 0, len(self.at_s) - 1)
        near = np.abs(self.at_s[row] - table.at_s) <= 1.0
        return np.where(near & (self.trust[row] >= MIN_TRUST), self.presence[row], -1.0)


def _between(table: FeatureTable, low: float, high: float) -> NDArray[np.intp]:
    return np.arange(np.searchsorted(table.at_s, low), np.searchsorted(table.at_s, high), dtype=np.intp)


def _with_neighbours(
    table: FeatureTable,
    rng: np.random.Generator,
    anchors: NDArray[np.intp],
    negatives: NDArray[np.intp],
    strategy: Strategy,
) -> Triplets:
    """Add to each anchor a positive within a second of the same link; anchors without one are left out."""
    at = table.at_s[anchors]
    positive = LinkIndex(table).draw(
        rng, table.link[anchors], [(at - POSITIVE_WITHIN_S, at + POSITIVE_WITHIN_S)], anchors
    )
    kept = positive != NONE
    return Triplets(
        anchor=anchors[kept],
        positive=positive[kept],
        negative=negatives[kept],
        strategy=(strategy,) * int(kept.sum()),
    )


def _empty() -> Triplets:
    none = np.zeros(0, dtype=np.intp)
    return Triplets(anchor=none, positive=none, negative=none, strategy=())
