"""Meter and introspector of one link, as they hear each other."""

import dataclasses

import numpy as np
import pytest

from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.links.demux import Demux
from ruview_engine.links.motion_state import MotionState
from ruview_engine.links.quiet import QuietModel
from ruview_engine.tap import Tap
from tests.engine.links.air import Air, stretch

FS_HZ = 20.0
#: When the tests begin; the quiet was learnt before.
LATER_S = 200.0


def _tap(air):
    """A link at 20 Hz whose quiet is known, and a demux that gives it samples."""
    demux = Demux("1")
    frames = stretch(air, FS_HZ, 60.0, moving=False)
    for at_s, frame in frames:
        demux.feed(frame, at_s)
    link = max(demux.links.values(), key=lambda link: link.frames)
    window = link.window(75.0, frames[-1][0])
    tap = Tap(link)
    tap.calibrate(QuietModel.fit([window], link.active), ChangeModel.fit([window.profiles], fs_hz=FS_HZ))
    return tap, demux


def _moving_at(tap, samples):
    """Moments, s after the first sample, at which a room with this link alone would say that somebody moves."""
    state, moments = MotionState(), []
    for sample in samples:
        tap.update(sample)
        if tap.motion is not None and state.update(sample.at_s, tap.motion.score):
            moments.append(sample.at_s - samples[0].at_s)
    return moments


def _samples(demux, frames):
    return [sample for at_s, frame in frames if (sample := demux.feed(frame, at_s)) is not None]


def _foreign(profile, rng):
    """Six paths of up to 250 ns in the bins of `profile`."""
    turns = np.outer(312_500.0 * np.arange(profile.size), rng.uniform(0, 250e-9, 6))
    gains = rng.standard_normal(6) + 1j * rng.standard_normal(6)
    shape = np.abs(np.exp(-2j * np.pi * turns) @ gains) * (profile > 0)
    return (shape / shape[profile > 0].mean()).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
def test_foreign_frames_that_stop_and_go_on_are_no_movement(seed):
    """Four of them, two of the empty room at once, a hole, a fifth: an alarm, and nobody."""
    air, rng = Air(1), np.random.default_rng(seed)
    tap, demux = _tap(air)
    samples = _samples(demux, stretch(air, FS_HZ, 12.0, moving=False, start_s=LATER_S))
    begin_s = samples[120].at_s
    for k in (*range(120, 124), 126):
        samples[k] = dataclasses.replace(samples[k], profile=_foreign(samples[k].profile, rng))
    for k, after_s in ((124, 0.252), (125, 0.256), (126, 0.392)):
        samples[k] = dataclasses.replace(samples[k], at_s=begin_s + after_s)
    del samples[127:130]
    assert not _moving_at(tap, samples)
    assert tap.introspector is not None
    assert tap.introspector.snapshot is not None


def test_who_begins_to_walk_is_not_taken_back():
    air = Air(1)
    tap, demux = _tap(air)
    quiet = _samples(demux, stretch(air, FS_HZ, 6.0, moving=False, start_s=LATER_S))
    walk = _samples(demux, stretch(air, FS_HZ, 6.0, moving=True, start_s=LATER_S + 6.0))
    assert not _moving_at(tap, quiet)
    moments = _moving_at(tap, walk)
    assert moments[0] < 1.0
    assert len(moments) > 0.8 * len(walk)


def test_without_introspection_motion_goes_on():
    air = Air(1)
    known, demux = _tap(air)
    tap = Tap(known.link, is_introspecting=False)
    samples = _samples(demux, stretch(air, FS_HZ, 12.0, moving=False, start_s=LATER_S))
    assert all(tap.update(sample) is None for sample in samples)
    assert tap.motion is not None
    assert tap.slow_job() is None
    tap.calibrate(None, None)
    assert tap.motion is None
