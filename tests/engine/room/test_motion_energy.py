"""Movement against the quiet of the same link."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.room.log_profile import Bands, block_means
from ruview_engine.room.motion_energy import (
    MIN_SHARED_TOP,
    MotionEnergy,
    lag_difference,
    lag_ratio,
    nearest_change,
    neighbour_coherence,
    shared_energy,
    smoothness,
)
from tests.engine.room.synthetic import smooth, window


@pytest.fixture
def quiet(rng):
    one = window(rng)
    bands = Bands.over(one.active)
    return MotionEnergy.fit(one, bands), bands


def z_of(model, bands, one):
    return np.asarray(model.measured(one, bands.log(one.profiles)).motion_z)


def test_quiet_is_standardised_on_another_minute(rng, quiet):
    z = z_of(*quiet, window(rng, start_s=100))
    z = z[np.isfinite(z)]
    assert np.median(z) == pytest.approx(0, abs=0.3)
    assert (z > 4).mean() < 0.01


def test_movement_is_loud(rng, quiet):
    z = z_of(*quiet, window(rng, moving=0.05))
    assert np.nanmedian(z) > 3


def test_more_receiver_noise_is_not_movement(rng, quiet):
    z = z_of(*quiet, window(rng, noise=0.05))
    assert np.nanmedian(z) < 1.0


def test_lag_ratio_tells_noise_from_movement(rng):
    noise, moving = window(rng), window(rng, moving=0.05)
    bands = Bands.over(noise.active)
    assert lag_ratio(noise.times, bands.log(noise.profiles)) == pytest.approx(1, abs=0.2)
    assert lag_ratio(moving.times, bands.log(moving.profiles)) > 1.6


def nearest_change_by_hand(times, logs, lag, n_lags):
    """Frame by frame, for evenly heard frames."""
    found = []
    for now in range(lag + n_lags - 1, len(logs)):
        changes = [logs[now] - logs[now - one] for one in range(lag, lag + n_lags)]
        found.append(min(changes, key=lambda change: (change**2).mean()))
    return np.array(found)


@pytest.mark.parametrize(("rate_hz", "lag", "n_lags"), [(20, 3, 4), (8, 1, 2), (4, 1, 1), (100, 15, 4)])
def test_the_nearest_of_several_frames_counts(rng, rate_hz, lag, n_lags):
    times, logs = np.arange(60) / rate_hz, rng.standard_normal((60, 5))
    at, change = nearest_change(times, logs)
    assert np.allclose(change, nearest_change_by_hand(times, logs, lag, n_lags))
    assert np.array_equal(at, times[lag + n_lags - 1 :])


@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_too_few_frames_have_no_nearest(n):
    times, change = nearest_change(np.arange(n) / 20, np.zeros((n, 5)))
    assert (len(times), change.shape) == (0, (0, 5))


def test_nothing_is_compared_across_a_hole(rng):
    times = np.r_[np.arange(30), 200 + np.arange(30)] / 20
    at, _ = nearest_change(times, rng.standard_normal((60, 5)))
    assert 3 / 20 <= at[at > 5].min() - 10 <= 7 / 20


def test_smoothness_is_of_movement_and_not_of_mixing(rng):
    """Equally busy transmitters: the median change is one within or one between, as chance has it."""
    moving, one, other = window(rng, moving=0.05), window(rng), window(rng, shift=0.15)
    bands = Bands.over(one.active)
    logs, others = bands.log(one.profiles), bands.log(other.profiles)
    assert smoothness(moving.times, bands.log(moving.profiles)) > 1.6
    mixtures = [np.where(rng.random((len(logs), 1)) < 0.5, logs, others) for _ in range(20)]
    assert max(lag_ratio(one.times, mixture) for mixture in mixtures) > 1.6
    assert max(smoothness(one.times, mixture) for mixture in mixtures) < 1.6


def test_movement_is_coherent_over_frequency(rng):
    noise, moving = window(rng), window(rng, moving=0.05)
    bands = Bands.over(noise.active)
    quiet_, loud = (
        neighbour_coherence(lag_difference(one.times, bands.log(one.profiles))[1]) for one in (noise, moving)
    )
    assert quiet_ < 0.2 < 0.4 < loud


def test_too_little_teaches_nothing(rng):
    one = window(rng, seconds=1)
    with pytest.raises(TrainingError):
        MotionEnergy.fit(one, Bands.over(one.active))


def test_stored_model_is_the_same_and_checked(quiet):
    model, _ = quiet
    again = MotionEnergy.from_dict(model.to_dict())
    assert again.location == model.location
    with pytest.raises(Damaged):
        MotionEnergy.from_dict(model.to_dict() | {"variance": -model.variance})


def test_movement_weaker_than_the_noise_shows_in_what_bands_share(rng, quiet):
    model, bands = quiet
    faint = window(rng, moving=0.016)
    times, change = lag_difference(faint.times, bands.log(faint.profiles))
    assert np.median(model.z(faint.times, bands.log(faint.profiles))[1]) < 2.0  # energy alone does not tell
    assert shared_energy(change / np.sqrt(model.variance)).mean() > MIN_SHARED_TOP / 2
    assert np.nanmedian(z_of(model, bands, faint)) > 2.0
    assert len(times) == len(change)


def test_what_bands_share_is_nothing_in_noise_however_loud(rng, quiet):
    model, bands = quiet
    for noise in (0.02, 0.1):
        change = lag_difference(*(lambda one: (one.times, bands.log(one.profiles)))(window(rng, noise=noise)))[1]
        scaled = shared_energy(change / np.sqrt(model.variance) * (0.02 / noise))
        assert abs(float(scaled.mean())) < 0.1


def test_noise_that_bands_share_is_not_movement_when_it_grows(rng, quiet):
    """A board whose tones are disturbed together, heard through a deeper fade than on the day of the baseline."""
    _, bands = quiet

    def disturbed(size: float):
        one = window(rng, start_s=100)
        pattern = np.array([smooth(rng) for _ in range(len(one))])
        return replace(one, profiles=(one.profiles * np.exp(size * pattern)).astype(np.float32))

    learnt = MotionEnergy.fit(disturbed(0.02), bands)
    assert np.nanquantile(z_of(learnt, bands, disturbed(0.04)), 0.9) < 2.2


def test_one_foreign_frame_is_not_a_second_of_movement(rng, quiet):
    model, bands = quiet
    one = window(rng, start_s=100)
    strange = window(rng, start_s=100, shift=0.5)
    profiles = one.profiles.copy()
    profiles[600] = strange.profiles[600]
    z = z_of(model, bands, replace(one, profiles=profiles))
    times, seconds = block_means(one.times[np.isfinite(z)], z[np.isfinite(z)][:, None], 1.0)
    assert seconds[np.abs(times - one.times[600]) < 1.5].max() < 2.2


def test_a_model_of_an_earlier_release_still_judges_by_energy(rng, quiet):
    model, bands = quiet
    stored = {name: value for name, value in model.to_dict().items() if not name.startswith("shared")}
    older = MotionEnergy.from_dict(stored)
    assert np.nanmedian(z_of(older, bands, window(rng, moving=0.05))) > 3
