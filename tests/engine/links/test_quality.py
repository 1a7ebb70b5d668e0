"""Which links are worth listening to."""

import dataclasses

import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.quality import HYSTERESIS, LinkChoice, LinkQuality, QualityMeter
from ruview_engine.links.sample import Sample

A, B, C, D = (LinkId("1", "64", name) for name in "abcd")


def _quality(score):
    return LinkQuality(rate=1.0, usable=1.0, noise=1.0, coverage=1.0, score=score, fs_hz=20.0)


def _meter(n=600, fs_hz=20.0, **changes):
    meter = QualityMeter()
    for k in range(n):
        sample = Sample(
            link=A, at_s=k / fs_hz, index=k, profile=None, level=1.0, rssi_dbm=-50, gap_s=1 / fs_hz if k else None
        )
        meter.update(dataclasses.replace(sample, **changes) if k % 2 else sample)
    return meter


def test_a_steady_link_scores_more_than_a_slow_one():
    fast = _meter().get(30.0, 20.0, n_active=52)
    slow = _meter(fs_hz=4.0).get(150.0, 4.0, n_active=52)
    assert fast.score > 2 * slow.score > 0


@pytest.mark.parametrize(("now_s", "fs_hz"), [(60.0, 20.0), (30.0, 1.0), (30.0, None)])
def test_silent_or_too_slow_links_are_not_used(now_s, fs_hz):
    assert _meter().get(now_s, fs_hz, n_active=52).score == 0.0


def test_glitches_cost():
    assert _meter(is_glitch=True).get(30.0, 20.0, n_active=52).usable < 0.8
    assert _meter().get(30.0, 20.0, n_active=52).usable == pytest.approx(1.0)


def test_noise_costs():
    meter = _meter()
    meter.saw_noise(0.01)
    good = meter.get(30.0, 20.0, n_active=52)
    meter.saw_noise(0.2)
    assert meter.get(30.0, 20.0, n_active=52).score < 0.2 * good.score


def test_choice_takes_the_best_and_drops_the_useless():
    choice = LinkChoice(2)
    assert choice.update({A: _quality(0.2), B: _quality(0.9), C: _quality(0.5), D: _quality(0.0)}) == (B, C)
    assert LinkChoice(3).update({A: _quality(0.0)}) == ()


def test_choice_has_hysteresis_but_never_locks():
    choice = LinkChoice(1)
    assert choice.update({A: _quality(0.5), B: _quality(0.4)}) == (A,)
    assert choice.update({A: _quality(0.5), B: _quality(0.5 * HYSTERESIS - 0.01)}) == (A,)
    assert choice.update({A: _quality(0.5), B: _quality(0.5 * HYSTERESIS + 0.01)}) == (B,)
    assert choice.update({A: _quality(0.5)}) == (A,)
    assert choice.chosen == (A,)


def test_links_with_a_baseline_win_against_equals():
    assert LinkChoice(1).update({A: _quality(0.5), B: _quality(0.5)}, pinned=[B]) == (B,)
