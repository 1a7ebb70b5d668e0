"""State machines over windows: hysteresis, patience, and only changes are said."""

from ruview_engine.events.detectors import MotionDetector, PresenceDetector, QualityDetector
from ruview_engine.events.window import WindowStats


def _stats(energy=0.0, presence=0.4, quality=1.0):
    return WindowStats(
        at_s=0.0, n_frames=16, seconds=0.8, motion_energy=energy, presence_score=presence, quality=quality
    )


def test_motion_needs_two_windows_and_falls_only_below_the_lower_threshold():
    machine = MotionDetector()
    answers = [machine.take(_stats(energy=e)) for e in (0.06, 0.04, 0.06, 0.06, 0.03, 0.03, 0.03, 0.01, 0.01)]
    assert answers == [None, None, None, True, None, None, None, None, False]


def test_presence_needs_two_windows_in_and_three_out():
    machine = PresenceDetector()
    answers = [machine.take(_stats(presence=p)) for p in (0.8, 0.8, 0.4, 0.4, 0.5, 0.4, 0.4, 0.4)]
    assert answers == [None, True, None, None, None, None, None, False]


def test_bad_quality_is_reported_and_finally_calls_for_calibration():
    machine = QualityDetector()
    answers = [machine.take(_stats(quality=q)) for q in (0.2, 0.2, 0.2)]
    assert answers == [None, True, None]
    assert not machine.needs_calibration
    machine.take(_stats(quality=0.2))
    assert machine.needs_calibration
    assert [machine.take(_stats(quality=1.0)) for _ in range(2)] == [None, False]


def test_reset_equals_new():
    for machine, loud in (
        (MotionDetector(), _stats(energy=1.0)),
        (PresenceDetector(), _stats(presence=1.0)),
        (QualityDetector(), _stats(quality=0.0)),
    ):
        machine.take(loud)
        machine.reset()
        assert [machine.take(loud) for _ in range(2)] == [None, True]
