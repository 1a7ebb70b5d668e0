"""Datagrams in, packets of known boards out. Nothing a stranger sends raises, is logged, or grows without bound."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..frame_value import frame_value
from ..wire import MeshEnvelope, Packet, PacketKind, Reason, Undecodable, decode
from .counters import Counters, Stranger
from .freshness import Freshness
from .limiter import Limiter, LimiterSettings
from .node import Node
from .roster import Roster

type Source = str | tuple[str, int] | tuple[str, int, int, int]
"""An address as text, or what a socket reports: (address, port), or IPv6's four parts. Only the address counts: a board
takes another port at every boot."""

#: How a socket for both families reports an IPv4 address. Origin: spec, RFC 4291 §2.5.5.2.
MAPPED: Final = "::ffff:"

#: Strangers kept for diagnostics, and unknown magics told apart. Origin: chosen; enough to see a misconfigured home.
MAX_STRANGERS_SHOWN: Final = 32
MAX_MAGICS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """`max_nodes` boards at most; `limits` for the rates."""

    max_nodes: int = 32
    limits: LimiterSettings = field(default_factory=LimiterSettings)


@frame_value()
class Arrival:
    """One accepted packet: whose, what, when (monotonic seconds)."""

    node: Node
    packet: Packet
    at_s: float


class Receiver:
    """`pins` are keys → addresses from an earlier run; read them back with `pins`. See `roster` for who is who."""

    def __init__(self, *, pins: Mapping[str, str] | None = None, settings: ReceiverSettings | None = None) -> None:
        settings = settings or ReceiverSettings()
        self._limiter = Limiter(settings.limits)
        self._roster = Roster(pins or {}, settings.max_nodes, self._limiter)
        self._strangers: OrderedDict[str, Stranger] = OrderedDict()
        self._accepted: Counter[PacketKind] = Counter()
        self._rejected: Counter[Reason] = Counter()
        self._magics: Counter[int] = Counter()
        self._n_received = 0
        self._n_limited = 0
        self._n_limited_strangers = 0
        self._n_duplicates = 0
        self._n_late = 0
        self._n_unattributed = 0

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All boards by key; a view that changes with every `feed`."""
        return self._roster.nodes

    @property
    def pins(self) -> dict[str, str]:
        """Keys → addresses, to be given to the next `Receiver`; pins of boards not heard yet are kept.

        Which of them deserve to be kept is the caller's to say: a board nobody configured may be a neighbour's.
        """
        return self._roster.pins

    @property
    def strangers(self) -> tuple[Stranger, ...]:
        """Recent senders of what is no packet of ours, newest last."""
        return tuple(self._strangers.values())

    @property
    def counters(self) -> Counters:
        """What became of everything received so far."""
        roster = self._roster
        return Counters(
            n_received=self._n_received,
            accepted=tuple(sorted(self._accepted.items())),
            rejected=tuple(sorted(self._rejected.items())),
            unknown_magics=tuple(sorted(self._magics.items())),
            n_limited=self._n_limited,
            n_limited_strangers=self._n_limited_strangers,
            n_duplicates=self._n_duplicates,
            n_late=self._n_late,
            n_held=roster.n_held,
            n_refused=roster.n_refused,
            n_unattributed=self._n_unattributed,
            n_conflicts=roster.n_conflicts,
            n_moves=roster.n_moves,
        )

    def feed(self, datagram: bytes, source: Source, at_s: float) -> Arrival | None:
        """Take one datagram, at monotonic `at_s`. None when nothing may be built on it; the counters say why.

        Never raises on any bytes. A known address pays for what decodes, a stranger for being looked at, so neither
        garbage nor strangers use up what a board needs.
        """
        self._n_received += 1
        address = source if isinstance(source, str) else source[0]
        if address.startswith(MAPPED):
            address = address.removeprefix(MAPPED)
        is_known = self._limiter.knows(address)
        if not is_known and not self._limiter.admit_stranger(address, at_s):
            self._n_limited_strangers += 1
            return None
        packet = decode(datagram)
        if isinstance(packet, Undecodable):
            self._reject(packet, None if is_known else address, at_s)
            return None
        if is_known and not self._limiter.admit_known(address, at_s):
            self._n_limited += 1
            return None
        if isinstance(packet, MeshEnvelope):
            node = self._only_node_at(address)
        else:
            node = self._roster.node_of(packet.node_id, address, at_s)
        if node is None:
            return None
        freshness = node.take(packet, at_s)
        if freshness is not Freshness.NEW and not freshness.is_usable:
            if freshness is Freshness.DUPLICATE:
                self._n_duplicates += 1
            else:
                self._n_late += 1
            return None
        self._accepted[packet.kind] += 1
        return Arrival(node, packet, at_s)

    def forget(self, key: str) -> None:
        """Drop a board and its pin, e.g. when its owner deletes it; it is new when it speaks again."""
        self._roster.forget(key)

    def _only_node_at(self, address: str) -> Node | None:
        """Mesh packets carry no node id that is ours; their address must do."""
        node = self._roster.only_node_at(address)
        if node is None:
            self._n_unattributed += 1
        return node

    def _reject(self, refusal: Undecodable, stranger: str | None, at_s: float) -> None:
        """Count a datagram that is no packet, and who sent it if not a board."""
        self._rejected[refusal.reason] += 1
        magic = refusal.magic or 0
        is_unknown = refusal.reason is Reason.UNKNOWN_MAGIC
        if is_unknown and (magic in self._magics or len(self._magics) < MAX_MAGICS):
            self._magics[magic] += 1
        if stranger is None:
            return
        before = self._strangers.pop(stranger, None)
        n_datagrams = 1 if before is None else before.n_datagrams + 1
        self._strangers[stranger] = Stranger(
            address=stranger, n_datagrams=n_datagrams, last_seen_s=at_s, reason=refusal.reason
        )
        if len(self._strangers) > MAX_STRANGERS_SHOWN:
            self._strangers.popitem(last=False)
