"""Mesh envelope: version, payload bound, and the health report inside."""

from dataclasses import replace
from typing import cast

import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.wire import MeshEnvelope, MeshHealth, Reason, Undecodable, decode, encode
from tests.engine.wire.golden import GOLDEN, MESH

ENVELOPE = cast("MeshEnvelope", GOLDEN["mesh"][1])


def test_health_reads_the_payload() -> None:
    assert ENVELOPE.health() == MeshHealth(
        identity=b"\x07" + bytes(7),
        uptime_us=1_000_000,
        role=2,
        channel=11,
        bandwidth_mhz=40,
        noise_floor_dbm=-95,
        csi_per_s=22,
        clock_error_us=104,
        flags=1,
    )


def test_other_messages_have_no_health() -> None:
    assert replace(ENVELOPE, message=7).health() is None
    assert replace(ENVELOPE, payload=ENVELOPE.payload[:-1]).health() is None


@pytest.mark.parametrize("n_payload", [0, 1, 28, 256])
def test_every_payload_up_to_the_firmwares_limit_survives(n_payload: int) -> None:
    envelope = replace(ENVELOPE, message=5, payload=bytes(range(256))[:n_payload])
    assert decode(encode(envelope)) == envelope


def test_a_larger_payload_is_refused_both_ways() -> None:
    with pytest.raises(ShapeError):
        encode(replace(ENVELOPE, payload=bytes(257)))
    claimed = MESH[:12] + (257).to_bytes(2, "little") + MESH[14:]
    assert decode(claimed) == Undecodable(reason=Reason.HEADER, magic=0xC5118100)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_other_versions_are_unsupported(version: int) -> None:
    changed = MESH[:4] + bytes((version,)) + MESH[5:]
    assert decode(changed) == Undecodable(reason=Reason.UNSUPPORTED, magic=0xC5118100)
