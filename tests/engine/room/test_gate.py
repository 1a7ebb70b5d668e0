"""The gate accepts who cooperates and names what is wrong with everybody else."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.anchor import ANCHORS, BY_LABEL, HINTS, AnchorLabel, Fault
from ruview_engine.room.anchor_feature import extract
from ruview_engine.room.baseline import Baseline
from ruview_engine.room.gate import judge_anchor, saturated_share
from ruview_engine.room.link_baseline import LinkBaseline
from tests.engine.room.conftest import anchor_window
from tests.engine.room.synthetic import LINK, window

STILL = [anchor.label for anchor in ANCHORS if anchor.duration_s and anchor.label is not AnchorLabel.SMALL_MOVE]


def judged(enrolled, label, seen, **options):
    return judge_anchor(BY_LABEL[label], (seen,), enrolled.baseline, **options)[0]


def test_a_cooperating_person_passes_every_anchor(enrolled):
    assert {label: verdict.reason for label, verdict in enrolled.verdicts.items() if not verdict.accepted} == {}


def test_the_published_gate_would_have_rejected_everybody(enrolled, rng):
    """Median |z| of single frames stays below 1.5 for every pose: that gate's threshold (upstream §3.3)."""
    known = enrolled.baseline.links[0]
    for label in STILL:
        seen = anchor_window(rng, label)
        z = np.abs(known.bands.log(seen.profiles) - known.log_reference) / known.log_spread
        assert np.median(z) > 0.6745
        assert judged(enrolled, label, seen).accepted


@pytest.mark.parametrize("label", STILL)
def test_absence_is_named(enrolled, rng, label):
    verdict = judged(enrolled, label, window(rng, seconds=32, start_s=1000))
    assert verdict.reason is Fault.ABSENT


@pytest.mark.parametrize("label", [AnchorLabel.SIT, AnchorLabel.LIE_DOWN, AnchorLabel.SLEEP_POSTURE])
def test_movement_is_named(enrolled, rng, label):
    verdict = judged(enrolled, label, anchor_window(rng, label, moving=0.05, breath_bpm=None))
    assert verdict.reason is Fault.MOVED


def test_stillness_is_named_when_movement_was_asked_for(enrolled, rng):
    verdict = judged(enrolled, AnchorLabel.SMALL_MOVE, anchor_window(rng, AnchorLabel.SMALL_MOVE, moving=0.0))
    assert verdict.reason is Fault.NOT_MOVING


@pytest.mark.parametrize(
    ("label", "bpm", "fault"),
    [
        (AnchorLabel.BREATHE_SLOW, 15.0, Fault.BREATHING_TOO_FAST),
        (AnchorLabel.BREATHE_NORMAL, 8.0, Fault.BREATHING_TOO_SLOW),
        (AnchorLabel.BREATHE_NORMAL, 24.0, Fault.BREATHING_TOO_FAST),
        (AnchorLabel.BREATHE_NORMAL, None, Fault.NO_BREATHING),
    ],
)
def test_the_wrong_breath_is_named(enrolled, rng, label, bpm, fault):
    verdict = judged(enrolled, label, anchor_window(rng, label, breath_bpm=bpm, breath=0.02))
    assert verdict.reason is fault


def test_an_invisible_breath_is_asked_for_again_once(enrolled, rng):
    seen = anchor_window(rng, AnchorLabel.BREATHE_NORMAL, breath_bpm=None)
    assert not judged(enrolled, AnchorLabel.BREATHE_NORMAL, seen).accepted
    assert judged(enrolled, AnchorLabel.BREATHE_NORMAL, seen, attempt=2).accepted


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_faint_breath_is_measured_by_what_was_asked_for(enrolled, rng, attempt):
    """Too faint to be read unasked; at the rate asked for it counts, at another it is refused however often."""
    for bpm, fault in ((15.0, None), (8.0, Fault.BREATHING_TOO_SLOW)):
        faint = anchor_window(rng, AnchorLabel.BREATHE_NORMAL, breath_bpm=bpm, breath=0.0035)
        verdict = judged(enrolled, AnchorLabel.BREATHE_NORMAL, faint, attempt=attempt)
        assert verdict.reason is fault
        assert dict(verdict.numbers)["faint_bpm"] == pytest.approx(bpm, abs=0.5)


def test_two_chests_are_named(enrolled, rng):
    one = anchor_window(rng, AnchorLabel.BREATHE_NORMAL, breath_bpm=16.0, breath=0.012)
    other = anchor_window(rng, AnchorLabel.BREATHE_NORMAL, breath_bpm=27.0, breath=0.012, shift=0.0)
    both = one.profiles.copy()
    active = one.active
    both[:, active] = one.profiles[:, active] * other.profiles[:, active]
    verdict = judged(enrolled, AnchorLabel.BREATHE_NORMAL, replace(one, profiles=both))
    assert verdict.reason is Fault.TWO_PEOPLE
    assert dict(verdict.numbers)["second_bpm"] == pytest.approx(27.0, abs=0.7)


def test_thin_broken_and_clipped_captures_are_named(enrolled, rng):
    label = AnchorLabel.SIT
    assert judge_anchor(BY_LABEL[label], (), enrolled.baseline)[0].reason is Fault.NO_FRAMES
    thin = anchor_window(rng, label, rate_hz=2.0)
    assert judged(enrolled, label, thin).reason is Fault.TOO_FEW_FRAMES
    good = anchor_window(rng, label)
    holes = replace(good, times=good.times + 3.0 * (good.times > good.times[200]))
    assert judged(enrolled, label, holes).reason is Fault.GAPS
    loud = replace(good, levels=np.full(len(good), 100.0))
    assert saturated_share(loud) > 0.9
    assert judged(enrolled, label, loud).reason is Fault.SATURATED
    assert judge_anchor(BY_LABEL[label], (good,), None)[0].reason is Fault.NO_BASELINE


def test_every_fault_has_a_hint():
    assert set(HINTS) == set(Fault)


def test_two_boards_that_see_two_breaths_see_two_people(rng, enrolled):
    """Each link shows one chest clearly; nobody breathes at both rates."""
    other = LINK._replace(node="2")
    links = (*enrolled.baseline.links, LinkBaseline.fit(window(rng, link=other)))
    both = Baseline.of("study", 1.0, links)
    seen = tuple(
        window(rng, seconds=32, start_s=1000, link=link, shift=0.12, breath_bpm=rate, breath=0.04)
        for link, rate in ((LINK, 12.5), (other, 17.0))
    )
    verdict, _ = judge_anchor(BY_LABEL[AnchorLabel.BREATHE_NORMAL], seen, both, may_be_inside=True)
    assert verdict.reason is Fault.TWO_PEOPLE


def test_nobody_seen_to_take_the_pose_needs_more_than_drift(rng, enrolled):
    """A body without visible breath, shifting the profile as a bad day of drift does, is one only if seen to come."""
    anchor = BY_LABEL[AnchorLabel.STAND_STILL]
    faint = (window(rng, seconds=22, start_s=1000, shift=0.07, shift_seed=31),)
    assert judge_anchor(anchor, faint, enrolled.baseline, may_be_inside=True)[0].accepted
    assert judge_anchor(anchor, faint, enrolled.baseline)[0].reason is Fault.ABSENT
    standing = (window(rng, seconds=22, start_s=1000, shift=0.12, shift_seed=31),)
    assert judge_anchor(anchor, standing, enrolled.baseline)[0].accepted


def test_who_left_during_the_countdown_is_absent(rng, enrolled):
    """Seen to move and gone: what is left is drift, in which nothing lives."""
    anchor = BY_LABEL[AnchorLabel.STAND_STILL]
    drifted = (window(rng, seconds=22, start_s=1000, shift=0.05, shift_seed=31),)
    verdict, _ = judge_anchor(anchor, drifted, enrolled.baseline, may_be_inside=True)
    assert verdict.reason is Fault.ABSENT


def test_a_restless_link_is_no_movement(enrolled, rng):
    """As loud as while somebody stood still here: nobody moves. Without that to compare with it would pass."""
    hum = anchor_window(rng, AnchorLabel.SMALL_MOVE, moving=0.012)
    stood = extract(anchor_window(rng, AnchorLabel.STAND_STILL, moving=0.012), enrolled.baseline.links[0])
    assert judged(enrolled, AnchorLabel.SMALL_MOVE, hum).accepted
    assert judged(enrolled, AnchorLabel.SMALL_MOVE, hum, stood=[stood]).reason is Fault.NOT_MOVING
    arms = anchor_window(rng, AnchorLabel.SMALL_MOVE)
    assert judged(enrolled, AnchorLabel.SMALL_MOVE, arms, stood=[stood]).accepted


def test_a_link_that_is_loud_for_some_seconds_shows_nobody(enrolled, rng):
    """Nothing else is seen of them: who left is absent, and not told to keep still."""
    seen = window(rng, seconds=22, start_s=1000)
    restless = window(np.random.default_rng(1), seconds=22, start_s=1000, moving=0.03)
    loud = (seen.times > 1004) & (seen.times < 1012)
    some = replace(seen, profiles=np.where(loud[:, None], restless.profiles, seen.profiles))
    verdict = judged(enrolled, AnchorLabel.STAND_STILL, some)
    assert 0.25 < dict(verdict.numbers)["moving_share"] < 0.5
    assert verdict.reason is Fault.ABSENT
    assert judged(enrolled, AnchorLabel.STAND_STILL, restless).reason is Fault.MOVED


def test_somebody_who_stands_while_sitting_was_asked_is_one_too_many(rng, enrolled):
    """The one who sits breathes and comes back; the one who stands sways and does not."""
    seated = window(rng, seconds=22, start_s=1000, shift=0.12, breath_bpm=14, breath=0.02)
    n = len(seated)
    walk = np.cumsum(rng.standard_normal(n)) * 0.03 / np.sqrt(20)
    pattern = np.cos(np.linspace(0, 3, seated.profiles.shape[1]))
    swaying = replace(seated, profiles=(seated.profiles * np.exp(np.outer(walk, pattern))).astype(np.float32))
    for label, fault in ((AnchorLabel.SIT, Fault.TWO_PEOPLE), (AnchorLabel.STAND_STILL, None)):
        verdict, _ = judge_anchor(BY_LABEL[label], (swaying,), enrolled.baseline, may_be_inside=True)
        assert verdict.reason is fault
    assert judge_anchor(BY_LABEL[AnchorLabel.SIT], (seated,), enrolled.baseline, may_be_inside=True)[0].accepted
