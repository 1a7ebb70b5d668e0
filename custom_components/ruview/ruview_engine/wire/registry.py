"""The one table: which first four bytes mean which packet, and who decodes and encodes it."""

from collections.abc import Callable
from typing import Any, Final

from . import compressed, csi, feature, link_status, mesh, sync, vitals, wasm
from .compressed import CompressedCsi
from .feature import FeatureState, FeatureVector
from .layout import MAGIC_BYTES, refuse
from .link_status import LinkStatus
from .mesh import MeshEnvelope
from .packet import CsiFrame, Reason, Undecodable
from .sync import ClockSync
from .vitals import EdgeVitals, FusedVitals
from .wasm import WasmOutput

type Packet = (
    CsiFrame
    | EdgeVitals
    | FusedVitals
    | FeatureVector
    | FeatureState
    | CompressedCsi
    | WasmOutput
    | ClockSync
    | LinkStatus
    | MeshEnvelope
)

type Decoder = Callable[[bytes], Packet | Undecodable]

#: Magic → decoder. A decoder may count on at least four bytes and must not raise on any.
DECODERS: Final[dict[int, Decoder]] = {
    csi.MAGIC_V1: csi.decode_v1,
    csi.MAGIC_V2: csi.decode_v2,
    csi.MAGIC_V3: csi.decode_v3,
    vitals.MAGIC_EDGE: vitals.decode_edge,
    vitals.MAGIC_FUSED: vitals.decode_fused,
    feature.MAGIC_VECTOR: feature.decode_vector,
    feature.MAGIC_STATE: feature.decode_state,
    compressed.MAGIC: compressed.decode,
    wasm.MAGIC: wasm.decode,
    sync.MAGIC: sync.decode,
    link_status.MAGIC: link_status.decode,
    mesh.MAGIC: mesh.decode,
}

#: Magics that exist in the field and that we do not read: per-slot vitals of forks. Origin: spec, upstream §1.8.
UNSUPPORTED: Final = frozenset({0xC511_0009})

ENCODERS: Final[dict[type, Callable[[Any], bytes]]] = {
    CsiFrame: csi.encode,
    EdgeVitals: vitals.encode_edge,
    FusedVitals: vitals.encode_fused,
    FeatureVector: feature.encode_vector,
    FeatureState: feature.encode_state,
    CompressedCsi: compressed.encode,
    WasmOutput: wasm.encode,
    ClockSync: sync.encode,
    LinkStatus: link_status.encode,
    MeshEnvelope: mesh.encode,
}

# Looking up the four bytes themselves spares an integer per datagram.
_BY_BYTES: Final = {magic.to_bytes(MAGIC_BYTES, "little"): decoder for magic, decoder in DECODERS.items()}


def decode(data: bytes | bytearray | memoryview) -> Packet | Undecodable:
    """What a datagram is: a packet, or why it is none. Never raises on any bytes.

    Accepted packets are byte-exact: `encode(decode(data)) == data`; bytes a format reserves are kept, not judged.
    """
    if type(data) is not bytes:
        data = bytes(data)
    decoder = _BY_BYTES.get(data[:MAGIC_BYTES])
    if decoder is not None:
        return decoder(data)
    if len(data) < MAGIC_BYTES:
        return Undecodable(reason=Reason.SHORT if data else Reason.EMPTY)
    magic = int.from_bytes(data[:MAGIC_BYTES], "little")
    return refuse(Reason.UNSUPPORTED if magic in UNSUPPORTED else Reason.UNKNOWN_MAGIC, magic)


def encode(packet: Packet) -> bytes:
    """The datagram of a packet. Raises ShapeError when its fields contradict each other or do not fit their places."""
    return ENCODERS[type(packet)](packet)
