"""Power on a fine grid of frequencies in a narrow band (chirp-z transform, Rabiner, Schafer & Rader 1969)."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def zoom_power(
    values: NDArray[np.float64], *, rate_hz: float, from_hz: float, to_hz: float, n_points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hann-windowed power of each column between two frequencies.

    Scaled so that white noise of variance v has expectation v at every frequency, whatever the length.

    Parameters
    ----------
    values : (n, n_columns), mean already removed
    from_hz, to_hz : both included

    Returns
    -------
    (n_points,) frequencies in Hz and (n_points, n_columns) power
    """
    window = hann(len(values))
    spectrum = _transform(len(values), n_points, rate_hz, from_hz, to_hz)(values * window[:, None], axis=0)
    frequencies = np.linspace(from_hz, to_hz, n_points)
    return frequencies, np.asarray(spectrum.real**2 + spectrum.imag**2)


@lru_cache(maxsize=32)
def hann(n: int) -> NDArray[np.float64]:
    """(n,) Hann window of unit energy; read-only."""
    window = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2
    window /= np.sqrt(np.sum(window**2))
    window.setflags(write=False)
    return window


@lru_cache(maxsize=16)
def _transform(n: int, n_points: int, rate_hz: float, from_hz: float, to_hz: float) -> Any:
    """The chirp factors depend on sizes only; a link keeps its sizes for hours."""
    from scipy.signal import ZoomFFT  # the slow path only: importing this costs 1.8 s

    return ZoomFFT(n, [from_hz, to_hz], n_points, fs=rate_hz, endpoint=True)
