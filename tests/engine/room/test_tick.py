"""Which links a tick listens to, under which names, and how it measures them."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.adaptation import Adaptation
from ruview_engine.room.tick import Tick
from ruview_engine.room.window import RoomInputs
from tests.engine.room.synthetic import LINK, window


def tick(enrolled, *windows, at_s=1000.0, adaptation=None):
    return Tick.of(RoomInputs(at_s=at_s, windows=windows), enrolled.baseline, adaptation or Adaptation())


def test_known_links_are_measured_and_strangers_are_kept_apart(enrolled, rng):
    one = window(rng, start_s=940)
    seen = tick(enrolled, one, replace(one, link=LinkId("9", "64", "a")))
    assert [found.link for found in seen.evidence] == [measured.link for measured in seen.measured] == [LINK]
    assert len(seen.inputs.windows) == 2
    assert set(seen.known) == {LINK}


@pytest.mark.parametrize(("late_s", "n_fresh"), [(0.0, 1), (30.0, 0)])
def test_only_what_is_heard_now_is_fresh(enrolled, rng, late_s, n_fresh):
    seen = tick(enrolled, window(rng, start_s=940), at_s=1000.0 + late_s)
    assert len(seen.evidence) == 1
    assert len(seen.fresh) == n_fresh


def test_it_measures_from_where_the_reference_has_got_to(enrolled, rng):
    one = window(rng, start_s=940)
    followed = Adaptation(offsets={LINK: np.full(enrolled.baseline.link(LINK).log_reference.shape, 0.04)})
    (found,), (there,) = tick(enrolled, one).fresh, tick(enrolled, one, adaptation=followed).fresh
    assert there.slow_shift.delta == pytest.approx(found.slow_shift.delta - 0.04, abs=1e-6)


def test_a_window_of_another_layout_says_nothing(enrolled, rng):
    one = window(rng, start_s=940)
    seen = tick(enrolled, replace(one, profiles=one.profiles[:, :40]))
    assert seen.evidence == seen.measured == ()
