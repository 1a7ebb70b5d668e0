"""Movement against the quiet of the same link."""

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.room.log_profile import Bands
from ruview_engine.room.motion_energy import MotionEnergy, lag_difference, lag_ratio, neighbour_coherence
from tests.engine.room.synthetic import window


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
