"""Reports land where the recordings are, and nothing leaks from one recording into the next."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.training.camera_free.signals import Mode, Signal
from ruview_engine.training.camera_free.timeline import lay
from ruview_engine.training.source import Span

SPANS = (Span(start_s=0.0, end_s=100.0, unix_s=5000.0), Span(start_s=160.0, end_s=260.0, unix_s=90000.0))


def test_the_last_report_before_a_recording_still_holds() -> None:
    history = lay({Signal.PIR: [(4000.0, 1.0), (5050.0, 0.0)]}, SPANS)
    values = history.at(Signal.PIR, np.array([0.0, 49.0, 51.0, 161.0]))
    assert values[:3].tolist() == [1.0, 1.0, 0.0]
    assert np.isnan(values[3])


def test_too_old_a_report_says_nothing() -> None:
    assert lay({Signal.PIR: [(5000.0 - 3601.0, 1.0)]}, SPANS).available == ()


def test_an_unavailable_sensor_is_unknown_from_then_on() -> None:
    history = lay({Signal.TEMPERATURE: [(5000.0, 20.0), (5010.0, 21.0), (5020.0, np.nan)]}, SPANS)
    values = history.at(Signal.TEMPERATURE, np.array([5.0, 30.0]))
    assert values[0] == pytest.approx(20.5)
    assert np.isnan(values[1])


def test_recordings_without_a_date_cannot_be_matched() -> None:
    with pytest.raises(TrainingError, match="when they were made"):
        lay({Signal.PIR: [(1.0, 1.0)]}, [Span(start_s=0.0, end_s=1.0, unix_s=None)])


def test_the_mode_is_computed_from_what_is_there() -> None:
    full = lay({Signal.PIR: [(5000.0, 1.0)]}, SPANS)
    assert full.mode(2) is Mode.FULL
    assert full.mode(1) is Mode.SINGLE_NODE
    assert lay({}, SPANS).mode(2) is Mode.CSI_ONLY
