"""Packets for the tests of this package, a line each."""

from dataclasses import replace
from typing import Any, cast

from ruview_engine.wire import ClockSync, CsiFrame, EdgeVitals, LinkStatus, MeshEnvelope, encode
from tests.engine.wire.golden import GOLDEN


def frame(node_id: int = 1, sequence: int = 0, **fields: Any) -> CsiFrame:
    base = cast("CsiFrame", GOLDEN["csi_v1"][1])
    return replace(base, node_id=node_id, sequence=sequence, **fields)


def csi(node_id: int = 1, sequence: int = 0, **fields: Any) -> bytes:
    return encode(frame(node_id, sequence, **fields))


def vitals(node_id: int = 1, uptime_ms: int = 0) -> bytes:
    return encode(replace(cast("EdgeVitals", GOLDEN["edge_vitals"][1]), node_id=node_id, uptime_ms=uptime_ms))


def sync(node_id: int = 1, local_us: int = 0) -> bytes:
    return encode(replace(cast("ClockSync", GOLDEN["sync_v1"][1]), node_id=node_id, local_us=local_us))


def link_status(node_id: int = 1, bssid: bytes = b"\xf0\x9f\xc2\x01\x02\x03", flags: int = 1) -> bytes:
    base = cast("LinkStatus", GOLDEN["link_status"][1])
    return encode(replace(base, node_id=node_id, bssid=bssid, flags=flags))


def mesh() -> bytes:
    return encode(cast("MeshEnvelope", GOLDEN["mesh"][1]))
