"""The published method of ADR-151's first implementation, rebuilt from its description to be measured beside ours.

One scalar series per node, the mean amplitude of each frame at the board's gain. Rhythm: biased autocorrelation,
highest interior local maximum of r(L)/r(0) between the band's lags, believed from 0.25. Presence: variance above
the midpoint of empty and occupied, or mean further from the empty mean than half the occupied distance. Written
anew; nothing is copied.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

#: Published constants: bands in Hz, score from which a rate is believed, shortest series.
BREATHING_HZ: Final = (0.1, 0.6)
HEART_HZ: Final = (0.8, 3.0)
BREATHING_SCORE: Final = 0.25
HEART_SCORE: Final = 0.30
MIN_SAMPLES: Final = 16


def periodicity(
    series: NDArray[np.float64], rate_hz: float, band_hz: tuple[float, float]
) -> tuple[float, float] | None:
    """(score, rate per minute) of the highest interior maximum of the biased autocorrelation in the band, or None.

    The original assumes 15 frames/s; here it is given the measured rate, which can only help it.
    """
    series = series[np.isfinite(series)]
    if len(series) < MIN_SAMPLES:
        return None
    centred = series - series.mean()
    padded = np.fft.rfft(centred, 2 * len(centred))
    correlation = np.fft.irfft(np.abs(padded) ** 2)[: len(centred)]
    if correlation[0] <= 0:
        return None
    normalised = correlation / correlation[0]
    first = max(int(rate_hz / band_hz[1]), 1)
    last = min(int(rate_hz / band_hz[0]), len(normalised) - 2)
    lags = np.arange(first, last + 1)
    if not len(lags):
        return None
    inner = (normalised[lags] > normalised[lags - 1]) & (normalised[lags] >= normalised[lags + 1])
    if not inner.any():
        return None
    best = lags[inner][np.argmax(normalised[lags[inner]])]
    return float(normalised[best]), 60.0 * rate_hz / float(best)


def breathing_bpm(series: NDArray[np.float64], rate_hz: float) -> float | None:
    """What the published specialist reports."""
    found = periodicity(series, rate_hz, BREATHING_HZ)
    return found[1] if found is not None and found[0] >= BREATHING_SCORE else None


def heart_bpm(series: NDArray[np.float64], rate_hz: float) -> float | None:
    """What the published specialist reports."""
    found = periodicity(series, rate_hz, HEART_HZ)
    return found[1] if found is not None and found[0] >= HEART_SCORE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariancePresence:
    """The published presence specialist."""

    variance_threshold: float
    empty_mean: float
    mean_distance: float

    @classmethod
    def fit(cls, empty: NDArray[np.float64], occupied: NDArray[np.float64]) -> Self:
        """From one empty and one occupied stretch."""
        return cls(
            variance_threshold=0.5 * float(empty.var() + occupied.var()),
            empty_mean=float(empty.mean()),
            mean_distance=0.5 * abs(float(occupied.mean() - empty.mean())),
        )

    def is_present(self, series: NDArray[np.float64]) -> bool:
        """Either test is enough."""
        is_varied = float(series.var()) > self.variance_threshold
        is_shifted = abs(float(series.mean()) - self.empty_mean) > self.mean_distance
        return bool(is_varied or is_shifted)
