"""What diagnostics show about a node: a frozen snapshot."""

from dataclasses import dataclass
from enum import StrEnum

from ..wire.packet import PacketKind


class FirmwareHint(StrEnum):
    """What a board's packets give away about its firmware. Shown, never relied upon."""

    TAGS_PPDU = "tags_ppdu"
    NAMES_TRANSMITTER = "names_transmitter"
    NUMBERS_TRANSMISSION = "numbers_transmission"
    SANITISES = "sanitises"
    STAMPS_MESH_CLOCK = "stamps_mesh_clock"
    SKIPS_NUMBERS = "skips_numbers"
    REPORTS_ACCESS_POINT = "reports_access_point"
    SYNCS_CLOCK = "syncs_clock"
    COMPRESSES = "compresses"
    HAS_MMWAVE = "has_mmwave"
    RUNS_WASM = "runs_wasm"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FrameKind:
    """Frames of one kind have the same pairs, PPDU byte and flags."""

    n_pairs: int
    ppdu: int
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """One node at one moment. Ages and durations in seconds, rates per second; None = not known.

    is_online : anything came within the patience, whatever its kind
    is_csi_stalled : online, has sent CSI before, and sends none now
    rates_hz, counts : per packet kind
    rssi_dbm, rssi_spread_db : median of the recent frames, and their 10–90 % range; transmitters are mixed in it
    frame_mix : share of each frame kind among all CSI frames
    loss : share of frames that steps over 2 in the sequence leave unaccounted for, last minute
    jitter_s : median deviation of the CSI intervals
    uptime_s : since the board started, by its last report and the time since
    bssid : access point as the board reports it; personal, redact it
    """

    key: str
    node_id: int
    address: str
    is_online: bool
    is_csi_stalled: bool
    first_seen_s: float
    last_seen_s: float
    age_s: float
    csi_age_s: float | None
    csi_rate_hz: float | None
    rates_hz: tuple[tuple[PacketKind, float | None], ...]
    counts: tuple[tuple[PacketKind, int], ...]
    rssi_dbm: float | None
    rssi_spread_db: float | None
    noise_floor_dbm: int | None
    frame_mix: tuple[tuple[FrameKind, float], ...]
    freq_mhz: int | None
    channel: int | None
    sequence: int | None
    loss: float | None
    jitter_s: float | None
    n_duplicates: int
    n_late: int
    n_reboots: int
    n_clock_stalls: int
    n_conflicts: int
    n_moves: int
    uptime_s: float | None
    bssid: str | None
    n_associations: int | None
    firmware_hints: tuple[FirmwareHint, ...]
