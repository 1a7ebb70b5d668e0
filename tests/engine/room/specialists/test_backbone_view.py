"""A frozen encoder as one more yardstick: used where the held-out report is better with it, and only with itself."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room import codec
from ruview_engine.room.absence import WhyAbsent
from ruview_engine.room.anchor import BY_LABEL
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialist import SpecialistKind
from ruview_engine.room.specialists.backbone_view import N_AXES, BackboneView
from ruview_engine.room.state import Posture
from ruview_engine.room.training import train
from tests.engine.room.conftest import training_job

#: What tells the postures apart in `faint`: far below what the plain specialist allows a room to stray.
CODE = {Posture.STANDING: -0.003, Posture.SITTING: 0.0012, Posture.LYING: 0.004}


class Discerning:
    """Stands for an encoder that looks at the first band only, as closely as one likes."""

    revision, dims = "abc", 3

    def follow(self):
        raise AssertionError("specialists give deviations, not samples")

    def embed_deviations(self, deltas):
        angle = np.clip(deltas[:, 0] / 0.002, -3.0, 3.0)
        return np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(deltas))])


class Blind(Discerning):
    """Sees everything alike."""

    revision = "blind"

    def embed_deviations(self, deltas):
        return np.tile([1.0, 0.0, 0.0], (len(deltas), 1))


@pytest.fixture
def faint(enrolled, rng):
    """An enrolment whose postures differ in the first band alone, and hardly."""
    features = {}
    for label, feature in enrolled.features.items():
        (one,) = feature.links
        blocks = 0.1 + 0.01 * rng.standard_normal(one.blocks.shape)
        posture = BY_LABEL[label].posture or Posture.SITTING
        blocks[:, 0] = CODE[posture] + 0.0002 * rng.standard_normal(len(blocks))
        features[label] = replace(feature, links=(replace(one, blocks=blocks),))
    known = enrolled.baseline.links[0]
    quiet = known.blocks.copy()
    quiet[:, 0] = known.log_reference[0] + 0.0001 * rng.standard_normal(len(quiet))
    baseline = replace(enrolled.baseline, links=(replace(known, blocks=quiet),))
    return baseline, features, enrolled.captures


def test_it_is_used_where_the_report_is_better_with_it(faint):
    kinds = (SpecialistKind.POSTURE,)
    without = train(training_job(faint, kinds=kinds)).report.of(SpecialistKind.POSTURE)
    assert without.reason.why is WhyAbsent.ALIKE
    bank = train(replace(training_job(faint, kinds=kinds), encoder=Discerning())).bank
    assert bank.posture.uses_backbone
    assert bank.provenance_of(SpecialistKind.POSTURE).backbone_rev == "abc"
    again = codec.decode_bank(codec.encode_bank(bank))
    for label, feature in faint[1].items():
        (one,) = feature.links
        for known in (bank.posture, again.posture):
            reading = known.read({one.link: one.blocks[-1]}, Discerning())
            assert BY_LABEL[label].posture in {reading.value, None}


def test_it_is_not_used_where_it_does_not_help(enrolled):
    bank = train(replace(training_job((enrolled.baseline, enrolled.features, enrolled.captures)), encoder=Blind())).bank
    assert not bank.posture.uses_backbone
    assert {bank.provenance_of(kind).backbone_rev for kind in bank.kinds} == {None}
    assert bank.problem("any") == 0


def test_a_specialist_reads_nothing_without_its_own_encoder(faint):
    bank = train(replace(training_job(faint, kinds=(SpecialistKind.POSTURE,)), encoder=Discerning())).bank
    (one,) = next(iter(faint[1].values())).links
    for installed, problem in ((None, 2), (Blind(), 2), (Discerning(), 0)):
        assert bank.problem(None if installed is None else installed.revision) == problem
        reading = bank.posture.read({one.link: one.blocks[-1]}, installed)
        assert (reading.why_not is WhyNot.STALE) == bool(problem)


def test_coordinates_are_few_and_as_large_as_the_deviations(rng):
    deltas = rng.normal(0.0, 0.05, (40, 16))
    view = BackboneView.fit(Discerning(), deltas)
    seen = view.see(Discerning(), deltas)
    assert seen.shape == (40, view.axes.shape[1])
    assert view.axes.shape[1] <= N_AXES
    assert np.sqrt(np.mean(seen**2)) == pytest.approx(np.sqrt(np.mean(deltas**2)), rel=1e-6)
    noise = view.noise(Discerning(), rng.normal(0.0, 0.01, (12, 16)))
    assert np.linalg.eigvalsh(noise).min() > 0


def test_an_encoder_that_sees_nothing_shows_nothing(rng):
    deltas = rng.normal(0.0, 0.05, (10, 16))
    assert not BackboneView.fit(Blind(), deltas).see(Blind(), deltas).any()


@pytest.mark.parametrize("axes", [np.zeros(3), np.zeros((3, 9)), np.full((3, 2), np.nan)])
def test_impossible_axes_are_damaged(axes):
    with pytest.raises(Damaged):
        BackboneView.from_dict({"axes": axes})
