"""The strongest line of a multichannel spectrum, and how far it stands out of what surrounds it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .czt import zoom_power
from .robust import median

#: Frequencies per resolution cell (1/T); six make the log-parabola through a Hann peak exact to 0.2 % of a cell.
#: Origin: derived.
POINTS_PER_CELL: Final = 6

#: A Hann line reaches this many cells to each side before it is 30 dB down. Origin: derived.
LINE_HALF_WIDTH_CELLS: Final = 1.6

#: Fundamental and overtones left out of the background. Origin: chosen; breath has two visible overtones in recordings.
N_HARMONICS: Final = 3

#: Ratios are cut here; 16-bit arithmetic ends at 96 dB, int8 CSI at 48. Origin: derived.
MAX_DB: Final = 60.0

#: Chance that Gaussian noise, however correlated its columns, shows a line this strong somewhere in the band of one
#: stretch. Origin: chosen; 2,880 independent half-minutes a day, two other tests behind it.
FALSE_ALARM: Final = 1e-6

#: Real rooms are not stationary: margin over the threshold for Gaussian noise where the room's own empty lines are not
#: known. Origin: measured — strongest line in 11 min of empty rooms is 15.5 dB in 30 s against the derived 12.1 dB.
NON_STATIONARY_DB: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralLine:
    """A local maximum of the mean spectrum.

    hz : frequency, interpolated
    power : of the mean spectrum there, in units of the noise
    line_db : power over the median of the band without the line and its overtones
    above_lower_db : power over the strongest value at lower frequencies; negative when slow drift outweighs the line
    agreement : 0–1, share of the columns (weighted by amplitude) whose own strongest line is this one
    """

    hz: float
    power: float
    line_db: float
    above_lower_db: float
    agreement: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """Power of every column on a fine grid, in units of the receiver's noise.

    frequencies_hz : (n_points,)
    power : (n_points, n_columns)
    duration_s : of the stretch, hence resolution 1/duration
    ignored : (n_points,) True where something was removed on purpose: neither line nor background
    """

    frequencies_hz: NDArray[np.float64]
    power: NDArray[np.float64]
    duration_s: float
    ignored: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        values: NDArray[np.float64],
        *,
        rate_hz: float,
        to_hz: float,
        from_hz: float | None = None,
        ignore: tuple[tuple[float, float], ...] = (),
    ) -> Spectrum:
        """From half a cell (or `from_hz`) up to `to_hz`, intervals of `ignore` (Hz) marked.

        `values` : (n, n_columns), mean removed, scaled by their noise.
        """
        duration_s = len(values) / rate_hz
        from_hz = 0.5 / duration_s if from_hz is None else from_hz
        n_points = max(int(POINTS_PER_CELL * duration_s * (to_hz - from_hz)), 8)
        frequencies, power = zoom_power(values, rate_hz=rate_hz, from_hz=from_hz, to_hz=to_hz, n_points=n_points)
        ignored = np.zeros(n_points, dtype=np.bool_)
        for low, high in ignore:
            ignored |= (frequencies >= low) & (frequencies <= high)
        return cls(frequencies_hz=frequencies, power=power, duration_s=duration_s, ignored=ignored)

    @property
    def mean(self) -> NDArray[np.float64]:
        """(n_points,) mean over the columns."""
        return np.asarray(self.power.mean(axis=1))

    def strongest(self, *, from_hz: float, to_hz: float) -> SpectralLine | None:
        """The highest interior maximum of the band; None when the spectrum only falls or rises there."""
        mean = self.mean
        at = self._highest_peak(mean, from_hz, to_hz)
        return None if at is None else self._line_at(mean, at, from_hz, to_hz, (1.0,))

    def near(self, hz: float, *, from_hz: float, to_hz: float) -> SpectralLine | None:
        """The highest interior maximum within half a cell of `hz`; columns that show its overtone agree with it."""
        mean = self.mean
        reach = 0.5 / self.duration_s
        at = self._highest_peak(mean, max(hz - reach, from_hz), min(hz + reach, to_hz))
        return None if at is None else self._line_at(mean, at, from_hz, to_hz, (1.0, 2.0))

    def power_near(self, hz: float) -> float:
        """Highest mean power within half a cell of `hz`; 0 outside the spectrum."""
        near = np.abs(self.frequencies_hz - hz) <= 0.5 / self.duration_s
        return float(self.mean[near].max()) if near.any() else 0.0

    def _highest_peak(self, mean: NDArray[np.float64], from_hz: float, to_hz: float) -> int | None:
        inner = mean[1:-1]
        wanted = (self.frequencies_hz[1:-1] >= from_hz) & (self.frequencies_hz[1:-1] <= to_hz) & ~self.ignored[1:-1]
        peaks = np.flatnonzero(wanted & (inner > mean[:-2]) & (inner >= mean[2:])) + 1
        return int(peaks[np.argmax(mean[peaks])]) if len(peaks) else None

    def _line_at(
        self, mean: NDArray[np.float64], at: int, from_hz: float, to_hz: float, multiples: tuple[float, ...]
    ) -> SpectralLine:
        frequencies = self.frequencies_hz
        before, here, after = np.log(mean[at - 1 : at + 2] + 1e-300)
        bend = before - 2 * here + after
        offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
        hz = float(frequencies[at] + offset * (frequencies[1] - frequencies[0]))
        half_width = LINE_HALF_WIDTH_CELLS / self.duration_s
        harmonics = hz * np.arange(1, N_HARMONICS + 1)
        outside = (np.abs(frequencies[:, None] - harmonics) > half_width).all(axis=1) & ~self.ignored
        floor = median(mean[outside] if outside.any() else mean)
        lower = mean[(frequencies < hz - half_width) & ~self.ignored]
        return SpectralLine(
            hz=hz,
            power=float(mean[at]),
            line_db=decibels(float(mean[at]), floor),
            above_lower_db=decibels(float(mean[at]), float(lower.max())) if len(lower) else MAX_DB,
            agreement=self._agreement(hz * np.array(multiples), from_hz, to_hz),
        )

    def _agreement(self, places_hz: NDArray[np.float64], from_hz: float, to_hz: float) -> float:
        band = (self.frequencies_hz >= from_hz) & (self.frequencies_hz <= to_hz) & ~self.ignored
        power = self.power[band]
        own_hz = self.frequencies_hz[band][np.argmax(power, axis=0)]
        weight = np.sqrt(power.max(axis=0))
        agrees = (np.abs(own_hz[:, None] - places_hz) < 1.0 / self.duration_s).any(axis=1)
        return float(np.sum(weight * agrees) / max(np.sum(weight), 1e-300))


def decibels(power: float, reference: float) -> float:
    """10·log10 of a ratio, limited to ±`MAX_DB` so that silence stays a number."""
    ratio = power / max(reference, 1e-300)
    return float(np.clip(10.0 * np.log10(max(ratio, 1e-300)), -MAX_DB, MAX_DB))


def noise_line_db(n_cells: float, false_alarm: float = FALSE_ALARM) -> float:
    """Line strength that noise exceeds in one of `n_cells` with this probability.

    A periodogram of Gaussian noise is exponential around its mean, and the mean of columns that all carry the same
    noise is no better than one: P(max > s) ≈ n·e^(−s). Columns with noise of their own only lower it. 12 cells,
    10⁻⁶: 12.1 dB.
    """
    return float(10.0 * np.log10(np.log(max(n_cells, 1.0) / false_alarm)))
