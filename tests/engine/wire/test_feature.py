"""Feature vector and feature state: the older meaning of the magic, the checksum, what encoders refuse."""

import struct
from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import FeatureState, FeatureVector, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import FEATURE_STATE, GOLDEN

VECTOR = cast("FeatureVector", GOLDEN["feature_vector"][1])
STATE = cast("FeatureState", GOLDEN["feature_state"][1])


def test_compressed_csi_of_old_firmware_is_recognised() -> None:
    data = struct.pack("<IBBHH", 0xC5110003, 1, 6, 128, 22) + bytes(22)
    assert decode(data) == Undecodable(reason=Reason.UNSUPPORTED, magic=0xC5110003)


def test_a_wrong_checksum_is_its_own_reason() -> None:
    assert decode(FEATURE_STATE[:-1] + b"\x00") == Undecodable(reason=Reason.CHECKSUM, magic=0xC5110006)


def test_the_80_bytes_of_the_old_documents_are_refused() -> None:
    assert decode(FEATURE_STATE + bytes(20)) == Undecodable(reason=Reason.LENGTH, magic=0xC5110006)


def test_degraded_is_quality_bit_5() -> None:
    assert STATE.is_degraded
    assert not replace(STATE, quality=0xFFDF).is_degraded


@pytest.mark.parametrize(
    "wrong",
    [
        replace(VECTOR, values=(0.0,) * 7),
        replace(VECTOR, values=(0.0,) * 7 + (float("nan"),)),
        replace(VECTOR, sequence=65536),
        replace(STATE, coherence=float("inf")),
        replace(STATE, uptime_us=-1),
    ],
)
def test_encode_refuses_what_the_wire_cannot_say(wrong: FeatureVector | FeatureState) -> None:
    with pytest.raises(ShapeError):
        encode(wrong)
