"""Labels wait for their transmitter, are lent to a stranger, and are given back."""

import numpy as np
import pytest

from ruview_engine.links.seed_names import (
    SEED_RADIUS,
    SEED_WAIT_S,
    SeedNames,
    distance_between,
    letters,
    unit_shape,
)
from ruview_engine.links.transmitter import MAX_RADIUS


def _unit(degrees):
    """1 − cosine of 5° is 0.004, of 10° 0.015, of 20° 0.06."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


AT_IT, NEAR, FAR = 5, 10, 20


def test_the_angles_are_on_the_sides_of_the_radii_they_stand_for():
    assert distance_between(_unit(0), [_unit(AT_IT)]) < SEED_RADIUS
    assert SEED_RADIUS < distance_between(_unit(0), [_unit(NEAR)]) < MAX_RADIUS
    assert distance_between(_unit(0), [_unit(FAR)]) > MAX_RADIUS


@pytest.mark.parametrize(("number", "text"), [(0, "a"), (25, "z"), (26, "aa"), (51, "az"), (52, "ba"), (702, "aaa")])
def test_letters_count_like_columns(number, text):
    assert letters(number) == text


def test_distance_is_to_the_nearest_and_two_to_nobody():
    assert distance_between(_unit(0), [_unit(90), _unit(60)]) == pytest.approx(0.5, abs=1e-6)
    assert distance_between(_unit(0), []) == 2.0


def test_length_of_a_seed_does_not_matter():
    np.testing.assert_allclose(unit_shape(7 * _unit(30)), _unit(30), rtol=1e-6)


def test_without_seeds_labels_come_in_order_and_skip_what_is_taken():
    names = SeedNames()
    assert [names.claim(_unit(0), 0.0, taken) for taken in ((), ("a", "b"), ("a", "c"))] == ["a", "c", "d"]


def test_a_fresh_label_is_no_seeds():
    names = SeedNames()
    names.seed("b", _unit(90))
    names.seed("a", _unit(0))
    assert names.claim(_unit(0), 0.0, ()) == "a"
    label, kept = names.tell_apart("a", [_unit(0)], _unit(45), ("a",))
    assert (label, kept) == ("c", "a"), "b waits for somebody else"


def test_a_frame_at_a_seed_claims_it_while_it_is_early():
    names = SeedNames()
    names.seed("k", _unit(0))
    assert not names.is_claimed_by(_unit(0), 0.0), "nothing was heard yet"
    names.seed("m", _unit(90))
    assert names.claim(_unit(90), 100.0, ()) == "m"
    assert names.is_claimed_by(_unit(AT_IT), 100.0 + SEED_WAIT_S)
    assert not names.is_claimed_by(_unit(NEAR), 100.0)
    assert not names.is_claimed_by(_unit(AT_IT), 100.1 + SEED_WAIT_S)


def test_the_nearest_seed_names_and_the_first_where_all_are_far():
    names = SeedNames()
    for label, degrees in (("p", 0), ("q", 90), ("r", 60)):
        names.seed(label, _unit(degrees))
    assert names.claim(_unit(88), 0.0, ()) == "q"
    assert names.claim(_unit(35), 0.0, ("q",)) == "p", "both are far: the more important one"


def test_a_lent_label_is_given_back_to_who_is_at_its_seed():
    names = SeedNames()
    names.seed("k", _unit(0))
    assert names.claim(_unit(FAR), 0.0, ()) == "k"
    assert names.tell_apart("k", [_unit(FAR)], _unit(AT_IT), ("k",)) == ("k", "a")
    assert names.tell_apart("k", [_unit(AT_IT)], _unit(0), ("k", "a")) == ("b", "k"), "now it is his own"


def test_a_lent_label_stays_with_the_nearer_of_two():
    names = SeedNames()
    names.seed("k", _unit(0))
    assert names.claim(_unit(NEAR), 0.0, ()) == "k"
    assert names.tell_apart("k", [_unit(NEAR), _unit(2)], _unit(AT_IT), ("k",)) == ("a", "k")


def test_a_given_label_is_never_taken_back():
    names = SeedNames()
    names.seed("k", _unit(0))
    assert names.claim(_unit(AT_IT), 0.0, ()) == "k"
    assert names.tell_apart("k", [_unit(AT_IT)], _unit(0), ("k",)) == ("a", "k")


def test_a_waiting_seed_names_the_one_told_apart():
    names = SeedNames()
    names.seed("k", _unit(0))
    names.seed("m", _unit(60))
    assert names.claim(_unit(0), 0.0, ()) == "k"
    assert names.tell_apart("k", [_unit(0)], _unit(60 + NEAR), ("k",)) == ("m", "k")
    assert not names.waiting


def test_a_reset_keeps_who_waits_and_forgets_who_borrowed():
    names = SeedNames()
    names.seed("k", _unit(0))
    names.seed("m", _unit(90))
    assert names.claim(_unit(FAR), 0.0, ()) == "k"
    names.reset()
    assert list(names.waiting) == ["m"]
    names.waiting.clear()
    assert names.claim(_unit(0), 0.0, ()) == "a"
    assert names.tell_apart("k", [_unit(FAR)], _unit(0), ("k", "a")) == ("b", "k")
