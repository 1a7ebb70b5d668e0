"""One board: what it sends, how often, and whether it lives. Liveness is kept per kind of packet."""

from collections import deque
from statistics import median, quantiles
from typing import Final

from ..wire import (
    ClockSync,
    CompressedCsi,
    CsiFrame,
    EdgeVitals,
    FeatureState,
    FeatureVector,
    FusedVitals,
    LinkStatus,
    Packet,
    PacketKind,
    WasmOutput,
)
from ..wire.packet import channel_of
from .freshness import BootClock, Freshness, SequenceWindow
from .pace import Pace, Tally
from .status import FirmwareHint, FrameKind, NodeStatus

#: A board that sent nothing at all for so long is offline. Origin: chosen; every firmware sends vitals each second and
#: backs off for at most 2 s when its memory is full (upstream report §1.9), so three such holes fit.
PATIENCE_S: Final = 10.0

#: CSI is stalled after this, or after five usual intervals. Origin: peers report §4.2; idle channels give 0.3 Hz.
CSI_PATIENCE_S: Final = 3.0
CSI_PATIENCE_INTERVALS: Final = 5.0

#: Two detectors see one reboot. Origin: chosen; the counter restarts within seconds of the clock.
REBOOT_MERGE_S: Final = 10.0

#: Kinds of frames remembered. Origin: chosen; real nodes show 3–8 (upstream report §1.10).
MAX_FRAME_KINDS: Final = 24

#: Share of skipped numbers that gives old firmware away. Origin: measured, ADR-364 (PR): 21–28 % against 0.1 %.
SKIP_SHARE: Final = 0.05

#: Loss is that of the last minute. Origin: chosen; long enough for a thousand frames, short enough to be about now.
LOSS_WINDOW_S: Final = 60.0
#: Arrivals from which a pace is read, of frames and of everything else. Origin: derived, twenty seconds of frames at
#: 50 Hz; a minute of packets that come once a second.
CSI_ARRIVALS: Final = 1024
OTHER_ARRIVALS: Final = 64
#: Signal strength is the median of so many frames. Origin: derived, about ten seconds at 20–28 Hz.
RECENT_RSSI: Final = 256


class Node:
    """Owner of everything known about one board. Fed by `Receiver` only."""

    def __init__(self, key: str, node_id: int, address: str, at_s: float) -> None:
        self.key: Final = key
        self.node_id: Final = node_id
        self.address = address
        self.first_s: Final = at_s
        self.last_s = at_s
        self.n_packets = 0
        self.n_reboots = 0
        self.n_duplicates = 0
        self.n_late = 0
        self.n_conflicts = 0
        self.n_moves = 0
        self._paces: dict[PacketKind, Pace] = {}
        self._csi = Pace(CSI_ARRIVALS)
        self._window = SequenceWindow()
        self._clocks: dict[PacketKind, BootClock] = {}
        self._reboot_s: float | None = None
        self._received = Tally(LOSS_WINDOW_S)
        self._lost = Tally(LOSS_WINDOW_S)
        self._rssi: deque[int] = deque(maxlen=RECENT_RSSI)
        self._mix: dict[tuple[int, int, int], int] = {}
        self._hints: set[FirmwareHint] = set()
        self._frame: CsiFrame | None = None
        self._link: LinkStatus | None = None
        self._booted_s: float | None = None

    def take(self, packet: Packet, at_s: float) -> Freshness:
        """Note one packet and say how fresh it is; only CSI frames are numbered, all others are new."""
        self.last_s = at_s
        self.n_packets += 1
        if isinstance(packet, CsiFrame):
            return self._take_frame(packet, at_s)
        kind = packet.kind
        pace = self._paces.get(kind)
        if pace is None:
            pace = self._paces[kind] = Pace(OTHER_ARRIVALS)
        pace.update(at_s)
        self._read(packet, at_s)
        return Freshness.NEW

    def is_online(self, now_s: float) -> bool:
        """Something came within `PATIENCE_S`."""
        return now_s - self.last_s <= PATIENCE_S

    def is_csi_stalled(self, now_s: float) -> bool:
        """The board lives and has sent CSI before, but no frame came for longer than it usually takes."""
        age_s = self._csi.age_s(now_s)
        if age_s is None or not self.is_online(now_s):
            return False
        return age_s > self.csi_patience_s

    @property
    def csi_patience_s(self) -> float:
        """How long this board may stay without a frame: five usual intervals, at least `CSI_PATIENCE_S`."""
        usual_hz = None if self._csi.last_s is None else self._csi.rate_hz(self._csi.last_s)
        return max(CSI_PATIENCE_S, CSI_PATIENCE_INTERVALS / usual_hz) if usual_hz else CSI_PATIENCE_S

    def csi_age_s(self, now_s: float) -> float | None:
        """Seconds since the last frame; None when there was none."""
        return self._csi.age_s(now_s)

    def csi_rate_hz(self, now_s: float) -> float | None:
        """Frames per second over the last seconds, all transmitters and sizes together."""
        return self._csi.rate_hz(now_s)

    @property
    def newest_frame(self) -> CsiFrame | None:
        """The last usable frame."""
        return self._frame

    @property
    def bssid(self) -> bytes | None:
        """The access point the board last reported to be associated with; personal, never log it."""
        return self._link.bssid if self._link is not None and self._link.is_valid else None

    def status(self, now_s: float) -> NodeStatus:
        """Everything diagnostics show, frozen."""
        frame, link = self._frame, self._link
        paces = sorted(self._paces.items() | {PacketKind.CSI: self._csi}.items())
        link_is_valid = link is not None and link.is_valid
        freq_mhz = frame.freq_mhz if frame is not None and frame.freq_mhz else None
        return NodeStatus(
            key=self.key,
            node_id=self.node_id,
            address=self.address,
            is_online=self.is_online(now_s),
            is_csi_stalled=self.is_csi_stalled(now_s),
            first_seen_s=self.first_s,
            last_seen_s=self.last_s,
            age_s=max(0.0, now_s - self.last_s),
            csi_age_s=self.csi_age_s(now_s),
            csi_rate_hz=self.csi_rate_hz(now_s),
            rates_hz=tuple((kind, pace.rate_hz(now_s)) for kind, pace in paces),
            counts=tuple((kind, pace.n) for kind, pace in paces),
            rssi_dbm=median(self._rssi) if self._rssi else None,
            rssi_spread_db=_spread(self._rssi),
            noise_floor_dbm=frame.noise_floor_dbm if frame is not None and frame.noise_floor_dbm < 0 else None,
            frame_mix=self._frame_mix(),
            freq_mhz=freq_mhz,
            channel=channel_of(freq_mhz) if freq_mhz else link.channel if link is not None and link_is_valid else None,
            sequence=self._window.newest,
            loss=self._loss(now_s),
            jitter_s=self._csi.jitter_s(),
            n_duplicates=self.n_duplicates,
            n_late=self.n_late,
            n_reboots=self.n_reboots,
            n_clock_stalls=sum(clock.n_stalls for clock in self._clocks.values()),
            n_conflicts=self.n_conflicts,
            n_moves=self.n_moves,
            uptime_s=None if self._booted_s is None else now_s - self._booted_s,
            bssid=link.bssid.hex(":") if link is not None and link_is_valid else None,
            n_associations=link.n_associations if link is not None else None,
            firmware_hints=tuple(sorted(self._hints | self._sequence_hints())),
        )

    def _take_frame(self, frame: CsiFrame, at_s: float) -> Freshness:
        self._csi.update(at_s)
        window = self._window
        n_lost = window.n_lost
        freshness = window.update(frame.sequence)
        if freshness is not Freshness.NEW:
            if freshness is Freshness.DUPLICATE:
                self.n_duplicates += 1
                return freshness
            if freshness is not Freshness.REBOOTED:
                self.n_late += 1
                return freshness
            self._note_reboot(at_s)
        self._received.add(1, at_s)
        if window.n_lost > n_lost:
            self._lost.add(window.n_lost - n_lost, at_s)
        if frame.rssi_dbm < 0:
            self._rssi.append(frame.rssi_dbm)
        kind = (frame.n_pairs, frame.ppdu, frame.flags)
        count = self._mix.get(kind)
        if count is not None:
            self._mix[kind] = count + 1
        else:
            self._note_new_kind(frame, kind)
        self._frame = frame
        return freshness

    def _note_new_kind(self, frame: CsiFrame, kind: tuple[int, int, int]) -> None:
        """A frame unlike those before: room for its count, and what it says about the firmware."""
        if len(self._mix) >= MAX_FRAME_KINDS:
            del self._mix[min(self._mix, key=self._mix.__getitem__)]
        self._mix[kind] = 1
        told = {
            FirmwareHint.TAGS_PPDU: bool(frame.ppdu or frame.flags),
            FirmwareHint.NAMES_TRANSMITTER: frame.transmitter is not None,
            FirmwareHint.NUMBERS_TRANSMISSION: frame.rx_sequence is not None,
            FirmwareHint.SANITISES: frame.is_sanitised,
            FirmwareHint.STAMPS_MESH_CLOCK: frame.mesh_timestamp_us is not None,
        }
        self._hints.update(hint for hint, is_so in told.items() if is_so)

    def _read(self, packet: Packet, at_s: float) -> None:
        """What packets other than CSI add."""
        match packet:
            case EdgeVitals():
                self._read_clock(packet.kind, packet.uptime_ms * 1000, at_s)
            case FusedVitals():
                self._hints.add(FirmwareHint.HAS_MMWAVE)
                self._read_clock(packet.kind, packet.uptime_ms * 1000, at_s)
            case FeatureVector() | FeatureState():
                self._read_clock(packet.kind, packet.uptime_us, at_s)
            case ClockSync():
                self._hints.add(FirmwareHint.SYNCS_CLOCK)
                self._read_clock(packet.kind, packet.local_us, at_s)
            case LinkStatus():
                self._hints.add(FirmwareHint.REPORTS_ACCESS_POINT)
                self._link = packet
            case CompressedCsi():
                self._hints.add(FirmwareHint.COMPRESSES)
            case WasmOutput():
                self._hints.add(FirmwareHint.RUNS_WASM)
            case _:
                pass

    def _read_clock(self, kind: PacketKind, uptime_us: int, at_s: float) -> None:
        clock = self._clocks.get(kind)
        if clock is None:
            clock = self._clocks[kind] = BootClock()
        self._booted_s = at_s - uptime_us / 1e6
        if clock.update(uptime_us, at_s):
            self._note_reboot(at_s)
            self._window.restart()

    def _note_reboot(self, at_s: float) -> None:
        if self._reboot_s is None or at_s - self._reboot_s > REBOOT_MERGE_S:
            self.n_reboots += 1
            self._reboot_s = at_s

    def _loss(self, now_s: float) -> float | None:
        n_received = self._received.total(now_s)
        n_lost = self._lost.total(now_s)
        return n_lost / (n_lost + n_received) if n_received else None

    def _frame_mix(self) -> tuple[tuple[FrameKind, float], ...]:
        total = sum(self._mix.values())
        shares = ((FrameKind(n_pairs=n, ppdu=p, flags=f), count / total) for (n, p, f), count in self._mix.items())
        return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))

    def _sequence_hints(self) -> set[FirmwareHint]:
        window = self._window
        skips = window.n_steps >= 100 and window.n_wide_steps > SKIP_SHARE * window.n_steps
        return {FirmwareHint.SKIPS_NUMBERS} if skips else set()


def _spread(rssi: deque[int]) -> float | None:
    """10–90 % range in dB; None with fewer than ten readings."""
    if len(rssi) < 10:
        return None
    deciles = quantiles(rssi, n=10, method="inclusive")
    return deciles[-1] - deciles[0]
