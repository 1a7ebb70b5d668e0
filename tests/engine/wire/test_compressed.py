"""Compressed CSI: recognised by its header, its length checked, its data left alone."""

from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import CompressedCsi, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import COMPRESSED, GOLDEN

PACKET = cast("CompressedCsi", GOLDEN["compressed"][1])


@pytest.mark.parametrize("claimed", [0, 3, 5, 65535])
def test_the_claimed_length_must_be_there(claimed: int) -> None:
    data = COMPRESSED[:8] + claimed.to_bytes(2, "little") + COMPRESSED[10:]
    assert decode(data) == Undecodable(reason=Reason.LENGTH, magic=0xC5110005)


def test_encode_refuses_what_the_wire_cannot_say() -> None:
    with pytest.raises(ShapeError):
        encode(replace(PACKET, data=bytes(65536)))
