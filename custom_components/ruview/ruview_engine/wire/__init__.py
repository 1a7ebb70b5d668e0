"""Bytes ⇄ packets: no state, no clock, no log. `decode` never raises; `encode` is its inverse."""

from .compressed import CompressedCsi
from .feature import FeatureState, FeatureVector
from .link_status import LinkStatus
from .mesh import MeshEnvelope, MeshHealth
from .packet import CsiFrame, PacketKind, Ppdu, Reason, Undecodable
from .registry import Packet, decode, encode
from .sync import ClockSync
from .vitals import EdgeVitals, FusedVitals
from .wasm import WasmOutput

__all__ = [
    "ClockSync",
    "CompressedCsi",
    "CsiFrame",
    "EdgeVitals",
    "FeatureState",
    "FeatureVector",
    "FusedVitals",
    "LinkStatus",
    "MeshEnvelope",
    "MeshHealth",
    "Packet",
    "PacketKind",
    "Ppdu",
    "Reason",
    "Undecodable",
    "WasmOutput",
    "decode",
    "encode",
]
