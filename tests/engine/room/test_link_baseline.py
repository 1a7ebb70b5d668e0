"""What hours may do to an empty room, link by link."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.link_baseline import DRIFT_ALLOWANCE, LinkBaseline

from .synthetic import smooth, window


@pytest.fixture
def known(rng) -> LinkBaseline:
    return LinkBaseline.fit(window(rng))


def share(known: LinkBaseline, delta: np.ndarray) -> float:
    """Statistic of an hour's drift by `delta`, over its limit."""
    shift = known.drift(known.log_reference + delta, 60.0)
    return shift.statistic / shift.limit


def one_band(at: int, by: float) -> np.ndarray:
    return by * (np.arange(16) == at)


def test_a_band_in_a_fade_may_drift_as_much_further_as_it_lies_below_the_mean(known):
    faded = replace(known, log_reference=np.where(np.arange(16) == 5, -2.3, known.log_reference))
    assert share(faded, one_band(5, 0.3)) < 0.2 * share(known, one_band(5, 0.3))
    assert share(faded, one_band(11, 0.3)) == pytest.approx(share(known, one_band(11, 0.3)), rel=0.3)


def test_a_link_that_wandered_within_its_minute_may_wander_on(known, rng):
    restless = LinkBaseline.fit(window(rng, breath_bpm=2.0, breath=0.04))
    (pattern,) = 0.1 * restless.bands.log(np.exp(smooth(np.random.default_rng(7)))[None])
    assert share(restless, pattern) < 0.5 * share(known, pattern)


def test_what_no_hour_does_is_beyond_the_limit(known):
    pattern = np.tile([1.0, 1.0, -1.0, -1.0], 4)
    assert share(known, DRIFT_ALLOWANCE * pattern) < 1.0 < share(known, 5 * DRIFT_ALLOWANCE * pattern)


def test_the_offset_of_a_reference_that_followed_is_taken_off(known):
    offset = np.linspace(-0.2, 0.2, 16)
    assert known.drift(known.log_reference + offset, 60.0, offset=offset).rms == pytest.approx(0.0)
