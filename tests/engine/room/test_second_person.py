"""Who stands beside somebody sitting sways and does not come back; who sits alone does."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.anchor_feature import extract
from ruview_engine.room.second_person import FirstPerson, second_person
from tests.engine.room.synthetic import window

SEATED = FirstPerson(is_standing=False, is_restless=False, asked_bpm=None, read_bpm=14.0, faint_bpm=None)


def swaying(seen, size):
    """The same with one random walk of `size` log units per root second in a pattern of its own."""
    walk = np.cumsum(np.random.default_rng(7).standard_normal(len(seen))) * size / np.sqrt(20)
    pattern = np.cos(np.linspace(0, 3, seen.profiles.shape[1]))
    return replace(seen, profiles=(seen.profiles * np.exp(np.outer(walk, pattern))).astype(np.float32))


@pytest.fixture
def seated(rng):
    return window(rng, seconds=22, start_s=1000, shift=0.12, breath_bpm=14, breath=0.04)


@pytest.fixture
def found(enrolled):
    (known,) = enrolled.baseline.links

    def look(seen, first=SEATED, stood=()):
        feature = extract(seen, known)
        numbers = second_person(first, [seen], [feature], {known.link: known}, at_s=float(seen.times[-1]), stood=stood)
        return None if numbers is None else dict(numbers)

    return look


def test_one_person_is_one(found, seated):
    assert found(seated) is None


def test_sway_is_seen_beneath_a_breath_that_outshines_it(found, seated):
    seen = found(swaying(seated, 0.03))
    assert seen is not None
    assert seen["lasting_db"] > 3.0


@pytest.mark.parametrize("change", [{"is_standing": True}, {"is_restless": True}])
def test_who_stands_or_fidgets_does_not_come_back_either(found, seated, change):
    assert found(swaying(seated, 0.03), replace(SEATED, **change)) is None


def test_so_much_less_than_standing_showed_here_is_how_this_home_sits(found, enrolled, rng, seated):
    (known,) = enrolled.baseline.links
    still = extract(swaying(window(rng, seconds=22, start_s=1000, shift=0.12), 0.03), known)
    more = replace(still, excursion=10 * still.excursion)
    assert found(swaying(seated, 0.03), stood=[still]) is not None
    assert found(swaying(seated, 0.03), stood=[more]) is None


def test_another_layout_and_silence_say_nothing(found, seated, enrolled):
    (known,) = enrolled.baseline.links
    other = replace(seated, profiles=seated.profiles[:, :52])
    assert second_person(SEATED, [other], [], {known.link: known}, at_s=float(seated.times[-1])) is None
    assert second_person(SEATED, [], [], {}, at_s=0.0) is None
