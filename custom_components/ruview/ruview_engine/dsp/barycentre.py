"""The average of several takes of one movement, each with its own timing.

Source: DTW barycentre averaging (Petitjean, Ketterlin, Gançarski 2011), with symmetric2 steps as everywhere here.
Slow path only: captures, a few takes of a few seconds.
"""

from typing import Final

import numpy as np

from ..errors import ShapeError
from ..shapes import Matrix

#: Rounds of averaging. Origin: chosen; the mean cost changes by less than 1 % after five on recorded gestures.
ROUNDS: Final = 8


def warp(template: Matrix, take: Matrix) -> tuple[float, list[tuple[int, int]]]:
    """Cheapest alignment of two whole sequences.

    Returns
    -------
    cost : symmetric2 sum of squared distances divided by the summed lengths
    path : (template index, take index) pairs from start to end

    Raises
    ------
    ShapeError if the widths differ or one is empty
    """
    if template.ndim != 2 or take.ndim != 2 or template.shape[1] != take.shape[1] or not len(template) or not len(take):
        raise ShapeError(f"cannot align {template.shape} with {take.shape}")
    cost = ((template[:, None, :] - take[None, :, :]) ** 2).sum(axis=2)
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            c = cost[i - 1, j - 1]
            total[i, j] = min(total[i - 1, j - 1] + 2.0 * c, total[i - 1, j] + c, total[i, j - 1] + c)
    path = []
    i, j = n, m
    while i > 0 and j > 0:
        path.append((i - 1, j - 1))
        c = cost[i - 1, j - 1]
        steps = (total[i - 1, j - 1] + 2.0 * c, total[i - 1, j] + c, total[i, j - 1] + c)
        best = int(np.argmin(steps))
        i, j = (i - 1, j - 1) if best == 0 else (i - 1, j) if best == 1 else (i, j - 1)
    return float(total[n, m]) / (n + m), path[::-1]


def barycentre(takes: list[Matrix]) -> tuple[Matrix, float]:
    """Average sequence and the takes' spread around it.

    Returns
    -------
    average : as long as the take nearest to all others, from which it begins
    spread : root mean squared distance per component of the aligned takes from it; 0 for a single take

    Raises
    ------
    ShapeError for no takes or different widths
    """
    if not takes:
        raise ShapeError("no takes to average")
    if len(takes) == 1:
        return takes[0].copy(), 0.0
    costs = [[warp(a, b)[0] for b in takes] for a in takes]
    average = takes[int(np.argmin(np.sum(costs, axis=1)))].copy()
    for _ in range(ROUNDS):
        sums, counts = np.zeros_like(average), np.zeros(len(average))
        for take in takes:
            for i, j in warp(average, take)[1]:
                sums[i] += take[j]
                counts[i] += 1.0
        average = sums / counts[:, None]
    residuals = np.concatenate([np.array([average[i] - take[j] for i, j in warp(average, take)[1]]) for take in takes])
    # n takes pull the average towards themselves: the spread of a new take is larger by n/(n−1)
    spread = float(np.sqrt((residuals**2).mean() * len(takes) / (len(takes) - 1)))
    return average, spread
