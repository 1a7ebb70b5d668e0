"""What one link says about a slow rhythm: from the frames as they arrived to a judged candidate."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.outliers import belonging_rows, hampel
from ..dsp.periodicity import Band, Evidence, NoRhythm, WhyNoRhythm, measure
from ..dsp.pooling import pool_columns
from ..dsp.resample import MAX_GAP_S, Grid, to_grid
from ..links.link_id import LinkId
from .reading import WhyNot
from .window import LinkWindow

#: A link whose newest frame is older says nothing about now. Origin: chosen; one frame at 1 Hz may be late by a second.
FRESH_S: Final = 2.0

#: Grid cells per frame at most: at 0.8 most cells hold a frame although arrival jitters. Origin: derived from
#: `dsp.resample.MIN_OCCUPANCY` with Poisson arrivals (1 − e^(−1/0.8) = 0.71).
CELLS_PER_FRAME: Final = 0.8

#: Grid cells per period of the fastest rate: noise is measured above twice the band. Origin: derived.
CELLS_PER_PERIOD: Final = 4.0

#: What the engine's reasons are called where people read them.
WHY: Final = {
    WhyNoRhythm.NO_SIGNAL: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.NO_LINE: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.WEAK_LINE: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.TOO_FEW_CYCLES: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.DRIFT: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.IRREGULAR: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.DISAGREEMENT: WhyNot.DISAGREEMENT,
    WhyNoRhythm.FADED: WhyNot.WEAK_EVIDENCE,
    WhyNoRhythm.OUT_OF_BAND: WhyNot.WEAK_EVIDENCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRhythm:
    """One link's candidate, not yet judged; NoRhythm when there is none, WhyNot when its frames do not make a grid."""

    link: LinkId
    found: Evidence | NoRhythm | WhyNot


def link_grid(
    window: LinkWindow, *, at_s: float, duration_s: float, grid_hz: float, slowest_hz: float
) -> Grid | WhyNot:
    """The newest `duration_s` of a link on an even grid, pooled over neighbouring bins, wild values replaced.

    Parameters
    ----------
    at_s : now
    grid_hz : wanted; lower when the link is slower
    slowest_hz : below this grid rate the answer is RATE_TOO_LOW
    """
    if not len(window) or at_s - float(window.times[-1]) > FRESH_S:
        return WhyNot.NO_FRAMES
    end_s = float(window.times[-1])
    if end_s - float(window.times[0]) < duration_s - 1.0:
        return WhyNot.WARMING_UP
    cut = window.between(end_s - duration_s, end_s)
    times, pooled = _finite(cut.times, pool_columns(cut.profiles, cut.active))
    if not pooled.shape[1]:
        return WhyNot.WEAK_EVIDENCE
    rate_hz = min(grid_hz, CELLS_PER_FRAME * len(times) / duration_s)
    if rate_hz < slowest_hz:
        return WhyNot.RATE_TOO_LOW if len(times) > 1 else WhyNot.NO_FRAMES
    # Half-hertz steps, so that transforms of one size are used again and again.
    rate_hz = max(np.floor(2.0 * rate_hz) / 2.0, slowest_hz)
    belonging = _belonging(times, pooled, lag=max(1, round(len(times) / (duration_s * rate_hz))))
    grid = to_grid(times[belonging], pooled[belonging], rate_hz=float(rate_hz), end_s=end_s, duration_s=duration_s)
    if grid is None:
        return WhyNot.GAP
    return Grid(values=hampel(grid.values), rate_hz=grid.rate_hz, end_s=grid.end_s, occupancy=grid.occupancy)


def link_rhythm(window: LinkWindow, *, at_s: float, duration_s: float, grid_hz: float, band: Band) -> LinkRhythm:
    """The best candidate of the newest `duration_s`; `rate_fusion` judges it, alone and together with other links."""
    grid = link_grid(
        window, at_s=at_s, duration_s=duration_s, grid_hz=grid_hz, slowest_hz=CELLS_PER_PERIOD * band.to_hz
    )
    found = grid if isinstance(grid, WhyNot) else measure(grid.values, rate_hz=grid.rate_hz, band=band)
    return LinkRhythm(link=window.link, found=found)


def _belonging(times: NDArray[np.float64], pooled: NDArray[np.float32], *, lag: int) -> NDArray[np.bool_]:
    """(n,) rows to use: without broken frames, except where leaving them out would tear a hole."""
    belonging = belonging_rows(pooled, lag=lag)
    kept = np.flatnonzero(belonging)
    for hole in np.flatnonzero(np.diff(times[kept]) > MAX_GAP_S):
        belonging[kept[hole] : kept[hole + 1]] = True
    return belonging


def _finite(times: NDArray[np.float64], pooled: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """A frame with a bad bin counts as no frame; time may not run backwards."""
    good = np.isfinite(pooled).all(axis=1) & np.isfinite(times)
    if good.any():
        newest = np.maximum.accumulate(np.where(good, times, -np.inf))
        good[1:] &= times[1:] >= newest[:-1]
    return (times, pooled) if good.all() else (times[good], pooled[good])
