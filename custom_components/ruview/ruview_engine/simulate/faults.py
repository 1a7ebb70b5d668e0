"""Things that go wrong at a given moment: material for STALE and for liveness.

Faults that alter the channel or the numbering take effect at the next full second; silences are exact.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from .scene import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Base: active from `begin_s` until `end_s`, on one node or on all (`node_id` None)."""

    begin_s: float
    end_s: float = inf
    node_id: int | None = None

    def concerns(self, node_id: int, at_s: float) -> bool:
        """It is active for this node at this moment."""
        return self.begin_s <= at_s < self.end_s and self.node_id in (None, node_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Fault):
    """Nothing comes; with `csi_only` vitals and the rest go on."""

    csi_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reboot(Fault):
    """Silent for `end_s − begin_s`, then numbering and uptime start again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roam(Fault):
    """The board joins another access point: `transmitter` (index) now stands elsewhere under another name."""

    transmitter: int = 0
    position: Point
    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChange(Fault):
    """The access point moves to another 2.4 GHz channel."""

    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GainStep(Fault):
    """The receiver settles at another level: `level_db` on all amplitudes, coarser or finer quantisation."""

    level_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerStep(Fault):
    """A transmitter becomes stronger or weaker; gain control hides it from the amplitudes, not from the RSSI."""

    power_db: float
    transmitter: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange(Fault):
    """Frames come `factor` times as often."""

    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Fault):
    """A share of the datagrams is lost on the way."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Fault):
    """The board repeats its last I/Q for ever, under new numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmitterGone(Fault):
    """One transmitter falls silent; the others go on."""

    transmitter: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutChange(Fault):
    """Frames of one layout come in another from now on."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMoved(Fault):
    """Somebody pushes the board aside by `offset` metres."""

    offset: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChange(Fault):
    """The board's packets come from another address (DHCP)."""

    address: tuple[str, int]


class Faults:
    """All faults of a simulation, asked by kind."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = tuple(sorted(faults, key=lambda fault: fault.begin_s))

    def active[F: Fault](self, kind: type[F], node_id: int, at_s: float) -> Iterator[F]:
        """Faults of one kind that are active, oldest first."""
        return (f for f in self._faults if isinstance(f, kind) and f.concerns(node_id, at_s))

    def ended[F: Fault](self, kind: type[F], node_id: int, begin_s: float, end_s: float) -> bool:
        """A fault of this kind ended in [begin_s, end_s)."""
        return any(
            isinstance(f, kind) and begin_s <= f.end_s < end_s and f.node_id in (None, node_id) for f in self._faults
        )

    def of[F: Fault](self, kind: type[F]) -> tuple[F, ...]:
        """All faults of one kind."""
        return tuple(f for f in self._faults if isinstance(f, kind))
