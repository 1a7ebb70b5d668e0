"""Raw CSI: v1 (0xC5110001), v2 with transmitter (0xC5110008), v3 with 802.11 sequence (0xC511000A).

Source: ADR-018 and ADR-110; upstream report §1.1, §1.2. The 20-byte header is common to all; v2 and v3 insert bytes
between it and the I/Q. One field fork of v1 inserts a u64 mesh clock and says so in flag
bit 5, which elsewhere means "sanitised"; the length tells which is meant.
"""

from struct import Struct
from typing import Final

from .layout import pack, refuse, require
from .packet import CsiFrame, Reason, Undecodable

MAGIC_V1: Final = 0xC511_0001
MAGIC_V2: Final = 0xC511_0008
MAGIC_V3: Final = 0xC511_000A

#: Firmware writes 1; the format allows more. Origin: chosen, upstream report peers §4.2: strict parse, at most 4.
MAX_ANTENNAS: Final = 4
#: Largest known frame is 306 pairs, the firmware's buffer ends at 1024 (2048 bytes). Origin: spec, §1.1.
MAX_PAIRS: Final = 1024

#: Flag bit with two meanings: with 8 more bytes than v1 calls for it announces a mesh clock. Origin: spec, §1.1.
FORK_FLAG: Final = 0x20

#: Lengths under MAGIC_V2 that belong to other packets. Origin: spec, §1.2 (FTM report; LD2450 radar targets).
FTM_LENGTH: Final = 24
RADAR_LENGTH: Final = 40
MAX_RADAR_TARGETS: Final = 3

_HEADER: Final = Struct("<IBBHIIbbBB")
_FIELDS: Final = Struct("<4xBBHIIbbBB")
_MESH_CLOCK: Final = Struct("<Q")
_RX_SEQUENCE: Final = Struct("<H")
_MAGICS: Final = {1: MAGIC_V1, 2: MAGIC_V2, 3: MAGIC_V3}
_V1_END: Final = _HEADER.size
_V2_END: Final = _V1_END + 6
_V3_END: Final = _V2_END + 2

type _Fields = tuple[int, int, int, int, int, int, int, int, int]
"""The header without its magic: node_id … flags, in the order of `CsiFrame`."""


def _iq_bytes(fields: _Fields) -> int:
    """Bytes of I/Q the header promises; 0 when the header cannot be true."""
    n_antennas, n_pairs = fields[1], fields[2]
    if n_antennas <= MAX_ANTENNAS and n_pairs <= MAX_PAIRS:
        return 2 * n_antennas * n_pairs
    return 0


def decode_v1(data: bytes) -> CsiFrame | Undecodable:
    """0xC5110001, 20 + I/Q bytes, or 28 + I/Q bytes with flag bit 5: the fork with a mesh clock at byte 20."""
    if len(data) < _V1_END:
        return refuse(Reason.SHORT, MAGIC_V1)
    fields: _Fields = _FIELDS.unpack_from(data)
    n_bytes = _iq_bytes(fields)
    if not n_bytes:
        return refuse(Reason.HEADER, MAGIC_V1)
    extra = len(data) - _V1_END - n_bytes
    if extra == 0:
        return CsiFrame(1, *fields, data[_V1_END:])
    if extra == _MESH_CLOCK.size and data[19] & FORK_FLAG:
        (clock_us,) = _MESH_CLOCK.unpack_from(data, _V1_END)
        return CsiFrame(1, *fields, data[_V1_END + _MESH_CLOCK.size :], mesh_timestamp_us=clock_us)
    return refuse(Reason.LENGTH, MAGIC_V1)


def decode_v2(data: bytes) -> CsiFrame | Undecodable:
    """0xC5110008, 26 + I/Q bytes. Other packets share the magic; their lengths tell (24, and 40 with ≤ 3 targets)."""
    length = len(data)
    if length == FTM_LENGTH:
        return refuse(Reason.UNSUPPORTED, MAGIC_V2)
    if length < _V2_END:
        return refuse(Reason.SHORT, MAGIC_V2)
    fields: _Fields = _FIELDS.unpack_from(data)
    n_bytes = _iq_bytes(fields)
    if n_bytes and length == _V2_END + n_bytes:
        return CsiFrame(2, *fields, data[_V2_END:], data[_V1_END:_V2_END])
    if length == RADAR_LENGTH and data[6] <= MAX_RADAR_TARGETS:
        return refuse(Reason.UNSUPPORTED, MAGIC_V2)
    return refuse(Reason.LENGTH if n_bytes else Reason.HEADER, MAGIC_V2)


def decode_v3(data: bytes) -> CsiFrame | Undecodable:
    """0xC511000A, 28 + I/Q bytes."""
    if len(data) < _V3_END:
        return refuse(Reason.SHORT, MAGIC_V3)
    fields: _Fields = _FIELDS.unpack_from(data)
    n_bytes = _iq_bytes(fields)
    if not n_bytes:
        return refuse(Reason.HEADER, MAGIC_V3)
    if len(data) != _V3_END + n_bytes:
        return refuse(Reason.LENGTH, MAGIC_V3)
    (rx_sequence,) = _RX_SEQUENCE.unpack_from(data, _V2_END)
    return CsiFrame(3, *fields, data[_V3_END:], data[_V1_END:_V2_END], rx_sequence)


def encode(frame: CsiFrame) -> bytes:
    """The datagram of a frame. Raises ShapeError when the fields contradict each other or do not fit."""
    require(1 <= frame.n_antennas <= MAX_ANTENNAS, f"1–{MAX_ANTENNAS} antennas, not {frame.n_antennas}")
    require(1 <= frame.n_pairs <= MAX_PAIRS, f"1–{MAX_PAIRS} pairs, not {frame.n_pairs}")
    n_bytes = 2 * frame.n_antennas * frame.n_pairs
    require(len(frame.iq) == n_bytes, f"{n_bytes} bytes of I/Q, not {len(frame.iq)}")
    header = pack(
        _HEADER,
        _MAGICS.get(frame.version, 0),
        frame.node_id,
        frame.n_antennas,
        frame.n_pairs,
        frame.freq_mhz,
        frame.sequence,
        frame.rssi_dbm,
        frame.noise_floor_dbm,
        frame.ppdu,
        frame.flags,
    )
    return header + _inserted(frame) + frame.iq


def _inserted(frame: CsiFrame) -> bytes:
    """What stands between header and I/Q, by version."""
    if frame.version == 1:
        require(frame.transmitter is None and frame.rx_sequence is None, "v1 names no transmission")
        if frame.mesh_timestamp_us is None:
            return b""
        require(bool(frame.flags & FORK_FLAG), "a mesh clock needs flag bit 5")
        return pack(_MESH_CLOCK, frame.mesh_timestamp_us)
    require(frame.version in (2, 3), f"version 1, 2 or 3, not {frame.version}")
    require(frame.transmitter is not None and len(frame.transmitter) == 6, "v2 and v3 need a 6-byte transmitter")
    require(frame.mesh_timestamp_us is None, "only v1 knows the fork's mesh clock")
    transmitter = frame.transmitter or b""
    if frame.version == 2:
        require(frame.rx_sequence is None, "v2 has no 802.11 sequence")
        return transmitter
    return transmitter + pack(_RX_SEQUENCE, -1 if frame.rx_sequence is None else frame.rx_sequence)
