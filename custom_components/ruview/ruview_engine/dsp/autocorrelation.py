"""How much a multichannel series resembles itself a little later."""

import numpy as np
from numpy.typing import NDArray


def band_limited(values: NDArray[np.float64], *, rate_hz: float, from_hz: float, to_hz: float) -> NDArray[np.float64]:
    """Each column with only the frequencies of the band, zero phase.

    Zeros of the same length are appended before transforming, so that the end does not leak into the beginning.

    Parameters
    ----------
    values : (n, n_columns), mean already removed

    Returns
    -------
    (n, n_columns)
    """
    n = len(values)
    spectrum = np.fft.rfft(values, 2 * n, axis=0)
    frequencies = np.fft.rfftfreq(2 * n, 1.0 / rate_hz)
    spectrum[(frequencies < from_hz) | (frequencies > to_hz)] = 0.0
    return np.fft.irfft(spectrum, 2 * n, axis=0)[:n]


def pooled_autocorrelation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation over all columns together, each lag normalised by the energy it really compares.

    ρ(L) = 2 Σ_k Σ_t x_k(t) x_k(t+L) / (Σ over the leading part + Σ over the trailing part), so that |ρ| ≤ 1 and a
    rhythm of constant strength keeps its height at every lag (the biased estimate falls as 1 − L/n). Summing
    products before normalising weights every column by its energy: maximal-ratio combining as in SMARS (Zhang et
    al., IEEE TMC 2019).

    Parameters
    ----------
    values : (n, n_columns); scale the columns by their noise first

    Returns
    -------
    (n,) ρ at lags 0 … n−1; all 0 when there is no energy
    """
    n = len(values)
    spectrum = np.fft.rfft(values, 2 * n, axis=0)
    products = np.fft.irfft(np.sum(spectrum.real**2 + spectrum.imag**2, axis=1), 2 * n)[:n]
    energy = np.concatenate([[0.0], np.cumsum(np.sum(values**2, axis=1))])
    lags = np.arange(n)
    compared = energy[n - lags] + (energy[n] - energy[lags])
    floor = 1e-12 * energy[n]
    return np.where(compared > floor, 2.0 * products / np.maximum(compared, floor or 1.0), 0.0)
