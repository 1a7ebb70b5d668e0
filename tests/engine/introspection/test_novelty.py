"""What is new and what is not: states that come back, lone frames, noise and ripple are not; a body is."""

import math

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.introspection.novelty import NoveltyMeter, NoveltyModel

RUN = 1_728_000.0


def _model(*windows, fs_hz=20.0, **more):
    return NoveltyModel.fit(list(windows), fs_hz=fs_hz, frames_between_alarms=RUN, **more)


def _novelty(streams, model, rows, fs_hz=20.0):
    """X of every row, as standard deviations above the quiet's middle."""
    meter, law = NoveltyMeter(model), model.limits.surprise
    found = [meter.update(s) for s in streams.samples(rows, fs_hz=fs_hz)]
    return np.array([math.nan if x is None else (x - law.location) / law.scale for x in found])


@pytest.mark.parametrize("seconds", [10, 60])
def test_fresh_quiet_lies_where_the_baseline_said(streams, seconds):
    u = _novelty(streams, _model(streams.quiet(20 * seconds)), streams.quiet(2000))
    assert np.isnan(u[:20]).all()
    assert abs(np.nanmedian(u)) < 1.0
    assert np.nanmax(u) < 4.0


def test_movement_is_new_at_its_second_frame(streams):
    model = _model(streams.quiet(400))
    second = [_novelty(streams, model, np.concatenate([streams.quiet(100), streams.moving(10)]))[101] for _ in range(9)]
    assert np.median(second) > 5.0


def test_a_lone_frame_of_any_size_is_nothing(streams):
    rows = streams.quiet(300)
    rows[[100, 150, 200]] *= 1.0 + 3.0 * np.sin(np.arange(56) / 9.0)
    assert np.nanmax(_novelty(streams, _model(streams.quiet(1200)), rows)) < 4.0


def test_without_the_guard_it_is_new_at_once(streams):
    rows = streams.quiet(300)
    rows[100] *= 1.0 + 0.5 * np.sin(np.arange(56) / 9.0)
    u = _novelty(streams, _model(streams.quiet(1200), is_guarded=False), rows)
    assert u[100] > 5.0
    assert u[101] < 4.0


def test_a_state_of_the_channel_that_the_baseline_knows_is_not_new(streams):
    """A tenth of a short baseline in another state: coming back to it is nothing, and movement is still seen."""
    other = 1.0 + 0.3 * np.cos(np.arange(56) / 11.0)
    base = streams.quiet(200)
    base[120:140] *= other
    model = _model(base)
    rows = streams.quiet(400)
    rows[100:200] *= other
    assert np.nanmax(_novelty(streams, model, rows)) < 4.0
    assert np.nanmax(_novelty(streams, model, np.concatenate([rows, streams.moving(40)]))[400:]) > 6.0


def test_a_new_state_stops_being_new(streams):
    rows = streams.quiet(300)
    rows[100:] *= 1.0 + 0.3 * np.cos(np.arange(56) / 11.0)
    u = _novelty(streams, _model(streams.quiet(400)), rows)
    assert u[101] > 5.0
    assert np.nanmax(u[140:]) < 4.0


@pytest.mark.parametrize("factor", [2.0, 5.0])
def test_more_noise_in_every_tone_is_not_new(streams, factor):
    u = _novelty(streams, _model(streams.quiet(1200)), streams.quiet(600, jitter=0.02 * factor))
    assert np.nanmax(u) < 4.5


def test_scale_is_nothing(streams):
    base, rows = streams.quiet(400), np.concatenate([streams.quiet(100), streams.moving(20)])
    np.testing.assert_allclose(
        _novelty(streams, _model(base), rows), _novelty(streams, _model(10.0 * base), 10.0 * rows), atol=1e-3
    )


def test_ten_seconds_at_ten_hertz_are_enough_and_less_is_refused(streams):
    assert _model(streams.quiet(100), fs_hz=10.0).n_samples == 100
    with pytest.raises(ShapeError):
        _model(streams.quiet(99))
    with pytest.raises(ShapeError):
        _model(np.zeros((200, 56)))


def test_at_a_high_rate_more_frames_must_agree(streams):
    assert _model(streams.quiet(400)).n_confirm == 2
    assert _model(streams.quiet(1000), fs_hz=100.0).n_confirm == 4


def test_reset_equals_new(streams):
    model = _model(streams.quiet(400))
    used, fresh = NoveltyMeter(model), NoveltyMeter(model)
    for s in streams.samples(streams.moving(200)):
        used.update(s)
    used.reset()
    rows = list(streams.samples(streams.quiet(100), first=0.05))
    assert [used.update(s) for s in rows] == [fresh.update(s) for s in rows]


def test_a_model_survives_storage_and_a_broken_one_is_refused(streams):
    model = _model(streams.quiet(400))
    rows = streams.moving(60)
    again = NoveltyModel.from_dict(model.to_dict())
    np.testing.assert_array_equal(_novelty(streams, again, rows), _novelty(streams, model, rows))
    for spoil in ({"known": np.zeros((4, 3))}, {"n_waves": 0}, {"projection": np.full((25, 56), np.nan)}):
        with pytest.raises(ShapeError):
            NoveltyModel.from_dict(model.to_dict() | spoil)
