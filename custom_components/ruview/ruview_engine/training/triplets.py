"""Which rows must be near each other and which apart: the five strategies of ADR-071 phase 1."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

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
    seconds = np.unique(second)
    if len(seconds) < 4:
        return np.zeros(0)
    median = np.array([np.median(table.motion[second == s]) for s in seconds])
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
    at = table.at_s
    if not len(rows):
        raise TrainingError("no rows to mine triplets from")
    is_cross = rng.random(len(rows)) < 0.5
    positive = np.where(is_cross, _draw(table, rng, _within(at, at, SAME_TIME_S), is_other_node=True), NONE)
    is_cross &= positive != NONE
    positive = np.where(is_cross, positive, _draw(table, rng, _within(at, at, POSITIVE_WITHIN_S), is_other_node=False))

    far = _beyond(at, NEGATIVE_BEYOND_S)
    negative = np.where(
        is_cross, _draw(table, rng, far, is_other_node=True), _draw(table, rng, far, is_other_node=False)
    )
    hard = _draw_across(table, rng, find_transitions(table))
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

type Spans = NDArray[np.intp]
"""(n, k, 2) row ranges [first, last) that a partner of each of n rows may come from."""


def _within(table_at: Times, around: Times, reach_s: float) -> Spans:
    first = np.searchsorted(table_at, around - reach_s, "left")
    last = np.searchsorted(table_at, around + reach_s, "right")
    return np.stack([first, last], axis=-1)[:, None, :]


def _beyond(at: Times, distance_s: float) -> Spans:
    before = np.searchsorted(at, at - distance_s, "right")
    after = np.searchsorted(at, at + distance_s, "left")
    early = np.stack([np.zeros_like(before), before], axis=-1)
    late = np.stack([after, np.full_like(after, len(at))], axis=-1)
    return np.stack([early, late], axis=1)


def _draw(table: FeatureTable, rng: np.random.Generator, spans: Spans, *, is_other_node: bool) -> NDArray[np.intp]:
    """(n,) one partner per row out of its spans, of the same node or of another; `NONE` where there is none.

    Rejection sampling: spans are ranges, so nothing is materialised per row.
    """
    n = len(table)
    sizes = np.maximum(spans[..., 1] - spans[..., 0], 0)
    total = sizes.sum(axis=1)
    result = np.full(n, NONE, dtype=np.intp)
    for _ in range(N_ROUNDS):
        offset = np.minimum((rng.random(n) * total).astype(np.intp), np.maximum(total - 1, 0))
        candidate = spans[:, 0, 0] + offset
        for k in range(1, spans.shape[1]):
            past = offset - sizes[:, :k].sum(axis=1)
            candidate = np.where(past >= 0, spans[:, k, 0] + past, candidate)
        candidate = np.minimum(candidate, n - 1)
        fits = (total > 0) & (candidate != np.arange(n)) & ((table.node[candidate] != table.node) == is_other_node)
        result = np.where((result == NONE) & fits, candidate, result)
    return result


def _draw_across(table: FeatureTable, rng: np.random.Generator, transitions: Times) -> NDArray[np.intp]:
    """(n,) a row of the same node just across the transition nearest to each row; `NONE` where none is near."""
    n = len(table)
    if not len(transitions):
        return np.full(n, NONE, dtype=np.intp)
    nearest = transitions[np.argmin(np.abs(transitions[None, :] - table.at_s[:, None]), axis=1)]
    distance = np.abs(nearest - table.at_s)
    is_near = (distance >= HARD_FROM_S) & (distance <= HARD_TO_S)
    middle = nearest + np.where(table.at_s < nearest, 1.0, -1.0) * (HARD_FROM_S + HARD_TO_S) / 2.0
    drawn = _draw(table, rng, _within(table.at_s, middle, (HARD_TO_S - HARD_FROM_S) / 2.0), is_other_node=False)
    return np.where(is_near, drawn, NONE)
