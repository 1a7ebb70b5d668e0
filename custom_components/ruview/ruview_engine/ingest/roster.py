"""Which board a packet is from. Bounded, and fair to boards that were there first.

A board's key is its node id as text, pinned to the address that first used it. Duplicate ids are a real firmware fault,
changing addresses are ordinary DHCP, and the first packets of both look the same. So a newcomer who uses a pinned id is
*held*: when the pinned address speaks again while the newcomer does, both live and the newcomer becomes `id@address`;
when the pinned address stays silent for `TAKEOVER_S`, the newcomer is the board and takes the key over.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .limiter import Limiter
from .node import Node

#: Silence after which a pin gives way to a newcomer with the same id. Origin: chosen (docs/architecture.md); a board
#: reboots and joins in 3–10 s, and vitals come every second, so a living one is not silent that long.
TAKEOVER_S: Final = 30.0

#: A newcomer must have spoken so often before the pinned address's next packet proves that both live.
#: Origin: chosen; one stray or spoofed datagram makes no conflict.
MIN_CLAIM: Final = 2

#: Newcomers held at a time. Origin: chosen; more boards with one id are a flood, the oldest claim is forgotten.
MAX_CLAIMS: Final = 32

#: A board heard for `ESTABLISHED_S` may be silent for `LONG_SILENCE_S` before its place is given away, any other only
#: for `TAKEOVER_S`. Origin: chosen; a flood of invented boards frees its places half a minute after it ends.
ESTABLISHED_S: Final = 60.0
LONG_SILENCE_S: Final = 3600.0

type Route = tuple[int, str]
"""Node id and address, as a packet brings them."""


@dataclass(slots=True)
class _Claim:
    """A newcomer using a pinned id."""

    first_s: float
    n: int = 0


class Roster:
    """Owner of all nodes. Gives known addresses their reserve in the limiter and takes it back."""

    def __init__(self, pins: Mapping[str, str], max_nodes: int, limiter: Limiter) -> None:
        valid = [(key, address) for key, address in pins.items() if _is_key_of(key, address)]
        self._pins = dict(valid[:max_nodes])
        self._max_nodes = max_nodes
        self._limiter = limiter
        self._nodes: dict[str, Node] = {}
        self._routes: dict[Route, Node] = {}
        self._claims: OrderedDict[Route, _Claim] = OrderedDict()
        self._claimed: Counter[int] = Counter()
        self._started_s: float | None = None
        self.n_held = 0
        self.n_refused = 0
        self.n_conflicts = 0
        self.n_moves = 0
        for address in self._pins.values():
            limiter.know(address)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All boards heard, by key; a view."""
        return MappingProxyType(self._nodes)

    @property
    def pins(self) -> dict[str, str]:
        """Keys → addresses of all boards heard or pinned."""
        return self._pins | {key: node.address for key, node in self._nodes.items()}

    def node_of(self, node_id: int, address: str, at_s: float) -> Node | None:
        """Whose packet this is; None while that is unclear or there is no place (counted)."""
        route = (node_id, address)
        node = self._routes.get(route)
        if node is None:
            return self._newcomer(route, at_s)
        if self._claimed and node_id in self._claimed and node.key == str(node_id):
            node.last_s = at_s  # it speaks, so it must not be the one that makes room for its rival
            self._prove_conflicts(node, at_s)
        return node

    def only_node_at(self, address: str) -> Node | None:
        """The board of an address, for packets that name no id; None when there is none or more than one."""
        here = [node for node in self._nodes.values() if node.address == address]
        return here[0] if len(here) == 1 else None

    def forget(self, key: str) -> None:
        """Drop a board and its pin."""
        pinned = self._pins.pop(key, None)
        node = self._nodes.get(key)
        if node is not None:
            self._remove(node)
        elif pinned is not None:
            self._forget_address(pinned)

    def _newcomer(self, route: Route, at_s: float) -> Node | None:
        """A pair of id and address not met before: a new board, a moved one, or a second one with the same id."""
        if self._started_s is None:
            self._started_s = at_s
        node_id, address = route
        key = str(node_id)
        for pinned_key in (key, f"{key}@{address}"):
            if self._pins.get(pinned_key) == address:
                return self._admit(pinned_key, route, at_s)
        pinned = self._nodes.get(key)
        if pinned is None and key not in self._pins:
            return self._admit(key, route, at_s)
        silent_since_s = self._started_s if pinned is None else pinned.last_s
        if at_s - silent_since_s >= TAKEOVER_S:
            return self._move(pinned, key, route, at_s)
        self._hold(route, at_s)
        return None

    def _hold(self, route: Route, at_s: float) -> None:
        """Not yet clear who it is; remember that it spoke."""
        self.n_held += 1
        claim = self._claims.get(route)
        if claim is None:
            claim = self._claims[route] = _Claim(at_s)
            self._claimed[route[0]] += 1
            if len(self._claims) > MAX_CLAIMS:
                self._release(next(iter(self._claims)))
        claim.n += 1

    def _release(self, route: Route) -> None:
        del self._claims[route]
        self._claimed[route[0]] -= 1
        if not self._claimed[route[0]]:
            del self._claimed[route[0]]

    def _prove_conflicts(self, node: Node, at_s: float) -> None:
        """The pinned address speaks: newcomers that spoke meanwhile are other boards. Old single words expire."""
        for route, claim in [(r, c) for r, c in self._claims.items() if r[0] == node.node_id]:
            is_proven = claim.n >= MIN_CLAIM
            if is_proven or at_s - claim.first_s > TAKEOVER_S:
                self._release(route)
            if is_proven and self._add(f"{route[0]}@{route[1]}", route, at_s) is not None:
                self.n_conflicts += 1
                node.n_conflicts += 1

    def _move(self, node: Node | None, key: str, route: Route, at_s: float) -> Node | None:
        """The pinned address is gone; its board speaks from a new one."""
        if route in self._claims:
            self._release(route)
        if node is None:
            former = self._pins.pop(key)
            node = self._admit(key, route, at_s)
        else:
            former = node.address
            self._pins.pop(key, None)
            del self._routes[(node.node_id, former)]
            node.address = route[1]
            self._routes[route] = node
            self._limiter.know(route[1])
        self._forget_address(former)
        if node is not None:
            self.n_moves += 1
            node.n_moves += 1
        return node

    def _admit(self, key: str, route: Route, at_s: float) -> Node | None:
        """A place for the board of the packet at hand, or count that packet as refused."""
        node = self._add(key, route, at_s)
        if node is None:
            self.n_refused += 1
        return node

    def _add(self, key: str, route: Route, at_s: float) -> Node | None:
        """A place for a new board, if there is one or one can be made."""
        if len(self._nodes) >= self._max_nodes and not self._make_room(at_s):
            return None
        if route in self._claims:
            self._release(route)
        node = self._nodes[key] = Node(key, route[0], route[1], at_s)
        self._routes[route] = node
        self._limiter.know(route[1])
        return node

    def _make_room(self, at_s: float) -> bool:
        """Drop the unpinned board that is silent for longest, if that is long enough for how long it was here."""
        for node in sorted(self._nodes.values(), key=lambda node: node.last_s):
            patience_s = LONG_SILENCE_S if node.last_s - node.first_s >= ESTABLISHED_S else TAKEOVER_S
            if node.key not in self._pins and at_s - node.last_s > patience_s:
                self._remove(node)
                return True
        return False

    def _remove(self, node: Node) -> None:
        del self._nodes[node.key]
        del self._routes[(node.node_id, node.address)]
        self._forget_address(node.address)

    def _forget_address(self, address: str) -> None:
        """An address without board or pin is a stranger again."""
        if address not in self._pins.values() and not any(node.address == address for node in self._nodes.values()):
            self._limiter.forget(address)


def _is_key_of(key: str, address: str) -> bool:
    """A key is a node id, alone or with the very address it is pinned to."""
    head, at, tail = key.partition("@")
    return head.isascii() and head.isdigit() and int(head) <= 255 and (not at or tail == address)
