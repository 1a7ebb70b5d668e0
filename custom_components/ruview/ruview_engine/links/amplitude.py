"""I/Q bytes to amplitudes in one table look-up."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Amplitude


def _table() -> NDArray[np.float32]:
    """|imag + j·real| for all 65 536 byte pairs; symmetric in the bytes, so byte order does not matter."""
    one = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32)
    table = np.hypot(one[None, :], one[:, None]).astype(np.float32).ravel()
    table.setflags(write=False)
    return table


#: 256 KiB; the look-up costs a third of unpack–square–root. Origin: derived.
_AMPLITUDE: Final = _table()


def amplitudes(iq: bytes, n_pairs: int) -> Amplitude:
    """Amplitudes of the first antenna's pairs.

    Parameters
    ----------
    iq : ≥ 2 × n_pairs bytes, signed, imaginary part first (ESP-IDF)
    n_pairs : how many to read

    Returns
    -------
    (n_pairs,) float32, 0 … 181, chip units at an unknown gain
    """
    return _AMPLITUDE.take(np.frombuffer(iq, np.uint16, n_pairs))
