"""Random functions that answer the same whenever they are asked, in their band, at their size."""

import numpy as np
import pytest

from ruview_engine.simulate.randomness import Streams, Wobble


def test_a_function_does_not_depend_on_how_it_is_asked():
    wobble = Wobble(np.random.default_rng(1), 3, 0.1, 2.0)
    times = np.linspace(0, 50, 500)
    whole = wobble.at(times)
    pieces = np.concatenate([wobble.at(times[k : k + 50]) for k in range(0, 500, 50)], axis=1)
    np.testing.assert_array_equal(whole, pieces)
    np.testing.assert_array_equal(whole, wobble.at(times))
    assert whole.shape == (3, 500)


@pytest.mark.parametrize("tilt", [0.0, 1.0, 2.0])
def test_size_is_one_and_middle_is_zero(tilt):
    values = Wobble(np.random.default_rng(2), 40, 0.05, 1.0, tilt).at(np.arange(0, 2000, 0.25))
    assert np.sqrt((values**2).mean()) == pytest.approx(1.0, abs=0.03)
    assert np.abs(values.mean(axis=1)).max() < 0.05


@pytest.mark.parametrize("tilt", [0.0, 2.0])
def test_power_is_in_the_band_and_falls_with_the_tilt(tilt):
    rate_hz, low_hz, high_hz = 20.0, 0.1, 4.0
    values = Wobble(np.random.default_rng(3), 60, low_hz, high_hz, tilt).at(np.arange(0, 400, 1 / rate_hz))
    power = (np.abs(np.fft.rfft(values * np.hanning(values.shape[1]), axis=1)) ** 2).mean(axis=0)
    hertz = np.fft.rfftfreq(values.shape[1], 1 / rate_hz)
    inside = (hertz > 0.8 * low_hz) & (hertz < 1.2 * high_hz)
    assert power[inside].sum() > 0.99 * power.sum()
    lower = power[(hertz > 0.2) & (hertz < 0.4)].mean()
    upper = power[(hertz > 1.0) & (hertz < 2.0)].mean()
    assert np.log(lower / upper) / np.log(5.0) == pytest.approx(tilt, abs=0.35)


def test_functions_are_independent():
    values = Wobble(np.random.default_rng(4), 20, 0.1, 2.0).at(np.arange(0, 1000, 0.2))
    apart = np.corrcoef(values)[~np.eye(20, dtype=bool)]
    assert np.abs(apart).max() < 0.2


def test_a_stream_starts_again_and_names_are_apart():
    streams = Streams(7)
    draw = lambda *name: streams.generator(*name).random(4).tolist()  # noqa: E731
    assert draw("noise", 1) == draw("noise", 1)
    others = [draw("noise", 2), draw("noise"), draw("gain", 1), Streams(8).generator("noise", 1).random(4).tolist()]
    assert len({tuple(values) for values in (draw("noise", 1), *others)}) == 5


def test_a_child_is_a_family_of_its_own():
    child = Streams(7).child("board", 1)
    assert child.generator("noise").random() == Streams(7).child("board", 1).generator("noise").random()
    assert child.generator("noise").random() != Streams(7).generator("noise").random()
