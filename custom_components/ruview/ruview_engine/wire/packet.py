"""What a datagram can turn out to be. Values only: no parsing, no state.

Field meanings and the firmware's habits are written down in `docs/wire-format.md`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Ppdu(IntEnum):
    """Byte 18 of a raw CSI frame (ADR-110). Boards older than June 2026 always send 0."""

    LEGACY = 0
    HE_SU = 1
    HE_MU = 2
    HE_TB = 3
    UNKNOWN = 0xFF


class Reason(StrEnum):
    """Why a datagram was not decoded. Closed: every rejection is one of these counters."""

    EMPTY = "empty"
    SHORT = "short"
    LENGTH = "length"
    UNKNOWN_MAGIC = "unknown_magic"
    CHECKSUM = "checksum"
    HEADER = "header"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecodable:
    """A datagram that is not a packet of ours, and why."""

    reason: Reason
    magic: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiFrame:
    """One CSI report (0xC5110001 v1, 0xC5110008 v2, 0xC511000A v3).

    `iq` is the ESP-IDF buffer: n_antennas × n_pairs pairs of int8, imaginary part first.
    """

    version: int
    node_id: int
    n_antennas: int
    n_pairs: int
    freq_mhz: int
    sequence: int
    rssi_dbm: int
    noise_floor_dbm: int
    ppdu: int
    flags: int
    iq: bytes
    transmitter: bytes | None = None
    rx_sequence: int | None = None
    mesh_timestamp_us: int | None = None

    @property
    def is_40_mhz(self) -> bool:
        """Flag bit 0: the board heard this frame on a 40 MHz channel."""
        return bool(self.flags & 0x01)

    @property
    def is_stbc(self) -> bool:
        """Flag bit 2: space-time block coding (ESP32-S3 only)."""
        return bool(self.flags & 0x04)

    @property
    def is_sanitised(self) -> bool:
        """Flag bit 5: the first four I/Q bytes were invalid and have been zeroed."""
        return bool(self.flags & 0x20)
