"""One watcher per reason, patience before a cause, cure after it."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.baseline import judge
from ruview_engine.room.evidence import gather
from ruview_engine.room.stale import StaleReason
from ruview_engine.room.watchers import CURE_S, PATIENCE_S, WATCHERS, Scene, causes, follow
from tests.engine.room.synthetic import LINK, window


@pytest.fixture(scope="module")
def healthy():
    rng = np.random.default_rng(20260403)
    baseline = judge("r", 0.0, (replace(window(rng), access_point="aa"),))
    live = window(rng, seconds=60, start_s=100)
    evidence, _ = gather(live, baseline.links[0], 160.0)
    return Scene(
        at_s=160.0, baseline=baseline, bank_baseline_id=baseline.id, bank_problem=0, evidence={LINK: evidence},
        frequencies={"1": 2437}, access_points={"1": "aa"}, may_be_drift=True,
    )  # fmt: skip


def reasons(scene):
    return {symptom.reason for watch in WATCHERS for symptom in watch(scene)}


def changed(scene, **changes):
    return replace(scene, evidence={LINK: replace(scene.evidence[LINK], **changes)})


def test_a_healthy_room_has_no_symptom(healthy):
    assert reasons(healthy) == set()


def ill(healthy, rng):
    """A scene for every reason there is."""
    known = healthy.baseline.links[0]
    shifted, _ = gather(window(rng, seconds=60, start_s=100, shift=0.3), known, 160.0)
    stranger, other = LinkId("1", "64", "b"), LinkId("1", "128", "b")
    return {
        StaleReason.BASELINE_MISMATCH: replace(healthy, bank_baseline_id="another"),
        StaleReason.BANK_VERSION: replace(healthy, bank_problem=1),
        StaleReason.DRIFT: replace(healthy, evidence={LINK: shifted}),
        StaleReason.LINK_GONE: replace(healthy, evidence={}),
        StaleReason.LAYOUT_CHANGED: replace(healthy, evidence={}, strangers=(other,)),
        StaleReason.ACCESS_POINT_CHANGED: replace(healthy, evidence={}, strangers=(stranger,)),
        StaleReason.CHANNEL_CHANGED: replace(healthy, frequencies={"1": 2412}),
        StaleReason.RSSI_STEP: changed(healthy, rssi_dbm=-62.0),
        StaleReason.GAIN_REGIME: changed(healthy, level_log=healthy.evidence[LINK].level_log + 1.5),
        StaleReason.RATE_TOO_LOW: changed(healthy, rate_hz=2.0),
    }


@pytest.mark.parametrize("reason", list(StaleReason))
def test_every_reason_has_a_watcher(healthy, rng, reason):
    assert reasons(ill(healthy, rng)[reason]) == {reason}


def test_access_point_change_is_seen_in_the_link_status(healthy):
    assert reasons(replace(healthy, access_points={"1": "bb"})) == {StaleReason.ACCESS_POINT_CHANGED}


def test_a_shifted_profile_is_not_drift_while_somebody_may_be_there(healthy, rng):
    scene = ill(healthy, rng)[StaleReason.DRIFT]
    assert reasons(replace(scene, may_be_drift=False)) == set()


def test_a_shadow_is_not_a_step(healthy):
    """Lying in the line of sight costs 4.4 dB and 40 % (upstream §3.9)."""
    assert reasons(changed(healthy, rssi_dbm=-55.0, level_log=healthy.evidence[LINK].level_log - 0.5)) == set()


@pytest.mark.parametrize("reason", list(StaleReason))
def test_a_cause_needs_patience_and_is_cured(healthy, rng, reason):
    scene = ill(healthy, rng)[reason]
    symptoms = [symptom for watch in WATCHERS for symptom in watch(scene)]
    watched, at_s, declared_s = (), 0.0, None
    while declared_s is None and at_s < 200:
        watched = follow(watched, symptoms, at_s)
        if causes(watched):
            declared_s = at_s
        at_s += 1.0
    assert declared_s == pytest.approx(PATIENCE_S[reason], abs=1)
    (cause,) = causes(watched)
    assert (cause.reason, cause.since_s) == (reason, 0.0)
    cured_s = None
    while cured_s is None and at_s < 400:
        watched = follow(watched, [], at_s)
        if not causes(watched):
            cured_s = at_s
        at_s += 1.0
    assert cured_s - declared_s == pytest.approx(CURE_S if PATIENCE_S[reason] else 0.0, abs=2)


def test_flicker_is_not_a_cause(healthy, rng):
    symptoms = [symptom for watch in WATCHERS for symptom in watch(ill(healthy, rng)[StaleReason.DRIFT])]
    watched = ()
    for at_s in range(300):
        watched = follow(watched, symptoms if at_s % 20 < 10 else [], float(at_s))
        assert not causes(watched)


def test_a_body_in_the_line_is_no_step_of_the_signal(healthy):
    """Whoever sits on the sofa between access point and board takes up to 15 dB, for as long as they sit."""
    known_dbm = healthy.baseline.links[0].rssi_dbm

    def steps(by_db: float, **scene) -> bool:
        return StaleReason.RSSI_STEP in reasons(changed(replace(healthy, **scene), rssi_dbm=known_dbm + by_db))

    for sign in (-1.0, 1.0):  # where two paths cancel, shading one of them makes the link louder
        assert not steps(12.0 * sign, may_be_drift=False)
        assert steps(12.0 * sign), "nobody is there who could"
        assert steps(16.0 * sign, may_be_drift=False), "no body does so much"
