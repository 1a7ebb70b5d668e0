"""Evidence is relative: for a repetition, against the quiet, and against everything else that is large."""

import numpy as np
import pytest

from ruview_engine.introspection.evidence import MAX_NATS, WARM_UP, EvidenceBank
from ruview_engine.introspection.signature import FeatureKind, Role, Signature

FS_HZ, DIMS, LENGTH, NOISE = 20.0, 6, 16, 0.05


def signature(vectors, role=Role.EVENT):
    return Signature(
        id="s", label="s", captured_at="x", feature_kind=FeatureKind.AMPLITUDE, vectors=vectors, role=role, window=4
    )


@pytest.fixture
def template(rng):
    return np.cumsum(rng.normal(size=(LENGTH, DIMS)), axis=0)


@pytest.fixture
def bank(template, rng):
    """Knows one gesture and, after two seconds, the quiet."""
    made = EvidenceBank([signature(template)], [template], FS_HZ)
    feed(made, NOISE * rng.normal(size=(40, DIMS)), is_still=True)
    return made


def feed(bank, rows, *, is_still=False):
    return [bank.update(row, is_still=is_still) for row in rows]


def test_nothing_is_said_before_the_quiet_is_known(template, rng):
    bank = EvidenceBank([signature(template)], [template], FS_HZ)
    quiet = NOISE * rng.normal(size=(WARM_UP, DIMS))
    assert not any(feed(bank, quiet[:-1], is_still=True))
    assert not bank.is_ready
    assert (bank.log_odds[0], bank.progress(0)) == (-np.inf, 0.0)
    assert not any(feed(bank, template)), "movement teaches no quiet"
    assert not bank.is_ready
    feed(bank, quiet[-1:], is_still=True)
    assert bank.is_ready
    assert bank.log_odds[0] < 0.0


def test_a_repetition_gathers_evidence_and_progress(bank, template, rng):
    seen = []
    for row in template + NOISE * rng.normal(size=template.shape):
        bank.update(row, is_still=False)
        seen.append((bank.log_odds[0], bank.progress(0)))
    odds, progress = np.array(seen).T
    assert odds[-1] > 10.0
    assert progress[-1] == 1.0
    assert odds[LENGTH // 2] > 0.0, "half of it says something already"


def test_the_quiet_is_no_repetition(bank, rng):
    feed(bank, NOISE * rng.normal(size=(400, DIMS)), is_still=True)
    assert bank.log_odds[0] < 5.0


def test_something_else_as_large_is_no_repetition(bank, template, rng):
    size = np.sqrt(np.mean(template**2))
    feed(bank, size * rng.normal(size=(60, DIMS)))
    other = float(bank.log_odds[0])
    bank.break_window()
    feed(bank, template + NOISE * rng.normal(size=template.shape))
    assert bank.log_odds[0] > other + 10.0


def test_no_sample_brings_more_than_its_share(bank, template):
    before = -np.inf
    for count, row in enumerate(template, 1):
        bank.update(row, is_still=False)
        assert bank.log_odds[0] <= MAX_NATS * count + 1e-3
        before = max(before, float(bank.log_odds[0]))
    assert before > 0.0


def test_a_silence_ends_every_alignment_and_keeps_the_quiet(bank, template):
    feed(bank, template[: LENGTH // 2])
    bank.break_window()
    assert bank.is_ready
    assert bank.log_odds[0] == -np.inf
    feed(bank, template[LENGTH // 2 :])
    broken = float(bank.log_odds[0])
    bank.break_window()
    feed(bank, template)
    assert bank.log_odds[0] > broken


def test_reset_equals_new(template, rng):
    quiet, stream = NOISE * rng.normal(size=(60, DIMS)), template + NOISE * rng.normal(size=template.shape)
    used, fresh = (EvidenceBank([signature(template)], [template], FS_HZ) for _ in range(2))
    feed(used, 3.0 * rng.normal(size=(50, DIMS)), is_still=True)
    used.reset()
    assert not used.is_ready
    for bank in (used, fresh):
        feed(bank, quiet, is_still=True)
        feed(bank, stream)
    assert used.log_odds.tolist() == fresh.log_odds.tolist()


def test_update_says_when_a_floor_is_passed(template, rng):
    heard = {}
    for floor in (0.0, 8.0, 1e6):
        bank = EvidenceBank([signature(template)], [template], FS_HZ, floors=np.array([floor]))
        feed(bank, NOISE * np.random.default_rng(1).normal(size=(40, DIMS)), is_still=True)
        heard[floor] = []
        for row in template + NOISE * np.random.default_rng(2).normal(size=template.shape):
            said = bank.update(row, is_still=False)
            heard[floor].append(said)
            if abs(bank.log_odds[0] - floor) > 0.01:
                assert said is bool(bank.log_odds[0] > floor)
    assert sum(heard[0.0]) > sum(heard[8.0]) > 0
    assert not any(heard[1e6])


def test_a_scale_that_all_share_changes_nothing(template, rng):
    """Amplitudes have an unknown gain: signature and stream times ten are the same evidence."""
    quiet, stream = NOISE * rng.normal(size=(40, DIMS)), template + NOISE * rng.normal(size=template.shape)
    found = []
    for gain in (1.0, 10.0):
        bank = EvidenceBank([signature(gain * template)], [gain * template], FS_HZ)
        feed(bank, gain * quiet, is_still=True)
        feed(bank, gain * stream)
        found.append(float(bank.log_odds[0]))
    assert found[0] == pytest.approx(found[1], abs=1e-2)


def test_a_background_signature_is_no_event(template, rng):
    quiet = NOISE * rng.normal(size=(LENGTH, DIMS))
    bank = EvidenceBank([signature(template), signature(quiet, Role.IDLE)], [template, quiet], FS_HZ)
    assert bank.is_event.tolist() == [True, False]
    feed(bank, NOISE * rng.normal(size=(60, DIMS)), is_still=True)
    assert bank.log_odds[1] > bank.log_odds[0], "the quiet looks like the quiet"
