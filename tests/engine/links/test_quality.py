"""Which links are worth listening to."""

import dataclasses

import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.quality import QualityMeter
from ruview_engine.links.sample import Sample

A = LinkId("1", "64", "a")


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


def test_a_steady_link_with_enough_bins_is_as_good_as_can_be():
    assert _meter().get(30.0, 20.0, n_active=52).score == pytest.approx(1.0)
    assert _meter().get(30.0, 20.0, n_active=12).score == pytest.approx(0.5)
