"""Clock sync between boards (0xC511A110): 32 bytes, or 38 with the board's own address (version 2).

Source: ADR-110; upstream report §1.8 and pull request 1807. The clocks count from boot, they are not wall clocks.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final

from .layout import pack, refuse, refuse_length, require
from .packet import PacketKind, Reason, Undecodable

MAGIC: Final = 0xC511_A110

_SYNC: Final = Struct("<IBBBBQQIBBbB")
_ADDRESS_BYTES: Final = 6

#: Length by version; a newer version may have moved any field. Origin: spec, §1.8.
LENGTHS: Final = {1: _SYNC.size, 2: _SYNC.size + _ADDRESS_BYTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSync:
    """0xC511A110, every 20 CSI callbacks.

    flags : bit 0 leader, bit 1 valid, bit 2 smoothed
    local_us, mesh_us : the same moment on the board's and on the leader's clock
    next_sequence : the board's CSI counter at that moment
    min_heap : smallest free heap since boot in units of 2 KiB; 0 not reported (also reset_reason … tx_power_dbm)
    reset_reason : ESP-IDF's number for what started the board
    thermal_state : 0 fine, 1 warm, 2 throttled, 3 critical
    address : the board's own MAC, 6 bytes; None in version 1
    """

    kind: ClassVar[PacketKind] = PacketKind.SYNC

    version: int
    node_id: int
    flags: int
    local_us: int
    mesh_us: int
    next_sequence: int
    min_heap: int = 0
    reset_reason: int = 0
    thermal_state: int = 0
    die_celsius: int = 0
    tx_power_dbm: int = 0
    address: bytes | None = None

    @property
    def is_leader(self) -> bool:
        """Flag bit 0: this board's clock is the mesh clock."""
        return bool(self.flags & 0x01)

    @property
    def is_valid(self) -> bool:
        """Flag bit 1: the mesh clock was heard recently."""
        return bool(self.flags & 0x02)


def decode(data: bytes) -> ClockSync | Undecodable:
    """Version 1 has 32 bytes, version 2 has 38; anything between them would be padding read as an address."""
    if len(data) < _SYNC.size:
        return refuse(Reason.SHORT, MAGIC)
    length = LENGTHS.get(data[5])
    if length is None:
        return refuse(Reason.UNSUPPORTED, MAGIC)
    if len(data) != length:
        return refuse_length(data, length, MAGIC)
    _, node_id, version, flags, heap, local_us, mesh_us, sequence, reset, thermal, celsius, power = _SYNC.unpack_from(
        data
    )
    return ClockSync(
        version=version,
        node_id=node_id,
        flags=flags,
        local_us=local_us,
        mesh_us=mesh_us,
        next_sequence=sequence,
        min_heap=heap,
        reset_reason=reset,
        thermal_state=thermal,
        die_celsius=celsius,
        tx_power_dbm=power,
        address=data[_SYNC.size :] or None,
    )


def encode(sync: ClockSync) -> bytes:
    """The datagram. Raises ShapeError when a field does not fit or version and address contradict each other."""
    length = LENGTHS.get(sync.version)
    require(length is not None, f"version 1 or 2, not {sync.version}")
    require(_SYNC.size + len(sync.address or b"") == length, "version 2 has a 6-byte address, version 1 has none")
    body = pack(
        _SYNC,
        MAGIC,
        sync.node_id,
        sync.version,
        sync.flags,
        sync.min_heap,
        sync.local_us,
        sync.mesh_us,
        sync.next_sequence,
        sync.reset_reason,
        sync.thermal_state,
        sync.die_celsius,
        sync.tx_power_dbm,
    )
    return body + (sync.address or b"")
