"""What the owner is told about a board, from what is known of it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.ruview.ruview_engine.ingest.status import NodeStatus
from custom_components.ruview.view import (
    FRESH_S,
    NODE_PATIENCE_S,
    SLOW_HZ,
    STRONG_DBM,
    WEAK_DBM,
    NodeView,
    Skill,
)

FINE = NodeStatus(
    key="3", node_id=3, address="192.0.2.3", is_online=True, is_csi_stalled=False, first_seen_s=0.0, last_seen_s=99.0,
    age_s=1.0, csi_age_s=1.0, csi_rate_hz=20.0, rates_hz=(), counts=(), rssi_dbm=-50.0, rssi_spread_db=3.0,
    noise_floor_dbm=-92, frame_mix=(), freq_mhz=2437, channel=6, sequence=1, loss=0.0, jitter_s=0.01, n_duplicates=0,
    n_late=0, n_reboots=0, n_clock_stalls=0, n_conflicts=0, n_moves=0, uptime_s=None, bssid=None, n_associations=None,
    firmware_hints=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({}, None),
        ({"age_s": NODE_PATIENCE_S, "rssi_dbm": -90.0}, "silent"),
        ({"csi_age_s": FRESH_S, "rssi_dbm": -90.0}, "no_csi"),
        ({"csi_age_s": None}, "no_csi"),
        ({"rssi_dbm": WEAK_DBM - 1, "csi_rate_hz": 2.0}, "weak"),
        ({"rssi_dbm": WEAK_DBM}, None),
        ({"rssi_dbm": STRONG_DBM + 1}, "strong"),
        ({"csi_rate_hz": SLOW_HZ - 0.1}, "slow"),
        ({"csi_rate_hz": SLOW_HZ}, None),
        ({"rssi_dbm": None, "csi_rate_hz": None}, None),
    ],
)
def test_the_worst_comes_first(changes: dict[str, Any], advice: str | None) -> None:
    assert NodeView(replace(FINE, **changes)).advice == advice


@pytest.mark.parametrize(("age_s", "is_online"), [(NODE_PATIENCE_S - 0.1, True), (NODE_PATIENCE_S, False)])
def test_patience_ends(age_s: float, is_online: bool) -> None:
    assert NodeView(replace(FINE, age_s=age_s)).is_online is is_online


def test_vitals_alone_are_no_frames() -> None:
    assert NodeView(FINE).sends_csi
    assert not NodeView(replace(FINE, csi_age_s=None)).sends_csi


def test_a_summary_leaves_out_what_is_not_known() -> None:
    assert NodeView(FINE).summary == "20 Hz · -50 dBm · 1 s"
    assert NodeView(replace(FINE, csi_rate_hz=None, rssi_dbm=None, age_s=41.6)).summary == "42 s"


def test_a_skill_with_a_reason_is_not_learnt() -> None:
    assert Skill(kind="posture", quality=0.9).is_learnt
    assert not Skill(kind="posture", quality=0.0, reason="alike").is_learnt
