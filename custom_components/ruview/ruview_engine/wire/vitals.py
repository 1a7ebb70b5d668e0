"""Vitals the board reports by itself: edge vitals (0xC5110002) and fused with mmWave (0xC5110004).

Source: ADR-039, ADR-063; upstream report §1.3, §1.5. On real boards `presence_score` is the same unbounded variable as
`motion_energy`, the presence flag is nearly always clear and `n_persons` was always 4: device-reported, not evidence.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final

from .layout import are_finite, pack, refuse, refuse_length, require
from .packet import PacketKind, Reason, Undecodable

MAGIC_EDGE: Final = 0xC511_0002
MAGIC_FUSED: Final = 0xC511_0004

_EDGE: Final = Struct("<IBBHIbB2sffI4s")
_FUSED: Final = Struct("<IBBHIbBBBffIfffBB6s")

#: Old firmware sent WASM events as 0xC5110004: 8 bytes + 5 per event. Origin: spec, §1.5 (upstream issue 928).
_WASM_HEADER: Final = 8
_WASM_EVENT: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeVitals:
    """0xC5110002, 32 bytes, about once a second.

    breathing_bpm : in steps of 0.01, ≤ 655.35; 0 is the board's "none"
    heart_bpm : in steps of 0.0001; 0 is the board's "none"
    motion_energy : phase variance of one bin, unbounded
    uptime_ms : since boot, wraps after 49 days
    reserved : 2 bytes at 14 and 4 at 28, kept as they came
    """

    kind: ClassVar[PacketKind] = PacketKind.VITALS

    node_id: int
    flags: int
    breathing_bpm: float
    heart_bpm: float
    rssi_dbm: int
    n_persons: int
    motion_energy: float
    presence_score: float
    uptime_ms: int
    reserved: bytes = bytes(6)

    @property
    def is_present(self) -> bool:
        """Flag bit 0, as the board believes."""
        return bool(self.flags & 0x01)

    @property
    def has_fallen(self) -> bool:
        """Flag bit 1, as the board believes."""
        return bool(self.flags & 0x02)

    @property
    def is_moving(self) -> bool:
        """Flag bit 2: motion energy over 0.01."""
        return bool(self.flags & 0x04)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedVitals:
    """0xC5110004, 48 bytes, instead of edge vitals when an mmWave sensor is attached.

    breathing_bpm, heart_bpm : 0.8 × mmWave + 0.2 × CSI
    mmwave_type : 1 MR60BHA2, 2 LD2410, 3 LD2450, 99 mock
    fusion_confidence, mmwave_confidence : percent
    distance_cm : to the target
    reserved : the last 6 bytes, kept as they came
    """

    kind: ClassVar[PacketKind] = PacketKind.FUSED_VITALS

    node_id: int
    flags: int
    breathing_bpm: float
    heart_bpm: float
    rssi_dbm: int
    n_persons: int
    mmwave_type: int
    fusion_confidence: int
    motion_energy: float
    presence_score: float
    uptime_ms: int
    mmwave_heart_bpm: float
    mmwave_breathing_bpm: float
    distance_cm: float
    n_targets: int
    mmwave_confidence: int
    reserved: bytes = bytes(6)

    @property
    def has_mmwave(self) -> bool:
        """Flag bit 3: the mmWave sensor answers."""
        return bool(self.flags & 0x08)


def decode_edge(data: bytes) -> EdgeVitals | Undecodable:
    """0xC5110002: exactly 32 bytes, finite floats."""
    if len(data) != _EDGE.size:
        return refuse_length(data, _EDGE.size, MAGIC_EDGE)
    _, node_id, flags, breathing, heart, rssi, persons, gap, motion, presence, uptime, tail = _EDGE.unpack(data)
    if not are_finite(motion, presence):
        return refuse(Reason.HEADER, MAGIC_EDGE)
    return EdgeVitals(
        node_id=node_id,
        flags=flags,
        breathing_bpm=breathing / 100,
        heart_bpm=heart / 10_000,
        rssi_dbm=rssi,
        n_persons=persons,
        motion_energy=motion,
        presence_score=presence,
        uptime_ms=uptime,
        reserved=gap + tail,
    )


def encode_edge(vitals: EdgeVitals) -> bytes:
    """The datagram; rates are rounded to the wire's steps. Raises ShapeError when a field does not fit."""
    require(len(vitals.reserved) == 6, f"6 reserved bytes, not {len(vitals.reserved)}")
    require(are_finite(vitals.breathing_bpm, vitals.heart_bpm), "finite rates")
    require(are_finite(vitals.motion_energy, vitals.presence_score), "finite floats")
    return pack(
        _EDGE,
        MAGIC_EDGE,
        vitals.node_id,
        vitals.flags,
        round(vitals.breathing_bpm * 100),
        round(vitals.heart_bpm * 10_000),
        vitals.rssi_dbm,
        vitals.n_persons,
        vitals.reserved[:2],
        vitals.motion_energy,
        vitals.presence_score,
        vitals.uptime_ms,
        vitals.reserved[2:],
    )


def decode_fused(data: bytes) -> FusedVitals | Undecodable:
    """0xC5110004: 48 bytes, finite floats. Old WASM events are told by 8 + 5 × count bytes and not decoded.

    Eight events are 48 bytes too; then the count stands where the breathing rate would read 0.08 /min.
    """
    if len(data) >= _WASM_HEADER and len(data) == _WASM_HEADER + _WASM_EVENT * int.from_bytes(data[6:8], "little"):
        return refuse(Reason.UNSUPPORTED, MAGIC_FUSED)
    if len(data) != _FUSED.size:
        return refuse_length(data, _FUSED.size, MAGIC_FUSED)
    fields = _FUSED.unpack(data)
    _, node_id, flags, breathing, heart, rssi, persons, sensor, confidence, motion, presence, uptime = fields[:12]
    mm_heart, mm_breathing, distance, targets, mm_confidence, reserved = fields[12:]
    if not are_finite(motion, presence, mm_heart, mm_breathing, distance):
        return refuse(Reason.HEADER, MAGIC_FUSED)
    return FusedVitals(
        node_id=node_id,
        flags=flags,
        breathing_bpm=breathing / 100,
        heart_bpm=heart / 10_000,
        rssi_dbm=rssi,
        n_persons=persons,
        mmwave_type=sensor,
        fusion_confidence=confidence,
        motion_energy=motion,
        presence_score=presence,
        uptime_ms=uptime,
        mmwave_heart_bpm=mm_heart,
        mmwave_breathing_bpm=mm_breathing,
        distance_cm=distance,
        n_targets=targets,
        mmwave_confidence=mm_confidence,
        reserved=reserved,
    )


def encode_fused(vitals: FusedVitals) -> bytes:
    """The datagram. Raises ShapeError when a field does not fit, or when it would read as eight WASM events."""
    require(len(vitals.reserved) == 6, f"6 reserved bytes, not {len(vitals.reserved)}")
    require(are_finite(vitals.breathing_bpm, vitals.heart_bpm), "finite rates")
    mmwave = (vitals.mmwave_heart_bpm, vitals.mmwave_breathing_bpm, vitals.distance_cm)
    require(are_finite(vitals.motion_energy, vitals.presence_score, *mmwave), "finite floats")
    breathing = round(vitals.breathing_bpm * 100)
    n_events = (_FUSED.size - _WASM_HEADER) // _WASM_EVENT
    require(breathing != n_events, "a breathing rate of 0.08 cannot be told from WASM events")
    return pack(
        _FUSED,
        MAGIC_FUSED,
        vitals.node_id,
        vitals.flags,
        breathing,
        round(vitals.heart_bpm * 10_000),
        vitals.rssi_dbm,
        vitals.n_persons,
        vitals.mmwave_type,
        vitals.fusion_confidence,
        vitals.motion_energy,
        vitals.presence_score,
        vitals.uptime_ms,
        *mmwave,
        vitals.n_targets,
        vitals.mmwave_confidence,
        vitals.reserved,
    )
