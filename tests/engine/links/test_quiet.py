"""What quiet looks like, judged on held-out parts."""

import dataclasses

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.links.demux import Demux
from ruview_engine.links.quiet import QuietModel
from ruview_engine.links.ring import Window
from tests.engine.links.air import Air, stretch


def _windows(fs_hz=20.0, seconds=40.0, seed=1, *, moving=False):
    demux = Demux("1")
    for at_s, frame in stretch(Air(seed), fs_hz, seconds, moving=moving):
        demux.feed(frame, at_s)
    (link,) = demux.links.values()
    return [link.window(75.0, seconds)]


@pytest.mark.parametrize("fs_hz", [5.0, 20.0, 100.0])
def test_held_out_z_is_standard(fs_hz):
    model = QuietModel.fit(_windows(fs_hz))
    assert abs(np.median(model.held_out)) < 0.15
    assert 0.7 < np.subtract(*np.quantile(model.held_out, [0.84, 0.16])) / 2 < 1.4
    assert np.mean(model.held_out > 4) < 0.01
    assert set(model.held_out_block.tolist()) == {0, 1, 2, 3, 4}
    assert len(model.held_out) == len(model.held_out_block)
    assert model.fs_hz == pytest.approx(fs_hz, rel=0.02)


def test_model_ignores_gain():
    (window,) = _windows()
    louder = dataclasses.replace(window, levels=window.levels * 10)
    one, two = QuietModel.fit([window]), QuietModel.fit([louder])
    assert (one.location, one.scale) == (two.location, two.scale)
    np.testing.assert_array_equal(one.projection, two.projection)


def test_somebody_passing_does_not_move_the_scale():
    (quiet,) = _windows(seconds=40.0)
    (walk,) = _windows(seconds=5.0, moving=True)
    passing = [quiet, dataclasses.replace(walk, times=walk.times + 50.0)]
    clean, stained = QuietModel.fit([quiet]), QuietModel.fit(passing)
    assert stained.scale < 1.5 * clean.scale
    assert stained.location - clean.location < 0.5


def test_round_trip():
    model = QuietModel.fit(_windows())
    again = QuietModel.from_dict(model.to_dict())
    for name in QuietModel.__slots__:
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name))


@pytest.mark.parametrize(
    "damage",
    [
        {"scale": float("nan")},
        {"scale": 0.0},
        {"location": None},
        {"projection": np.zeros((3, 5))},
        {"reference": np.full(64, np.nan, np.float32)},
        {"schema_version": 99},
    ],
)
def test_damage_is_refused(damage):
    with pytest.raises(Damaged):
        QuietModel.from_dict(QuietModel.fit(_windows()).to_dict() | damage)


def test_a_missing_part_is_refused():
    data = QuietModel.fit(_windows()).to_dict()
    del data["held_out"]
    with pytest.raises(Damaged, match="held_out"):
        QuietModel.from_dict(data)


def test_too_little_is_refused():
    with pytest.raises(TrainingError, match="at least 80 frames, found 40"):
        QuietModel.fit(_windows(seconds=(40 + 15) / 20.0))


def test_holes_everywhere_are_refused():
    (window,) = _windows()
    holes = dataclasses.replace(window, times=np.arange(len(window)) * 2.0)
    with pytest.raises(TrainingError, match="holes"):
        QuietModel.fit([holes])


def test_slow_links_get_fewer_blocks():
    assert len(QuietModel.fit(_windows(5.0, 25.0)).projection) < len(QuietModel.fit(_windows(20.0, 25.0)).projection)


def test_no_live_bins_are_refused():
    window = Window(
        times=np.arange(200) / 20, profiles=np.zeros((200, 64), np.float32), levels=np.ones(200), rssi=np.ones(200)
    )
    with pytest.raises(TrainingError, match="live bins"):
        QuietModel.fit([window])


def test_coherence_stays_that_of_quiet_when_somebody_passes():
    (quiet,) = _windows(seconds=40.0)
    (walk,) = _windows(seconds=15.0, moving=True)
    stained = QuietModel.fit([quiet, dataclasses.replace(walk, times=walk.times + 50.0)])
    clean = QuietModel.fit([quiet])
    assert clean.coherence is not None
    assert stained.coherence == pytest.approx(clean.coherence, abs=0.3)


def test_a_model_of_before_coherence_is_still_read():
    data = QuietModel.fit(_windows()).to_dict()
    del data["coherence"]
    assert QuietModel.from_dict(data).coherence is None
