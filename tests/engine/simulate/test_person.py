"""People do what they are told: in the room when they say so, settled in time for a capture, interruptible."""

import numpy as np
import pytest

from ruview_engine.simulate import Person, Timeline, plans, scenes
from ruview_engine.simulate.body import POSTURES, TRUNK
from ruview_engine.simulate.prompt import parse_prompt

#: Prompts as an enrolment gives them: 8 s to get there, up to 30 s to hold.
LEAD_S = 8
HOLD_S = 30


def prompts():
    return [(60 + n * (LEAD_S + HOLD_S), anchor) for n, anchor in enumerate(plans.ANCHORS)]


@pytest.mark.parametrize("geometry", scenes.ROOMS)
def test_a_cooperating_person_is_settled_when_the_capture_begins(geometry):
    scene = scenes.living_room(geometry=geometry)
    timeline = Timeline([Person(scene, 5, placement_m=0.07).follow(plans.enrolment(prompts()))])
    for at_s, anchor in prompts():
        begin, end = timeline.truth(at_s + LEAD_S), timeline.truth(at_s + LEAD_S + HOLD_S - 1)
        assert (begin.activity, begin.posture) == (end.activity, end.posture), anchor
        assert begin.is_moving == (anchor == "small_move"), anchor
        assert begin.is_present == (anchor != "empty"), anchor
        if anchor in ("breathe_slow", "breathe_normal"):
            band = (6, 9) if anchor == "breathe_slow" else (12, 18)
            assert band[0] < end.breathing_bpm < band[1]
    postures = {anchor: timeline.truth(at_s + LEAD_S + 5).posture for at_s, anchor in prompts()}
    expected = {"stand_still": "stand", "sit": "sit", "lie_down": "lie", "sleep_posture": "sleep"}
    assert expected.items() <= postures.items()


@pytest.mark.parametrize("misbehaviour", plans.MISBEHAVIOURS)
def test_misbehaviours_differ_from_what_was_asked(misbehaviour):
    good, bad = plans.enrolment(prompts()), plans.enrolment(prompts(), misbehaviour)
    assert (good == bad) == (misbehaviour == "two_people")  # there the person cooperates and the visitor does not


def test_unknown_words_are_refused():
    scene = scenes.living_room()
    with pytest.raises(ValueError, match="nobody knows"):
        Person(scene).do("dance", 0)
    with pytest.raises(ValueError, match="no posture"):
        Person(scene).do("breathe", 0, posture="hover")
    with pytest.raises(ValueError, match="no misbehaviour"):
        plans.enrolment(prompts(), "sings")


def test_absent_people_have_no_body():
    person = Person(scenes.living_room()).follow([(10, "enter"), (20, "leave")])
    assert person.body(np.arange(0, 5, 0.1)) is None
    assert person.body(np.arange(50, 55, 0.1)) is None
    scatter, blocker = person.body(np.arange(15, 18, 0.1))
    assert (scatter.root_section > 0).all()
    assert (blocker.strength == 1).all()


def test_an_interruption_lets_a_step_end_and_drops_the_rest():
    person = Person(scenes.living_room()).follow([(0, "sit"), (30, "lie")])
    person.do("stand", 30.5)
    names = [step.activity for step in person.steps]
    assert "lie down" in names
    assert "lie" not in names
    assert person.step_at(60).posture_to == "stand"


def test_postures_are_where_their_names_say():
    scene = scenes.living_room()
    heights = {}
    for posture in POSTURES:
        scatter, _ = Person(scene, 1).follow([(0, posture)]).body(np.array([30.0, 30.1]))
        heights[posture] = scatter.position[list(TRUNK), :, 2].mean()
        place = np.array(scene.spots[posture].place)
        assert np.linalg.norm(scatter.position[list(TRUNK), :, :2].mean(axis=(0, 1)) - place) < 0.5
    assert heights["stand"] > heights["sit"] + 0.2 > heights["lie"] + 0.3


def test_later_sessions_are_elsewhere_by_centimetres():
    scene = scenes.living_room()
    places = np.array([Person(scene, seed, placement_m=0.07).follow([(0, "sit")]).place_at(40) for seed in range(30)])
    assert 0.03 < places.std(axis=0).mean() < 0.12
    assert np.linalg.norm(places.mean(axis=0) - scene.spots["sit"].place) < 0.06


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"do": "sit:15"}', "sit:15"),
        ('{"anchor": "lie_down", "phase": "lead_in"}', "lie"),
        ('{"anchor": "breathe_slow"}', "sit+breathe:7.5"),
        ('{"anchor": "lie_down", "phase": "capture"}', None),
        ('{"anchor": "unheard_of", "phase": "lead_in"}', None),
        ("not json", None),
        ("[1]", None),
        ('{"do": 5}', None),
    ],
)
def test_prompts(line, text):
    assert parse_prompt(line) == text


def test_demo_shows_everything_within_a_minute():
    timeline = Timeline([Person(scenes.living_room()).follow(plans.demo(300))])
    minute = [timeline.truth(at_s) for at_s in range(60)]
    assert any(not truth.is_present for truth in minute)
    assert any(truth.activity == "walk" for truth in minute)
    assert sum(truth.posture == "sit" and not truth.is_moving for truth in minute) > 15
    again = timeline.truth(plans.DEMO_ROUND_S + 50)
    assert (again.posture, again.is_present) == ("sit", True)
    assert not timeline.truth(plans.DEMO_ROUND_S - 1).is_present
