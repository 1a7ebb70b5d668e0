"""From takes to a signature, or to a reason."""

import json
from math import ceil

import numpy as np
import pytest

from ruview_engine.errors import OrderError, ShapeError
from ruview_engine.introspection.capture import HINTS, CaptureProblem, make_signature, onset
from ruview_engine.introspection.capture_session import CaptureSession, calmest
from ruview_engine.introspection.signature import FeatureKind, parse_signature

FS = 20.0


def _idle(rng, n):
    return 0.02 * rng.normal(size=(n, 8))


def _gesture(rng, n=30, wobble=0.05):
    t = np.linspace(0, 1, n)[:, None] ** rng.uniform(0.85, 1.15)
    return (0.3 + wobble * rng.normal()) * np.sin(np.pi * t + np.arange(8) / 3.0) + 0.02 * rng.normal(size=(n, 8))


def _take(rng):
    return np.concatenate([_idle(rng, 10), _gesture(rng), _idle(rng, 30)])


def _make(rng, takes, background=None, **more):
    return make_signature(
        takes,
        identifier="wave",
        label="Wave",
        captured_at="x",
        feature_kind=FeatureKind.PROFILE_DELTA,
        fs_hz=FS,
        duration_s=1.5,
        layout="64",
        idle=_idle(rng, 100),
        background=[_idle(rng, 1200)] if background is None else background,
        **more,
    )


def test_good_takes_make_a_signature_that_survives_its_file(rng):
    verdict = _make(rng, [_take(rng) for _ in range(3)])
    assert verdict.problem is None
    assert verdict.hint is None
    assert verdict.evidence > verdict.needed
    again = parse_signature(verdict.signature.to_text())
    assert again.prior_log_odds == verdict.signature.prior_log_odds
    assert again.provenance["n_takes"] == 3
    assert json.loads(verdict.signature.to_text())["length"] == 30


def test_onset_is_found_to_the_sample(rng):
    idle = _idle(rng, 100)
    take = np.concatenate([_idle(rng, 17), np.full((20, 8), 0.3)])
    assert onset(take, idle, FS) == 16
    assert onset(_idle(rng, 60), idle, FS) is None


@pytest.mark.parametrize("n", [1, 4, 6])
def test_a_run_of_foreign_frames_is_no_onset(rng, n):
    take = _idle(rng, 60)
    take[30 : 30 + n] = 1.0
    assert onset(take, _idle(rng, 100), FS) is None


@pytest.mark.parametrize("fs_hz", [5.0, 20.0, 100.0])
def test_what_lasts_half_a_second_is_a_movement_at_any_rate(rng, fs_hz):
    n = ceil(0.5 * fs_hz) + 1
    take = _idle(rng, 60 + n)
    take[30 : 30 + n] = 1.0
    assert onset(take, _idle(rng, 100), fs_hz) == 29


@pytest.mark.parametrize("problem", list(CaptureProblem))
def test_every_problem_has_a_hint(problem):
    assert HINTS[problem]


def test_nothing_moving_is_refused(rng):
    assert _make(rng, [_idle(rng, 70)]).problem is CaptureProblem.NO_ONSET
    assert _make(rng, []).problem is CaptureProblem.NO_TAKE


def test_too_little_background_is_refused(rng):
    verdict = _make(rng, [_take(rng)], background=[_idle(rng, 100)])
    assert verdict.problem is CaptureProblem.TOO_LITTLE_BACKGROUND


def test_what_happens_all_the_time_is_not_distinct(rng):
    everyday = [np.concatenate([_take(rng) for _ in range(20)])]
    verdict = _make(rng, [_take(rng) for _ in range(3)], background=everyday)
    assert verdict.problem in (CaptureProblem.NOT_DISTINCT, CaptureProblem.TAKES_DIFFER)
    assert verdict.signature is None
    assert verdict.needed > verdict.evidence - 3


def test_takes_that_differ_are_refused(rng):
    odd = np.concatenate([_idle(rng, 10), -3.0 * _gesture(rng), _idle(rng, 30)])
    verdict = _make(rng, [_take(rng), _take(rng), odd])
    assert verdict.signature is None


def test_a_smaller_budget_asks_for_more_evidence(rng):
    takes, background = [_take(rng) for _ in range(3)], [_idle(rng, 1200)]
    daily = _make(np.random.default_rng(1), takes, background, per_day=1.0)
    hourly = _make(np.random.default_rng(1), takes, background, per_day=240.0)
    assert hourly.needed <= daily.needed


def test_session_from_samples_to_verdict(rng, streams):
    session = CaptureSession(1.5, dims=8)
    active = np.ones(56, dtype=bool)
    swing = 1.0 + 0.3 * np.sin(np.pi * np.linspace(0, 1, 30)[:, None] + np.arange(56) / 8.0)
    start, at_s = None, 100.0
    for s in streams.samples(streams.quiet(900)):
        session.feed(s, active, FS)
        at_s = s.at_s
    for take in range(3):
        rows = np.concatenate([streams.quiet(10), streams.quiet(30) * swing, streams.quiet(110)])
        for i, s in enumerate(streams.samples(rows, start_s=at_s + 0.05, first=0.05)):
            if i == 8:
                session.begin_take(s.at_s)
                start = s.at_s
            session.feed(s, active, FS)
            at_s = s.at_s
        assert session.n_takes == take + 1
    with pytest.raises(OrderError):
        session.begin_take(start + 0.1)
    verdict = session.finish(identifier="swing", label="Swing", captured_at="x")
    assert verdict.problem is None
    assert verdict.signature.dims == 8
    assert verdict.signature.fs_hz == pytest.approx(20.0, abs=0.1)
    assert verdict.signature.layout == "64"


def test_session_without_frames_or_with_nonsense():
    assert CaptureSession(2.0).finish(identifier="x", label="x", captured_at="x").problem is CaptureProblem.NO_TAKE
    for bad in (0.0, 100.0):
        with pytest.raises(ShapeError):
            CaptureSession(bad)
    with pytest.raises(ShapeError):
        CaptureSession(2.0, feature_kind=FeatureKind.EMBEDDING)


def test_calmest_finds_the_quiet_part(rng):
    loud = rng.normal(size=(100, 2))
    loud[40:60] *= 0.01
    assert np.abs(calmest([loud], 20)).max() < 0.1
    assert calmest([loud[:10]], 20) is None
