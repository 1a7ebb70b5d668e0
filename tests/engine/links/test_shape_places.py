"""The memory of places: bounded, recent and spaced members, the least useful makes room."""

import numpy as np
import pytest

from ruview_engine.links.shape_places import (
    MAX_PLACES,
    N_MEMBERS,
    N_RECENT,
    PLACE_LIFE_S,
    SETTLED_HITS,
    SPACED_S,
    ShapePlaces,
)
from ruview_engine.links.transmitter import Transmitter


def _unit(degrees):
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


def _owner(label="a"):
    return Transmitter(label, 0.0, 0.0)


def _opened(places, owner, degrees, at_s=0.0, **more):
    places.open(owner, _unit(degrees), at_s, **more)
    return max(places, key=lambda place: place.first_s)


def test_an_empty_memory_holds_nobody():
    places = ShapePlaces(2)
    assert list(places) == []
    assert places.holding(0) is None
    assert places.members.shape == (MAX_PLACES * N_MEMBERS, 2)


def test_a_new_place_is_full_of_its_first_member():
    places = ShapePlaces(2)
    place = _opened(places, _owner(), 30)
    assert places.holding(N_MEMBERS - 1) is place
    assert places.holding(N_MEMBERS) is None
    np.testing.assert_array_equal(places.members[:N_MEMBERS], np.tile(_unit(30), (N_MEMBERS, 1)))
    np.testing.assert_array_equal(places.newest(place), _unit(30))


def test_recent_members_follow_and_spaced_ones_remember():
    places = ShapePlaces(2)
    place = _opened(places, _owner(), 0)
    for k in range(1, 10):
        places.visit(place, _unit(k), k * SPACED_S / 100)
    assert {round(np.degrees(np.arctan2(y, x))) for x, y in places.members[:N_RECENT]} == {7, 8, 9}
    np.testing.assert_array_equal(places.members[N_RECENT:N_MEMBERS], np.tile(_unit(0), (N_MEMBERS - N_RECENT, 1)))
    places.visit(place, _unit(50), SPACED_S)
    assert any(np.array_equal(member, _unit(50)) for member in places.members[N_RECENT:N_MEMBERS])
    assert place.hits == 11
    assert place.last_s == SPACED_S


def test_the_rows_of_roots_are_those_of_one_owners_known_places():
    places, one, two = ShapePlaces(2), _owner("a"), _owner("b")
    _opened(places, one, 0, 0.0, is_root=True)
    _opened(places, one, 30, 1.0)
    _opened(places, two, 60, 2.0, is_root=True)
    assert list(places.rows_of_roots(one)) == [slice(0, N_MEMBERS)]
    assert list(places.rows_of_roots(two)) == [slice(2 * N_MEMBERS, 3 * N_MEMBERS)]


def test_newest_is_a_copy():
    places = ShapePlaces(2)
    place = _opened(places, _owner(), 10)
    places.newest(place)[:] = 0
    np.testing.assert_array_equal(places.newest(place), _unit(10))


def test_distance_is_between_newest_and_separation_between_nearest_members():
    places = ShapePlaces(2)
    one, two = _opened(places, _owner(), 0), _opened(places, _owner(), 40, 1.0)
    places.visit(one, _unit(-20), 1.0)
    assert places.distance(one, two) == pytest.approx(1 - np.cos(np.radians(60)), abs=1e-6)
    assert places.separation(one, two) == pytest.approx(1 - np.cos(np.radians(40)), abs=1e-6)


def test_the_silent_candidate_makes_room_before_the_passing_and_the_settled():
    places = ShapePlaces(2)
    owner = _owner()
    late_s = 2 * PLACE_LIFE_S
    silent = _opened(places, owner, 0, 0.0)
    passing = _opened(places, owner, 1, late_s - 1.0)
    settled = [_opened(places, owner, 2 + k, late_s + k / 100) for k in range(MAX_PLACES - 2)]
    for place in settled:
        for _ in range(SETTLED_HITS):
            places.visit(place, _unit(2), place.first_s)
    places.open(owner, _unit(80), late_s + 1.0)
    assert silent not in places
    assert passing in places
    places.open(owner, _unit(81), late_s + 1.0)
    assert passing not in places
    assert all(place in places for place in settled)
    assert len(list(places)) == MAX_PLACES


def test_roots_never_make_room():
    places = ShapePlaces(2)
    owner = _owner()
    for k in range(MAX_PLACES):
        places.open(owner, _unit(k), 0.0, is_root=True)
    before = places.members.copy()
    places.open(owner, _unit(80), 10 * PLACE_LIFE_S)
    np.testing.assert_array_equal(places.members, before)
    assert len(places.roots(owner)) == MAX_PLACES


def test_forgetting_one_owner_leaves_the_other():
    places = ShapePlaces(2)
    one, two = _owner("a"), _owner("b")
    places.open(one, _unit(0), 0.0, is_root=True)
    kept = _opened(places, two, 10, 1.0)
    _opened(places, one, 20, 2.0)
    places.forget(one)
    assert list(places) == [kept]
    assert places.roots(one) == ()
    assert np.count_nonzero(places.members.any(axis=1)) == N_MEMBERS
