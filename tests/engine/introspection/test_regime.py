"""All regimes are reachable, and none without its evidence."""

import pytest

from ruview_engine.introspection.regime import TRANSIENT_S, RegimeClassifier
from ruview_engine.introspection.rhythm import GRID_HZ, Rhythm, RhythmMeter
from ruview_engine.introspection.snapshot import Regime

CLEAR = Rhythm(period_s=4.0, peak=0.6, second=0.4, bar=0.24)
FAINT = Rhythm(period_s=4.0, peak=0.2, second=0.1, bar=0.24)


def _run(classifier, seconds, start_s=0.0, energy=0.0, smoothness=0.0, begun=False, alarmed=False, rhythm=None):
    changes = 0
    for i in range(int(seconds * 20)):
        at_s = start_s + i / 20
        changes += classifier.update(
            at_s, energy=energy, smoothness=smoothness, has_begun=begun and i == 0, is_alarmed=alarmed
        )
        if i % 20 == 19:
            changes += classifier.judge(at_s, rhythm)
    return changes


def test_unknown_before_anything_is_known():
    classifier = RegimeClassifier()
    _run(classifier, 2)
    assert classifier.regime is Regime.UNKNOWN


def test_quiet_becomes_idle():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert classifier.regime is Regime.IDLE
    assert classifier.confidence > 0.8


def test_alarm_is_transient_at_once_and_chaotic_when_it_lasts():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert classifier.update(8.0, energy=6.0, smoothness=0.8, has_begun=True, is_alarmed=True)
    assert classifier.regime is Regime.TRANSIENT
    _run(classifier, TRANSIENT_S + 3, 8.05, energy=6.0, smoothness=0.8, alarmed=True)
    assert classifier.regime is Regime.CHAOTIC


def test_noise_that_is_not_smooth_is_not_called_movement():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    _run(classifier, 10, 8.0, energy=2.5, smoothness=0.0)
    assert classifier.regime is Regime.UNKNOWN


def test_rhythm_is_periodic_and_survives_a_fainter_second():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=CLEAR)
    assert classifier.regime is Regime.PERIODIC
    _run(classifier, 4, 10.0, rhythm=FAINT)
    assert classifier.regime is Regime.PERIODIC
    _run(classifier, 6, 14.0, rhythm=None)
    assert classifier.regime is Regime.IDLE


def test_faint_rhythm_is_not_enough_to_begin_with():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=FAINT)
    assert classifier.regime is Regime.IDLE


def test_breathing_alarms_do_not_interrupt_a_rhythm_but_movement_does():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=CLEAR)
    assert not classifier.update(10.0, energy=0.5, smoothness=0.1, has_begun=True, is_alarmed=True)
    assert classifier.update(10.1, energy=6.0, smoothness=0.9, has_begun=True, is_alarmed=True)


def test_one_odd_second_changes_nothing():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert _run(classifier, 1, 8.0, energy=1.5) == 0
    assert _run(classifier, 5, 9.0) == 0


@pytest.mark.parametrize("bpm", [6.0, 9.0, 15.0, 30.0])
def test_rhythm_meter_finds_the_period(rng, bpm):
    import numpy as np

    meter = RhythmMeter(4)
    t = np.arange(0, 60, 0.05)
    wave = np.sin(2 * np.pi * bpm / 60 * t)[:, None] * np.array([1, -1, 0.5, 0.0]) + 0.5 * rng.normal(size=(len(t), 4))
    for at_s, row in zip(t, wave, strict=True):
        meter.update(float(at_s), row)
    rhythm = meter.report()
    assert rhythm.is_clear
    assert rhythm.period_s == pytest.approx(60 / bpm, abs=1.5 / GRID_HZ)


def test_rhythm_meter_finds_none_in_noise(rng):
    meter, n_clear = RhythmMeter(8), 0
    for i in range(6000):
        meter.update(i * 0.05, rng.normal(size=8))
        if i % 20 == 19:
            rhythm = meter.report()
            n_clear += rhythm is not None and rhythm.is_clear
    assert n_clear == 0


def test_rhythm_meter_needs_two_periods():
    import numpy as np

    meter = RhythmMeter(1)
    for i in range(20 * 9):
        meter.update(i * 0.05, np.array([np.sin(2 * np.pi * i * 0.05 / 8.0)]))
    rhythm = meter.report()
    assert rhythm is None or not rhythm.is_clear


def test_running_correlation_equals_the_weighted_sum(rng):
    import numpy as np

    meter = RhythmMeter(1)
    x = rng.normal(size=60)
    for i, v in enumerate(np.append(x, 0.0)):
        meter.update(i / GRID_HZ + 0.01, np.array([v]))
    drift, deviations = x[0], []
    for n, v in enumerate(x, start=1):
        deviations.append(v - drift)
        drift += max(1 / n, meter._follow) * (v - drift)
    lag = 7
    expected = sum(meter._keep ** (59 - i) * deviations[i] * deviations[i - lag] for i in range(lag, 60))
    assert meter._products[lag, 0] == pytest.approx(expected)
