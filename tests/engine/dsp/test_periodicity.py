"""Rhythm or none: what is found, and everything that must not be."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.dsp.periodicity import (
    Band,
    Evidence,
    Limits,
    NoRhythm,
    Rhythm,
    WhyNoRhythm,
    judge,
    line_limit_db,
    measure,
)

BAND = Band(from_hz=0.1, to_hz=0.5)
RATE_HZ = 10.0
LIMITS = Limits(line_db=line_limit_db(BAND, 30.0))


def rhythm_of(values: np.ndarray) -> Rhythm | NoRhythm:
    """Measured and judged."""
    evidence = measure(values, rate_hz=RATE_HZ, band=BAND)
    return evidence if isinstance(evidence, NoRhythm) else judge(evidence, LIMITS)


def breath(bpm: float, rng: np.random.Generator, *, duration_s: float = 30.0, noise: float = 0.3) -> np.ndarray:
    """(n, 13) a chest with an overtone, seen with either sign, in white noise."""
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * bpm / 60 * times + rng.uniform(0, 6)
    chest = np.sin(phase) + 0.25 * np.cos(2 * phase)
    return chest[:, None] * rng.normal(0, 1, 13) + rng.normal(0, noise, (len(times), 13))


def red_noise(rng: np.random.Generator, *, n: int = 300, exponent: float = 2.0) -> np.ndarray:
    """(n, 13) one to four common drifts with power f^−exponent, and receiver noise."""
    rank = rng.integers(1, 5)
    frequencies = np.fft.rfftfreq(2 * n)
    frequencies[0] = frequencies[1]
    shape = (rank, len(frequencies))
    drift = np.fft.irfft((rng.normal(size=shape) + 1j * rng.normal(size=shape)) * frequencies ** (-exponent / 2))[:, :n]
    drift *= 10 ** rng.uniform(-1, 2) / drift.std()
    return drift.T @ rng.normal(size=(rank, 13)) + rng.normal(size=(n, 13))


@pytest.mark.parametrize("bpm", [8.5, 12.0, 16.0, 21.0, 27.0, 30.0])
def test_rates_over_the_band(bpm: float, rng: np.random.Generator) -> None:
    found = rhythm_of(breath(bpm, rng))
    assert isinstance(found, Rhythm)
    assert abs(found.rate_bpm - bpm) < 0.2
    assert found.confidence > 0.7


def test_scale_and_sign_of_columns_do_not_matter(rng: np.random.Generator) -> None:
    values = breath(14.0, rng)
    one = rhythm_of(values)
    other = rhythm_of(values * rng.choice([-7.0, 0.001, 300.0], 13))
    assert isinstance(one, Rhythm)
    assert isinstance(other, Rhythm)
    assert other.rate_bpm == pytest.approx(one.rate_bpm, abs=1e-6)


def test_time_reversed_is_the_same_rate(rng: np.random.Generator) -> None:
    values = breath(11.0, rng)
    found = rhythm_of(values[::-1])
    assert isinstance(found, Rhythm)
    assert abs(found.rate_bpm - 11.0) < 0.2


def test_a_strong_overtone_does_not_double_the_rate(rng: np.random.Generator) -> None:
    times = np.arange(300) / RATE_HZ
    phase = 2 * np.pi * 0.2 * times
    values = (0.75 * np.sin(phase) + np.sin(2 * phase + 1))[:, None] * rng.normal(0, 1, 13)
    found = rhythm_of(values + rng.normal(0, 0.2, (300, 13)))
    assert isinstance(found, Rhythm)
    assert abs(found.rate_bpm - 12.0) < 0.3


def test_a_breath_that_stopped_has_faded(rng: np.random.Generator) -> None:
    values = breath(15.0, rng, noise=0.1)
    values[180:] = rng.normal(0, 0.1, (120, 13))
    found = rhythm_of(values)
    assert isinstance(found, NoRhythm)


def test_one_big_movement_is_not_a_rhythm(rng: np.random.Generator) -> None:
    values = rng.normal(0, 0.1, (300, 13))
    values[140:170] += np.hanning(30)[:, None] * rng.normal(0, 3, 13)
    assert isinstance(rhythm_of(values), NoRhythm)


def test_slow_breath_needs_more_than_three_periods_or_overwhelming_evidence(rng: np.random.Generator) -> None:
    weak, strong = breath(6.5, rng, noise=4.0), breath(6.5, rng, noise=0.1)
    assert isinstance(rhythm_of(weak), NoRhythm)
    found = rhythm_of(strong)
    assert isinstance(found, Rhythm)
    assert abs(found.rate_bpm - 6.5) < 0.4


@pytest.mark.parametrize("n", [400, pytest.param(4000, marks=pytest.mark.slow)])
def test_false_alarms_in_red_noise(rng: np.random.Generator, n: int) -> None:
    """Half-minutes from white to random walk: at most two rhythms in a thousand; the pooled line alone gives many."""
    n_rhythms = n_lines = 0
    for _ in range(n):
        evidence = measure(red_noise(rng, exponent=rng.choice([0.0, 1.0, 1.5, 2.0])), rate_hz=RATE_HZ, band=BAND)
        if isinstance(evidence, Evidence):
            n_lines += evidence.line_db > 12
            n_rhythms += isinstance(judge(evidence, LIMITS), Rhythm)
    assert n_rhythms <= 0.002 * n
    assert n_lines > 0.1 * n


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full((300, 13), 3.0), WhyNoRhythm.NO_SIGNAL),
        (np.zeros((300, 13)), WhyNoRhythm.NO_SIGNAL),
        (np.full((300, 13), np.nan), WhyNoRhythm.NO_SIGNAL),
        (np.full((300, 13), np.inf), WhyNoRhythm.NO_SIGNAL),
        (np.empty((300, 0)), WhyNoRhythm.NO_SIGNAL),
        (np.ones((5, 13)), WhyNoRhythm.NO_SIGNAL),
    ],
)
def test_defined_answers_to_no_signal(values: np.ndarray, reason: WhyNoRhythm) -> None:
    found = rhythm_of(values)
    assert isinstance(found, NoRhythm)
    assert found.reason is reason


GOOD = Evidence(
    rate_bpm=12.0,
    lag_rate_bpm=12.1,
    line_db=25.0,
    above_lower_db=8.0,
    agreement=0.95,
    regularity=0.7,
    weakest_lag=0.6,
    tail_share=1.0,
    n_cycles=6.0,
    duration_s=30.0,
)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"line_db": 10.0}, WhyNoRhythm.WEAK_LINE),
        ({"above_lower_db": -3.0}, WhyNoRhythm.DRIFT),
        ({"regularity": 0.3}, WhyNoRhythm.IRREGULAR),
        ({"weakest_lag": 0.05}, WhyNoRhythm.IRREGULAR),
        ({"lag_rate_bpm": 15.0}, WhyNoRhythm.DISAGREEMENT),
        ({"agreement": 0.4}, WhyNoRhythm.DISAGREEMENT),
        ({"tail_share": 0.05}, WhyNoRhythm.FADED),
        ({"n_cycles": 2.0}, WhyNoRhythm.TOO_FEW_CYCLES),
        ({"n_cycles": 3.5, "line_db": 18.0}, WhyNoRhythm.WEAK_LINE),
        ({"n_cycles": 3.5, "regularity": 0.5}, WhyNoRhythm.IRREGULAR),
    ],
)
def test_every_limit_refuses_with_its_own_reason(spoilt: dict[str, float], reason: WhyNoRhythm) -> None:
    assert isinstance(judge(GOOD, LIMITS), Rhythm)
    verdict = judge(replace(GOOD, **spoilt), LIMITS)
    assert isinstance(verdict, NoRhythm)
    assert verdict.reason is reason
    assert verdict.evidence is not None


def test_a_known_empty_room_moves_the_limit_both_ways() -> None:
    unknown = line_limit_db(BAND, 30.0)
    assert unknown == pytest.approx(16.1, abs=0.1)
    assert line_limit_db(BAND, 30.0, empty_line_db=5.0) == pytest.approx(12.1, abs=0.1)
    assert line_limit_db(BAND, 30.0, empty_line_db=18.0) == pytest.approx(21.0)


def test_input_is_left_alone(rng: np.random.Generator) -> None:
    values = breath(12.0, rng)
    before = values.copy()
    rhythm_of(values)
    np.testing.assert_array_equal(values, before)
