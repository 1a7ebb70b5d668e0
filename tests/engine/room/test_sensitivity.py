"""Separability is measured on blocks that were not fitted on, both sides of it, and every refusal has its reason."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from ruview_engine.room.absence import Absence, WhyAbsent
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.sensitivity import (
    MAX_VISIT_SCATTER,
    MIN_BACKBONE_GAIN,
    MIN_POSTURE_ACCURACY,
    MIN_PRESENCE_AUC,
    SensitivityReport,
    SpecialistReport,
    auc,
    d_prime,
    posture_report,
    presence_report,
    visit_scatter,
)
from ruview_engine.room.specialist import SpecialistKind


@pytest.fixture
def known(enrolled):
    return {link.link: link for link in enrolled.baseline.links}


def reshaped(feature, change):
    """The anchor with other blocks on its only link."""
    (one,) = feature.links
    return replace(feature, links=(replace(one, blocks=change(one.blocks)),))


def test_auc_is_the_rank_statistic(rng):
    negative, positive = rng.normal(size=40), rng.normal(0.7, 1.0, size=30)
    expected = mannwhitneyu(positive, negative).statistic / (40 * 30)
    assert auc(negative, positive) == pytest.approx(expected)
    assert auc(positive, negative) == pytest.approx(1 - expected)


@pytest.mark.parametrize(("negative", "positive"), [([1.0, 1.0], [1.0]), ([], [1.0]), ([1.0], [])])
def test_auc_of_nothing_and_of_ties_is_chance(negative, positive):
    assert auc(np.array(negative), np.array(positive)) == 0.5


def test_d_prime_counts_pooled_standard_deviations(rng):
    negative, positive = rng.normal(0, 2, 4000), rng.normal(3, 2, 4000)
    assert d_prime(negative, positive) == pytest.approx(1.5, abs=0.08)
    assert d_prime(negative, positive) == pytest.approx(-d_prime(positive, negative))
    assert d_prime(10 * negative, 10 * positive) == pytest.approx(d_prime(negative, positive))
    assert d_prime(negative[:1], positive) == 0.0


def test_a_visible_person_is_separable(enrolled, known):
    report = presence_report(enrolled.features, known)
    assert report.is_accepted
    assert report.score >= MIN_PRESENCE_AUC
    assert report.d_prime > 2.0
    assert report.n_blocks > 20


def test_one_chair_on_which_one_disappears_is_enough_to_refuse(enrolled, known):
    (one,) = known.values()
    empty = one.blocks - one.log_reference
    hidden = dict(enrolled.features)
    (link,) = hidden[AnchorLabel.SIT].links
    gone = replace(link, blocks=empty[: len(link.blocks)], micro_growths=np.zeros(len(link.micro_growths)))
    hidden[AnchorLabel.SIT] = replace(hidden[AnchorLabel.SIT], links=(gone,))
    report = presence_report(hidden, known)
    assert report.reason.why is WhyAbsent.LIKE_EMPTY
    assert report.score < MIN_PRESENCE_AUC
    assert f"{report.score:.2f}" in report.reason.detail


@pytest.mark.parametrize("labels", [(), (AnchorLabel.SMALL_MOVE,)])
def test_without_a_still_anchor_there_is_nothing_to_compare(enrolled, known, labels):
    report = presence_report({label: enrolled.features[label] for label in labels}, known)
    assert report.reason.why is WhyAbsent.NOT_ENROLLED
    assert (report.score, report.n_blocks) == (0.0, 0)


def test_taught_postures_are_told_apart_on_the_second_half(enrolled, known):
    report = posture_report(enrolled.features, known)
    assert report.is_accepted
    assert report.score >= MIN_POSTURE_ACCURACY
    assert sum(count for _, _, count in report.confusion) == report.n_blocks
    assert all(true == called for true, called, _ in report.confusion)


def test_postures_of_one_place_are_alike(enrolled, known):
    features = dict(enrolled.features)
    for label in (AnchorLabel.STAND_STILL, AnchorLabel.LIE_DOWN, AnchorLabel.SLEEP_POSTURE):
        features[label] = replace(features[label], links=features[AnchorLabel.SIT].links)
    report = posture_report(features, known)
    assert report.reason.why is WhyAbsent.ALIKE
    assert report.score < MIN_POSTURE_ACCURACY


def test_a_posture_taken_once_does_not_repeat_as_far_as_anybody_knows(enrolled, known):
    features = {label: one for label, one in enrolled.features.items() if label is not AnchorLabel.SLEEP_POSTURE}
    assert posture_report(features, known).reason.why is WhyAbsent.TAKEN_ONCE


def test_a_posture_that_looks_otherwise_the_second_time_does_not_repeat(enrolled, known):
    features = dict(enrolled.features)
    features[AnchorLabel.SLEEP_POSTURE] = reshaped(features[AnchorLabel.SLEEP_POSTURE], lambda blocks: -blocks)
    assert visit_scatter(features) > MAX_VISIT_SCATTER
    assert posture_report(features, known).reason.why is WhyAbsent.NOT_REPEATED


def test_a_posture_nobody_showed_is_named(enrolled, known):
    features = {label: one for label, one in enrolled.features.items() if label is not AnchorLabel.STAND_STILL}
    reason = posture_report(features, known).reason
    assert reason.why is WhyAbsent.NOT_ENROLLED
    assert "standing" in reason.detail


def test_scatter_of_visits_by_hand(enrolled):
    """Two unrelated shifts of one size are √2 of it apart, the same shift twice is 0 apart."""
    features = {label: enrolled.features[label] for label in (AnchorLabel.LIE_DOWN, AnchorLabel.SLEEP_POSTURE)}

    def shown(first, second):
        parts = {}
        for label, pattern in zip(features, (first, second), strict=True):
            rows = lambda blocks, pattern=pattern: np.tile(np.resize(pattern, blocks.shape[1]), (len(blocks), 1))  # noqa: E731
            parts[label] = reshaped(features[label], rows)
        return visit_scatter(parts)

    assert shown([1.0, 0.0], [1.0, 0.0]) == 0.0
    assert shown([1.0, 0.0], [0.0, 1.0]) == pytest.approx(np.sqrt(2))
    assert shown([1.0, 0.0], [-1.0, 0.0]) == pytest.approx(2.0)
    assert shown([0.0, 0.0], [0.0, 0.0]) is None
    assert visit_scatter({AnchorLabel.LIE_DOWN: features[AnchorLabel.LIE_DOWN]}) is None


def report(score, *, reason=None):
    return SpecialistReport(kind=SpecialistKind.POSTURE, measure="auc", score=score, n_blocks=9, reason=reason)


def test_an_encoder_must_gain_something():
    refused = report(0.99, reason=Absence(why=WhyAbsent.ALIKE, detail=""))
    assert report(0.9 + MIN_BACKBONE_GAIN).is_better_than(report(0.9))
    assert not report(0.9 + MIN_BACKBONE_GAIN / 2).is_better_than(report(0.9))
    assert report(0.5).is_better_than(refused)
    assert not refused.is_better_than(report(0.5))


def test_a_report_finds_its_specialists():
    found = SensitivityReport(specialists=(report(0.9),))
    assert found.of(SpecialistKind.POSTURE).score == 0.9
    assert found.of(SpecialistKind.PRESENCE) is None
