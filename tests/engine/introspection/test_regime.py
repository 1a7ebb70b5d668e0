"""All regimes are reachable, and none without its evidence."""

from ruview_engine.introspection.regime import TRANSIENT_S, RegimeClassifier
from ruview_engine.introspection.rhythm import Rhythm
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
