"""Do neighbouring trajectories drift apart: the largest Lyapunov exponent, as a diagnostic with an interval.

Rosenstein, Collins and De Luca (1993): every point's nearest neighbour is followed for some samples, and the mean
logarithmic distance grows with slope λ. Three seconds of noisy CSI cannot tell chaos from breathing
(docs/algorithms/introspection.md#lyapunov), so the exponent never decides the regime.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..shapes import Matrix, Vector
from .why_unknown import WhyUnknown

#: Samples a pair is followed. Origin: chosen, 0.4 s at 20 Hz; longer and CSI neighbours have reached the size of the
#: whole set.
HORIZON: Final = 8
#: Trajectories per bootstrap block; neighbours in time share their fate. Origin: derived, a body's path stays
#: correlated over about the horizon.
BLOCK: Final = 8
#: Bootstrap resamples. Origin: chosen, the 2.5 % quantile then rests on five values.
N_RESAMPLES: Final = 200
#: Smallest squared distance that has a logarithm worth taking. Origin: chosen, 1e-9 of a feature of order one.
TINY: Final = 1e-18


@dataclass(frozen=True, slots=True, kw_only=True)
class LyapunovReading:
    """exponent in 1/s with its 95 % block-bootstrap interval; None with the reason in `why_not`."""

    exponent: float | None
    interval: tuple[float, float] | None
    why_not: WhyUnknown | None = None


class Lyapunov:
    """The estimator for trajectories of `n_points` points; `read` keeps nothing."""

    def __init__(self, n_points: int) -> None:
        self._ahead = np.arange(1, HORIZON + 1)
        centred = self._ahead - self._ahead.mean()
        self._slope: Vector = centred / float((centred**2).sum())
        self._n_blocks = max((n_points - HORIZON) // BLOCK, 1)
        draws = np.random.default_rng(0).integers(0, self._n_blocks, (N_RESAMPLES, self._n_blocks))
        counts = np.stack([np.bincount(draw, minlength=self._n_blocks) for draw in draws])
        self._weights: Matrix = counts / self._n_blocks

    def read(self, squared: Matrix, fs_hz: float) -> LyapunovReading:
        """The exponent behind (n_points, n_points) squared distances in time order."""
        n = len(squared) - HORIZON
        nearest = squared[:n, :n].argmin(axis=1)
        here = np.arange(n)[:, None] + self._ahead
        followed = np.maximum(squared[here, nearest[:, None] + self._ahead], TINY)
        slopes = 0.5 * fs_hz * (np.log(followed) @ self._slope)
        blocks = slopes[: self._n_blocks * BLOCK].reshape(self._n_blocks, -1).mean(axis=1)
        exponent = float(blocks.mean())
        if not np.isfinite(exponent):
            return LyapunovReading(exponent=None, interval=None, why_not=WhyUnknown.GAPS)
        resampled = np.sort(self._weights @ blocks)
        low, high = float(resampled[N_RESAMPLES // 40]), float(resampled[-N_RESAMPLES // 40 - 1])
        return LyapunovReading(exponent=exponent, interval=(low, high))
