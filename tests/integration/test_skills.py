"""What an owner is told that a room has learnt."""

from types import SimpleNamespace
from typing import Any

from custom_components.ruview.ruview_engine.room.absence import Absence, WhyAbsent
from custom_components.ruview.ruview_engine.room.specialist import SpecialistKind
from custom_components.ruview.ruview_engine.room.state import Posture
from custom_components.ruview.skills import skills_of


def bank(learnt: dict[SpecialistKind, float], absent: dict[SpecialistKind, WhyAbsent], postures: Any = ()) -> Any:
    """Only what is asked of a bank."""
    return SimpleNamespace(
        provenance_of=lambda kind: (
            SimpleNamespace(quality=SimpleNamespace(score=learnt[kind])) if kind in learnt else None
        ),
        why_absent=lambda kind: Absence(why=absent[kind], detail="") if kind in absent else None,
        posture=SimpleNamespace(postures=postures) if SpecialistKind.POSTURE in learnt else None,
    )


def test_without_a_bank_nothing_was_trained() -> None:
    skills = skills_of(None)
    assert [skill.kind for skill in skills] == [kind.value for kind in SpecialistKind]
    assert {(skill.reason, skill.quality, skill.is_learnt) for skill in skills} == {("not_trained", 0.0, False)}


def test_each_is_learnt_or_says_why_not() -> None:
    found = {
        skill.kind: skill
        for skill in skills_of(bank({SpecialistKind.PRESENCE: 0.97}, {SpecialistKind.POSTURE: WhyAbsent.ALIKE}))
    }
    assert found["presence"].is_learnt
    assert found["presence"].quality == 0.97
    assert found["posture"].reason == "alike"
    assert found["breathing"].reason == "not_trained", "never asked for"


def test_a_posture_that_only_tells_standing_says_so() -> None:
    (only,) = (s for s in skills_of(bank({SpecialistKind.POSTURE: 0.9}, {}, (Posture.STANDING,))) if s.is_learnt)
    assert only.only == "standing"
    (full,) = (s for s in skills_of(bank({SpecialistKind.POSTURE: 0.9}, {}, tuple(Posture))) if s.is_learnt)
    assert full.only is None


def test_a_room_that_did_not_see_somebody_says_that_it_never_tells_an_empty_one() -> None:
    taught = bank({SpecialistKind.PRESENCE: 0.97}, {})
    for may_clear, only in ((True, None), (False, "present")):
        (presence,) = (skill for skill in skills_of(taught, may_clear=may_clear) if skill.is_learnt)
        assert presence.only == only
