"""The reference follows slow drift: slowly, within bounds, on record, and never for good."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room.adaptation import DAILY_BOUND, DAY_S, EVENT_STEP, FOLLOW_TAU_S, TOTAL_BOUND, Adaptation
from ruview_engine.room.evidence import LinkEvidence, gather
from tests.engine.room.synthetic import LINK, window


@pytest.fixture
def quiet(enrolled, rng) -> LinkEvidence:
    found = gather(window(rng, start_s=940), enrolled.baseline.link(LINK), 1000.0)
    assert found is not None
    return found[0]


def drifted(quiet: LinkEvidence, by: float) -> LinkEvidence:
    """The same minute, its slow profile off by `by` in every band, within its limit."""
    shift = replace(quiet.slow_shift, delta=np.full(16, by), statistic=0.5)
    return replace(quiet, slow_shift=shift)


def followed(evidence: LinkEvidence, seconds: int, step_s: float = 60.0, adaptation: Adaptation | None = None):
    """The reference after as much of the same drift, and what was recorded."""
    adaptation, events = adaptation or Adaptation(), []
    for at_s in np.arange(step_s, seconds + step_s, step_s):
        adaptation, moved = adaptation.follow((evidence,), float(at_s), step_s)
        events += moved
    return adaptation, events


def test_it_follows_with_its_time_constant(quiet):
    adaptation, _ = Adaptation().follow((drifted(quiet, 0.02),), 60.0, 60.0)
    assert adaptation.offset(LINK) == pytest.approx(np.full(16, 0.02 * 60.0 / FOLLOW_TAU_S))


def test_every_per_cent_is_on_record(quiet):
    adaptation, events = followed(drifted(quiet, 0.02), 3600)
    assert len(events) == 3
    assert all(one.moved_rms >= EVENT_STEP and one.link == str(LINK) for one in events)
    assert 0.0 <= np.sqrt(np.mean(adaptation.offset(LINK) ** 2)) - events[-1].total_rms < EVENT_STEP


def test_a_day_moves_it_no_further_than_its_bound(quiet):
    adaptation, _ = followed(drifted(quiet, 0.1), int(DAY_S * 0.9), 300.0)
    assert 0.75 * DAILY_BOUND < np.sqrt(np.mean(adaptation.offset(LINK) ** 2)) <= DAILY_BOUND


def test_to_and_fro_costs_the_day_nothing(quiet):
    """A room that wanders about its reference is followed in the evening as in the morning."""
    adaptation = Adaptation()
    for hour in range(20):
        adaptation, _ = followed(drifted(quiet, 0.05 * (-1.0) ** hour), 3600, adaptation=adaptation)
    before = adaptation.offset(LINK)
    after, _ = followed(drifted(quiet, 0.05), 3600, adaptation=adaptation)
    assert np.sqrt(np.mean((after.offset(LINK) - before) ** 2)) > 0.04


def test_days_move_it_no_further_than_the_total(quiet):
    adaptation, _ = followed(drifted(quiet, 0.1), int(DAY_S * 6), 600.0)
    assert np.sqrt(np.mean(adaptation.offset(LINK) ** 2)) <= TOTAL_BOUND


def test_beyond_the_drift_limit_nothing_is_followed(quiet):
    far = drifted(quiet, 0.02)
    far = replace(far, slow_shift=replace(far.slow_shift, statistic=99.0))
    assert followed(far, 600)[0].offset(LINK) is None


def test_it_remembers_when_each_link_was_last_seen_empty(quiet):
    assert followed(drifted(quiet, 0.02), 600)[0].followed_s == {LINK: 600.0}
    assert followed(replace(drifted(quiet, 0.02), slow_seconds=10.0), 600)[0].followed_s == {}


def test_it_remembers_where_each_link_was_last_seen_empty(quiet):
    """At once, though the reference takes half an hour to get there; counted from where the reference is now."""
    assert Adaptation().strayed(LINK) is None
    once, _ = Adaptation().follow((drifted(quiet, 0.02),), 60.0, 60.0)
    assert once.offset(LINK) + once.strayed(LINK) == pytest.approx(np.full(16, 0.02))
    assert once.reset().strayed(LINK) is None
    doubtful, _ = once.follow((drifted(quiet, 0.05),), 120.0, 60.0, is_doubtful=True)
    assert doubtful.offset(LINK).mean() > once.offset(LINK).mean()
    assert doubtful.left[LINK] == pytest.approx(np.full(16, 0.02)), "what resembles somebody is not how it looks empty"


@pytest.mark.parametrize("change", [{"age_s": 1e3}, {"slow_seconds": 10.0}, {"slow_shift": None}])
def test_what_is_old_or_short_is_not_followed(quiet, change):
    assert followed(replace(drifted(quiet, 0.02), **change), 600)[0].offset(LINK) is None


def test_it_can_be_switched_off_and_taken_back(quiet):
    adaptation, _ = followed(drifted(quiet, 0.02), 600)
    assert adaptation.reset().offset(LINK) is None
    off = replace(adaptation, is_enabled=False)
    assert off.follow((drifted(quiet, 0.02),), 1e4, 60.0) == (off, ())


def test_what_is_stored_comes_back_and_the_impossible_does_not(quiet):
    adaptation, _ = followed(drifted(quiet, 0.02), 600)
    assert np.array_equal(Adaptation.from_dict(adaptation.to_dict()).offset(LINK), adaptation.offset(LINK))
    for offset in (np.full(16, np.nan), np.full(16, 2 * TOTAL_BOUND), np.zeros((2, 2))):
        with pytest.raises(Damaged):
            Adaptation.from_dict({str(LINK): offset})
