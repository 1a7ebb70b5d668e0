"""Written-down behaviour can be followed, and misbehaves as it says."""

import pytest

from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.simulate import Person, plans, scenes

PROMPTS = tuple((60.0 * k, label.value) for k, label in enumerate(AnchorLabel))


@pytest.fixture(scope="module")
def scene():
    return scenes.living_room(nodes=1)


@pytest.mark.parametrize("plan", [plans.demo(250.0), plans.evening(4000.0), plans.VISITOR])
def test_plans_ascend_and_can_be_followed(scene, plan):
    moments = [at_s for at_s, _ in plan]
    assert moments == sorted(moments)
    Person(scene, 1).follow(plan)


def test_a_demonstration_shows_everything_within_a_minute_and_goes_on():
    first = [text for at_s, text in plans.demo(59.0) if at_s < 60.0]
    assert {text.partition(":")[0] for text in first} >= {"absent", "enter", "walk", "sit"}
    long = plans.demo(3 * plans.DEMO_ROUND_S)
    assert long[-1][0] >= 3 * plans.DEMO_ROUND_S
    assert {text for _, text in long} == {text for _, text in plans.demo(0.0)}


def test_an_evening_ends_when_it_is_told():
    assert [text for _, text in plans.evening(1000.0)] == ["absent", "sit"]


def test_every_anchor_has_an_answer_and_a_cooperative_person_gives_it(scene):
    assert set(plans.ANCHORS) == {label.value for label in AnchorLabel}
    plan = plans.enrolment(PROMPTS)
    assert [text for _, text in plan] == [plans.ANCHORS[label] for _, label in PROMPTS]
    Person(scene, 1).follow(plan)


@pytest.mark.parametrize(
    ("misbehaviour", "changed"),
    [
        ("moves", {"stand_still": "walk", "sit": "sit+small_move", "breathe_slow": "sit+small_move"}),
        ("absent", dict.fromkeys(plans.ANCHORS, "absent")),
        ("wrong_rate", {"breathe_slow": "sit+breathe:22", "breathe_normal": "sit+breathe:7", "sit": "sit"}),
        ("stays", {"empty": "sit", "stand_still": "stand"}),
        ("two_people", plans.ANCHORS),
    ],
)
def test_misbehaviours_do_something_else(scene, misbehaviour, changed):
    plan = plans.enrolment(PROMPTS, misbehaviour)
    said = {label: text for (_, label), (_, text) in zip(PROMPTS, plan, strict=True)}
    assert changed.items() <= said.items()
    Person(scene, 1).follow(plan)


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="sings"):
        plans.enrolment(PROMPTS, "sings")
    with pytest.raises(KeyError):
        plans.enrolment([(0.0, "headstand")])
