"""Tracks of sensors: what holds until the next report, what is interpolated, and for how long it is believed."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.training.camera_free.signals import (
    CONTINUOUS_LIFE_S,
    CSI_SIGNALS,
    STEP_LIFE_S,
    Mode,
    SensorHistory,
    Signal,
    Track,
    rising,
)


def test_there_are_ten_signals_in_the_seeds_order() -> None:
    assert len(Signal) == 10
    assert list(Signal)[:3] == [Signal.PIR, Signal.TEMPERATURE, Signal.HUMIDITY]


def test_reports_are_sorted_and_the_last_of_a_moment_counts() -> None:
    track = Track.from_reports(Signal.PIR, [(5.0, 1.0), (1.0, 0.0), (5.0, 0.0), (np.nan, 1.0), (2.0, np.inf)])
    assert track.times.tolist() == [1.0, 5.0]
    assert track.values.tolist() == [0.0, 0.0]


def test_a_binary_signal_holds_and_a_quantity_is_interpolated() -> None:
    grid = np.array([-1.0, 0.0, 5.0, 10.0])
    step = Track.from_reports(Signal.PIR, [(0.0, 1.0), (10.0, 0.0)]).at(grid)
    ramp = Track.from_reports(Signal.TEMPERATURE, [(0.0, 20.0), (10.0, 21.0)]).at(grid)
    assert np.isnan([step[0], ramp[0]]).all()
    assert step[1:].tolist() == [1.0, 1.0, 0.0]
    assert ramp[1:].tolist() == [20.0, 20.5, 21.0]


@pytest.mark.parametrize(("signal", "life_s"), [(Signal.DOOR, STEP_LIFE_S), (Signal.HUMIDITY, CONTINUOUS_LIFE_S)])
def test_old_reports_say_nothing(signal: Signal, life_s: float) -> None:
    found = Track.from_reports(signal, [(0.0, 1.0)]).at(np.array([life_s, life_s + 1.0]))
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_a_sensor_that_is_gone_is_unknown_from_then_on() -> None:
    track = Track.from_reports(Signal.PIR, [(0.0, 1.0), (5.0, np.nan)])
    assert track.at(np.array([4.0]))[0] == 1.0
    assert np.isnan(track.at(np.array([6.0]))[0])


def test_the_mode_follows_from_what_measured_something() -> None:
    def history(*signals: Signal, value: float = 1.0) -> SensorHistory:
        return SensorHistory(tracks={one: Track.from_reports(one, [(0.0, value)]) for one in signals})

    assert history(*CSI_SIGNALS).mode(2) is Mode.CSI_ONLY
    assert history(*CSI_SIGNALS, Signal.PIR).mode(2) is Mode.FULL
    assert history(Signal.PIR, value=np.nan).mode(2) is Mode.CSI_ONLY
    assert history(Signal.PIR).mode(1) is Mode.SINGLE_NODE
    assert history(Signal.DOOR, Signal.PIR).available == (Signal.PIR, Signal.DOOR)
    assert np.isnan(history().at(Signal.PIR, np.arange(3.0))).all()


def test_only_a_change_from_off_to_on_rises() -> None:
    assert rising(np.array([1.0, 0, 1, 1, np.nan, 1, 0])).tolist() == [False, False, True, False, False, False, False]


def test_times_and_values_belong_together() -> None:
    with pytest.raises(ShapeError):
        Track(signal=Signal.PIR, times=np.zeros(2), values=np.zeros(3))
