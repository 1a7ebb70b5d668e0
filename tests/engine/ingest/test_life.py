"""Boards that boot, move, double, stall, and strangers in between, in any order: what must always hold."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ruview_engine.ingest import Receiver, ReceiverSettings
from ruview_engine.ingest.roster import MAX_CLAIMS
from tests.engine.ingest.packets import csi, mesh, vitals

MAX_NODES = 4
IDS = st.integers(0, 5)
ADDRESSES = st.integers(1, 6).map(lambda i: f"10.0.0.{i}")


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self.n_fed = 0
        self.counters: dict[tuple[int, str], int] = {}

    @initialize(pins=st.dictionaries(st.sampled_from(["1", "2", "2@10.0.0.3"]), ADDRESSES))
    def start(self, pins: dict[str, str]) -> None:
        pins = {key: key.partition("@")[2] or address for key, address in pins.items()}
        self.receiver = Receiver(pins=pins, settings=ReceiverSettings(max_nodes=MAX_NODES))

    def _feed(self, datagram: bytes, address: str) -> None:
        self.now_s += 0.02
        self.n_fed += 1
        arrival = self.receiver.feed(datagram, (address, 5000), self.now_s)
        if arrival is not None:
            assert arrival.node is self.receiver.nodes[arrival.node.key]
            assert arrival.node.address == address
            assert arrival.node.last_s == self.now_s

    @rule(node_id=IDS, address=ADDRESSES, n=st.integers(1, 20), step=st.integers(1, 5))
    def frames(self, node_id: int, address: str, n: int, step: int) -> None:
        for _ in range(n):
            sequence = self.counters.get((node_id, address), 0) + step
            self.counters[node_id, address] = sequence
            self._feed(csi(node_id, sequence), address)

    @rule(node_id=IDS, address=ADDRESSES)
    def report(self, node_id: int, address: str) -> None:
        self._feed(vitals(node_id, int(self.now_s * 1000)), address)

    @rule(node_id=IDS, address=ADDRESSES)
    def reboot(self, node_id: int, address: str) -> None:
        self.counters[node_id, address] = 0

    @rule(address=ADDRESSES)
    def gossip(self, address: str) -> None:
        self._feed(mesh(), address)

    @rule(data=st.binary(max_size=40), address=ADDRESSES)
    def noise(self, data: bytes, address: str) -> None:
        self._feed(data, address)

    @rule(seconds=st.sampled_from([0.5, 5.0, 31.0, 4000.0]))
    def silence(self, seconds: float) -> None:
        self.now_s += seconds

    @precondition(lambda self: self.receiver.nodes)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.receiver.nodes)))
        self.receiver.forget(key)
        assert key not in self.receiver.nodes
        assert key not in self.receiver.pins

    @precondition(lambda self: hasattr(self, "receiver"))
    @invariant()
    def every_datagram_is_accounted_for_once(self) -> None:
        counters = self.receiver.counters
        parts = (
            counters.n_accepted,
            counters.n_rejected,
            counters.n_limited,
            counters.n_limited_strangers,
            counters.n_duplicates,
            counters.n_late,
            counters.n_held,
            counters.n_refused,
            counters.n_unattributed,
        )
        assert sum(parts) == counters.n_received == self.n_fed

    @precondition(lambda self: hasattr(self, "receiver"))
    @invariant()
    def keys_routes_and_reserves_agree(self) -> None:
        roster = self.receiver._roster
        assert len(roster.nodes) <= MAX_NODES
        assert len(roster._claims) <= MAX_CLAIMS
        assert set(roster._routes) == {(node.node_id, node.address) for node in roster.nodes.values()}
        assert all(roster._routes[node.node_id, node.address] is node for node in roster.nodes.values())
        assert all(key == node.key for key, node in roster.nodes.items())
        assert not set(roster._claims) & set(roster._routes)
        known = {node.address for node in roster.nodes.values()} | set(roster._pins.values())
        assert set(self.receiver._limiter._reserves) == known

    @precondition(lambda self: hasattr(self, "receiver"))
    @invariant()
    def a_status_can_always_be_taken(self) -> None:
        for node in self.receiver.nodes.values():
            status = node.status(self.now_s)
            assert status.loss is None or 0 <= status.loss < 1
            assert status.age_s >= 0


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
