"""A second chest beside the first: another line in the sum of all links, or another pattern beneath it.

Beside it: one body's movement stands in the spectrum at its rate, its multiples, and half of it where a link is at a
blind spot; a line elsewhere is somebody else's. Links are added, so that a bump of one of them is none of the sum.
Beneath it: one chest moves the bins of a link along one pattern, and its overtone along another; two chests at two
places do not share theirs. So the second is looked for where the first is not, however much stronger the first is.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.periodicity import Evidence, NoRhythm, Rhythm, measure
from ..shapes import Matrix, Vector
from .link_rhythm import CELLS_PER_PERIOD, link_grid
from .log_profile import Bands
from .micro_motion import GRID_HZ as SLOT_HZ
from .micro_motion import NOISE_BAND_HZ, newest_slots
from .reading import WhyNot
from .specialists.breathing import BREATHING_BAND, GRID_HZ, WINDOW_S
from .window import LinkWindow

#: A line beside the first, over the noise of 0.9–2.2 Hz in the mean of all links, dB. Origin: measured in simulation,
#: twenty homes: up to 6 in 240 looks at one person who sits or lies, 8 and more in ten of 20 pairs who sit and breathe
#: at 12 and 19 /min.
BESIDE_DB: Final = 8.0
#: Where it is looked for, /min. Origin: derived; slower is wander and the fidgets of sitting down.
BESIDE_BPM: Final = (7.8, 33.0)
#: Cells around the first rate, and around its multiples and its half, that are its own. Origin: derived, the main lobe
#: of a Hann window is two cells each way, and a natural breath wanders.
RATE_CELLS: Final = 2.2
MULTIPLE_CELLS: Final = 1.6
#: The spectrum is spaced so many times as finely as its cells. Origin: chosen.
PADDED: Final = 8
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


def breath_beside(
    windows: Sequence[LinkWindow], read_bpm: float | None, asked_bpm: tuple[float, float] | None = None
) -> tuple[float, float] | None:
    """The first rate and that of the strongest line that is not its own, per minute; None where that is not strong.

    read_bpm : of the first, where it was read; else it is the strongest line in `asked_bpm`. Without one there it is
        the strongest of all, or half of that: a chest in the line of sight shows its overtone more than itself
    """
    spectrum = summed_spectrum(windows)
    if spectrum is None:
        return None
    bpm, power, cell = spectrum
    is_line = (bpm >= BESIDE_BPM[0]) & (bpm <= BESIDE_BPM[1])
    is_line[1:-1] &= (power[1:-1] >= power[:-2]) & (power[1:-1] >= power[2:])
    is_strong = is_line & (power >= 10 ** (BESIDE_DB / 10))
    if read_bpm is None and asked_bpm is not None:
        read_bpm = _strongest(bpm, power, is_strong & (bpm >= asked_bpm[0]) & (bpm <= asked_bpm[1]))
    first_bpm = read_bpm or _strongest(bpm, power, is_strong)
    if first_bpm is None:
        return None
    slowest_bpm = first_bpm if read_bpm else first_bpm / 2
    for own in (slowest_bpm / 2, *np.arange(slowest_bpm, BESIDE_BPM[1] + slowest_bpm, slowest_bpm)):
        is_strong &= np.abs(bpm - own) > (RATE_CELLS if own == first_bpm else MULTIPLE_CELLS) * cell
    other = _strongest(bpm, power, is_strong)
    return None if other is None else (first_bpm, other)


def summed_spectrum(windows: Sequence[LinkWindow]) -> tuple[Vector, Vector, float] | None:
    """Rates, the mean of all links' power over their noise, and the width of a cell, all rates per minute."""
    slots = [found for window in windows if (found := _slots(window)) is not None]
    if not slots:
        return None
    n_slots = min(map(len, slots))
    power = np.mean([_relative_power(one[-n_slots:]) for one in slots], axis=0)
    bpm = np.fft.rfftfreq(PADDED * n_slots, 1.0 / SLOT_HZ) * 60.0
    return np.asarray(bpm, np.float64), np.asarray(power, np.float64), 60.0 * SLOT_HZ / n_slots


def _strongest(bpm: Vector, power: Vector, is_line: NDArray[np.bool_]) -> float | None:
    return float(bpm[is_line][np.argmax(power[is_line])]) if is_line.any() else None


def _slots(window: LinkWindow) -> Matrix | None:
    """(n, n_bands) log-profiles on a grid, each band in units of its noise."""
    logs = Bands.over(window.active).log(window.profiles)
    slots = newest_slots(window.times, logs, seconds=WINDOW_S)
    if slots is None:
        return None
    quick = np.diff(slots, axis=0)
    return np.asarray(slots / np.maximum(1.4826 * np.median(np.abs(quick - np.median(quick, axis=0)), axis=0), 1e-6))


def _relative_power(slots: Matrix) -> Vector:
    """Power of all bands together over that of their noise, straight line removed, Hann window, finely spaced."""
    n_slots = len(slots)
    ramp = np.linspace(-1.0, 1.0, n_slots)[:, None]
    centred = slots - slots.mean(axis=0)
    centred = centred - ramp * ((ramp * centred).sum(axis=0) / (ramp**2).sum())
    spectrum = np.fft.rfft(centred * np.hanning(n_slots)[:, None], n=PADDED * n_slots, axis=0)
    power = (np.abs(spectrum) ** 2).sum(axis=1)
    hertz = np.fft.rfftfreq(PADDED * n_slots, 1.0 / SLOT_HZ)
    noise = power[(hertz >= NOISE_BAND_HZ[0]) & (hertz <= NOISE_BAND_HZ[1])].mean()
    return np.asarray(power / max(float(noise), 1e-12))


def breath_beneath(windows: Sequence[LinkWindow], first_bpm: float, *, at_s: float) -> float | None:
    """Rate of a rhythm in other patterns on some link, per minute; None without, or when the windows are too short."""
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
