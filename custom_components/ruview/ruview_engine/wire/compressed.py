"""Compressed CSI (0xC5110005): recognised and counted, not decompressed.

Each packet is a run-length coded difference to the frame before and there are no key frames, so a listener that
joined later, or lost one datagram, can never know the absolute values (upstream report §1.6).
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final

from .layout import pack, refuse
from .packet import PacketKind, Reason, Undecodable

MAGIC: Final = 0xC511_0005

_HEADER: Final = Struct("<IBBHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressedCsi:
    """0xC5110005. `n_iq_bytes` is what the data would unpack to; `data` are (value, count) pairs of bytes."""

    kind: ClassVar[PacketKind] = PacketKind.COMPRESSED_CSI

    node_id: int
    channel: int
    n_iq_bytes: int
    data: bytes


def decode(data: bytes) -> CompressedCsi | Undecodable:
    """10 bytes of header and exactly as much data as it says."""
    if len(data) < _HEADER.size:
        return refuse(Reason.SHORT, MAGIC)
    _, node_id, channel, n_iq_bytes, n_data = _HEADER.unpack_from(data)
    if len(data) != _HEADER.size + n_data:
        return refuse(Reason.LENGTH, MAGIC)
    return CompressedCsi(node_id=node_id, channel=channel, n_iq_bytes=n_iq_bytes, data=data[_HEADER.size :])


def encode(packet: CompressedCsi) -> bytes:
    """The datagram. Raises ShapeError when a field does not fit."""
    return pack(_HEADER, MAGIC, packet.node_id, packet.channel, packet.n_iq_bytes, len(packet.data)) + packet.data
