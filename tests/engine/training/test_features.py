"""Eight features of a frame: free of gain, causal, per link; and the firmware's own."""

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.training.features import (
    FEATURE_NAMES,
    MAX_LINKS,
    N_BANDS,
    SLOW_S,
    FeatureExtractor,
    LinkFeatures,
    firmware_features,
)

RATE_HZ = 20.0
MOTION, LEVEL = FEATURE_NAMES.index("motion"), FEATURE_NAMES.index("level")


def sample(i: int, profile: np.ndarray, *, level: float = 12.0, transmitter: str = "a", **more: object) -> Sample:
    return Sample(
        link=LinkId("1", "64", transmitter),
        at_s=i / RATE_HZ,
        index=i,
        profile=(profile / profile.mean()).astype(np.float32),
        level=level,
        rssi_dbm=-50,
        gap_s=None if i == 0 else 1 / RATE_HZ,
        **more,
    )


def stream(rng: np.random.Generator, seconds: float, *, shift_from_s: float = np.inf, noise: float = 0.01) -> list:
    rows = []
    for i in range(int(seconds * RATE_HZ)):
        profile = np.ones(64) + noise * rng.normal(size=64)
        if i / RATE_HZ >= shift_from_s:
            profile[:13] *= 1.3
        rows.append(sample(i, profile))
    return rows


def test_a_link_needs_a_second_before_it_differs_from_anything(rng: np.random.Generator) -> None:
    features = LinkFeatures()
    found = [features.update(one) for one in stream(rng, 3.0)]
    assert all(row is None for row in found[:20])
    assert all(row is not None and row.shape == (8,) and np.isfinite(row).all() for row in found[20:])


def test_a_shift_shows_in_its_own_band_and_fades_as_it_becomes_usual(rng: np.random.Generator) -> None:
    features = LinkFeatures()
    found = [features.update(one) for one in stream(rng, 60.0, shift_from_s=30.0)]
    before, after = np.array(found[-700]), np.array(found[-580])
    assert abs(before[0]) < 0.02
    assert after[0] > 0.15
    assert np.argmax(after[:N_BANDS]) == 0
    assert 0.05 < found[-1][0] < after[0]  # half a minute later it is half as remarkable


def test_movement_is_louder_than_quiet(rng: np.random.Generator) -> None:
    loud, quiet = (LinkFeatures() for _ in range(2))
    for a, b in zip(stream(rng, 5.0, noise=0.1), stream(rng, 5.0), strict=True):
        moved, still = loud.update(a), quiet.update(b)
    assert moved[MOTION] > still[MOTION] + 2.0


def test_only_the_level_knows_the_gain(rng: np.random.Generator) -> None:
    plain, amplified = (LinkFeatures() for _ in range(2))
    for i in range(100):
        profile = np.ones(64) + 0.01 * rng.normal(size=64)
        one = plain.update(sample(i, profile))
        other = amplified.update(sample(i, profile, level=12.0 if i < 60 else 24.0))
    assert np.allclose(np.delete(one, LEVEL), np.delete(other, LEVEL))
    assert other[LEVEL] > one[LEVEL] + 0.3


def test_unusable_samples_leave_no_trace(rng: np.random.Generator) -> None:
    rows = stream(rng, 3.0)
    spoilt = [*rows[:40], sample(40, np.linspace(1, 9, 64), is_glitch=True), *rows[40:]]
    one, other = LinkFeatures(), LinkFeatures()
    clean = [one.update(row) for row in rows]
    dirty = [other.update(row) for row in spoilt]
    assert dirty.pop(40) is None
    assert all((a is None and b is None) or np.array_equal(a, b) for a, b in zip(clean, dirty, strict=True))


def test_reset_equals_new(rng: np.random.Generator) -> None:
    rows = stream(rng, 3.0)
    used = LinkFeatures()
    for row in stream(rng, 5.0, noise=0.2):
        used.update(row)
    used.reset()
    fresh = LinkFeatures()
    for row in rows:
        one, other = used.update(row), fresh.update(row)
        assert (one is None and other is None) or np.array_equal(one, other)


def test_links_are_followed_apart_and_bounded(rng: np.random.Generator) -> None:
    extractor, alone = FeatureExtractor(), LinkFeatures()
    for i, row in enumerate(stream(rng, 3.0)):
        extractor.update(sample(i, np.linspace(1, 5, 64), transmitter="b"))
        one, other = extractor.update(row), alone.update(row)
        assert (one is None and other is None) or np.array_equal(one, other)
    for k in range(MAX_LINKS):
        extractor.update(sample(60, np.ones(64), transmitter=f"x{k}"))
    assert len(extractor._links) == MAX_LINKS
    assert extractor.update(sample(61, np.ones(64))) is None  # the longest silent link was forgotten


def test_the_usual_lasts_longer_than_a_triplets_negative() -> None:
    from ruview_engine.training.triplets import NEGATIVE_BEYOND_S

    assert SLOW_S >= 3 * NEGATIVE_BEYOND_S


@pytest.mark.parametrize("reported", [[1.0] * 7, [1.0] * 9, [*[0.0] * 7, np.nan], [*[0.0] * 7, np.inf]])
def test_firmware_vectors_that_are_none(reported: list[float]) -> None:
    assert firmware_features(reported) is None


def test_firmware_vectors_pass_as_they_are() -> None:
    assert firmware_features(range(8)).tolist() == list(range(8))
