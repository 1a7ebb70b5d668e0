"""Vitals the board reports: rates in steps, flags, and the old WASM events under the fused magic."""

import struct
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruview_engine.errors import ShapeError
from ruview_engine.wire import EdgeVitals, FusedVitals, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import GOLDEN

EDGE = cast("EdgeVitals", GOLDEN["edge_vitals"][1])
FUSED = cast("FusedVitals", GOLDEN["fused_vitals"][1])


@given(st.integers(0, 65535), st.integers(0, 2**32 - 1))
def test_every_rate_on_the_wire_survives(breathing: int, heart: int) -> None:
    data = bytearray(GOLDEN["edge_vitals"][0])
    data[6:12] = struct.pack("<HI", breathing, heart)
    packet = decode(data)
    assert isinstance(packet, EdgeVitals)
    assert packet.breathing_bpm == breathing / 100
    assert packet.heart_bpm == heart / 10_000
    assert encode(packet) == data


def test_flags_say_what_they_mean() -> None:
    assert EDGE.is_present
    assert EDGE.is_moving
    assert not EDGE.has_fallen
    assert replace(EDGE, flags=2).has_fallen
    assert FUSED.has_mmwave
    assert not replace(FUSED, flags=7).has_mmwave


@pytest.mark.parametrize("n_events", [0, 1, 4, 8, 12])
def test_old_wasm_events_are_not_vitals(n_events: int) -> None:
    data = struct.pack("<IBBH", 0xC5110004, 1, 0, n_events) + bytes(range(5)) * n_events
    assert decode(data) == Undecodable(reason=Reason.UNSUPPORTED, magic=0xC5110004)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(EDGE, reserved=b""),
        replace(EDGE, breathing_bpm=655.36),
        replace(EDGE, breathing_bpm=-0.01),
        replace(EDGE, heart_bpm=float("nan")),
        replace(EDGE, motion_energy=float("inf")),
        replace(EDGE, presence_score=1e39),
        replace(FUSED, reserved=bytes(7)),
        replace(FUSED, breathing_bpm=0.08),  # would read as eight WASM events
        replace(FUSED, heart_bpm=float("inf")),
        replace(FUSED, distance_cm=float("nan")),
    ],
)
def test_encode_refuses_what_the_wire_cannot_say(wrong: EdgeVitals | FusedVitals) -> None:
    with pytest.raises(ShapeError):
        encode(wrong)
