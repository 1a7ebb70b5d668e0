"""The change within a tenth of a second."""

import numpy as np
import pytest

from ruview_engine.links.lag_energy import Change, LagEnergy, coherence, undrifted

EYE = np.eye(14)


def _energies(x, fs_hz, start_s=0.0, meter=None):
    meter = meter or LagEnergy(EYE)
    changes = [meter.update(start_s + k / fs_hz, row.astype(np.float32)) for k, row in enumerate(x)]
    return [change for change in changes if change is not None]


@pytest.mark.parametrize("fs_hz", [5.0, 10.0, 20.0, 50.0, 107.0, 140.0])
def test_white_noise_has_energy_near_one_at_any_rate(rng, fs_hz):
    changes = _energies(rng.normal(size=(3000, 14)), fs_hz)
    assert np.median([change.noise for change in changes]) == pytest.approx(1.0, rel=0.1)
    assert np.median([change.slow for change in changes]) == pytest.approx(1.0, rel=0.3)
    assert 0.45 < np.median([change.fast for change in changes]) < 1.0


@pytest.mark.parametrize("fs_hz", [10.0, 20.0, 100.0])
def test_motion_raises_fast_over_noise(rng, fs_hz):
    times = np.arange(int(30 * fs_hz)) / fs_hz
    sway = np.outer(np.sin(2 * np.pi * 2.0 * times), rng.normal(size=14)) * 3
    changes = _energies(rng.normal(size=(len(times), 14)) + sway, fs_hz)
    assert np.median([change.fast for change in changes]) > 4


def test_a_constant_velocity_is_explained_away(rng):
    """Breathing: smooth over 0.3 s. Its fast energy is a ninth of its slow one."""
    drift = np.outer(np.arange(2000) / 100.0, np.full(14, 5.0))
    changes = _energies(drift, 100.0)[100:]
    assert np.median([change.slow / change.fast for change in changes]) == pytest.approx(9.0, rel=0.25)
    assert np.median([undrifted(change) / change.fast for change in changes]) < 0.35


def test_undrifted_never_vanishes():
    assert undrifted(Change(fast=1.0, slow=100.0, noise=1.0)) == pytest.approx(0.2)
    assert undrifted(Change(fast=1.0, slow=0.0, noise=1.0)) == 1.0


def test_one_wild_frame_counts_once_at_a_low_rate(rng):
    x = rng.normal(size=(100, 14)) * 0.1
    x[50] += 20.0
    fast = np.array([change.fast for change in _energies(x, 10.0)])
    assert (fast > 1.0).sum() == 1


def test_one_wild_frame_does_not_count_at_a_high_rate(rng):
    x = rng.normal(size=(400, 14))
    x[200] += 50.0
    assert max(change.fast for change in _energies(x, 100.0)) < 5.0


def test_a_silence_starts_afresh(rng):
    meter = LagEnergy(EYE)
    _energies(rng.normal(size=(50, 14)), 10.0, meter=meter)
    after = _energies(rng.normal(size=(30, 14)) + 40.0, 10.0, start_s=60.0, meter=meter)
    assert after
    assert max(change.fast for change in after) < 6.0


def test_reset_equals_new(rng):
    x = rng.normal(size=(80, 14))
    meter = LagEnergy(EYE)
    first = _energies(x, 20.0, meter=meter)
    meter.reset()
    assert _energies(x, 20.0, meter=meter) == first


def test_memory_is_a_ring(rng):
    meter = LagEnergy(EYE)
    shape = meter._sums.shape
    _energies(rng.normal(size=(5000, 14)), 100.0, meter=meter)
    assert meter._sums.shape == shape


@pytest.mark.parametrize("fs_hz", [10.0, 20.0, 100.0])
def test_coherence_knows_motion_from_more_noise(rng, fs_hz):
    eye = np.eye(30)
    times = np.arange(int(30 * fs_hz)) / fs_hz
    noise = rng.normal(size=(len(times), 30))
    sway = np.outer(np.sin(2 * np.pi * 2.0 * times), np.r_[rng.normal(size=14) * 3, np.zeros(16)])

    def typical(x):
        return float(np.mean([coherence(c) for c in _energies(x, fs_hz, meter=LagEnergy(eye[:14], eye[14:]))]))

    quiet = typical(noise)
    assert abs(typical(4.0 * noise) - quiet) < 0.05
    assert typical(noise + sway) > quiet + 1.0


def test_wild_frames_do_not_raise_the_noise_of_a_fast_link(rng):
    x = rng.normal(size=(3000, 14))
    x[::10] += 30.0 * rng.normal(size=(300, 14))
    changes = _energies(x, 100.0)
    assert np.mean([np.log(change.noise) for change in changes]) < 1.0
