"""Power on a fine grid of frequencies in a narrow band (chirp-z transform).

Source: Rabiner, Schafer & Rader, The chirp z-transform algorithm, 1969; evaluated by convolution after Bluestein:
n·k = (n² + k² − (k − n)²) / 2. scipy.signal has the same and loads 700 modules and 65 MB for it, which the house feels.
"""

from dataclasses import dataclass
from functools import lru_cache

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
    n_points : at least 2

    Returns
    -------
    (n_points,) frequencies in Hz and (n_points, n_columns) power
    """
    frequencies = np.linspace(from_hz, to_hz, n_points)
    chirp = _chirp(len(values), n_points, from_hz / rate_hz, (to_hz - from_hz) / (n_points - 1) / rate_hz)
    spectrum = np.fft.fft(values.T * chirp.window, len(chirp.filter))
    spectrum *= chirp.filter
    spectrum = np.fft.ifft(spectrum)[:, :n_points].T
    return frequencies, spectrum.real**2 + spectrum.imag**2


@lru_cache(maxsize=32)
def hann(n: int) -> NDArray[np.float64]:
    """(n,) Hann window of unit energy; read-only."""
    window = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2
    window /= np.sqrt(np.sum(window**2))
    window.setflags(write=False)
    return window


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chirp:
    """Factors that depend on sizes only; a link keeps its sizes for hours.

    window : (n,) Hann, turned back by the first frequency and by the chirp
    filter : (n_fft,) transform of the chirp that is convolved with
    """

    window: NDArray[np.complex128]
    filter: NDArray[np.complex128]


@lru_cache(maxsize=16)
def _chirp(n: int, n_points: int, first: float, step: float) -> _Chirp:
    """For frequencies first + k·step, in cycles per sample; without the last factor, which has modulus 1."""
    turns = np.arange(n)
    chirp = np.exp(-1j * np.pi * step * np.arange(max(n, n_points)) ** 2.0)
    back = np.zeros(fast_length(n + n_points - 1), dtype=np.complex128)
    back[:n_points] = chirp[:n_points].conj()
    back[len(back) - n + 1 :] = chirp[n - 1 : 0 : -1].conj()
    return _Chirp(window=hann(n) * np.exp(-2j * np.pi * first * turns) * chirp[:n], filter=np.fft.fft(back))


def fast_length(n: int) -> int:
    """The smallest 2ⁱ·3ʲ·5ᵏ ≥ n, where a Fourier transform is quick."""
    best = 1 << (n - 1).bit_length()
    fives = 1
    while fives < best:
        odd = fives
        while odd < best:
            rest = -(-n // odd)
            best = min(best, odd << (rest - 1).bit_length())
            odd *= 3
        fives *= 5
    return best
