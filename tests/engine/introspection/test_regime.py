"""All regimes are reachable, and none without its evidence."""

import pytest

from ruview_engine.introspection.regime import TRANSIENT_S, RegimeClassifier
from ruview_engine.introspection.rhythm import FOLLOW, GRID_HZ, KEEP, MAX_WAITING, Rhythm, RhythmMeter
from ruview_engine.introspection.snapshot import Regime

CLEAR = Rhythm(period_s=4.0, peak=0.6, second=0.4, bar=0.24)
FAINT = Rhythm(period_s=4.0, peak=0.2, second=0.1, bar=0.24)


def _run(classifier, seconds, start_s=0.0, level=0.8, energy=0.0, begun=False, alarmed=False, rhythm=None):
    changes = 0
    for i in range(int(seconds * 20)):
        at_s = start_s + i / 20
        changes += classifier.update(at_s, level=level, energy=energy, has_begun=begun and i == 0, is_alarmed=alarmed)
        if i % 20 == 19:
            changes += classifier.judge(at_s, rhythm)
    return changes


def test_unknown_while_nothing_is_known_of_quiet():
    classifier = RegimeClassifier()
    _run(classifier, 20, level=None, rhythm=CLEAR)
    assert classifier.regime is Regime.UNKNOWN


def test_quiet_becomes_idle_at_the_first_judgement():
    classifier = RegimeClassifier()
    assert _run(classifier, 1) == 1
    assert classifier.regime is Regime.IDLE
    _run(classifier, 2, 1.0)
    assert classifier.confidence > 0.8


def test_alarm_is_transient_at_once_and_chaotic_when_it_lasts():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert classifier.update(8.0, level=2.0, energy=6.0, has_begun=True, is_alarmed=True)
    assert classifier.regime is Regime.TRANSIENT
    _run(classifier, TRANSIENT_S + 3, 8.05, level=6.0, energy=6.0, alarmed=True)
    assert classifier.regime is Regime.CHAOTIC


def test_a_pause_between_two_steps_is_the_same_movement():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert _run(classifier, 6, 8.0, level=5.0, begun=True, alarmed=True) == 2
    assert _run(classifier, 1, 14.0) == 0
    assert _run(classifier, 5, 15.0, level=5.0, begun=True, alarmed=True) == 0
    assert classifier.regime is Regime.CHAOTIC
    assert _run(classifier, 4, 20.0) == 1
    assert classifier.regime is Regime.IDLE
    assert _run(classifier, 1, 24.0, level=5.0, begun=True, alarmed=True) == 1
    assert classifier.regime is Regime.TRANSIENT


def test_strange_but_not_alarming_is_unknown():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    _run(classifier, 10, 8.0, level=2.0)
    assert classifier.regime is Regime.UNKNOWN


def test_rhythm_is_periodic_and_survives_a_fainter_second():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=CLEAR)
    assert classifier.regime is Regime.PERIODIC
    _run(classifier, 4, 10.0, rhythm=FAINT)
    assert classifier.regime is Regime.PERIODIC
    _run(classifier, 6, 14.0, rhythm=None)
    assert classifier.regime is Regime.IDLE


def test_a_rhythm_from_the_start_is_a_second_look_and_a_later_one_is_news():
    classifier = RegimeClassifier()
    _run(classifier, 3)
    _run(classifier, 7, 3.0, rhythm=CLEAR)
    assert (classifier.regime, classifier.is_news) == (Regime.PERIODIC, False)
    classifier = RegimeClassifier()
    _run(classifier, 30)
    _run(classifier, 7, 30.0, rhythm=CLEAR)
    assert (classifier.regime, classifier.is_news) == (Regime.PERIODIC, True)


def test_faint_rhythm_is_not_enough_to_begin_with():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=FAINT)
    assert classifier.regime is Regime.IDLE


def test_breathing_alarms_do_not_interrupt_a_rhythm_but_movement_does():
    classifier = RegimeClassifier()
    _run(classifier, 10, rhythm=CLEAR)
    assert _run(classifier, 1, 10.0, level=3.0, energy=1.0, begun=True, alarmed=True, rhythm=CLEAR) == 0
    assert classifier.regime is Regime.PERIODIC
    _run(classifier, 5, 11.0, rhythm=CLEAR)
    classifier.update(16.0, level=3.0, energy=7.0, has_begun=True, is_alarmed=True)
    assert _run(classifier, 0.5, 16.05, level=5.0, energy=7.0, alarmed=True) == 1
    assert classifier.regime is Regime.TRANSIENT


def test_walking_to_and_fro_is_no_rhythm():
    """While the rhythm's memory holds movement, a rhythm has to explain most of it."""
    classifier = RegimeClassifier()
    _run(classifier, 8)
    paced = Rhythm(period_s=4.0, peak=0.4, second=0.3, bar=0.24)
    _run(classifier, 10, 8.0, level=5.0, begun=True, alarmed=True, rhythm=paced)
    assert classifier.regime is Regime.CHAOTIC
    _run(classifier, 8, 18.0, rhythm=paced)
    assert classifier.regime is Regime.IDLE
    _run(classifier, 12, 26.0, rhythm=paced)
    assert classifier.regime is Regime.PERIODIC


def test_one_odd_second_changes_nothing():
    classifier = RegimeClassifier()
    _run(classifier, 8)
    assert _run(classifier, 1, 8.0, level=2.0) == 0
    assert _run(classifier, 5, 9.0) == 0


def _report(meter):
    meter.take(meter.job()())
    return meter.rhythm


@pytest.mark.parametrize("bpm", [6.0, 9.0, 15.0, 30.0])
def test_rhythm_meter_finds_the_period(rng, bpm):
    import numpy as np

    meter = RhythmMeter(4)
    t = np.arange(0, 60, 0.05)
    wave = np.sin(2 * np.pi * bpm / 60 * t)[:, None] * np.array([1, -1, 0.5, 0.0]) + 0.5 * rng.normal(size=(len(t), 4))
    for at_s, row in zip(t, wave, strict=True):
        meter.update(float(at_s), row)
        if round(at_s / 0.05) % 20 == 19:
            rhythm = _report(meter)
    assert rhythm.is_clear
    assert rhythm.period_s == pytest.approx(60 / bpm, abs=1.5 / GRID_HZ)


def test_rhythm_meter_finds_none_in_noise(rng):
    meter, n_clear = RhythmMeter(8), 0
    for i in range(6000):
        meter.update(i * 0.05, rng.normal(size=8))
        if i % 20 == 19:
            rhythm = _report(meter)
            n_clear += rhythm is not None and rhythm.is_clear
    assert n_clear == 0


def test_rhythm_meter_needs_two_periods():
    import numpy as np

    meter = RhythmMeter(1)
    for i in range(20 * 9):
        meter.update(i * 0.05, np.array([np.sin(2 * np.pi * i * 0.05 / 8.0)]))
    rhythm = _report(meter)
    assert rhythm is None or not rhythm.is_clear


def test_running_correlation_equals_the_weighted_sum(rng):
    import numpy as np

    meter = RhythmMeter(1)
    x = rng.normal(size=60)
    for i, v in enumerate(np.append(x, 0.0)):
        meter.update(i / GRID_HZ + 0.01, np.array([v]))
        if i == 41:
            meter.take(meter.job()())
    drift, deviations = x[0], []
    for n, v in enumerate(x, start=1):
        deviations.append(v - drift)
        drift += max(1 / n, FOLLOW) * (v - drift)
    lag = 7
    expected = sum(KEEP ** (59 - i) * deviations[i] * deviations[i - lag] for i in range(lag, 60))
    assert meter.job()().echo.products[lag, 0] == pytest.approx(expected, rel=1e-5)


def test_cells_heard_while_a_job_runs_wait_for_the_next_one(rng):
    meter, other = RhythmMeter(2), RhythmMeter(2)
    rows = rng.normal(size=(400, 2))
    for i, row in enumerate(rows):
        meter.update(i * 0.05, row)
        other.update(i * 0.05, row)
        if i == 200:
            job = meter.job()
        if i == 300:
            meter.take(job())
    one, both = meter.job()().echo, other.job()().echo
    assert one.n_cells == both.n_cells
    assert one.products == pytest.approx(both.products)


def test_a_reading_that_another_one_has_overtaken_is_dropped(rng):
    meter = RhythmMeter(1)
    for i in range(300):
        meter.update(i * 0.05, rng.normal(size=1))
    first, second = meter.job()(), meter.job()()
    meter.take(first)
    meter.take(second)
    assert meter.job() is None


def test_without_jobs_memory_stays_bounded_and_the_rhythm_is_unknown(rng):
    import numpy as np

    meter = RhythmMeter(1)
    for i in range(20 * 60):
        meter.update(i * 0.05, np.array([np.sin(i * 0.05 * 3.0)]))
    assert _report(meter) is not None
    for i in range(20 * 60, 20 * 90):
        meter.update(i * 0.05, np.array([np.sin(i * 0.05 * 3.0)]))
    assert meter.rhythm is None
    assert meter.job()().n_cells <= MAX_WAITING
