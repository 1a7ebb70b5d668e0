"""Clock sync: which length goes with which version, and what an address needs."""

from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import ClockSync, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import GOLDEN, SYNC_V1, SYNC_V2

V2 = cast("ClockSync", GOLDEN["sync_v2"][1])


def _version(data: bytes, version: int) -> bytes:
    return data[:5] + bytes((version,)) + data[6:]


def test_version_and_length_must_agree() -> None:
    assert decode(_version(SYNC_V2, 1)) == Undecodable(reason=Reason.LENGTH, magic=0xC511A110)
    assert decode(_version(SYNC_V1, 2)) == Undecodable(reason=Reason.SHORT, magic=0xC511A110)


@pytest.mark.parametrize("version", [0, 3, 255])
def test_other_versions_are_unsupported(version: int) -> None:
    assert decode(_version(SYNC_V2, version)) == Undecodable(reason=Reason.UNSUPPORTED, magic=0xC511A110)


def test_flags_say_what_they_mean() -> None:
    assert V2.is_leader
    assert V2.is_valid
    assert not replace(V2, flags=4).is_leader
    assert not replace(V2, flags=4).is_valid


@pytest.mark.parametrize(
    "wrong",
    [
        replace(V2, version=1),
        replace(V2, address=bytes(5)),
        replace(V2, address=None),
        replace(V2, version=0),
        replace(V2, die_celsius=128),
    ],
)
def test_encode_refuses_what_the_wire_cannot_say(wrong: ClockSync) -> None:
    with pytest.raises(ShapeError):
        encode(wrong)
