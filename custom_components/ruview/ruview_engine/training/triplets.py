"""Which rows must be near each other and which apart: the five strategies of ADR-071 phase 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Times
from .feature_table import FeatureTable

#: Rows of one node this close in time show the same room. Origin: spec, ADR-071 "Temporal positive".
POSITIVE_WITHIN_S: Final = 1.0

#: Rows this far apart may show another state. Origin: spec, ADR-071 "Temporal negative".
NEGATIVE_BEYOND_S: Final = 30.0

#: Two nodes' rows within this are "the same timestamp". Origin: derived, two frame intervals of the slowest
#: stream that still counts (8 Hz).
SAME_TIME_S: Final = 0.25

#: A hard negative lies on the other side of a motion transition, this near to it. Origin: chosen; nearer than 0.5 s the
#: transition itself is ambiguous, farther than 5 s the pair is no longer hard.
HARD_FROM_S: Final = 0.5
HARD_TO_S: Final = 5.0

#: Share of negatives taken from transitions where there are any. Origin: spec, ADR-071 "hard negative ratio".
HARD_NEGATIVE_RATIO: Final = 0.7


class Strategy(StrEnum):
    """Where a triplet's positive and negative come from."""

    TEMPORAL = "temporal"
    CROSS_NODE = "cross_node"
    TRANSITION = "transition"
    CROSS_NODE_TRANSITION = "cross_node_transition"
    SENSOR_VERIFIED = "sensor_verified"
    ACTIVITY_BOUNDARY = "activity_boundary"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Triplets:
    """Row numbers into a FeatureTable, (n,) each, and each triplet's strategy."""

    anchor: NDArray[np.intp]
    positive: NDArray[np.intp]
    negative: NDArray[np.intp]
    strategy: tuple[Strategy, ...]

    def __len__(self) -> int:
        return len(self.anchor)

    def take(self, chosen: NDArray[np.bool_]) -> Self:
        """The chosen ones, in their order."""
        kept = tuple(one for one, keep in zip(self.strategy, chosen.tolist(), strict=True) if keep)
        return type(self)(
            anchor=self.anchor[chosen], positive=self.positive[chosen], negative=self.negative[chosen], strategy=kept
        )

    def joined(self, other: Self) -> Self:
        """Both sets, this one first."""
        return type(self)(
            anchor=np.concatenate([self.anchor, other.anchor]),
            positive=np.concatenate([self.positive, other.positive]),
            negative=np.concatenate([self.negative, other.negative]),
            strategy=self.strategy + other.strategy,
        )


def find_transitions(table: FeatureTable) -> Times:
    """Times at which movement begins or ends: the 1-s medians of `motion` cross the middle between their quartiles.

    Scale-free: multiplying `motion` by a constant changes nothing. Returns (k,) seconds, empty when nothing changes.
    """
    if len(table) < 2:
        return np.zeros(0)
    second = np.floor(table.at_s - table.at_s[0]).astype(np.int64)
    seconds, starts = np.unique(second, return_index=True)
    if len(seconds) < 4:
        return np.zeros(0)
    median = np.array([np.median(part) for part in np.split(table.motion, starts[1:])])
    low, high = np.percentile(median, (25, 75))
    if high <= low:
        return np.zeros(0)
    above = median > (low + high) / 2.0
    crossing = np.flatnonzero(above[1:] != above[:-1])
    return np.asarray(table.at_s[0] + seconds[crossing + 1], dtype=np.float64)


def mine(table: FeatureTable, rng: np.random.Generator) -> Triplets:
    """Draw one triplet for every row that has a positive and a negative; same rng state, same triplets.

    Raises TrainingError when the recording is too short to contain a negative or a positive for any row.
    """
    rows = np.arange(len(table), dtype=np.intp)
    if not len(rows):
        raise TrainingError("no rows to mine triplets from")
    at, index = table.at_s, LinkIndex(table)
    positive = np.where(rng.random(len(rows)) < 0.5, _draw_other_node(table, rng), NONE)
    is_cross = positive != NONE
    near = index.draw(rng, table.link, [(at - POSITIVE_WITHIN_S, at + POSITIVE_WITHIN_S)])
    positive = np.where(is_cross, positive, near)

    # The negative is always on the positive's link: a triplet asks which of two moments of *one* view the anchor
    # belongs to. Across links the answer would be "whichever link looks more like mine", which is not about the room.
    link = np.where(is_cross, table.link[positive], table.link)
    negative = index.draw(
        rng, link, [(at * 0 + at[0], at - NEGATIVE_BEYOND_S), (at + NEGATIVE_BEYOND_S, at * 0 + at[-1])]
    )
    hard = _draw_across(table, index, rng, link)
    is_hard = (hard != NONE) & (rng.random(len(rows)) < HARD_NEGATIVE_RATIO)
    negative = np.where(is_hard, hard, negative)

    kept = (positive != NONE) & (negative != NONE)
    if not kept.any():
        raise TrainingError(
            f"{len(table)} rows over {np.ptp(at):.0f} s hold no pair more than {NEGATIVE_BEYOND_S:.0f} s apart with a "
            f"neighbour within {POSITIVE_WITHIN_S:.0f} s"
        )
    return Triplets(
        anchor=rows[kept],
        positive=positive[kept],
        negative=negative[kept],
        strategy=tuple(_STRATEGY[bool(c), bool(h)] for c, h in zip(is_cross[kept], is_hard[kept], strict=True)),
    )


#: "No such row" in the arrays below.
NONE: Final = -1

#: Draws per row before a row counts as having no partner. Origin: derived; with two nodes at equal rates a draw fits
#: with probability 1/2, so 12 rounds miss a partner that exists in 1 of 4096 rows.
N_ROUNDS: Final = 12

_STRATEGY: Final = {
    (False, False): Strategy.TEMPORAL,
    (True, False): Strategy.CROSS_NODE,
    (False, True): Strategy.TRANSITION,
    (True, True): Strategy.CROSS_NODE_TRANSITION,
}

type Span = tuple[Times, Times]
"""(n,) from and (n,) to, seconds: where a partner of each of n rows may lie."""


class LinkIndex:
    """Rows sorted by link, then time: draws from "this link, between these times" without trying row after row."""

    def __init__(self, table: FeatureTable) -> None:
        self._start_s = float(table.at_s[0])
        self._stride = float(np.ptp(table.at_s)) + 1.0
        key = table.link * self._stride + (table.at_s - self._start_s)
        self._order = np.argsort(key, kind="stable")
        self._key = key[self._order]

    def draw(
        self,
        rng: np.random.Generator,
        link: NDArray[np.int64],
        spans: Sequence[Span],
        rows: NDArray[np.intp] | None = None,
    ) -> NDArray[np.intp]:
        """(n,) a row of each wanted link within the spans, not the row itself; `NONE` where there is none.

        rows : (n,) for whom is drawn; left out, for every row of the table
        """
        n = len(link)
        own = np.arange(n) if rows is None else rows
        bounds = [(self._find(link, low, "left"), self._find(link, high, "right")) for low, high in spans]
        sizes = np.stack([np.maximum(last - first, 0) for first, last in bounds])
        total = sizes.sum(axis=0)
        result = np.full(n, NONE, dtype=np.intp)
        # A second round for those that drew themselves; whoever does so twice has hardly anybody else there.
        for _ in range(2):
            offset = np.minimum((rng.random(n) * total).astype(np.intp), np.maximum(total - 1, 0))
            place = bounds[0][0] + offset
            past = offset - sizes[0]
            for (first, _last), size in zip(bounds[1:], sizes[1:], strict=True):
                place = np.where(past >= 0, first + past, place)
                past = past - size
            candidate = self._order[np.minimum(place, len(self._order) - 1)]
            result = np.where((result == NONE) & (total > 0) & (candidate != own), candidate, result)
        return result

    def _find(self, link: NDArray[np.int64], at_s: Times, side: Literal["left", "right"]) -> NDArray[np.intp]:
        # Clipped, so that a time outside the recording does not reach into the neighbouring link's rows.
        inside = np.clip(at_s - self._start_s, -0.5, self._stride - 0.5)
        return np.searchsorted(self._key, link * self._stride + inside, side)


def _draw_other_node(table: FeatureTable, rng: np.random.Generator) -> NDArray[np.intp]:
    """(n,) a row of another node at the same time, by rejection; `NONE` where there is none."""
    first = np.searchsorted(table.at_s, table.at_s - SAME_TIME_S, "left")
    last = np.searchsorted(table.at_s, table.at_s + SAME_TIME_S, "right")
    result = np.full(len(table), NONE, dtype=np.intp)
    for _ in range(N_ROUNDS):
        candidate = first + (rng.random(len(table)) * (last - first)).astype(np.intp)
        result = np.where((result == NONE) & (table.node[candidate] != table.node), candidate, result)
    return result


def _draw_across(
    table: FeatureTable, index: LinkIndex, rng: np.random.Generator, link: NDArray[np.int64]
) -> NDArray[np.intp]:
    """(n,) a row of the wanted link just across the transition nearest to each row; `NONE` where none is near."""
    transitions = find_transitions(table)
    if not len(transitions):
        return np.full(len(table), NONE, dtype=np.intp)
    after = np.clip(np.searchsorted(transitions, table.at_s), 1, len(transitions) - 1) if len(transitions) > 1 else 0
    before = transitions[np.maximum(after - 1, 0)]
    nearest = np.where(table.at_s - before <= transitions[after] - table.at_s, before, transitions[after])
    distance = np.abs(nearest - table.at_s)
    is_near = (distance >= HARD_FROM_S) & (distance <= HARD_TO_S)
    is_before = table.at_s < nearest
    low = np.where(is_before, nearest + HARD_FROM_S, nearest - HARD_TO_S)
    high = np.where(is_before, nearest + HARD_TO_S, nearest - HARD_FROM_S)
    return np.where(is_near, index.draw(rng, link, [(low, high)]), NONE)
