"""Features the board computes by itself: the vector (0xC5110003) and the state with checksum (0xC5110006).

Source: ADR-069, ADR-081; upstream report §1.4, §1.7. Device-reported and, on real boards, mostly constant: counted,
shown in diagnostics, never used as evidence.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final
from zlib import crc32

from .layout import are_finite, pack, refuse, refuse_length, require
from .packet import PacketKind, Reason, Undecodable

MAGIC_VECTOR: Final = 0xC511_0003
MAGIC_STATE: Final = 0xC511_0006

_VECTOR: Final = Struct("<IBBHq8f")
_STATE: Final = Struct("<IBBHQ9fHH")
_CRC: Final = Struct("<I")
_STATE_BYTES: Final = _STATE.size + _CRC.size

#: Until ADR-069 this magic meant compressed CSI: 10-byte header with the data length at 8. Origin: spec, §1.4.
_OLD_COMPRESSED_HEADER: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureVector:
    """0xC5110003, 48 bytes.

    values : presence, motion, breathing / 30, heart / 120, phase variance, persons / 4, fall, (rssi + 100) / 100
    uptime_us : since boot
    reserved : byte 5, kept as it came
    """

    kind: ClassVar[PacketKind] = PacketKind.FEATURE_VECTOR

    node_id: int
    sequence: int
    uptime_us: int
    values: tuple[float, ...]
    reserved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureState:
    """0xC5110006, 60 bytes, CRC-32 over the first 56.

    mode : 0 passive, 1 active, 2 respiration, 3 fast motion, 4 calibration
    quality : bits 0–7: presence, respiration, heart, anomaly, environment valid; degraded; calibrating; recalibrate
    reserved : u16 at 54, kept as it came
    """

    kind: ClassVar[PacketKind] = PacketKind.FEATURE_STATE

    node_id: int
    mode: int
    sequence: int
    uptime_us: int
    motion: float
    presence: float
    respiration_bpm: float
    respiration_confidence: float
    heart_bpm: float
    heart_confidence: float
    anomaly: float
    environment_shift: float
    coherence: float
    quality: int
    reserved: int = 0

    @property
    def is_degraded(self) -> bool:
        """Quality bit 5: fewer than 5 CSI callbacks per second reach the board's own processing."""
        return bool(self.quality & 0x20)


def decode_vector(data: bytes) -> FeatureVector | Undecodable:
    """0xC5110003: exactly 48 bytes, finite floats; the magic's older meaning is recognised and not decoded."""
    if len(data) != _VECTOR.size:
        if len(data) >= _OLD_COMPRESSED_HEADER and len(data) == 10 + int.from_bytes(data[8:10], "little"):
            return refuse(Reason.UNSUPPORTED, MAGIC_VECTOR)
        return refuse_length(data, _VECTOR.size, MAGIC_VECTOR)
    _, node_id, reserved, sequence, uptime_us, *values = _VECTOR.unpack(data)
    if not are_finite(*values):
        return refuse(Reason.HEADER, MAGIC_VECTOR)
    return FeatureVector(
        node_id=node_id, sequence=sequence, uptime_us=uptime_us, values=tuple(values), reserved=reserved
    )


def encode_vector(vector: FeatureVector) -> bytes:
    """The datagram. Raises ShapeError unless there are eight finite values that fit."""
    require(len(vector.values) == 8, f"8 values, not {len(vector.values)}")
    require(are_finite(*vector.values), "finite values")
    return pack(
        _VECTOR, MAGIC_VECTOR, vector.node_id, vector.reserved, vector.sequence, vector.uptime_us, *vector.values
    )


def decode_state(data: bytes) -> FeatureState | Undecodable:
    """0xC5110006: exactly 60 bytes, checksum first, then finite floats."""
    if len(data) != _STATE_BYTES:
        return refuse_length(data, _STATE_BYTES, MAGIC_STATE)
    if _CRC.unpack_from(data, _STATE.size)[0] != crc32(data[: _STATE.size]):
        return refuse(Reason.CHECKSUM, MAGIC_STATE)
    _, node_id, mode, sequence, uptime_us, *scores, quality, reserved = _STATE.unpack_from(data)
    if not are_finite(*scores):
        return refuse(Reason.HEADER, MAGIC_STATE)
    motion, presence, respiration, respiration_confidence, heart, heart_confidence, anomaly, shift, coherence = scores
    return FeatureState(
        node_id=node_id,
        mode=mode,
        sequence=sequence,
        uptime_us=uptime_us,
        motion=motion,
        presence=presence,
        respiration_bpm=respiration,
        respiration_confidence=respiration_confidence,
        heart_bpm=heart,
        heart_confidence=heart_confidence,
        anomaly=anomaly,
        environment_shift=shift,
        coherence=coherence,
        quality=quality,
        reserved=reserved,
    )


def encode_state(state: FeatureState) -> bytes:
    """The datagram with its checksum. Raises ShapeError when a field does not fit or is not finite."""
    scores = (
        state.motion,
        state.presence,
        state.respiration_bpm,
        state.respiration_confidence,
        state.heart_bpm,
        state.heart_confidence,
        state.anomaly,
        state.environment_shift,
        state.coherence,
    )
    require(are_finite(*scores), "finite scores")
    body = pack(
        _STATE,
        MAGIC_STATE,
        state.node_id,
        state.mode,
        state.sequence,
        state.uptime_us,
        *scores,
        state.quality,
        state.reserved,
    )
    return body + _CRC.pack(crc32(body))
