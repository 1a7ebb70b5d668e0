"""Three ratios of one moment."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room.specialists.presence import BREATH_RATIO, LinkSensitivity, PresenceSpecialist, motion_ratio
from ruview_engine.room.specialists.presence_belief import PRESENT_FROM
from tests.engine.room.conftest import POSES, AnchorLabel
from tests.engine.room.synthetic import LINK

UNTAUGHT = PresenceSpecialist(links={})


def test_without_a_fresh_link_there_is_no_evidence(seen, known):
    old = replace(seen(), age_s=1e3)
    assert UNTAUGHT.ratios((old,), known) is None
    assert UNTAUGHT.ratios((), known) is None


def test_the_empty_room_speaks_against_a_person(seen, known, enrolled):
    for specialist in (UNTAUGHT, enrolled.bank.presence):
        ratios = specialist.ratios((seen(),), known)
        assert ratios.motion <= 0.0
        assert ratios.static < 0.0


def test_a_taught_pose_speaks_for_one(seen, known, enrolled):
    ratios = enrolled.bank.presence.ratios((seen(**POSES[AnchorLabel.SIT]),), known)
    assert ratios.static > 4.0
    assert ratios.micro > 0.0


def test_a_pose_that_nobody_taught_speaks_for_one_too(seen, known, enrolled):
    assert enrolled.bank.presence.ratios((seen(shift=0.12, shift_seed=77),), known).static > 2.0


def test_where_the_profile_cannot_be_believed_the_shift_says_nothing(seen, known, enrolled):
    sitting = seen(**POSES[AnchorLabel.SIT])
    assert enrolled.bank.presence.ratios((sitting,), known, use_static=False).static == 0.0


def test_hours_excuse_a_shift_of_a_wandering_link_but_prove_no_emptiness(seen, known, enrolled):
    """What forbids "clear" is as strong as ever."""
    link, quiet, pattern = known[LINK], seen(), np.tile([1.0, 1.0, -1.0, -1.0], 4)
    wander = replace(link, block_covariance=link.block_covariance + 0.02**2 * np.outer(pattern, pattern))
    shifted = replace(quiet, shift=replace(quiet.shift, delta=0.29 * pattern))
    fresh, soon, aged = (
        enrolled.bank.presence.ratios((shifted,), {LINK: wander}, ages_s={LINK: age_s})
        for age_s in (0.0, 0.5, 86_400.0)
    )
    assert fresh.static == pytest.approx(fresh.doubt)
    assert aged.doubt == fresh.doubt > 2.0
    assert aged.static < soon.static < fresh.static
    assert aged.static < 1.0


@pytest.mark.parametrize("age_s", [0.0, 1.0, 1e9])
def test_no_shift_is_too_far_to_be_weighed(known, age_s):
    """Where only drift could have taken the profile, and has had no time, or endless time, to do so."""
    link, pattern = known[LINK], np.tile([1.0, 1.0, -1.0, -1.0], 4)
    wander = replace(link, block_covariance=link.block_covariance + 0.02**2 * np.outer(pattern, pattern))
    assert np.isfinite(UNTAUGHT.static_ratios(LINK, 50.0 * pattern, wander, age_s)).all()


def test_one_link_that_sees_a_body_outweighs_two_that_look_past_it(seen, enrolled, known):
    here = replace(seen(**POSES[AnchorLabel.SIT]), shift=replace(seen().shift, delta=np.full(16, 0.3)))
    learnt = enrolled.bank.presence.links[LINK]
    others = {LINK._replace(node=node): replace(seen(), link=LINK._replace(node=node)) for node in ("2", "3")}
    specialist = PresenceSpecialist(links=dict.fromkeys((LINK, *others), learnt))
    ratios = specialist.ratios((here, *others.values()), dict.fromkeys((LINK, *others), known[LINK]))
    assert ratios.static > PRESENT_FROM


def test_motion_of_one_link_is_none_where_the_room_does_not_move(seen, known):
    walking = seen(moving=0.08)
    assert UNTAUGHT.ratios((walking,), known).motion > 1.0
    assert UNTAUGHT.ratios((walking,), known, is_moving=True).motion > 1.0
    assert UNTAUGHT.ratios((walking,), known, is_moving=False).motion <= 0.0


def test_breath_outweighs_silence(seen, known):
    assert UNTAUGHT.ratios((seen(),), known, has_breath=True).micro == BREATH_RATIO


def test_loud_without_pattern_counts_a_fifth(seen):
    loud = replace(seen(), motion_z=2.5, coherence=0.6)
    assert motion_ratio(replace(loud, coherence=0.0)) == pytest.approx(motion_ratio(loud) / 5)


def test_links_are_partly_the_same_evidence(seen, known):
    """Two that say the same count as √2, not as two."""
    one = seen(**POSES[AnchorLabel.SIT])
    other = replace(one, link=LINK._replace(node="2"))
    both = {**known, other.link: known[LINK]}
    single, double = UNTAUGHT.ratios((one,), both), UNTAUGHT.ratios((one, other), both)
    assert double.static == pytest.approx(single.static * np.sqrt(2))


def test_what_is_stored_comes_back(enrolled):
    specialist = enrolled.bank.presence
    again = PresenceSpecialist.from_dict(specialist.to_dict())
    assert again.links.keys() == specialist.links.keys()
    for link, one in specialist.links.items():
        assert np.array_equal(again.links[link].prototypes, one.prototypes)
        assert again.links[link].may_clear == one.may_clear


@pytest.mark.parametrize(
    ("field", "value"), [("micro_width", 0.0), ("micro_growths", [np.nan]), ("placement", np.zeros((1, 1)))]
)
def test_impossible_numbers_are_refused(enrolled, field, value):
    stored = enrolled.bank.presence.to_dict()
    name = next(iter(stored))
    with pytest.raises(Damaged):
        PresenceSpecialist.from_dict({name: stored[name] | {field: value}})


def test_silence_clears_only_where_every_posture_was_recognised(enrolled):
    one = next(iter(enrolled.bank.presence.links.values()))
    assert isinstance(one, LinkSensitivity)
    blind = PresenceSpecialist(links={LINK: replace(one, may_clear=False)})
    assert not blind.may_clear
    assert PresenceSpecialist(links={LINK: replace(one, may_clear=True)}).may_clear


def test_what_happens_in_a_fade_is_less_of_a_person(known):
    """The same drift of the field moves a band's log the more, the less is left of it."""
    here = known[LINK]
    reference = here.log_reference.copy()
    reference[5] -= 2.0
    faded = replace(here, log_reference=reference)
    assert faded.fade[5] > 5 * np.median(faded.fade)
    for at, is_less in ((5, True), (11, False)):
        delta = 0.2 * (np.arange(len(reference)) == at)
        apart = UNTAUGHT.shift_ratio(LINK, delta, here) - UNTAUGHT.shift_ratio(LINK, delta, faded)
        assert (apart > 1.0) is is_less
