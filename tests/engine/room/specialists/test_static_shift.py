"""A body in the way against an empty room gone astray."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.specialists.static_shift import GENERIC_SHIFTS, WANDER_S, StaticShift
from tests.engine.room.synthetic import LINK

PATTERN = np.tile([1.0, 1.0, -1.0, -1.0], 4)


@pytest.fixture
def wandering(enrolled):
    """A link whose empty room wanders along `PATTERN`."""
    link = enrolled.baseline.link(LINK)
    return replace(link, block_covariance=link.block_covariance + 0.02**2 * np.outer(PATTERN, PATTERN))


def test_a_room_just_seen_empty_has_had_no_time_to_drift(wandering):
    now = StaticShift.of(0.1 * PATTERN, wandering, age_s=0.0)
    assert now.aged == pytest.approx(now.fresh)


def test_the_longer_ago_it_was_seen_the_farther_it_may_have_drifted(wandering):
    shifts = [StaticShift.of(0.3 * PATTERN, wandering, age_s=age_s) for age_s in (10.0, 100.0, 1e3, 1e5)]
    aged = [shift.aged for shift in shifts]
    assert aged == sorted(aged, reverse=True)
    assert {shift.fresh for shift in shifts} == {shifts[0].fresh}


def test_what_hours_would_excuse_is_no_excuse_after_a_minute_and_a_half(wandering):
    soon, later = (StaticShift.of(0.3 * PATTERN, wandering, age_s=age_s) for age_s in (0.05 * WANDER_S, 1e9))
    assert soon.aged > 0.9 * soon.fresh > 2.0
    assert later.aged < 0.0


def test_where_it_was_last_seen_is_home_and_so_is_its_reference(wandering):
    gone = 0.3 * PATTERN
    assert StaticShift.of(gone, wandering, age_s=60.0).aged > 2.0
    for delta in (gone, np.zeros(16)):
        assert StaticShift.of(delta, wandering, since=delta - gone, age_s=60.0).aged < 0.0


def test_a_body_is_one_from_wherever_the_room_was(wandering):
    gone, body = 0.3 * PATTERN, 0.32 * np.roll(PATTERN, 1)
    assert StaticShift.of(gone + body, wandering, since=body, age_s=60.0).aged > 5.0


def test_a_taught_pose_is_more_of_a_person_than_an_unknown_one(wandering):
    delta = np.full(16, GENERIC_SHIFTS[1])
    poses = {"prototypes": delta[None], "placement": np.full((1, 16), 0.01)}
    assert StaticShift.of(delta, wandering, **poses).person > StaticShift.of(delta, wandering).person
    elsewhere = {"prototypes": -delta[None], "placement": np.full((1, 16), 0.01)}
    assert StaticShift.of(delta, wandering, **elsewhere).person < StaticShift.of(delta, wandering).person
