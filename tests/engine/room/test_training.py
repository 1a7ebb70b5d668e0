"""Training: partial banks, single re-training, and absence with a reason."""

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room import codec
from ruview_engine.room.absence import WhyAbsent
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.bank import Bank
from ruview_engine.room.sensitivity import auc, d_prime
from ruview_engine.room.specialist import SpecialistKind
from ruview_engine.room.state import Posture
from ruview_engine.room.training import train
from tests.engine.room.conftest import training_job


def parts(enrolled, *labels):
    wanted = labels or tuple(enrolled.features)
    features = {label: enrolled.features[label] for label in wanted}
    captures = {label: enrolled.captures[label] for label in (*wanted, AnchorLabel.EMPTY)}
    return enrolled.baseline, features, captures


def test_a_full_enrolment_trains_what_separates(enrolled):
    kinds = set(enrolled.bank.kinds)
    assert {SpecialistKind.PRESENCE, SpecialistKind.POSTURE, SpecialistKind.ANOMALY} <= kinds
    assert {SpecialistKind.BREATHING, SpecialistKind.RESTLESSNESS} <= kinds
    assert enrolled.bank.why_absent(SpecialistKind.HEARTBEAT).why is WhyAbsent.NO_HEARTBEAT
    assert enrolled.bank.posture.postures == tuple(Posture)
    assert enrolled.bank.posture.n_prototypes == 4
    for kind in kinds:
        provenance = enrolled.bank.provenance_of(kind)
        assert provenance.baseline_hash == enrolled.baseline.id
        assert provenance.version == 1
        assert 0.7 <= provenance.quality.score <= 1.0


def test_static_anchors_alone_give_a_partial_bank(enrolled):
    result = train(training_job(parts(enrolled, AnchorLabel.STAND_STILL, AnchorLabel.SIT, AnchorLabel.LIE_DOWN)))
    assert SpecialistKind.PRESENCE in result.bank.kinds
    assert result.bank.why_absent(SpecialistKind.POSTURE).why is WhyAbsent.TAKEN_ONCE
    for kind, missing in ((SpecialistKind.BREATHING, "breathe"), (SpecialistKind.RESTLESSNESS, "small_move")):
        absence = result.bank.why_absent(kind)
        assert absence.why is WhyAbsent.NOT_ENROLLED
        assert missing in absence.detail


def test_one_posture_is_no_classifier(enrolled):
    result = train(training_job(parts(enrolled, AnchorLabel.SIT)))
    assert result.bank.posture is None
    assert "2 different postures" in str(result.bank.why_absent(SpecialistKind.POSTURE))


def test_postures_that_look_alike_are_absent_with_a_reason(enrolled):
    features = dict(enrolled.features)
    features[AnchorLabel.STAND_STILL] = features[AnchorLabel.SIT]
    result = train(training_job((enrolled.baseline, features, enrolled.captures)))
    assert result.bank.posture is None
    assert result.bank.why_absent(SpecialistKind.POSTURE).why is WhyAbsent.ALIKE


def test_a_posture_that_does_not_repeat_is_absent_with_a_reason(enrolled):
    features = dict(enrolled.features)
    features[AnchorLabel.SLEEP_POSTURE], features[AnchorLabel.SIT] = (
        features[AnchorLabel.SIT], features[AnchorLabel.SLEEP_POSTURE],
    )  # fmt: skip
    features[AnchorLabel.SIT] = enrolled.features[AnchorLabel.SIT]
    features[AnchorLabel.SLEEP_POSTURE] = enrolled.features[AnchorLabel.STAND_STILL]
    result = train(training_job((enrolled.baseline, features, enrolled.captures)))
    assert result.bank.posture is None


def test_an_invisible_person_is_no_presence_specialist(enrolled):
    """Occupied anchors that look like the empty room: the occupied sensitivity control of upstream I#1952."""
    known = enrolled.baseline.links[0]
    silent = {}
    for label, feature in enrolled.features.items():
        (one,) = feature.links
        blocks = (known.blocks - known.log_reference)[: len(one.blocks)]
        links = (_replace(one, blocks=blocks, micro_growths=np.zeros(len(one.micro_growths))),)
        silent[label] = _replace(feature, links=links)
    result = train(training_job((enrolled.baseline, silent, enrolled.captures)))
    assert result.bank is None or result.bank.presence is None


def _replace(value, **changes):
    from dataclasses import replace

    return replace(value, **changes)


def test_one_specialist_is_trained_again_alone(enrolled):
    again = train(training_job(parts(enrolled), kinds=(SpecialistKind.POSTURE,), former=enrolled.bank)).bank
    assert again.version == 2
    assert again.version_of(SpecialistKind.POSTURE) == 2
    assert again.version_of(SpecialistKind.PRESENCE) == 1
    assert again.presence is enrolled.bank.presence


def test_a_bank_of_another_baseline_is_not_mixed_in(enrolled):
    stranger = _replace(enrolled.bank, baseline_id="another")
    again = train(training_job(parts(enrolled), kinds=(SpecialistKind.POSTURE,), former=stranger)).bank
    assert again.kinds == (SpecialistKind.POSTURE,)


def test_bank_round_trip_and_validation(enrolled):
    again = codec.decode_bank(codec.encode_bank(enrolled.bank))
    assert again.kinds == enrolled.bank.kinds
    assert again.absent == enrolled.bank.absent
    assert again.provenance_of(SpecialistKind.POSTURE) == enrolled.bank.provenance_of(SpecialistKind.POSTURE)
    stored = enrolled.bank.to_dict()
    link = next(iter(stored["specialists"]["posture"]["content"]))
    stored["specialists"]["posture"]["content"][link]["covariance"] = -np.eye(16)
    with pytest.raises(Damaged):
        Bank.from_dict(stored)


def test_another_generation_and_backbone_are_problems(enrolled):
    assert enrolled.bank.problem(None) == 0
    assert _replace(enrolled.bank, generation=99).problem(None) == 1


def test_auc_and_d_prime_are_what_they_say(rng):
    assert auc(np.zeros(4), np.ones(4)) == 1.0
    assert auc(np.ones(4), np.ones(4)) == 0.5
    one, other = rng.standard_normal(4000), rng.standard_normal(4000) + 2
    assert d_prime(one, other) == pytest.approx(2.0, abs=0.1)


def test_an_absence_survives_storing_and_one_of_an_older_bank_has_no_name(enrolled):
    stored = enrolled.bank.to_dict()
    assert Bank.from_dict(stored).absent == enrolled.bank.absent
    older = stored | {"absent": [["heartbeat", "no heartbeat visible in 5 still anchors"]]}
    absence = Bank.from_dict(older).why_absent(SpecialistKind.HEARTBEAT)
    assert (absence.why, absence.detail) == (WhyAbsent.UNNAMED, "no heartbeat visible in 5 still anchors")
    newer = stored | {"absent": [["heartbeat", "it sang", "sang"]]}
    assert Bank.from_dict(newer).why_absent(SpecialistKind.HEARTBEAT).why is WhyAbsent.UNNAMED
