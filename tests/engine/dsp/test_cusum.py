"""Thresholds keep their false-alarm budget, on data they have not seen."""

import numpy as np
import pytest

from ruview_engine.dsp.cusum import Cusum, CusumLimits, bootstrap_chains, excursion_maxima, fit_limits
from ruview_engine.dsp.surprise import Surprise
from ruview_engine.errors import ShapeError


def _alarms(limits, x):
    cusum, n, was = Cusum(limits), 0, False
    for value in x.tolist():
        is_on = cusum.update(value) >= 1.0
        n += is_on and not was
        was = is_on
    return n


def _limits(blocks, run, seed=0):
    law = Surprise.fit(np.concatenate(blocks), 0.1, 10.0)
    return fit_limits(blocks, law, fs=20.0, frames_between_alarms=run, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("memory", [0.0, 0.6])
def test_budget_is_kept_on_fresh_noise(rng, memory):
    def draw(n):
        e = rng.normal(size=n)
        out = np.empty(n)
        out[0] = e[0]
        for i in range(1, n):
            out[i] = memory * out[i - 1] + np.sqrt(1.0 - memory**2) * e[i]
        return out

    run = 10_000.0
    limits = fit_limits([draw(1200)], Surprise(location=0.0, scale=1.0), fs=20.0, frames_between_alarms=run, rng=rng)
    n = 100_000
    # ten alarms are the budget; a fit to one minute may be off, but not by an order of magnitude
    assert _alarms(limits, draw(n)) <= 3 * n / run


def test_a_second_state_in_a_tenth_of_the_quiet_does_not_silence_the_detector(rng):
    """The recording that once could not be told from movement at any threshold."""
    plain = rng.normal(size=400)
    mixed = plain.copy()
    mixed[200:240] += 12.0
    for limits in (_limits([plain], 1e6), _limits([mixed], 1e6)):
        cusum = Cusum(limits)
        assert cusum.update(limits.surprise.location + 3.0 * limits.surprise.scale) < 1.0
        assert cusum.update(limits.surprise.location + 6.0 * limits.surprise.scale) >= 1.0


def test_ten_seconds_of_quiet_give_a_higher_threshold_than_a_minute(rng):
    x = rng.normal(size=1200)
    short = np.mean([_limits([x[i : i + 200]], 1e6).thresholds[1] for i in range(0, 1200, 200)])
    assert short > 0.95 * _limits([x], 1e6).thresholds[1]


def test_a_smaller_budget_needs_more_evidence(rng):
    x = [rng.normal(size=1000)]
    per_hour, per_day = _limits(x, 72_000.0), _limits(x, 1_728_000.0)
    assert all(a < b for a, b in zip(per_hour.thresholds, per_day.thresholds, strict=True))


def test_evidence_is_bounded_so_that_an_alarm_ends(rng):
    cusum = Cusum(_limits([rng.normal(size=1000)], 1e6))
    for _ in range(10_000):
        top = cusum.update(1e9)
    assert top <= 2.0
    n = 0
    while cusum.update(0.0) > 0.1:
        n += 1
    assert n < 60


def test_reset_equals_new_and_nan_is_refused(rng):
    limits = _limits([rng.normal(size=400)], 1e5)
    used, fresh = Cusum(limits), Cusum(limits)
    for value in rng.normal(size=50) + 2.0:
        used.update(float(value))
    used.reset()
    for value in rng.normal(size=50):
        assert used.update(float(value)) == fresh.update(float(value))
    with pytest.raises(ShapeError):
        used.update(float("nan"))


def test_too_little_or_broken_material_is_refused(rng):
    with pytest.raises(ShapeError):
        _limits([rng.normal(size=30)], 1e6)
    law = Surprise(location=0.0, scale=1.0)
    for blocks in ([np.full(100, np.nan)], []):
        with pytest.raises(ShapeError):
            fit_limits(blocks, law, fs=20.0, frames_between_alarms=1e6, rng=rng)


def test_limits_survive_storage(rng):
    limits = _limits([rng.normal(size=400)], 1e5)
    assert CusumLimits.from_dict(limits.to_dict()) == limits
    with pytest.raises(ShapeError):
        CusumLimits.from_dict(limits.to_dict() | {"thresholds": [1.0]})


def test_excursions_equal_the_recursion(rng):
    x = rng.normal(size=(500, 1))
    s, top, expected = 0.0, 0.0, []
    for value in x[:, 0]:
        s = max(0.0, s + value - 0.3)
        if s > 0:
            top = max(top, s)
        elif top:
            expected.append(top)
            top = 0.0
    if top:
        expected.append(top)
    np.testing.assert_allclose(excursion_maxima(x, 0.3), expected)


def test_bootstrap_never_crosses_a_seam(rng):
    blocks = [np.arange(0, 50.0), np.arange(1000, 1050.0)]
    chains = bootstrap_chains(blocks, rng, mean_block=1e9, n_frames=300, n_chains=8)
    steps = np.diff(chains, axis=0)
    assert set(np.unique(steps[steps == 1.0])) == {1.0}
    assert not np.any((chains[:-1] == 49.0) & (chains[1:] == 1000.0) & (steps == 951.0)).all()
    assert np.isin(chains, np.concatenate(blocks)).all()
