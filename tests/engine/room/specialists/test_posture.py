"""Nearest taught posture, or an abstention with its reason."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialists.posture import PostureSpecialist, tells_standing
from ruview_engine.room.state import Posture
from ruview_engine.room.sway import WAITS, Sway
from ruview_engine.room.training import train
from tests.engine.room.conftest import training_job
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


STANDS, RESTS, FAINT = (
    Sway(level_db=12.0, unreturned=0.8),
    Sway(level_db=12.0, unreturned=0.1),
    Sway(level_db=1.0, unreturned=0.8),
)


def test_sway_alone_tells_who_stands_and_no_more():
    by_sway = PostureSpecialist(links={}, tells_standing=True)
    assert by_sway.postures == (Posture.STANDING,)
    assert by_sway.read({}, sway=STANDS).value is Posture.STANDING
    for sway in (RESTS, FAINT, None):
        assert by_sway.read({}, sway=sway).why_not is WhyNot.AMBIGUOUS


def test_to_go_on_standing_takes_less_sway_than_to_begin():
    by_sway = PostureSpecialist(links={}, tells_standing=True)
    some = Sway(level_db=7.0, unreturned=0.8)
    assert by_sway.read({}, sway=some).value is None
    assert by_sway.read({}, sway=some, expected=Posture.SITTING).value is None
    assert by_sway.read({}, sway=some, expected=Posture.STANDING).value is Posture.STANDING
    assert by_sway.read({}, sway=FAINT, expected=Posture.STANDING).value is None


def test_place_and_sway_that_contradict_each_other_are_silent(posture, shift_of):
    both = replace(posture, tells_standing=True)
    sitting, standing = ({LINK: shift_of(label)} for label in (AnchorLabel.SIT, AnchorLabel.STAND_STILL))
    assert both.read(sitting, sway=STANDS).why_not is WhyNot.AMBIGUOUS
    assert both.read(standing, sway=RESTS).why_not is WhyNot.AMBIGUOUS
    assert both.read(sitting, sway=RESTS).value is Posture.SITTING
    assert both.read(standing, sway=STANDS).value is Posture.STANDING
    assert both.read(sitting, sway=FAINT).value is Posture.SITTING


def test_sway_nobody_showed_at_enrolment_is_not_gone_by(posture, shift_of):
    assert not posture.tells_standing
    assert posture.read({LINK: shift_of(AnchorLabel.SIT)}, sway=STANDS).value is Posture.SITTING


def test_the_way_into_a_pose_has_no_place_but_may_have_sway(posture):
    both = replace(posture, tells_standing=True)
    assert both.read(None).why_not is WhyNot.MOVING
    assert both.read(None, sway=STANDS).value is Posture.STANDING


@pytest.mark.parametrize(
    ("swaying", "told"),
    [
        ({AnchorLabel.STAND_STILL}, True),
        (set(), False),
        ({AnchorLabel.STAND_STILL, AnchorLabel.BREATHE_SLOW}, False),
        ({AnchorLabel.LIE_DOWN}, False),
    ],
)
def test_sway_is_believed_where_the_anchors_were_told_by_it(enrolled, swaying, told):
    wanders, returns = np.linspace(0.5, 30.0, len(WAITS)), np.zeros(len(WAITS))
    features = {
        label: replace(
            one,
            links=tuple(replace(link, excursion=wanders if label in swaying else returns) for link in one.links),
        )
        for label, one in enrolled.features.items()
    }
    assert tells_standing(features) is told
    result = train(training_job((enrolled.baseline, features, enrolled.captures)))
    assert result.bank.posture.tells_standing is told


def test_where_no_place_repeats_standing_may_still_be_told(enrolled):
    wanders = np.linspace(0.5, 30.0, len(WAITS))
    features = dict(enrolled.features)
    features[AnchorLabel.SLEEP_POSTURE] = features[AnchorLabel.STAND_STILL]
    stood = features[AnchorLabel.STAND_STILL]
    features[AnchorLabel.STAND_STILL] = replace(
        stood, links=tuple(replace(link, excursion=wanders) for link in stood.links)
    )
    result = train(training_job((enrolled.baseline, features, enrolled.captures)))
    specialist = result.bank.posture
    assert (specialist.links, specialist.tells_standing) == ({}, True)
    assert specialist.provenance.quality.measure == "standing_told"
    again = PostureSpecialist.from_dict(specialist.to_dict(), specialist.provenance)
    assert again.read({}, sway=STANDS) == specialist.read({}, sway=STANDS)


def test_a_bank_of_before_sway_is_read(posture):
    stored = {name: one for name, one in posture.to_dict().items() if name != "tells_standing"}
    assert not PostureSpecialist.from_dict(stored).tells_standing
