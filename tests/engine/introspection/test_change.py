"""One strange pair fires, weak evidence adds up, and an alarm ends when the quiet is back."""

import numpy as np
import pytest

from ruview_engine.introspection.change import ChangeDetector, frames_between_alarms
from ruview_engine.introspection.novelty import NoveltyModel


def _detector(streams, base=None):
    base = streams.quiet(400) if base is None else base
    model = NoveltyModel.fit([base], fs_hz=20.0, frames_between_alarms=frames_between_alarms(20.0))
    return ChangeDetector(model)


def test_the_budget_in_frames():
    assert frames_between_alarms(20.0, 1.0) == 1_728_000.0
    assert frames_between_alarms(20.0, 24.0) == 72_000.0


def test_ten_minutes_of_quiet_from_ten_seconds_of_baseline(streams):
    detector = _detector(streams, streams.quiet(200))
    for s in streams.samples(streams.quiet(12_000)):
        detector.update(s)
    assert detector.n_alarms == 0
    assert detector.level < 1.5


@pytest.mark.parametrize(("depth", "frames"), [(0.25, 2), (0.08, 8)])
def test_strong_movement_fires_at_its_second_frame_and_weak_movement_adds_up(streams, depth, frames):
    delays = []
    for _ in range(9):
        detector = _detector(streams)
        rows = np.concatenate([streams.quiet(100), streams.moving(40, depth=depth)])
        fired = [i - 99 for i, s in enumerate(streams.samples(rows)) if detector.update(s)]
        delays.append(fired[0] if fired else 99)
    assert min(delays) >= 2
    assert np.median(delays) <= frames


def test_an_alarm_ends_within_a_second_and_a_half_of_quiet(streams):
    detector = _detector(streams)
    rows = np.concatenate([streams.quiet(100), streams.moving(100), streams.quiet(100)])
    alarmed = []
    for s in streams.samples(rows):
        detector.update(s)
        alarmed.append(detector.is_alarmed)
    assert all(alarmed[110:195])
    assert not any(alarmed[230:])


def test_a_link_that_lies_a_little_off_its_baseline_is_followed(streams):
    """As after a day: the same noise, and shapes that none of the baseline's matches."""
    detector = _detector(streams)
    other = 1.0 + 0.2 * np.cos(np.arange(56) / 13.0)
    for s in streams.samples(streams.quiet(2000) * other):
        detector.update(s)
    assert detector.n_alarms == 0


def test_unusable_samples_say_and_end_nothing(streams):
    detector = _detector(streams)
    for s in streams.samples(np.concatenate([streams.quiet(100), streams.moving(20)])):
        detector.update(s)
    assert detector.is_alarmed
    before = detector.score
    for s in streams.samples(streams.quiet(50), first=0.05, glitches=range(50)):
        assert not detector.update(s)
    assert detector.is_alarmed
    assert detector.score == before


def test_nothing_is_said_without_a_model(streams):
    detector = ChangeDetector(None)
    assert not any(detector.update(s) for s in streams.samples(streams.moving(100)))
    assert detector.score is None
    assert detector.level is None


def test_reset_equals_new(streams):
    base = streams.quiet(400)
    used, fresh = _detector(streams, base), _detector(streams, base)
    for s in streams.samples(streams.moving(100)):
        used.update(s)
    used.reset()
    for s in streams.samples(streams.quiet(100), first=0.05):
        used.update(s)
        fresh.update(s)
        assert (used.score, used.level, used.is_alarmed) == (fresh.score, fresh.level, fresh.is_alarmed)


def test_an_alarm_does_not_outlast_movement_where_quiet_lies_above_its_baseline(streams):
    """Another day's quiet keeps the level up; without a strange sample for four seconds it is no alarm."""
    detector = _detector(streams)
    law = detector._law
    for s in streams.samples(np.concatenate([streams.quiet(100), streams.moving(60)])):
        detector.update(s)
    assert detector.is_alarmed
    above = iter(law.location + law.scale * (1.3 + 0.7 * streams.rng.normal(size=200)).clip(max=2.9))
    detector._meter.update = lambda _: float(next(above))
    for s in streams.samples(streams.quiet(120), first=0.05):
        detector.update(s)
    assert detector.level > 1.5
    assert not detector.is_alarmed
