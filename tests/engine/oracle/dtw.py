"""Subsequence DTW, cell by cell, as the recurrence is written down."""

import numpy as np


def spring(template, stream, band=None, scale=1.0, diagonal_weight=2, rewards=None):
    """All columns: distances (n_samples, n_elements) and samples used, float arithmetic, greedy band by start."""
    m = len(template)
    band = m if band is None else band
    before = [(np.inf, 0)] * m
    distances, frames = [], []
    for t, x in enumerate(stream):
        now = []
        for j in range(m):
            c = scale * float(((x - template[j]) ** 2).sum())
            r = 0.0 if rewards is None else rewards[t]
            options = [(before[j][0] + c - r, before[j][1])]
            if j == 0:
                options.append((diagonal_weight * c - r, t))
            else:
                options.append((before[j - 1][0] + diagonal_weight * c - r, before[j - 1][1]))
                options.append((now[j - 1][0] + c, now[j - 1][1]))
            now.append(min(options))
        distances.append([d for d, _ in now])
        frames.append([t - b + 1 for _, b in now])
        before = [(np.inf, b) if abs((t - b + 1) - (j + 1)) > band else (d, b) for j, (d, b) in enumerate(now)]
        distances[-1] = [d for d, _ in before]
    return np.array(distances), np.array(frames)
