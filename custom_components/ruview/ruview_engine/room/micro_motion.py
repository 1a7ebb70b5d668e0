"""Micro-motion: is there more slow movement in the shape than this link's own noise explains?

A still person breathes and sways. Both modulate the shape between 0.1 and 0.6 Hz, far below the motion meter's band.
The power there is divided by the power of the same bands between 0.8 and 2 Hz in the same window: receiver noise is
white and cancels, whatever gain and distance. What an empty room shows of it (slow drift) is learnt by the baseline.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..dsp.robust import median
from ..links.sample import MAX_GAP_S
from ..shapes import ActiveMask, Matrix, Times, Vector
from .log_profile import Bands, resample
from .window import LinkWindow

#: Slots per second. Origin: derived; the reference band must fit below half of it.
GRID_HZ: Final = 5.0
#: Breathing of a resting adult or child, 6–36 /min. Origin: SENSING §4.
LINE_BAND_HZ: Final = (0.1, 0.6)
#: Where resting people leave nothing but noise. Origin: chosen, above the third harmonic of ordinary breathing.
NOISE_BAND_HZ: Final = (0.9, 2.2)
#: Window: three periods at 6 /min. Origin: SENSING §4.
MICRO_WINDOW_S: Final = 30.0
#: Less than this and neither band has enough cells.
MIN_MICRO_S: Final = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroMotion:
    """Slow movement of one link in one window.

    log_ratio : natural log of slow power over noise power, averaged over bands (0 in white noise)
    line_db : strongest cell of 0.1–0.6 Hz over the median cell of the noise band, summed over bands, dB
    rate_bpm : where that cell's peak is, by a parabola through the logs of three cells
    second_db, second_bpm : the strongest other line that is neither a neighbour nor a multiple of the first
    agreement : 0–1, share of the bands' slow power at that cell that moves in one pattern (1 = one moving body)
    """

    log_ratio: float
    line_db: float
    rate_bpm: float
    second_db: float
    second_bpm: float
    agreement: float


def micro_motion(times: Times, logs: Matrix, *, seconds: float = MICRO_WINDOW_S) -> MicroMotion | None:
    """Measure the newest `seconds` of log-profiles; None when too short, too sparse or broken by a gap."""
    slots = newest_slots(times, logs, seconds=seconds)
    return None if slots is None else measure(slots)


def newest_slots(times: Times, logs: Matrix, *, seconds: float = MICRO_WINDOW_S) -> Matrix | None:
    """(n_slots, n_bands) means of the newest `seconds` on the `GRID_HZ` grid; None as for `micro_motion`."""
    first = int(np.searchsorted(times, times[-1] - seconds)) if len(times) else 0
    gaps = np.flatnonzero(np.diff(times[first:]) > MAX_GAP_S)
    first += int(gaps[-1]) + 1 if len(gaps) else 0
    recent = times[first:]
    if len(recent) < 2 or recent[-1] - recent[0] < MIN_MICRO_S:
        return None
    if (len(recent) - 1) / (recent[-1] - recent[0]) < GRID_HZ * 0.9:
        return None
    return resample(recent, logs[first:], GRID_HZ)


def measure_windows(window: LinkWindow, bands: Bands, *, step_s: float = 5.0) -> tuple[MicroMotion, ...]:
    """Every `step_s` seconds of a long window, one measurement over the 30 s before; fewer when gaps break it."""
    if len(window) < 2:
        return ()
    newest = float(window.times[-1])
    oldest = max(float(window.times[0]) + min(MICRO_WINDOW_S, window.span_s), newest - 600.0)
    logs = bands.log(window.profiles)
    ends = np.arange(newest, oldest - 1e-6, -step_s)
    cuts = np.searchsorted(window.times, ends, side="right").tolist()
    found = (micro_motion(window.times[:cut], logs[:cut]) for cut in cuts)
    return tuple(one for one in found if one is not None)


def measure(series: Matrix) -> MicroMotion:
    """The same for (n_slots, n_bands) values on the 5 Hz grid."""
    n_slots = len(series)
    spectrum, power = _spectrum(series)
    hertz: Vector = np.asarray(np.fft.rfftfreq(n_slots, 1.0 / GRID_HZ), np.float64)
    slow = (hertz >= LINE_BAND_HZ[0]) & (hertz <= LINE_BAND_HZ[1])
    quiet = (hertz >= NOISE_BAND_HZ[0]) & (hertz <= NOISE_BAND_HZ[1])
    noise = np.maximum(power[quiet].mean(axis=0), 1e-12)
    ratio = power[slow].mean(axis=0) / noise
    relative: Vector = np.asarray((power / noise).mean(axis=1), np.float64)
    at = int(np.flatnonzero(slow)[np.argmax(relative[slow])])
    floor = max(median(relative[quiet]), 1e-12)
    other = _second(relative, hertz, at, slow)
    scaled = (spectrum / np.sqrt(noise))[max(at - 1, 0) : at + 2]
    singular = np.linalg.svd(scaled, compute_uv=False) ** 2
    return MicroMotion(
        log_ratio=float(np.log(np.maximum(ratio, 1e-6)).mean()),
        line_db=float(10 * np.log10(max(relative[at] / floor, 1e-6))),
        second_db=float(10 * np.log10(max(relative[other] / floor, 1e-6))) if other else 0.0,
        second_bpm=float((hertz[other] + _lean(relative, other) * hertz[1]) * 60) if other else 0.0,
        rate_bpm=float((hertz[at] + _lean(relative, at) * hertz[1]) * 60),
        agreement=float(singular[0] / singular.sum()) if singular.sum() > 0 else 0.0,
    )


def _spectrum(series: Matrix) -> tuple[np.ndarray, Matrix]:
    """Complex spectrum and power of each band, straight line removed, Hann window."""
    n_slots = len(series)
    ramp = np.linspace(-1.0, 1.0, n_slots)[:, None]
    centred: Matrix = series - series.mean(axis=0)
    slope: Vector = (ramp * centred).sum(axis=0) / (ramp**2).sum()
    spectrum = np.fft.rfft((centred - ramp * slope) * np.hanning(n_slots)[:, None], axis=0)
    return spectrum, np.abs(spectrum) ** 2


def _lean(power: Vector, at: int) -> float:
    """Where between two cells the peak is, −½…½."""
    before, here, after = np.log(np.maximum(power[at - 1 : at + 2], 1e-12))
    bend = before - 2 * here + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _second(power: Vector, hertz: Vector, at: int, slow: ActiveMask) -> int | None:
    """The strongest local peak outside the first line's main lobe, its half and its multiples."""
    lobe = 2.5 * hertz[1]
    candidates = slow.copy()
    for multiple in (0.5, 1.0, 2.0, 3.0, 4.0):
        candidates &= np.abs(hertz - multiple * hertz[at]) > (lobe if multiple == 1.0 else 1.5 * hertz[1])
    candidates[1:-1] &= (power[1:-1] >= power[:-2]) & (power[1:-1] >= power[2:])
    found = np.flatnonzero(candidates)
    return int(found[np.argmax(power[found])]) if len(found) else None
