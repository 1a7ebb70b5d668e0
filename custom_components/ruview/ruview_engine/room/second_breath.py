"""A second chest beside the first: what still repeats on a link when the first breath's movement is taken out.

One chest moves the bins of a link along one pattern, and its overtone along another; two chests at two places do not
share theirs. So the second is looked for where the first is not, however much stronger the first is.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.periodicity import Evidence, NoRhythm, Rhythm, measure
from .link_rhythm import CELLS_PER_PERIOD, link_grid
from .reading import WhyNot
from .specialists.breathing import BREATHING_BAND, GRID_HZ, WINDOW_S
from .window import LinkWindow

#: What the rest has to show, dB and regularity. Origin: measured in simulation, ten rooms: one person in none of 140
#: looks, two who sit and breathe at their own rates in three of ten (up to 13 dB, 0.67).
REST_DB: Final = 10.0
REST_REGULARITY: Final = 0.35
#: And so many periods of it: sway and wander are strongest at the lowest rate that is looked at. Origin:
#: `specialists.breathing.SHORT_LIMITS`.
MIN_CYCLES: Final = 4.0
#: Nearer to the first than this is the first, /min. Origin: derived, a resolution cell and a quarter of the window.
APART_BPM: Final = 2.5
#: What a link at a blind spot makes of the first breath.
PARTS: Final = (0.5, 1.0, 2.0)


def second_breath(windows: Sequence[LinkWindow], first_bpm: float, *, at_s: float) -> float | None:
    """Rate of a second rhythm on some link, per minute; None without, or when the windows are too short to say."""
    for window in windows:
        grid = link_grid(
            window, at_s=at_s, duration_s=WINDOW_S, grid_hz=GRID_HZ, slowest_hz=CELLS_PER_PERIOD * BREATHING_BAND.to_hz
        )
        if isinstance(grid, WhyNot) or grid.values.shape[1] < 4:
            continue
        rest = _without(grid.values, first_bpm / 60.0, grid.rate_hz)
        found = measure(rest, rate_hz=grid.rate_hz, band=BREATHING_BAND)
        evidence = found.evidence if isinstance(found, NoRhythm | Rhythm) else found
        if isinstance(evidence, Evidence) and _is_another(evidence, first_bpm):
            return evidence.rate_bpm
    return None


def _is_another(evidence: Evidence, first_bpm: float) -> bool:
    """Strong, regular, and neither the first breath nor what a link at a blind spot makes of it."""
    is_strong = (
        evidence.line_db >= REST_DB and evidence.regularity >= REST_REGULARITY and evidence.n_cycles >= MIN_CYCLES
    )
    return is_strong and all(abs(evidence.rate_bpm - part * first_bpm) > APART_BPM * min(part, 1.0) for part in PARTS)


def _without(values: NDArray[np.float64], first_hz: float, rate_hz: float) -> NDArray[np.float64]:
    """Leave out the directions over the columns in which the first breath and its overtone move."""
    n_slots = len(values)
    centred = values - values.mean(axis=0)
    spectrum = np.fft.rfft(centred * np.hanning(n_slots)[:, None], axis=0)
    patterns = []
    for multiple in (1, 2):
        at = max(1, round(multiple * first_hz * n_slots / rate_hz))
        near = spectrum[at - 1 : at + 2]
        patterns.append(np.linalg.eigh((near.conj().T @ near).real)[1][:, -1])
    basis, _ = np.linalg.qr(np.array(patterns).T)
    return np.asarray(centred - (centred @ basis) @ basis.T)
