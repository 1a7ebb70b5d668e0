"""What a Cognitum Seed's vector store would say, from our own embeddings: groups of moments, and fragile seconds.

Both are functions of the encoder's inputs. They choose which rows are hard; they never label a head, and they do not
count as sensors when the mode is computed.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...shapes import Matrix, Times, Vector
from ..encoder import Encoder
from ..feature_table import FeatureTable
from .signals import SensorHistory, Signal, Track

#: Groups of moments. Origin: chosen, as many as activity classes.
N_CLUSTERS: Final = 4

#: Passes of k-means. Origin: chosen; a few thousand unit vectors settle in less.
N_PASSES: Final = 25

#: Neighbours that an edge of the graph leads to. Origin: chosen.
N_NEIGHBOURS: Final = 5

#: Seconds on either side of a possible boundary. Origin: chosen, the reach of `triplets.HARD_TO_S`, twice.
REACH_S: Final = 10


def second_embeddings(encoder: Encoder, table: FeatureTable, grid: Times) -> Matrix:
    """(m, 128) mean unit embedding of each second's rows; NaN where there are none."""
    embedding = encoder.embed(table.features)
    second = np.floor(table.at_s - grid[0]).astype(np.intp)
    inside = (second >= 0) & (second < len(grid))
    total = np.zeros((len(grid), embedding.shape[1]))
    np.add.at(total, second[inside], embedding[inside])
    count = np.bincount(second[inside], minlength=len(grid))
    return np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan)


def clusters(seconds: Matrix) -> Vector:
    """(m,) group number of each second by k-means, started from far-apart moments; NaN where nothing is known."""
    known = np.flatnonzero(np.isfinite(seconds).all(axis=1))
    result = np.full(len(seconds), np.nan)
    points = seconds[known]
    if len(known) < N_CLUSTERS:
        return result
    centres = points[[int(np.argmin(np.sum((points - points.mean(axis=0)) ** 2, axis=1)))]]
    while len(centres) < N_CLUSTERS:
        nearest = np.min(np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=2), axis=1)
        centres = np.concatenate([centres, points[[int(np.argmax(nearest))]]])
    group = np.zeros(len(points), dtype=np.intp)
    for _ in range(N_PASSES):
        again = np.argmin(np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=2), axis=1)
        if np.array_equal(again, group):
            break
        group = again
        centres = np.stack(
            [points[group == k].mean(axis=0) if (group == k).any() else centres[k] for k in range(N_CLUSTERS)]
        )
    result[known] = group
    return result


def fragility(seconds: Matrix) -> Vector:
    """(m,) 0–1 per second: how cheap it is to cut the neighbour graph of the surrounding seconds just before it.

    A minimum cut over an ordered stretch is a cut at one moment; its weight is the share of nearest-neighbour edges
    that cross it, against what a stretch without structure would have. 0 = as connected as chance, 1 = no edge crosses.
    """
    m = len(seconds)
    result = np.full(m, np.nan)
    for at in range(REACH_S, m - REACH_S + 1):
        stretch = seconds[at - REACH_S : at + REACH_S]
        if not np.isfinite(stretch).all():
            continue
        result[at] = 1.0 - min(_crossing(stretch) / _CROSSING_BY_CHANCE, 1.0)
    return result


#: Share of edges that would cross the middle if neighbours were drawn at random. Origin: derived.
_CROSSING_BY_CHANCE: Final = REACH_S / (2 * REACH_S - 1)


def _crossing(stretch: Matrix) -> float:
    n = len(stretch)
    likeness = stretch @ stretch.T
    np.fill_diagonal(likeness, -np.inf)
    neighbours: NDArray[np.intp] = np.argpartition(-likeness, N_NEIGHBOURS, axis=1)[:, :N_NEIGHBOURS]
    is_late = np.arange(n) >= n // 2
    return float(np.mean(is_late[neighbours] != is_late[:, None]))


def completed(history: SensorHistory, seconds: Matrix, grid: Times) -> tuple[SensorHistory, tuple[Signal, ...]]:
    """The history with clusters and fragility of our own where no Seed gave them, and which these are."""
    tracks, own = dict(history.tracks), []
    for signal, values in (
        (Signal.CLUSTER_LABELS, clusters(seconds)),
        (Signal.FRAGILITY, fragility(seconds)),
    ):
        if signal not in history.available and np.isfinite(values).any():
            tracks[signal] = Track(signal=signal, times=grid, values=values)
            own.append(signal)
    return SensorHistory(tracks=tracks), tuple(own)
