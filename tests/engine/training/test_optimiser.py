"""Adam with a cosine schedule and decoupled decay."""

import numpy as np
import pytest

from ruview_engine.training.optimiser import Adam


def test_the_first_step_is_as_long_as_the_rate_whatever_the_gradient() -> None:
    for size in (1e-3, 1.0, 1e6):
        new = Adam(0.1, 100).update({"w": np.zeros((1, 2))}, {"w": np.array([[size, -size]])})
        assert np.allclose(new["w"], [[-0.1, 0.1]], rtol=1e-4)


def test_the_rate_falls_from_full_to_nothing() -> None:
    adam = Adam(0.2, 4)
    rates = []
    for _ in range(6):
        rates.append(adam.rate_now)
        adam.update({"w": np.zeros(1)}, {"w": np.ones(1)})
    assert rates[0] == 0.2
    assert rates[2] == pytest.approx(0.1)
    assert rates[4] == rates[5] == pytest.approx(0.0)
    assert rates == sorted(rates, reverse=True)


def test_it_finds_the_bottom_of_a_bowl() -> None:
    adam, place = Adam(0.3, 200), {"w": np.array([[5.0, -3.0]])}
    for _ in range(200):
        place = adam.update(place, {"w": 2.0 * (place["w"] - 1.0)})
    assert np.allclose(place["w"], 1.0, atol=1e-2)


def test_decay_pulls_weights_but_no_biases() -> None:
    given = {"w": np.ones((1, 1)), "b": np.ones(1)}
    new = Adam(0.1, 10, weight_decay=0.5).update(given, {name: np.zeros_like(v) for name, v in given.items()})
    assert new["w"] == pytest.approx(0.95)
    assert new["b"] == 1.0


def test_given_arrays_are_left_alone() -> None:
    given = {"w": np.ones((2, 2))}
    Adam(0.1, 10).update(given, {"w": np.ones((2, 2))})
    assert (given["w"] == 1.0).all()


@pytest.mark.parametrize(("rate", "n_steps"), [(0.0, 10), (-1.0, 10), (0.1, 0)])
def test_impossible_settings_are_refused(rate: float, n_steps: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Adam(rate, n_steps)
