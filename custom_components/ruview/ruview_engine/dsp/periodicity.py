"""Rate with evidence, or no rhythm and why.

Two estimators that fail differently look at the same stretch: the strongest line of the spectrum, which red noise and
drift imitate, and the autocorrelation at half, one, one and a half and two periods, which a few random bumps do not.
Only where both say the same is there a rhythm. Sources and figures: docs/algorithms/rates.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .autocorrelation import band_limited, pooled_autocorrelation
from .czt import hann
from .spectral_line import NON_STATIONARY_DB, SpectralLine, Spectrum, noise_line_db

#: Lags, in periods, at which a rhythm is in antiphase (odd halves) or in phase. Origin: chosen; two periods is the
#: longest lag that a natural breath (3 % wander) survives.
COMB: Final = ((0.5, -1.0), (1.0, 1.0), (1.5, -1.0), (2.0, 1.0))

#: At most this much is undone: where noise is most of the energy, what remains of it is random. Origin: chosen.
MAX_UNDONE: Final = 2.0

#: Power of the first overtone, relative to the line, from which half a period is no antiphase any more. Origin:
#: derived — amplitude one half turns ρ(T/2) from −1 to −0.6.
OVERTONED: Final = 0.25

#: The true period is twice the line's when the series resembles itself this much better after two of them than after
#: one: the chest is near a blind spot and shows every breath twice. Origin: chosen; without it ρ(2T) ≤ ρ(T).
DOUBLED_GAIN: Final = 0.15

#: A line this far beyond the band's edges is searched, so that it is not taken for its neighbour, and this far beyond
#: it is still reported: a clock-paced 6.0 /min measures 5.85–6.07. Origin: chosen, measured.
SEARCHED_BEYOND: Final = 0.2
REPORTED_BEYOND: Final = 0.1

#: With the room's own strongest empty line known, a person has to exceed it by this. Origin: chosen; a minute of
#: baseline holds two independent half-minutes, whose maximum a third exceeds by 3 dB in one of twenty.
KNOWN_EMPTY_MARGIN_DB: Final = 3.0


class WhyNoRhythm(StrEnum):
    """Why a stretch has no rhythm worth a number."""

    NO_SIGNAL = "no_signal"
    NO_LINE = "no_line"
    WEAK_LINE = "weak_line"
    TOO_FEW_CYCLES = "too_few_cycles"
    DRIFT = "drift"
    IRREGULAR = "irregular"
    DISAGREEMENT = "disagreement"
    FADED = "faded"
    OUT_OF_BAND = "out_of_band"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where to look, in Hz."""

    from_hz: float
    to_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What evidence has to clear. Defaults are for breathing without a baseline; reasons in docs/algorithms/rates.md.

    line_db : line over background
    regularity : comb of the autocorrelation, −1 … 1
    weakest_lag : smallest of the comb's four terms
    agreement : share of the columns that see this line
    above_lower_db : the line must outweigh everything slower
    n_cycles, few_cycles_* : below `n_cycles` periods in the stretch random bumps look like rhythms, so more is asked;
        below `min_cycles` nothing is believed
    rate_apart : largest relative difference of the two estimators
    tail_share : energy of the last third against the mean of the stretch
    """

    line_db: float = 16.0
    regularity: float = 0.40
    weakest_lag: float = 0.20
    agreement: float = 0.70
    above_lower_db: float = 2.0
    n_cycles: float = 4.0
    min_cycles: float = 2.7
    few_cycles_line_db: float = 20.0
    few_cycles_regularity: float = 0.60
    rate_apart: float = 0.10
    tail_share: float = 0.15


def line_limit_db(band: Band, duration_s: float, empty_line_db: float | None = None) -> float:
    """What a line has to reach: the derived noise maximum, plus a margin for what rooms do, learnt or assumed.

    empty_line_db : strongest line this link showed with the room empty; None when there is no baseline
    """
    noise_db = noise_line_db((band.to_hz - band.from_hz) * duration_s)
    if empty_line_db is None:
        return noise_db + NON_STATIONARY_DB
    return max(noise_db, empty_line_db + KNOWN_EMPTY_MARGIN_DB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything measured about the best candidate of one stretch, believed or not."""

    rate_bpm: float
    lag_rate_bpm: float
    line_db: float
    above_lower_db: float
    agreement: float
    regularity: float
    weakest_lag: float
    tail_share: float
    n_cycles: float
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A rate that both estimators stand behind. `confidence` 0–1 grows with regularity and line strength."""

    rate_bpm: float
    confidence: float
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRhythm:
    """Why there is no number; `evidence` is what the best candidate looked like, for diagnostics and for fusion."""

    reason: WhyNoRhythm
    evidence: Evidence | None = None


def measure(values: NDArray[np.float64], *, rate_hz: float, band: Band) -> Evidence | NoRhythm:
    """The best candidate of one stretch with the numbers for and against it; `judge` says whether it is a rhythm.

    Parameters
    ----------
    values : (n, n_columns) evenly spaced, finite, any scale per column
    rate_hz : of the grid; at least four times `band.to_hz`

    Returns
    -------
    Evidence, or NoRhythm when there is no candidate; never raises on content
    """
    scaled = in_noise_units(values, rate_hz=rate_hz, band=band)
    if scaled is None:
        return NoRhythm(reason=WhyNoRhythm.NO_SIGNAL)
    top_hz = min(2.0 * band.to_hz, 0.45 * rate_hz)
    spectrum = Spectrum.of(scaled, rate_hz=rate_hz, to_hz=top_hz)
    from_hz, to_hz = (1.0 - SEARCHED_BEYOND) * band.from_hz, (1.0 + SEARCHED_BEYOND) * band.to_hz
    line = spectrum.strongest(from_hz=from_hz, to_hz=to_hz)
    if line is None:
        return NoRhythm(reason=WhyNoRhythm.NO_LINE)
    limited = band_limited(scaled, rate_hz=rate_hz, from_hz=0.5 * band.from_hz, to_hz=top_hz)
    white = scaled.shape[1] * (top_hz - 0.5 * band.from_hz) / (rate_hz / 2)
    rho = pooled_autocorrelation(limited) * without_white(float(np.mean(np.sum(limited**2, axis=1))), white)
    comb = comb_of(rho, rate_hz / line.hz, is_overtoned=spectrum.power_near(2 * line.hz) > OVERTONED * line.power)
    half = spectrum.near(line.hz / 2, from_hz=from_hz, to_hz=to_hz)
    if half is not None and _at(rho, rate_hz / half.hz) > _at(rho, rate_hz / line.hz) + DOUBLED_GAIN:
        line, comb = half, comb_of(rho, rate_hz / half.hz, is_overtoned=True)
    evidence = _evidence(line, comb, rho, limited, rate_hz)
    if not (1.0 - REPORTED_BEYOND) * band.from_hz <= line.hz <= (1.0 + REPORTED_BEYOND) * band.to_hz:
        return NoRhythm(reason=WhyNoRhythm.OUT_OF_BAND, evidence=evidence)
    return evidence


def judge(evidence: Evidence, limits: Limits) -> Rhythm | NoRhythm:
    """All limits, cheapest explanation first."""
    few = evidence.n_cycles < limits.n_cycles
    reason: WhyNoRhythm | None = None
    if evidence.n_cycles < limits.min_cycles:
        reason = WhyNoRhythm.TOO_FEW_CYCLES
    elif evidence.line_db < (max(limits.few_cycles_line_db, limits.line_db) if few else limits.line_db):
        reason = WhyNoRhythm.WEAK_LINE
    elif evidence.above_lower_db < limits.above_lower_db:
        reason = WhyNoRhythm.DRIFT
    elif (
        evidence.regularity < (limits.few_cycles_regularity if few else limits.regularity)
        or evidence.weakest_lag < limits.weakest_lag
    ):
        reason = WhyNoRhythm.IRREGULAR
    elif (
        abs(evidence.lag_rate_bpm - evidence.rate_bpm) > limits.rate_apart * evidence.rate_bpm
        or evidence.agreement < limits.agreement
    ):
        reason = WhyNoRhythm.DISAGREEMENT
    elif evidence.tail_share < limits.tail_share:
        reason = WhyNoRhythm.FADED
    if reason is not None:
        return NoRhythm(reason=reason, evidence=evidence)
    return Rhythm(rate_bpm=evidence.rate_bpm, confidence=confidence_of(evidence), evidence=evidence)


def confidence_of(evidence: Evidence) -> float:
    """0–1: √(regularity · share of the line in line plus background)."""
    share = 1.0 - 10.0 ** (-max(evidence.line_db - 6.0, 0.0) / 10.0)
    return float(np.sqrt(np.clip(evidence.regularity, 0.0, 1.0) * share))


def in_noise_units(values: NDArray[np.float64], *, rate_hz: float, band: Band) -> NDArray[np.float64] | None:
    """Mean and straight line removed, each column divided by its noise above twice the band.

    Columns without any noise (dead, saturated, constant) are left out; None when none remains.
    """
    n = len(values)
    if n < 16 or not np.isfinite(values).all():
        return None
    ramp = np.linspace(-1.0, 1.0, n)[:, None]
    centred = values - values.mean(axis=0)
    centred = centred - ramp * ((ramp * centred).sum(axis=0) / (ramp**2).sum())
    nyquist_hz = rate_hz / 2
    frequencies = np.fft.rfftfreq(n, 1.0 / rate_hz)
    quiet = (frequencies >= min(2.0 * band.to_hz, 0.6 * nyquist_hz)) & (frequencies <= 0.9 * nyquist_hz)
    spectrum = np.fft.rfft(centred * hann(n)[:, None], axis=0)[quiet]
    noise = (spectrum.real**2 + spectrum.imag**2).mean(axis=0) if quiet.any() else np.zeros(values.shape[1])
    alive = noise > 1e-12 * np.maximum(np.mean(values**2, axis=0), 1e-300)
    return centred[:, alive] / np.sqrt(noise[alive]) if alive.any() else None


def without_white(energy: float, white: float) -> float:
    """Factor that undoes what white noise of known energy takes from an autocorrelation, `MAX_UNDONE` at most.

    White noise adds to ρ's denominator and not to its numerator; its level is known from above the band.
    """
    return float(min(energy / max(energy - white, energy / MAX_UNDONE, 1e-300), MAX_UNDONE))


def comb_of(rho: NDArray[np.float64], period: float, *, is_overtoned: bool = False) -> NDArray[np.float64]:
    """(n_terms,) how far the autocorrelation at the comb's lags is what a rhythm demands, 1 is perfect.

    A strong overtone fills the antiphase; then a whole period has to resemble more than half of one does. Lags beyond
    three quarters of the stretch are left out: they compare too little.
    """
    longest = len(rho) * 0.75
    if is_overtoned:
        in_phase = [_at(rho, lag) for lag in (period, 2.0 * period) if lag < longest]
        return np.array([*in_phase, _at(rho, period) - _at(rho, 0.5 * period)]) if in_phase else np.empty(0)
    return np.array([sign * _at(rho, lag * period) for lag, sign in COMB if lag * period < longest])


def _at(rho: NDArray[np.float64], lag: float) -> float:
    return float(np.interp(lag, np.arange(len(rho)), rho))


def _evidence(
    line: SpectralLine,
    comb: NDArray[np.float64],
    rho: NDArray[np.float64],
    limited: NDArray[np.float64],
    rate_hz: float,
) -> Evidence:
    energy = np.sum(limited**2, axis=1)
    duration_s = len(limited) / rate_hz
    tail = energy[-(len(energy) // 3) :]
    return Evidence(
        rate_bpm=60.0 * line.hz,
        lag_rate_bpm=60.0 * rate_hz / _period_near(rho, rate_hz / line.hz),
        line_db=line.line_db,
        above_lower_db=line.above_lower_db,
        agreement=line.agreement,
        regularity=float(np.mean(comb)) if len(comb) else 0.0,
        weakest_lag=float(np.min(comb)) if len(comb) else 0.0,
        tail_share=float(np.mean(tail) / max(float(np.mean(energy)), 1e-300)),
        n_cycles=line.hz * duration_s,
        duration_s=duration_s,
    )


def _period_near(rho: NDArray[np.float64], period: float) -> float:
    """Lag of the highest autocorrelation between 0.7 and 1.4 periods, through a parabola."""
    first, last = int(0.7 * period), min(int(np.ceil(1.4 * period)), len(rho) - 2)
    if last <= first:
        return period
    at = first + int(np.argmax(rho[first : last + 1]))
    if not 0 < at < len(rho) - 1:
        return float(max(at, 1))
    before, here, after = rho[at - 1 : at + 2]
    bend = before - 2 * here + after
    return float(at + 0.5 * (before - after) / bend) if bend < 0 else float(at)
