"""What no room does, and what this room has not done yet."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialists.anomaly import NOVELTY_CEILING, VETO_FROM, AnomalySpecialist
from tests.engine.room.conftest import POSES, AnchorLabel
from tests.engine.room.synthetic import LINK

UNTAUGHT = AnomalySpecialist(known_shifts={}, pattern_floor={})


def test_nothing_heard_is_no_answer(known):
    assert UNTAUGHT.read((), known).why_not is WhyNot.NO_FRAMES


@pytest.mark.parametrize("ingredients", [{}, {"moving": 0.08}, POSES[AnchorLabel.SIT]])
def test_rooms_and_people_are_no_anomaly(enrolled, seen, known, ingredients):
    assert enrolled.bank.anomaly.read((seen(**ingredients),), known).value < VETO_FROM


def test_loudness_without_pattern_is_interference(seen, known):
    noise = replace(seen(), motion_z=6.0, coherence=0.0)
    assert UNTAUGHT.read((noise,), known).value >= VETO_FROM
    assert UNTAUGHT.read((replace(noise, coherence=0.6),), known).value < VETO_FROM


@pytest.mark.parametrize("coherence", [0.3, 0.02, -0.24, -0.9])
def test_the_movement_of_enrolment_is_never_interference(enrolled, seen, known, coherence):
    """Also where neighbouring bands move against each other."""
    (move,) = enrolled.features[AnchorLabel.SMALL_MOVE].links
    shown = replace(enrolled.features[AnchorLabel.SMALL_MOVE], links=(replace(move, coherence=coherence),))
    fitted = AnomalySpecialist.fit({**enrolled.features, AnchorLabel.SMALL_MOVE: shown}, known)
    assert fitted.read((replace(seen(), motion_z=6.0, coherence=coherence),), known).value < VETO_FROM
    assert AnomalySpecialist.from_dict(fitted.to_dict()).pattern_floor == fitted.pattern_floor


def test_a_signal_quieter_than_noise_is_frozen(seen, known):
    assert UNTAUGHT.read((replace(seen(), motion_z=-20.0),), known).value >= VETO_FROM


def test_one_broken_link_of_three_does_not_veto(seen, known):
    fine, broken = seen(), replace(seen(), motion_z=6.0, coherence=0.0)
    links = [LINK._replace(node=str(number)) for number in (1, 2, 3)]
    knowing = dict.fromkeys(links, known[LINK])
    evidence = tuple(replace(one, link=link) for one, link in zip((fine, fine, broken), links, strict=True))
    reading = UNTAUGHT.read(evidence, knowing)
    assert dict(reading.evidence)["impossible"] == pytest.approx(1 / 3)
    assert reading.value < VETO_FROM


def test_a_shift_never_seen_is_novel_but_no_veto(enrolled, seen, known):
    """A new place on the sofa is no reason to silence everybody."""
    novel = enrolled.bank.anomaly.read((seen(shift=0.5, shift_seed=99),), known)
    taught = enrolled.bank.anomaly.read((seen(**POSES[AnchorLabel.SIT]),), known)
    assert dict(novel.evidence)["novelty"] > 0.5 > dict(taught.evidence)["novelty"]
    assert novel.value <= NOVELTY_CEILING < VETO_FROM


def test_what_is_stored_comes_back_and_impossible_numbers_do_not(enrolled):
    stored = enrolled.bank.anomaly.to_dict()
    again = AnomalySpecialist.from_dict(stored)
    assert np.array_equal(again.known_shifts[LINK], enrolled.bank.anomaly.known_shifts[LINK])
    for field, value in (("known_shifts", np.full((1, 16), np.nan)), ("pattern_floor", 7.0)):
        with pytest.raises(Damaged):
            AnomalySpecialist.from_dict({str(LINK): stored[str(LINK)] | {field: value}})
