"""Link status: its version and its fixed fields."""

from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import LinkStatus, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import GOLDEN
from tests.engine.wire.golden import LINK_STATUS as DATA

STATUS = cast("LinkStatus", GOLDEN["link_status"][1])


@pytest.mark.parametrize("version", [0, 2, 255])
def test_other_versions_are_unsupported(version: int) -> None:
    changed = DATA[:5] + bytes((version,)) + DATA[6:]
    assert decode(changed) == Undecodable(reason=Reason.UNSUPPORTED, magic=0xC511A111)


def test_a_board_without_access_point_says_so() -> None:
    assert STATUS.is_valid
    lost = replace(STATUS, flags=0, bssid=bytes(6), channel=0, rssi_dbm=0)
    assert not lost.is_valid
    assert decode(encode(lost)) == lost


@pytest.mark.parametrize("wrong", [replace(STATUS, bssid=b"short"), replace(STATUS, reserved=b"")])
def test_encode_refuses_what_the_wire_cannot_say(wrong: LinkStatus) -> None:
    with pytest.raises(ShapeError):
        encode(wrong)
