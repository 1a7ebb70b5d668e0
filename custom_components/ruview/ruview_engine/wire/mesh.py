"""Envelope of what boards tell each other (0xC5118100), ADR-081; upstream report §1.8.

16 bytes of header, payload, CRC-32 over both. Byte 4 is the version here, *not* a node id: who sent it is known by its
source address only. Health is the payload worth reading; the others are carried as bytes.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final
from zlib import crc32

from .layout import pack, refuse, require
from .packet import PacketKind, Reason, Undecodable

MAGIC: Final = 0xC511_8100

#: Message types with a payload we read. Origin: spec, ADR-081.
HEALTH: Final = 0x06
ANOMALY: Final = 0x07

#: Largest payload the firmware sends. Origin: spec, ADR-081.
MAX_PAYLOAD: Final = 256

_VERSION: Final = 1
_HEADER: Final = Struct("<IBBBBIHH")
_CRC: Final = Struct("<I")
_HEALTH: Final = Struct("<8sQBBBbHHHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshHealth:
    """What a board says about itself every 30 s: CSI callbacks per second, clock error, channel, noise."""

    identity: bytes
    uptime_us: int
    role: int
    channel: int
    bandwidth_mhz: int
    noise_floor_dbm: int
    csi_per_s: int
    clock_error_us: int
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshEnvelope:
    """0xC5118100.

    message : 1 time, 2 role, 3 channels, 4 calibration, 5 features, 6 health, 7 anomaly
    role : 0 none, 1 anchor, 2 observer, 3 relay, 4 coordinator
    auth : 0 checksum only, 1 HMAC session, 2 signature
    reserved : u16 at 14, kept as it came
    """

    kind: ClassVar[PacketKind] = PacketKind.MESH

    message: int
    role: int
    auth: int
    epoch: int
    payload: bytes
    reserved: int = 0

    def health(self) -> MeshHealth | None:
        """The payload as a health report; None when it is something else."""
        if self.message != HEALTH or len(self.payload) != _HEALTH.size:
            return None
        identity, uptime_us, role, channel, width, noise, csi_per_s, error_us, flags, _ = _HEALTH.unpack(self.payload)
        return MeshHealth(
            identity=identity,
            uptime_us=uptime_us,
            role=role,
            channel=channel,
            bandwidth_mhz=width,
            noise_floor_dbm=noise,
            csi_per_s=csi_per_s,
            clock_error_us=error_us,
            flags=flags,
        )


def decode(data: bytes) -> MeshEnvelope | Undecodable:
    """Header, exactly the payload it promises, checksum. Other versions are unsupported."""
    if len(data) < _HEADER.size + _CRC.size:
        return refuse(Reason.SHORT, MAGIC)
    _, version, message, role, auth, epoch, n_payload, reserved = _HEADER.unpack_from(data)
    if version != _VERSION:
        return refuse(Reason.UNSUPPORTED, MAGIC)
    if n_payload > MAX_PAYLOAD:
        return refuse(Reason.HEADER, MAGIC)
    end = _HEADER.size + n_payload
    if len(data) != end + _CRC.size:
        return refuse(Reason.LENGTH, MAGIC)
    if _CRC.unpack_from(data, end)[0] != crc32(data[:end]):
        return refuse(Reason.CHECKSUM, MAGIC)
    return MeshEnvelope(
        message=message, role=role, auth=auth, epoch=epoch, payload=data[_HEADER.size : end], reserved=reserved
    )


def encode(envelope: MeshEnvelope) -> bytes:
    """The datagram with its checksum. Raises ShapeError when a field does not fit."""
    n_payload = len(envelope.payload)
    require(n_payload <= MAX_PAYLOAD, f"at most {MAX_PAYLOAD} bytes of payload, not {n_payload}")
    header = pack(
        _HEADER,
        MAGIC,
        _VERSION,
        envelope.message,
        envelope.role,
        envelope.auth,
        envelope.epoch,
        n_payload,
        envelope.reserved,
    )
    body = header + envelope.payload
    return body + _CRC.pack(crc32(body))
