"""Rosenstein's algorithm as it is written down: nearest neighbour outside the Theiler window, follow, average."""

import math


def exponents(points, theiler, horizon):
    """Per trajectory the least-squares slope per sample of log distance 1…horizon samples on; points in time order."""
    usable = range(len(points) - horizon)
    mean_k = (horizon + 1) / 2
    slopes = []
    for i in usable:
        best, nearest = math.inf, None
        for j in usable:
            if abs(i - j) < theiler:
                continue
            d = sum((a - b) ** 2 for a, b in zip(points[i], points[j], strict=True))
            if d < best:
                best, nearest = d, j
        top = bottom = 0.0
        for k in range(1, horizon + 1):
            d = math.dist(points[i + k], points[nearest + k])
            top += (k - mean_k) * math.log(max(d, 1e-9))
            bottom += (k - mean_k) ** 2
        slopes.append(top / bottom)
    return slopes
