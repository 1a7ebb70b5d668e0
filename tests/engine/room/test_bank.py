"""Partial banks, their versions, and when they may not be used."""

from dataclasses import replace

import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room.absence import Absence, WhyAbsent
from ruview_engine.room.bank import Bank
from ruview_engine.room.specialist import SpecialistKind


def test_a_bank_without_a_specialist_is_a_bank(enrolled):
    partial = replace(enrolled.bank, posture=None, heartbeat=None)
    assert SpecialistKind.POSTURE not in partial.kinds
    assert partial.version_of(SpecialistKind.POSTURE) == 0
    assert partial.get(SpecialistKind.PRESENCE) is enrolled.bank.presence


def test_every_specialist_says_where_it_comes_from(enrolled):
    for kind in enrolled.bank.kinds:
        provenance = enrolled.bank.provenance_of(kind)
        assert provenance is not None
        assert provenance.baseline_hash == enrolled.baseline.id == enrolled.bank.baseline_id
        assert provenance.anchor_set_hash == "anchors"
        assert provenance.version >= 1


def test_absence_has_a_reason(enrolled):
    for kind in SpecialistKind:
        assert (kind in enrolled.bank.kinds) != (enrolled.bank.why_absent(kind) is not None)


def test_another_generation_or_encoder_is_a_problem(enrolled):
    assert enrolled.bank.problem(None) == 0
    assert replace(enrolled.bank, generation=99).problem(None) == 1
    presence = enrolled.bank.presence
    encoded = replace(presence, provenance=replace(presence.provenance, backbone_rev="one"))
    assert replace(enrolled.bank, presence=encoded).problem("one") == 0
    assert replace(enrolled.bank, presence=encoded).problem("two") == 2


def test_what_is_stored_comes_back(enrolled):
    again = Bank.from_dict(enrolled.bank.to_dict())
    assert again.kinds == enrolled.bank.kinds
    assert again.absent == enrolled.bank.absent
    assert [again.provenance_of(kind) for kind in again.kinds] == [
        enrolled.bank.provenance_of(kind) for kind in enrolled.bank.kinds
    ]


@pytest.mark.parametrize(
    "change", [{"version": 0}, {"specialists": {"clairvoyance": {}}}, {"absent": [["posture"]]}, {"trained_at_s": None}]
)
def test_a_bank_that_cannot_be_is_damaged(enrolled, change):
    with pytest.raises(Damaged):
        Bank.from_dict(enrolled.bank.to_dict() | change)


def test_a_bank_that_a_still_person_was_not_told_from_nobody_with_may_not_clear(enrolled):
    bank = enrolled.bank
    links = {link: replace(one, may_clear=False) for link, one in bank.presence.links.items()}
    like_empty = Absence(why=WhyAbsent.LIKE_EMPTY, detail="")
    assert bank.may_clear
    assert replace(bank, presence=None).may_clear, "never asked for"
    assert not replace(bank, presence=replace(bank.presence, links=links)).may_clear
    assert not replace(bank, presence=None, absent=((SpecialistKind.PRESENCE, like_empty),)).may_clear
