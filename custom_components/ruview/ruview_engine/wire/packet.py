"""The CSI frame, and what all packets share: kinds, rejections. Values only: no parsing, no state.

The other packets live beside their codec (`vitals.py`, `feature.py`, …); `registry.py` has the union of all.
Field meanings and the firmware's habits are written down in `docs/wire-format.md`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from ..frame_value import frame_value


class PacketKind(StrEnum):
    """What a packet is about. Liveness and rates are kept per kind: CSI can stall while vitals flow."""

    CSI = "csi"
    VITALS = "vitals"
    FUSED_VITALS = "fused_vitals"
    FEATURE_VECTOR = "feature_vector"
    FEATURE_STATE = "feature_state"
    COMPRESSED_CSI = "compressed_csi"
    WASM = "wasm"
    SYNC = "sync"
    LINK_STATUS = "link_status"
    MESH = "mesh"


class Ppdu(IntEnum):
    """Byte 18 of a raw CSI frame (ADR-110). Boards older than June 2026 always send 0."""

    LEGACY = 0
    HE_SU = 1
    HE_MU = 2
    HE_TB = 3
    UNKNOWN = 0xFF


class Reason(StrEnum):
    """Why a datagram was not decoded. Closed: every rejection is one of these counters.

    EMPTY : no bytes at all
    SHORT : ends before the fixed part of its packet (or before the magic) is complete
    LENGTH : complete, but its length is not the one its type and header call for
    UNKNOWN_MAGIC : the first four bytes name no packet we know
    CHECKSUM : the CRC does not fit
    HEADER : a field that cannot be: no antenna, no pairs, a float that is not finite
    UNSUPPORTED : known to exist, deliberately not decoded (foreign packets under shared magics, newer versions)
    """

    EMPTY = "empty"
    SHORT = "short"
    LENGTH = "length"
    UNKNOWN_MAGIC = "unknown_magic"
    CHECKSUM = "checksum"
    HEADER = "header"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecodable:
    """A datagram that is not a packet of ours, and why. `magic` is None when there were fewer than four bytes."""

    reason: Reason
    magic: int | None = None


@frame_value()
class CsiFrame:
    """One CSI report (0xC5110001 v1, 0xC5110008 v2, 0xC511000A v3).

    n_antennas : 1–4 on the wire; the firmware always writes 1
    n_pairs : 1–1024 I/Q pairs per antenna: the sum of all training fields, not a count of physical tones
    freq_mhz : 0 when the board does not know its channel
    sequence : node-private counter, 32 bit; steps of 1–2 are not loss (see `ingest.freshness`)
    ppdu : see `Ppdu`; other numbers are kept as they came
    iq : the ESP-IDF buffer: n_antennas × n_pairs pairs of int8, imaginary part first
    transmitter : (6 bytes) v2 and v3: whose transmission was heard
    rx_sequence : v3: raw 802.11 sequence control of the heard transmission, low 4 bits = fragment
    mesh_timestamp_us : only from the fork that puts a mesh clock between header and I/Q
    """

    kind: ClassVar[PacketKind] = PacketKind.CSI

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
        """Flag bit 5: the first four I/Q bytes were invalid and have been zeroed (the fork means its clock by it)."""
        return bool(self.flags & 0x20) and self.mesh_timestamp_us is None

    @property
    def channel(self) -> int | None:
        """Wi-Fi channel of `freq_mhz`; None when the board did not say."""
        return channel_of(self.freq_mhz)


def channel_of(freq_mhz: int) -> int | None:
    """Channel number of a centre frequency; the inverse of the firmware's rule (upstream ADR-018).

    >>> channel_of(2437), channel_of(2484), channel_of(5180), channel_of(0)
    (6, 14, 36, None)
    """
    if freq_mhz == 2484:
        return 14
    if 2412 <= freq_mhz <= 2472 and (freq_mhz - 2407) % 5 == 0:
        return (freq_mhz - 2407) // 5
    if 5180 <= freq_mhz <= 5885 and freq_mhz % 5 == 0:
        return (freq_mhz - 5000) // 5
    return None
