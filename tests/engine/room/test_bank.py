"""Partial banks, their versions, and when they may not be used."""

from dataclasses import replace

import pytest

from ruview_engine.errors import Damaged
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
