"""WASM output: foreign packets under its magic, and the bound on events."""

import struct
from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import Reason, Undecodable, WasmOutput, decode, encode
from ruview_engine.wire.wasm import MAX_EVENTS
from tests.engine.wire.golden import GOLDEN

OUTPUT = cast("WasmOutput", GOLDEN["wasm"][1])


def test_other_lengths_are_other_packets() -> None:
    assert decode(struct.pack("<IBBH", 0xC5110007, 1, 2, 3) + bytes(20)) == Undecodable(
        reason=Reason.UNSUPPORTED, magic=0xC5110007
    )


def test_no_events_is_a_packet() -> None:
    silent = replace(OUTPUT, events=())
    assert decode(encode(silent)) == silent


def test_events_are_bounded_both_ways() -> None:
    full = replace(OUTPUT, events=((1, 0.5),) * MAX_EVENTS)
    assert decode(encode(full)) == full
    with pytest.raises(ShapeError):
        encode(replace(full, events=(*full.events, (1, 0.5))))
    data = struct.pack("<IBBH", 0xC5110007, 1, 2, MAX_EVENTS + 1) + bytes(5 * (MAX_EVENTS + 1))
    assert decode(data) == Undecodable(reason=Reason.HEADER, magic=0xC5110007)


def test_encode_refuses_values_that_are_not_finite() -> None:
    with pytest.raises(ShapeError):
        encode(replace(OUTPUT, events=((1, float("nan")),)))
