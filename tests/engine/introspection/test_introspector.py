"""The whole tap on one link: the seed's fixture, onsets, and what must never look like a change."""

import json

import numpy as np
import pytest

from ruview_engine.introspection.introspector import ChangeModel, IntrospectionSettings, Introspector
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.snapshot import Regime
from ruview_engine.links.link_id import LinkId

SCALAR = LinkId("1", "1", "a")


def _ramp(dims):
    return Library.load(
        [
            (
                "ramp.sig.json",
                json.dumps(
                    {
                        "id": "ramp",
                        "label": "ramp",
                        "captured_at": "2026-05-13T20:00:00Z",
                        "feature_kind": "amplitude_l2_per_subcarrier",
                        "length": 5,
                        "dtw": {"window": 8, "step_pattern": "symmetric2"},
                        "vectors": [[float(k)] * dims for k in range(1, 6)],
                        "promotion_threshold": 0.70,
                    }
                ),
            )
        ]
    )


def _seed_fixture(streams, dims, guard):
    """200 frames of 0.05·sin(0.31 k), then 1…5, then 5 on; (frames to regime_changed, frames to identity)."""
    warm = np.repeat(0.05 * np.sin(0.31 * np.arange(200))[:, None], dims, axis=1)
    change = ChangeModel.fit([warm], fs_hz=30.0, settings=IntrospectionSettings(glitch_guard=guard))
    tap = Introspector(SCALAR, np.ones(dims, dtype=bool), change=change, library=_ramp(dims), fs_hz=30.0)
    motion = np.repeat(np.array([1, 2, 3, 4, 5, 5, 5, 5, 5, 5], dtype=float)[:, None], dims, axis=1)
    shots = list(streams.seen(tap, streams.samples(np.concatenate([warm, motion]), fs_hz=30.0, link=SCALAR)))
    before, after = shots[:200], shots[200:]
    assert not any(s.regime_changed for s in before[100:])
    changed = [i + 1 for i, s in enumerate(after) if s.regime_changed]
    named = [i + 1 for i, s in enumerate(after) if s.top_k_similarity[0].above_threshold]
    return changed, named


def test_seed_fixture_changes_in_one_frame_and_is_named_in_three(streams):
    changed, named = _seed_fixture(streams, 1, guard=False)
    assert changed[0] == 1
    assert named[0] <= 3


def test_seed_fixture_with_the_glitch_guard_takes_one_frame_more(streams):
    changed, _ = _seed_fixture(streams, 1, guard=True)
    assert changed[0] == 2


def test_seed_fixture_in_four_dimensions_is_named_in_two(streams):
    _, named = _seed_fixture(streams, 4, guard=False)
    assert named[0] <= 2


def test_quiet_is_idle_and_stays_so(streams):
    tap = streams.tap()
    shots = list(streams.seen(tap, streams.samples(streams.quiet(2400))))
    assert shots[-1].regime is Regime.IDLE
    assert sum(s.regime_changed for s in shots) == 0
    assert all(s.regime in (Regime.IDLE, Regime.UNKNOWN) for s in shots)


def test_onset_is_seen_within_six_frames_and_becomes_chaotic(streams):
    delays = []
    for _ in range(8):
        tap = streams.tap()
        for s in streams.samples(streams.quiet(400)):
            tap.update(s)
        shots = list(streams.seen(tap, streams.samples(streams.moving(200), start_s=120.0, first=0.05)))
        changed = [i + 1 for i, s in enumerate(shots) if s.regime_changed]
        assert shots[changed[0] - 1].regime is Regime.TRANSIENT
        assert shots[-1].regime is Regime.CHAOTIC
        delays.append(changed[0])
    assert np.median(delays) <= 3
    assert max(delays) <= 6


def test_breathing_is_periodic(streams):
    tap = streams.tap()
    shots = list(streams.seen(tap, streams.samples(streams.breathing(1200))))
    assert shots[-1].regime is Regime.PERIODIC
    assert not any(s.regime is Regime.CHAOTIC for s in shots)


def test_a_rhythm_is_known_from_the_look_back_and_forgotten_with_the_past(streams):
    tap = streams.tap()
    samples = streams.samples(streams.breathing(1200))
    assert [tap.update(s) for s in samples][-1].regime is Regime.IDLE
    tap.take(tap.job()())
    late = list(streams.seen(tap, streams.samples(streams.breathing(110), start_s=160.0, first=0.05)))
    assert late[-1].regime is Regime.PERIODIC
    stale = tap.job()()
    after = list(streams.samples(streams.quiet(100), start_s=400.0, first=200.0))
    tap.update(after[0])
    tap.take(stale)
    assert {tap.update(s).regime for s in after[1:]} <= {Regime.IDLE, Regime.UNKNOWN}


def test_movement_ends_in_idle_again(streams):
    tap = streams.tap()
    rows = np.concatenate([streams.quiet(300), streams.moving(200), streams.quiet(600)])
    shots = list(streams.seen(tap, streams.samples(rows)))
    assert shots[-1].regime is Regime.IDLE
    assert sum(s.regime_changed for s in shots) <= 4


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_scale_changes_nothing(streams, factor):
    """Profiles are ratios, so scale is gone before the tap; the tap itself must not bring it back."""
    rows = np.concatenate([streams.quiet(200), streams.moving(80)])
    base = streams.quiet(600)
    plain, scaled = streams.tap(base), streams.tap(base * factor)
    for a, b in zip(streams.samples(rows), streams.samples(rows * factor), strict=True):
        one, other = plain.update(a), scaled.update(b)
        assert one.regime is other.regime
        assert one.regime_changed == other.regime_changed
        if one.change_score is not None:
            assert other.change_score == pytest.approx(one.change_score, rel=1e-3, abs=1e-3)
    reading, other_reading = plain.job()().trajectory, scaled.job()().trajectory
    assert other_reading.lyapunov.exponent == pytest.approx(reading.lyapunov.exponent, rel=0.02, abs=0.02)


def test_seven_percent_foreign_frames_change_nothing(streams):
    """Unflagged: every foreign frame has a shape of its own, as on the recordings."""
    rng = streams.rng

    def dirty(n):
        rows = streams.quiet(n)
        hit = rng.random(n) < 0.07
        rows[hit] *= 1.0 + 0.3 * rng.normal(size=(int(hit.sum()), rows.shape[1]))
        return rows

    tap = streams.tap(dirty(1200))
    shots = list(streams.seen(tap, streams.samples(dirty(3000))))
    assert sum(s.regime_changed for s in shots) == 0


def test_a_single_foreign_frame_on_a_clean_link_changes_nothing(streams):
    tap = streams.tap()
    rows = streams.quiet(600)
    rows[[300, 400, 500]] *= 1.0 + 0.5 * streams.rng.normal(size=(3, rows.shape[1]))
    assert sum(shot.regime_changed for shot in streams.seen(tap, streams.samples(rows))) == 0


def test_flagged_glitches_and_duplicates_are_counted_only(streams):
    tap, clean = streams.tap(), None
    rows = streams.quiet(300)
    wild = rows.copy()
    wild[100:110] = 50.0
    for s in streams.samples(wild, glitches=set(range(100, 110))):
        clean = tap.update(s)
    assert clean.frame_count == 300
    assert clean.regime is Regime.IDLE


def test_a_silence_starts_anew_without_an_event(streams):
    tap = streams.tap()
    for s in streams.samples(streams.quiet(300)):
        tap.update(s)
    shots = list(streams.seen(tap, streams.samples(streams.quiet(200) * 1.3, start_s=300.0, first=185.0)))
    assert not any(s.regime_changed for s in shots[:30])
    assert shots[-1].regime is Regime.IDLE


def test_a_rate_that_is_still_being_measured_interrupts_nothing(streams):
    """At 100 Hz the first looks at the rate say 30, 50, 62 Hz: each was a new start, and onsets were lost."""
    tap = streams.tap()
    for s in streams.samples(streams.quiet(200)):
        tap.update(s)
    tap.set_rate(48.0)
    shots = list(streams.seen(tap, streams.samples(streams.moving(40), start_s=110.0, first=0.05)))
    changed = [i + 1 for i, s in enumerate(shots) if s.regime_changed]
    assert changed
    assert changed[0] <= 6


def test_without_a_baseline_it_says_so(streams):
    tap = Introspector(streams.link, np.ones(56, dtype=bool), fs_hz=20.0)
    shots = list(streams.seen(tap, streams.samples(streams.quiet(200))))
    assert shots[-1].change_score is None
    assert dict(shots[-1].why_not)["change_score"] == "no_baseline"
    assert not any(s.regime_changed for s in shots)


def test_every_none_has_its_reason(streams):
    tap = streams.tap()
    for i, s in enumerate(streams.samples(streams.quiet(300))):
        shot = tap.update(s)
        if i == 150:
            tap.take(tap.job()())
        for name in ("change_score", "lyapunov_exponent", "lyapunov_interval", "attractor_dim"):
            assert (getattr(shot, name) is None) == (name in dict(shot.why_not)), name


def test_reset_equals_new(streams):
    base = streams.quiet(600)
    used, fresh = streams.tap(base), streams.tap(base)
    for s in streams.samples(streams.moving(150)):
        used.update(s)
    used.take(used.job()())
    used.reset()
    for s in streams.samples(streams.quiet(150), start_s=500.0):
        one, other = used.update(s), fresh.update(s)
        assert (one.regime, one.change_score) == (other.regime, other.change_score)
        assert one.lyapunov_exponent is other.lyapunov_exponent is None
    assert used.job()().trajectory.lyapunov == fresh.job()().trajectory.lyapunov


def test_a_reading_is_shown_from_the_next_sample_on_until_a_silence(streams):
    tap = streams.tap()
    samples = list(streams.samples(streams.quiet(160)))
    for s in samples[:150]:
        shot = tap.update(s)
    assert shot.lyapunov_exponent is None
    seen = tap.job()()
    tap.take(seen)
    reading = seen.trajectory
    shot = tap.update(samples[150])
    assert shot.lyapunov_exponent == reading.lyapunov.exponent
    assert shot.lyapunov_interval == reading.lyapunov.interval
    assert "lyapunov_exponent" not in dict(shot.why_not)
    late = next(iter(streams.samples(streams.quiet(1), start_s=900.0, first=800.0)))
    assert dict(tap.update(late).why_not)["lyapunov_exponent"] == "short_trajectory"


def test_hot_reload_keeps_regime_and_brings_new_signatures(streams):
    tap = streams.tap()
    for s in streams.samples(streams.quiet(200)):
        before = tap.update(s)
    tap.set_library(Library.load([("w", _walk())]))
    for s in streams.samples(streams.quiet(50), start_s=110.0, first=0.05):
        after = tap.update(s)
    assert after.regime is before.regime
    assert [m.signature_id for m in after.top_k_similarity] == ["walk"]


def _walk():
    vectors = np.sin(np.arange(20)[:, None] / 3.0 + np.arange(8)[None]).tolist()
    return json.dumps({
        "id": "walk", "label": "Walk", "captured_at": "x", "feature_kind": "motion_energy", "vectors": vectors,
    })  # fmt: skip


def test_change_model_needs_material(streams):
    with pytest.raises(ValueError, match="100"):
        ChangeModel.fit([streams.quiet(50)], fs_hz=20.0)
