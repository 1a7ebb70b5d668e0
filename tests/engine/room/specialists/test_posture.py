"""Nearest taught posture, or an abstention with its reason."""

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialists.posture import PostureSpecialist
from ruview_engine.room.state import Posture
from tests.engine.room.synthetic import LINK


@pytest.fixture
def posture(enrolled) -> PostureSpecialist:
    return enrolled.bank.posture


@pytest.fixture
def shift_of(enrolled):
    """The mean deviation that an anchor showed."""
    return lambda label: enrolled.features[label].link(LINK).blocks.mean(axis=0)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (AnchorLabel.STAND_STILL, Posture.STANDING),
        (AnchorLabel.SIT, Posture.SITTING),
        (AnchorLabel.LIE_DOWN, Posture.LYING),
        (AnchorLabel.SLEEP_POSTURE, Posture.LYING),
    ],
)
def test_taught_postures_are_named(posture, shift_of, label, expected):
    reading = posture.read({LINK: shift_of(label)})
    assert reading.value is expected
    assert reading.confidence > 0.9


def test_a_little_beside_the_taught_place_is_still_the_posture(posture, shift_of, rng):
    beside = shift_of(AnchorLabel.SIT) + 0.015 * rng.standard_normal(16)
    assert posture.read({LINK: beside}).value is Posture.SITTING


def test_half_way_between_two_postures_is_neither(posture, shift_of):
    between = 0.5 * (shift_of(AnchorLabel.SIT) + shift_of(AnchorLabel.STAND_STILL))
    reading = posture.read({LINK: between})
    assert reading.value is None
    assert reading.why_not in {WhyNot.AMBIGUOUS, WhyNot.NOVEL}


def test_the_empty_room_and_a_body_elsewhere_are_novel(posture, shift_of):
    for shift in (np.zeros(16), -shift_of(AnchorLabel.SIT), 3.0 * shift_of(AnchorLabel.SIT)):
        assert posture.read({LINK: shift}).why_not is WhyNot.NOVEL


def test_links_nobody_taught_do_not_count(posture, shift_of):
    stranger = LINK._replace(node="7")
    assert posture.read({stranger: shift_of(AnchorLabel.SIT)}).why_not is WhyNot.NO_FRAMES
    both = posture.read({LINK: shift_of(AnchorLabel.SIT), stranger: np.zeros(16)})
    assert both.value is Posture.SITTING
    assert dict(both.evidence)["n_links"] == 1.0


def test_two_postures_make_a_classifier_and_one_does_not(enrolled):
    known = {link.link: link for link in enrolled.baseline.links}
    two = {label: enrolled.features[label] for label in (AnchorLabel.SIT, AnchorLabel.LIE_DOWN)}
    assert PostureSpecialist.fit(two, known).postures == (Posture.SITTING, Posture.LYING)
    with pytest.raises(TrainingError):
        PostureSpecialist.fit({AnchorLabel.SIT: two[AnchorLabel.SIT]}, known)


def test_what_is_stored_answers_the_same(posture, shift_of):
    again = PostureSpecialist.from_dict(posture.to_dict(), posture.provenance)
    for label in (AnchorLabel.SIT, AnchorLabel.LIE_DOWN):
        assert again.read({LINK: shift_of(label)}) == posture.read({LINK: shift_of(label)})


@pytest.mark.parametrize(
    ("field", "value"),
    [("placement", [0.0, 1.0, 1.0, 1.0]), ("postures", ["sitting"]), ("covariance", np.zeros((16, 16)))],
)
def test_impossible_numbers_are_refused(posture, field, value):
    stored = posture.to_dict()
    with pytest.raises(Damaged):
        PostureSpecialist.from_dict({str(LINK): stored[str(LINK)] | {field: value}})
