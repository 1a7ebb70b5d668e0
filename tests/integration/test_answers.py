"""What entities answer, from what a room knows: every value with its confidence, every silence with its reason."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.ruview.answers import (
    confidence_of,
    is_anomalous,
    motion_level,
    occupancy,
    of_best_link,
    regime,
    restlessness,
)
from custom_components.ruview.ruview_engine.introspection.snapshot import Regime, RoomSnapshot, Snapshot
from custom_components.ruview.ruview_engine.room.reading import Reading, WhyNot
from custom_components.ruview.ruview_engine.room.state import Posture, Presence
from custom_components.ruview.view import RoomView

from .conftest import House


@pytest.fixture
def view(house: House) -> RoomView:
    return house.room.data


def with_state(view: RoomView, **changes: Any) -> RoomView:
    return replace(view, state=replace(view.state, **changes))


def test_readings_keep_their_reason(view: RoomView) -> None:
    weak: Reading[Any] = Reading.none(WhyNot.WEAK_EVIDENCE)
    told = with_state(view, posture=weak, presence=weak, anomaly=weak, restlessness=weak)
    for found in (occupancy(told), is_anomalous(told), restlessness(told)):
        assert (found.value, found.why_not) == (None, WhyNot.WEAK_EVIDENCE)
    assert confidence_of(lambda state: state.posture)(told).why_not is WhyNot.WEAK_EVIDENCE
    assert motion_level(with_state(view, motion_level=None)).why_not is WhyNot.WARMING_UP


def test_readings_keep_their_value(view: RoomView) -> None:
    told = with_state(
        view,
        posture=Reading(value=Posture.LYING, confidence=0.8),
        presence=Reading(value=Presence.CLEAR, confidence=0.9),
        anomaly=Reading(value=0.9, confidence=1.0),
        is_vetoed=True,
        restlessness=Reading(value=0.25, confidence=1.0),
        motion_level=0.5,
    )
    assert occupancy(told).value is False
    assert occupancy(told).confidence == 0.9
    assert is_anomalous(told).value is True
    assert restlessness(told).value == 25.0
    assert confidence_of(lambda state: state.posture)(told).value == 80.0
    assert motion_level(told).value == 50.0


def link(name: str, confidence: float, lyapunov: float | None) -> Snapshot:
    return Snapshot(
        timestamp_ns=1, node="1", link=name, frame_count=1, regime=Regime.IDLE, regime_confidence=confidence,
        regime_changed=False, lyapunov_exponent=lyapunov, lyapunov_interval=None, attractor_dim=None,
        attractor_confidence=0.0, change_score=None, change_threshold=None, top_k_similarity=(),
    )  # fmt: skip


def test_introspection_sensors(view: RoomView) -> None:
    assert regime(replace(view, snapshot=None)).why_not is WhyNot.WARMING_UP
    assert of_best_link(lambda link: link.lyapunov_exponent)(replace(view, snapshot=None)).why_not is WhyNot.WARMING_UP
    shot = RoomSnapshot(
        timestamp_ns=1, room_id="r", regime=Regime.PERIODIC, regime_confidence=0.7, regime_changed=False,
        change_score=None, change_threshold=None, top_k_similarity=(),
        links=(link("a", 0.2, 0.5), link("b", 0.9, 0.1), link("c", 1.0, None)),
    )  # fmt: skip
    told = replace(view, snapshot=shot)
    assert regime(told).value == "periodic"
    assert of_best_link(lambda link: link.lyapunov_exponent)(told).value == 0.1
    assert of_best_link(lambda link: link.attractor_dim)(told).why_not is WhyNot.WEAK_EVIDENCE
    assert regime(replace(told, snapshot=replace(shot, regime=Regime.UNKNOWN))).value is None
