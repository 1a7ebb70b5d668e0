"""Scores: who is recognised, how early, and who is honestly not comparable."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.introspection.evidence import WARM_UP, EvidenceBank
from ruview_engine.introspection.features import FeatureExtractor, band_matrix
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.matcher import SignatureMatcher, resampled, why_not_embedded
from ruview_engine.introspection.signature import FeatureKind, Role, Signature
from ruview_engine.introspection.why_unknown import WhyUnknown
from tests.engine.oracle.dtw import spring


def _signature(vectors, name="s", **more):
    return Signature(
        id=name, label=name, captured_at="x", feature_kind=more.pop("kind", FeatureKind.AMPLITUDE),
        vectors=np.asarray(vectors, dtype=float), **more,
    )  # fmt: skip


def _library(*signatures):
    return Library(signatures={s.id: s for s in signatures})


def _templates(rng, k, length=12, dims=8):
    return [np.cumsum(rng.normal(size=(length, dims)), axis=0) for _ in range(k)]


def _play(matcher, streams, rows, still, start_s=100.0, first=None):
    return [matcher.update(s, is_still=still) for s in streams.samples(rows, start_s=start_s, first=first)]


def test_evidence_equals_its_definition(rng):
    """The published nats, recomputed from the slow DTW with the rivals' costs as rewards."""
    template = _templates(rng, 1, dims=4)[0]
    bank = EvidenceBank([_signature(template, window=4)], [template], 20.0)
    for row in 0.1 * rng.normal(size=(60, 4)):
        bank.update(row, is_still=True)
    bank.break_window()
    stream = np.concatenate([0.1 * rng.normal(size=(5, 4)), template + 0.1 * rng.normal(size=template.shape)])
    temper, width = min(1.0, 3.5 / 4), 0.5 * min(1.0, 3.5 / 4) * 4
    scale, location = bank._scales[0], bank._location
    norm = width * np.log(scale)
    rewards = []
    for x in stream:
        energy = 0.5 * temper * ((x - location) ** 2).sum()
        other = min(energy / bank._other_variance + width * np.log(bank._other_variance), norm + 5.0)
        rewards.append(min(energy / bank._idle_variance + width * np.log(bank._idle_variance), other) - norm)
    cost, _ = spring(template, stream, band=4, scale=0.25 * temper / scale, rewards=rewards)
    for t, x in enumerate(stream):
        bank.update(x, is_still=False)
        assert bank.log_odds[0] == pytest.approx(-cost[t].min(), abs=1e-3)
        assert bank.progress(0) == (cost[t].argmin() + 1) / len(template)


def test_the_right_one_of_twenty_is_named_early(rng, streams):
    templates, delays = _templates(rng, 20), []
    # amplitudes cannot be negative
    positive = [np.abs(t) for t in templates]
    matcher = SignatureMatcher(
        _library(*(_signature(t, f"s{i}") for i, t in enumerate(positive))),
        layout="64", active=np.ones(8, dtype=bool), fs_hz=20.0,
    )  # fmt: skip
    for k in range(20):
        matcher.reset()
        _play(matcher, streams, 0.1 * np.abs(rng.normal(size=(80, 8))), still=True)
        shots = _play(matcher, streams, positive[k] * 1.0, still=False, start_s=104.0, first=0.05)
        named = [i + 1 for i, m in enumerate(shots) if m[0].above_threshold]
        assert shots[-1][0].signature_id == f"s{k}"
        assert shots[-1][0].progress == 1.0
        delays.append(named[0])
    assert np.median(delays) <= 3


def test_idle_and_other_movements_are_not_named(rng, streams):
    template = np.abs(_templates(rng, 1, length=20)[0])
    matcher = SignatureMatcher(_library(_signature(template)), layout="64", active=np.ones(8, dtype=bool), fs_hz=20.0)
    idle = _play(matcher, streams, 0.1 * np.abs(rng.normal(size=(400, 8))), still=True)
    assert not any(m.above_threshold for shot in idle for m in shot)
    other = 10.0 * np.abs(rng.normal(size=(400, 8)))
    shots = _play(matcher, streams, other, still=False, start_s=120.0, first=0.05)
    assert not any(m.above_threshold for shot in shots for m in shot)


def test_an_idle_signature_is_recognised_in_idle(rng, streams):
    level = np.full((10, 8), 1.0)
    event = np.abs(_templates(rng, 1)[0]) + 1.0
    matcher = SignatureMatcher(
        _library(_signature(level, "idle", role=Role.IDLE, spread=0.1, window=2), _signature(event, "event")),
        layout="64", active=np.ones(8, dtype=bool), fs_hz=20.0,
    )  # fmt: skip
    shots = _play(matcher, streams, 1.0 + 0.1 * rng.normal(size=(200, 8)), still=True)
    assert shots[-1][0].signature_id == "idle"
    assert shots[-1][0].above_threshold


def test_the_calibrated_prior_moves_the_threshold(rng, streams):
    template = np.abs(_templates(rng, 1)[0])
    sharp, shy = (
        SignatureMatcher(
            _library(_signature(template, prior_log_odds=prior)), layout="64", active=np.ones(8, bool), fs_hz=20.0
        )
        for prior in (2.0, 1e4)
    )
    for matcher, expected in ((sharp, True), (shy, False)):
        _play(matcher, streams, 0.1 * np.abs(rng.normal(size=(80, 8))), still=True)
        shots = _play(matcher, streams, template, still=False, start_s=104.0, first=0.05)
        assert any(m.above_threshold for shot in shots for m in shot) is expected


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"layout": "192"}, WhyUnknown.OTHER_LAYOUT),
        ({"kind": FeatureKind.EMBEDDING}, WhyUnknown.NO_ENCODER),
        ({"fs_hz": 500.0}, WhyUnknown.OTHER_RATE),
        ({"vectors": np.ones((4, 60))}, WhyUnknown.TOO_FEW_BINS),
    ],
)
def test_what_cannot_be_compared_says_why(streams, more, why):
    vectors = more.pop("vectors", np.ones((4, 8)))
    matcher = SignatureMatcher(_library(_signature(vectors, **more)), layout="64", active=np.ones(8, bool), fs_hz=20.0)
    match = _play(matcher, streams, np.ones((30, 8)), still=True)[-1][0]
    assert match.score is None
    assert match.why_not is why
    assert not match.above_threshold


def test_resampling_keeps_duration_and_ends():
    signature = _signature(np.linspace(0, 1, 21)[:, None], fs_hz=20.0)
    slow = resampled(signature, 10.0)
    assert len(slow) == 11
    assert (slow[0, 0], slow[-1, 0]) == (0.0, 1.0)
    assert resampled(signature, 20.5) is signature.vectors


def test_no_alignment_spans_a_silence(rng, streams):
    template = np.abs(_templates(rng, 1)[0]) + 2.0
    matcher = SignatureMatcher(_library(_signature(template)), layout="64", active=np.ones(8, bool), fs_hz=20.0)
    _play(matcher, streams, 0.1 * np.abs(rng.normal(size=(80, 8))), still=True)
    first = _play(matcher, streams, template[:1], still=False, start_s=104.0, first=0.05)[-1][0]
    second = _play(matcher, streams, template[1:2], still=False, start_s=204.0, first=100.0)[-1][0]
    assert second.progress <= 2 / 12
    assert (first.score or 0.0) < 0.78


@pytest.mark.parametrize("kind", [FeatureKind.AMPLITUDE, FeatureKind.PROFILE_DELTA, FeatureKind.MOTION_ENERGY])
def test_features_have_the_promised_width_and_are_finite(streams, kind):
    extractor = FeatureExtractor(kind, 16, np.ones(56, dtype=bool), 20.0)
    rows = [extractor.update(s, is_still=True) for s in streams.samples(streams.quiet(30))]
    known = [r for r in rows if r is not None]
    assert len(known) >= 26
    assert all(r.shape == (16,) and np.isfinite(r).all() for r in known)


class CountingEncoder:
    """Stands for a trained one: how often it was asked, and the first bin."""

    revision, dims = "abc", 3

    def follow(self):
        seen = 0

        def step(sample):
            nonlocal seen
            seen += 1
            return np.array([seen, sample.profile[0], 0.0])

        return step


def test_embedding_comes_from_the_encoder(streams):
    extractor = FeatureExtractor(FeatureKind.EMBEDDING, 3, np.ones(56, dtype=bool), 20.0, CountingEncoder())
    first, second = streams.samples(streams.quiet(2))
    assert extractor.update(first, is_still=True).tolist() == [1.0, pytest.approx(float(first.profile[0])), 0.0]
    assert extractor.update(second, is_still=True)[0] == 2.0
    extractor.reset()
    assert extractor.update(second, is_still=True)[0] == 1.0


@pytest.mark.parametrize("encoder", [None, CountingEncoder()])
def test_embeddings_need_an_encoder_of_their_width(encoder):
    with pytest.raises(ShapeError, match="gives 128"):
        FeatureExtractor(FeatureKind.EMBEDDING, 128, np.ones(56, dtype=bool), 20.0, encoder)


@pytest.mark.parametrize(
    ("made_with", "dims", "why"),
    [
        (None, 3, WhyUnknown.OTHER_ENCODER),
        ("xyz", 3, WhyUnknown.OTHER_ENCODER),
        ("abc", 4, WhyUnknown.OTHER_ENCODER),
        ("abc", 3, None),
    ],
)
def test_an_embedding_is_comparable_with_its_own_encoder_only(made_with, dims, why):
    signature = _signature(np.ones((4, dims)), kind=FeatureKind.EMBEDDING, backbone_rev=made_with)
    assert why_not_embedded(signature, CountingEncoder()) is why


def test_bands_average_contiguous_active_bins():
    active = np.array([0, 1, 1, 1, 1, 0], dtype=bool)
    np.testing.assert_allclose(band_matrix(active, 2) @ np.array([9, 1, 3, 5, 7, 9.0]), [2.0, 6.0])
    with pytest.raises(ValueError, match="active bins"):
        band_matrix(active, 5)


def test_warm_up_is_honest(streams):
    matcher = SignatureMatcher(_library(_signature(np.ones((4, 8)))), layout="64", active=np.ones(8, bool), fs_hz=20.0)
    shots = _play(matcher, streams, 1.0 + 0.01 * streams.rng.normal(size=(WARM_UP + 5, 8)), still=True)
    assert shots[WARM_UP - 3][0].score is None
    assert shots[-1][0].score is not None


def test_what_can_be_heard_is_always_looked_for(rng):
    """Evidence is looked at only when a path can have become cheap enough; whoever always looks sees no more."""
    templates = [np.cumsum(rng.normal(size=(20, 4)), axis=0) * 0.1 for _ in range(3)]
    floors = np.array([1.2, 0.4, 2.0])
    signatures = [_signature(template, window=4) for template in templates]
    bank = EvidenceBank(signatures, templates, 20.0, floors)
    stream = 0.02 * rng.normal(size=(600, 4))
    for start in range(100, 560, 60):
        stream[start : start + 20] += templates[start // 60 % 3] * rng.uniform(0.5, 1.0)
    heard = 0
    for i, vector in enumerate(stream):
        is_loud = bank.update(vector, is_still=i < 40)
        if bank.is_ready:
            assert is_loud == bool((bank.log_odds > floors).any())
            heard += is_loud
    assert 20 < heard < 500
