"""Which access point a board is associated with (0xC511A111), 32 bytes; upstream report §1.8, pull request 1593.

A roam to another access point silently swaps the sensed path and RSSI does not show it; this packet does.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final

from .layout import pack, refuse, refuse_length, require
from .packet import PacketKind, Reason, Undecodable

MAGIC: Final = 0xC511_A111

_STATUS: Final = Struct("<IBBBB6sbBI12s")
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """0xC511A111, every 600 CSI callbacks and at once after a roam.

    flags : bit 0: the fields below are valid
    bssid : 6 bytes, the access point's address; zeros when not valid
    n_associations : since boot
    reserved : byte 15 and the last 12 bytes, kept as they came
    """

    kind: ClassVar[PacketKind] = PacketKind.LINK_STATUS

    node_id: int
    flags: int
    channel: int
    bssid: bytes
    rssi_dbm: int
    n_associations: int
    reserved: bytes = bytes(13)

    @property
    def is_valid(self) -> bool:
        """Flag bit 0: the board is associated and knows with whom."""
        return bool(self.flags & 0x01)


def decode(data: bytes) -> LinkStatus | Undecodable:
    """Exactly 32 bytes, version 1."""
    if len(data) != _STATUS.size:
        return refuse_length(data, _STATUS.size, MAGIC)
    _, node_id, version, flags, channel, bssid, rssi, gap, n_associations, tail = _STATUS.unpack(data)
    if version != _VERSION:
        return refuse(Reason.UNSUPPORTED, MAGIC)
    return LinkStatus(
        node_id=node_id,
        flags=flags,
        channel=channel,
        bssid=bssid,
        rssi_dbm=rssi,
        n_associations=n_associations,
        reserved=bytes((gap,)) + tail,
    )


def encode(status: LinkStatus) -> bytes:
    """The datagram. Raises ShapeError when a field does not fit."""
    require(len(status.bssid) == 6, f"a 6-byte BSSID, not {len(status.bssid)}")
    require(len(status.reserved) == 13, f"13 reserved bytes, not {len(status.reserved)}")
    return pack(
        _STATUS,
        MAGIC,
        status.node_id,
        _VERSION,
        status.flags,
        status.channel,
        status.bssid,
        status.rssi_dbm,
        status.reserved[0],
        status.n_associations,
        status.reserved[1:],
    )
