"""What the integration shows of the engine: frozen values between hub and entities, flows, panel."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .ruview_engine.ingest.status import NodeStatus
from .ruview_engine.introspection.snapshot import RoomSnapshot
from .ruview_engine.room.state import Calibration, RoomState

#: A node that has been silent for longer is offline. Origin: spec, facts/homeassistant §7 rule N1.
NODE_PATIENCE_S: Final = 30.0
#: A room whose nodes sent no frame for longer knows nothing. Origin: spec, facts/homeassistant §7 rule R1.
FRESH_S: Final = 5.0
#: Breathing needs at least this many frames a second. Origin: spec, facts/homeassistant §7 `low_frame_rate`.
SLOW_HZ: Final = 10.0
#: Weaker than this, quantisation noise looks like motion. Origin: measured, recordings with falling RSSI (SENSING §5).
WEAK_DBM: Final = -78.0
#: Stronger than this, the receiver saturates. Origin: chosen, half a metre from the access point.
STRONG_DBM: Final = -25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A running capture or training of a room.

    kind : "baseline", "anchor", "signature" or "train"; phase : "lead_in" or "capturing"
    hint : key of a sentence about what is seen right now
    """

    kind: str
    phase: str
    fraction: float
    remaining_s: float
    hint: str | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a capture or training ended. `reason` is a key of the translations, set exactly when it was not accepted."""

    kind: str
    accepted: bool
    reason: str | None = None
    numbers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One specialist of a room: learnt with a quality on held-out data, or absent with a reason.

    only : the part of its question that it can answer, when that is not all of it
    """

    kind: str
    quality: float
    reason: str | None = None
    only: str | None = None

    @property
    def is_learnt(self) -> bool:
        """It may speak."""
        return self.reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankInfo:
    """One stored bank."""

    version: int
    trained_at: datetime
    is_current: bool
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureInfo:
    """One recorded signature."""

    signature_id: str
    label: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """One board as the owner sees it."""

    status: NodeStatus

    @property
    def is_online(self) -> bool:
        """Anything at all was heard lately."""
        return self.status.age_s < NODE_PATIENCE_S

    @property
    def sends_csi(self) -> bool:
        """Frames flow, not only vitals and status."""
        return self.status.csi_age_s is not None and self.status.csi_age_s < FRESH_S

    @property
    def summary(self) -> str:
        """Rate, strength and age in a form that needs no translation."""
        parts = []
        if self.status.csi_rate_hz is not None:
            parts.append(f"{self.status.csi_rate_hz:.0f} Hz")
        if self.status.rssi_dbm is not None:
            parts.append(f"{self.status.rssi_dbm:.0f} dBm")
        parts.append(f"{self.status.age_s:.0f} s")
        return " · ".join(parts)

    @property
    def advice(self) -> str | None:
        """Key of what could be better about its place; None when it is fine."""
        rssi, rate = self.status.rssi_dbm, self.status.csi_rate_hz
        if not self.is_online:
            return "silent"
        if not self.sends_csi:
            return "no_csi"
        if rssi is not None and rssi < WEAK_DBM:
            return "weak"
        if rssi is not None and rssi > STRONG_DBM:
            return "strong"
        if rate is not None and rate < SLOW_HZ:
            return "slow"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """What a room's entities stand on at one moment; the snapshot's regime is the settled one."""

    state: RoomState
    snapshot: RoomSnapshot | None
    is_fresh: bool
    calibration: Calibration = Calibration.UNCALIBRATED


@dataclass(frozen=True, slots=True, kw_only=True)
class HubView:
    """The listener: accepted packets a second over the last seconds, and what was dropped since the start."""

    packets_per_s: float
    n_dropped: int
    nodes: dict[str, NodeView]
