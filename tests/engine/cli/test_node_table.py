"""The table says in words what is wrong with a node."""

from ruview_engine.cli.node_table import node_view
from ruview_engine.ingest import Receiver
from tests.engine.ingest.packets import csi, vitals


def _text(receiver: Receiver, now_s: float) -> str:
    return node_view("t", [node.status(now_s) for node in receiver.nodes.values()], receiver.counters).as_text()


def test_states() -> None:
    receiver = Receiver()
    for i in range(100):
        receiver.feed(csi(1, i, rssi_dbm=-60 - i % 5), "10.0.0.1", i * 0.05)
        receiver.feed(csi(1, 900 + i), "10.0.0.2", i * 0.05)
    receiver.feed(vitals(7), "10.0.0.7", 5.0)
    assert "conflict" in _text(receiver, 5.0)
    assert "no CSI yet" in _text(receiver, 5.0)
    assert "give each board its own id" in _text(receiver, 5.0)
    receiver.feed(vitals(1, 9000), "10.0.0.1", 12.0)
    assert "CSI stalled" in _text(receiver, 12.0)
    assert "offline" in _text(receiver, 100.0)
    assert "-62" in _text(receiver, 5.0)


def test_only_drops_that_happened_are_told() -> None:
    receiver = Receiver()
    receiver.feed(csi(1, 0), "a", 0.0)
    assert "not used" not in _text(receiver, 0.0)
    receiver.feed(b"x", "a", 0.0)
    receiver.feed(csi(1, 0), "a", 0.0)
    assert "not used: 1 short, 1 duplicate" in _text(receiver, 0.0)


def test_nothing_heard_is_no_table() -> None:
    assert _text(Receiver(), 0.0).splitlines() == ["t", "0 datagrams, 0 packets accepted"]
