"""One vector per sample and kind: what each is made of, what it ignores, when it waits."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.introspection.features import (
    ENERGY_FLOOR,
    LAG_S,
    MAX_LAG,
    REFERENCE_TAU_S,
    FeatureExtractor,
    band_matrix,
)
from ruview_engine.introspection.signature import FeatureKind
from tests.engine.introspection.conftest import N_BINS

ACTIVE = np.ones(N_BINS, dtype=bool)
FS_HZ = 20.0
LAG = round(LAG_S * FS_HZ)


def vectors(kind, samples, *, dims=8, is_still=True, fs_hz=FS_HZ):
    return run(FeatureExtractor(kind, dims, ACTIVE, fs_hz), samples, is_still=is_still)


def run(extractor, samples, *, is_still=True):
    """Copies: the extractor hands out the same array again and again."""
    found = []
    for sample in samples:
        vector = extractor.update(sample, is_still=is_still)
        found.append(None if vector is None else vector.copy())
    return found


@pytest.mark.parametrize("dims", [1, 7, 16, N_BINS - 12])
def test_bands_are_means_of_neighbours_and_leave_no_bin_out(dims):
    active = ACTIVE.copy()
    active[[0, 20, *range(46, N_BINS)]] = False
    matrix = band_matrix(active, dims)
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0)
    assert (np.count_nonzero(matrix, axis=0) == active).all()
    firsts = [np.flatnonzero(row)[0] for row in matrix]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("dims", [0, N_BINS + 1])
def test_more_numbers_than_bins_are_refused(dims):
    with pytest.raises(ShapeError):
        band_matrix(ACTIVE, dims)


def test_amplitude_is_the_root_mean_square_of_a_band(streams):
    rows = streams.quiet(3)
    found = vectors(FeatureKind.AMPLITUDE, streams.samples(rows))
    expected = np.sqrt([[band.mean() for band in np.array_split(row**2, 8)] for row in rows])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_single_pair_is_its_own_amplitude(streams):
    """The fixture of ADR-099 is one number per frame."""
    extractor = FeatureExtractor(FeatureKind.AMPLITUDE, 1, np.ones(1, dtype=bool), FS_HZ)
    (sample,) = streams.samples(np.array([[-0.25]]))
    assert extractor.update(sample, is_still=True) == [-0.25]


def test_a_delta_is_told_from_how_the_room_was_before(streams):
    before, after = streams.quiet(100), streams.quiet(40) + 0.3
    found = vectors(FeatureKind.PROFILE_DELTA, streams.samples(before))
    assert found[:LAG] == [None] * LAG
    assert np.abs(found[-1]).max() < 0.05
    extractor = FeatureExtractor(FeatureKind.PROFILE_DELTA, 8, ACTIVE, FS_HZ)
    for sample in streams.samples(before):
        extractor.update(sample, is_still=True)
    for sample in streams.samples(after):
        vector = extractor.update(sample, is_still=False)
    np.testing.assert_allclose(vector, 0.3, atol=0.06)


def test_what_moves_does_not_become_the_reference_and_what_stays_does(streams):
    for is_still, gone in ((False, False), (True, True)):
        extractor = FeatureExtractor(FeatureKind.PROFILE_DELTA, 8, ACTIVE, FS_HZ)
        for sample in streams.samples(streams.quiet(100)):
            extractor.update(sample, is_still=True)
        for sample in streams.samples(streams.quiet(400) + 0.3):
            vector = extractor.update(sample, is_still=is_still)
        assert bool(np.abs(vector).max() < 0.1) is gone


@pytest.mark.parametrize("fs_hz", [10.0, 40.0])
def test_the_reference_follows_in_seconds_whatever_the_rate(streams, fs_hz):
    extractor = FeatureExtractor(FeatureKind.PROFILE_DELTA, 8, ACTIVE, fs_hz)
    run(extractor, streams.samples(streams.quiet(round(10 * REFERENCE_TAU_S * fs_hz), jitter=0.0)))
    shifted = streams.quiet(round(REFERENCE_TAU_S * fs_hz), jitter=0.0) + 0.3
    last = run(extractor, streams.samples(shifted))[-1]
    np.testing.assert_allclose(last, 0.3 / np.e, rtol=0.1)


def test_energy_is_the_log_of_the_squared_difference_over_the_lag(streams):
    rows = streams.moving(30)
    found = vectors(FeatureKind.MOTION_ENERGY, streams.samples(rows))
    assert found[:LAG] == [None] * LAG
    squared = (rows[LAG:] - rows[:-LAG]) ** 2
    expected = np.log([[band.mean() + ENERGY_FLOOR for band in np.array_split(row, 8)] for row in squared])
    np.testing.assert_allclose(found[LAG:], expected, rtol=1e-4)


def test_repeated_frames_have_the_floors_energy(streams):
    found = vectors(FeatureKind.MOTION_ENERGY, streams.samples(np.ones((10, N_BINS))))
    np.testing.assert_allclose(found[-1], np.log(ENERGY_FLOOR), rtol=1e-5)


@pytest.mark.parametrize(("fs_hz", "lag"), [(1.0, 1), (20.0, 2), (100.0, 10), (1000.0, MAX_LAG)])
def test_the_lag_is_a_time(streams, fs_hz, lag):
    found = vectors(FeatureKind.MOTION_ENERGY, streams.samples(streams.quiet(MAX_LAG + 5), fs_hz=fs_hz), fs_hz=fs_hz)
    assert [vector is None for vector in found] == [True] * lag + [False] * (MAX_LAG + 5 - lag)


def test_nothing_is_compared_across_a_silence(streams):
    extractor = FeatureExtractor(FeatureKind.MOTION_ENERGY, 8, ACTIVE, FS_HZ)
    for sample in streams.samples(streams.quiet(10)):
        extractor.update(sample, is_still=True)
    extractor.break_window()
    found = [extractor.update(sample, is_still=True) for sample in streams.samples(streams.quiet(LAG + 1))]
    assert [vector is None for vector in found] == [True] * LAG + [False]


@pytest.mark.parametrize("kind", [FeatureKind.AMPLITUDE, FeatureKind.PROFILE_DELTA, FeatureKind.MOTION_ENERGY])
def test_reset_equals_new(streams, kind):
    rows = streams.quiet(20)
    extractor = FeatureExtractor(kind, 8, ACTIVE, FS_HZ)
    for sample in streams.samples(streams.moving(50)):
        extractor.update(sample, is_still=True)
    extractor.reset()
    again, fresh = run(extractor, streams.samples(rows)), vectors(kind, streams.samples(rows))
    assert [vector is None for vector in again] == [vector is None for vector in fresh]
    for one, other in zip(again, fresh, strict=True):
        if one is not None:
            np.testing.assert_array_equal(one, other)


class Sums:
    """Stands for an encoder of three numbers that adds up from where it began to follow."""

    dims = 3

    def follow(self):
        total = np.zeros(3)

        def embed(sample):
            total[:] += sample.profile[:3]
            return total.copy()

        return embed


def test_embeddings_need_an_encoder_of_their_width(streams):
    for encoder in (None, Sums()):
        with pytest.raises(ShapeError, match="encoder"):
            FeatureExtractor(FeatureKind.EMBEDDING, 8, ACTIVE, FS_HZ, encoder)
    extractor = FeatureExtractor(FeatureKind.EMBEDDING, 3, ACTIVE, FS_HZ, Sums())
    first = run(extractor, streams.samples(np.ones((4, N_BINS))))
    assert [vector[0] for vector in first] == [1.0, 2.0, 3.0, 4.0]
    extractor.reset()
    again = run(extractor, streams.samples(np.ones((1, N_BINS))))
    assert again[0][0] == 1.0, "it begins to follow anew"
