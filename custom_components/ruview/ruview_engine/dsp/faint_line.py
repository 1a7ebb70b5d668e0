"""A fast, faint rhythm under a slow, strong one: the heart beside the breath.

The chest moves the path by millimetres with every breath and by tenths with every beat, so the heart's line lies
about 24 dB below, among the breath's overtones and flanked by sidebands one breath away. Overtones are left out, four
independent quarters of the data (two halves in time, two halves of the columns) vote on the rate, and a line that could
be a sideband of a hidden one is refused.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .periodicity import Band, in_noise_units
from .spectral_line import LINE_HALF_WIDTH_CELLS, SpectralLine, Spectrum, decibels

#: Overtones of the slow rhythm left out. Origin: upstream removes six (issue 988); in simulation the seventh and eighth
#: are still seen at −4 dB.
N_OVERTONES: Final = 8

#: The slow rate wanders by this part within a window, and the k-th overtone k times as far. Origin: measured — 3 % in
#: the paced recordings.
OVERTONE_WANDER: Final = 0.04

#: A quarter votes for the line when its own strongest lies this close, in Hz (4 /min). Origin: chosen.
VOTE_REACH_HZ: Final = 4.0 / 60.0

#: A partner two slow rates away this close in power betrays a pair of sidebands. Origin: chosen.
SIDEBAND_DB: Final = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaintLine:
    """The strongest line between the overtones.

    hz, line_db, agreement : as in `SpectralLine`
    n_votes : quarters, 0–4, that name the same rate on their own
    may_be_sideband : the line and a partner lie symmetrically around a place that was left out
    """

    hz: float
    line_db: float
    agreement: float
    n_votes: int
    may_be_sideband: bool


def faint_line(values: NDArray[np.float64], *, rate_hz: float, band: Band, slow_hz: float) -> FaintLine | None:
    """Look for a line in `band` beside a rhythm at `slow_hz`.

    Parameters
    ----------
    values : (n, n_columns) evenly spaced, finite
    rate_hz : of the grid; noise is measured above twice the band or, on slow grids, in the top third

    Returns
    -------
    None when no column is alive or the band has no interior maximum
    """
    scaled = in_noise_units(values, rate_hz=rate_hz, band=band)
    if scaled is None:
        return None
    overtones = left_out(slow_hz, len(scaled) / rate_hz)
    line = _strongest(scaled, rate_hz, band, overtones)
    if line is None:
        return None
    middle = len(scaled) // 2
    quarters = [part[:, column::2] for part in (scaled[:middle], scaled[middle:]) for column in (0, 1)]
    votes = [_strongest(quarter, rate_hz, band, overtones) for quarter in quarters if quarter.shape[1]]
    return FaintLine(
        hz=line.hz,
        line_db=line.line_db,
        agreement=line.agreement,
        n_votes=sum(vote is not None and abs(vote.hz - line.hz) <= VOTE_REACH_HZ for vote in votes),
        may_be_sideband=_may_be_sideband(scaled, rate_hz, line, slow_hz, overtones),
    )


def left_out(slow_hz: float, duration_s: float) -> tuple[tuple[float, float], ...]:
    """Intervals in Hz around the slow rhythm and its overtones: as wide as resolution or wander, whichever is more."""
    resolution = LINE_HALF_WIDTH_CELLS / duration_s
    centres = [k * slow_hz for k in range(1, N_OVERTONES + 1)]
    return tuple(
        (centre - max(resolution, OVERTONE_WANDER * centre), centre + max(resolution, OVERTONE_WANDER * centre))
        for centre in centres
    )


def _strongest(
    scaled: NDArray[np.float64], rate_hz: float, band: Band, overtones: tuple[tuple[float, float], ...]
) -> SpectralLine | None:
    centred = scaled - scaled.mean(axis=0)
    margin = 0.2 * (band.to_hz - band.from_hz)
    spectrum = Spectrum.of(
        centred,
        rate_hz=rate_hz,
        from_hz=max(band.from_hz - margin, 1.0 / (len(scaled) / rate_hz)),
        to_hz=min(band.to_hz + margin, 0.45 * rate_hz),
        ignore=overtones,
    )
    return spectrum.strongest(from_hz=band.from_hz, to_hz=band.to_hz)


def _may_be_sideband(
    scaled: NDArray[np.float64],
    rate_hz: float,
    line: SpectralLine,
    slow_hz: float,
    overtones: tuple[tuple[float, float], ...],
) -> bool:
    """Is there a partner on the other side of a hidden centre?"""
    here = _power_at(scaled, rate_hz, line.hz)
    for direction in (-1.0, 1.0):
        centre = line.hz + direction * slow_hz
        is_hidden = any(low <= centre <= high for low, high in overtones)
        partner = _power_at(scaled, rate_hz, centre + direction * slow_hz)
        if is_hidden and decibels(partner, here) > -SIDEBAND_DB:
            return True
    return False


def _power_at(scaled: NDArray[np.float64], rate_hz: float, hz: float) -> float:
    """Highest mean power within half a cell of one frequency."""
    reach = 0.5 * rate_hz / len(scaled)
    low, high = max(hz - reach, 0.0), min(hz + reach, 0.49 * rate_hz)
    if high <= low:
        return 0.0
    spectrum = Spectrum.of(scaled, rate_hz=rate_hz, from_hz=low, to_hz=high)
    return float(spectrum.mean.max())
