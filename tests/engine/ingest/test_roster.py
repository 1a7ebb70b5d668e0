"""Who is who: duplicate ids, moved boards, pins over a restart, and places that do not run out."""

from ruview_engine.ingest import Receiver, ReceiverSettings
from ruview_engine.ingest.roster import ESTABLISHED_S, LONG_SILENCE_S, MAX_CLAIMS, TAKEOVER_S
from tests.engine.ingest.packets import csi, vitals


def _keys(receiver: Receiver) -> dict[str, str]:
    return {key: node.address for key, node in receiver.nodes.items()}


def _alternate(receiver: Receiver, addresses: list[str], n: int, start_s: float = 0.0) -> dict[str, set[str]]:
    """Boards with one id, each with its own counter; which key each address got."""
    got: dict[str, set[str]] = {address: set() for address in addresses}
    for i in range(n):
        for j, address in enumerate(addresses):
            arrival = receiver.feed(csi(1, 1000 * j + i), address, start_s + i * 0.05 + j * 0.01)
            if arrival is not None:
                got[address].add(arrival.node.key)
    return got


def test_a_key_is_the_node_id_and_is_pinned() -> None:
    receiver = Receiver()
    arrival = receiver.feed(csi(7, 1), ("10.0.0.1", 4000), 0.0)
    assert arrival is not None
    assert arrival.node.key == "7"
    assert arrival.node.address == "10.0.0.1"
    assert receiver.pins == {"7": "10.0.0.1"}


def test_two_living_boards_with_one_id_are_kept_apart_and_counted() -> None:
    receiver = Receiver()
    got = _alternate(receiver, ["10.0.0.1", "10.0.0.2", "10.0.0.3"], 50)
    assert got == {"10.0.0.1": {"1"}, "10.0.0.2": {"1@10.0.0.2"}, "10.0.0.3": {"1@10.0.0.3"}}
    assert receiver.counters.n_conflicts == 2
    assert receiver.nodes["1"].n_conflicts == 2
    assert receiver.nodes["1"].n_reboots == 0
    assert receiver.counters.n_accepted >= 150 - 6


def test_one_stray_datagram_is_no_conflict() -> None:
    receiver = Receiver()
    receiver.feed(csi(1, 0), "10.0.0.1", 0.0)
    assert receiver.feed(csi(1, 0), "10.0.0.2", 0.1) is None
    for i in range(1, 1000):
        receiver.feed(csi(1, i), "10.0.0.1", i * 0.05)
    assert _keys(receiver) == {"1": "10.0.0.1"}
    assert receiver.counters.n_conflicts == 0
    assert receiver.counters.n_held == 1


def test_a_board_with_a_new_address_takes_its_key_along() -> None:
    receiver = Receiver()
    for i in range(100):
        receiver.feed(csi(1, i), "10.0.0.1", i * 0.05)
    node = receiver.nodes["1"]
    taken = [receiver.feed(csi(1, 100 + i), "10.0.0.9", 5.0 + i * 0.05) for i in range(1000)]
    first = next(i for i, arrival in enumerate(taken) if arrival is not None)
    assert TAKEOVER_S - 0.2 <= first * 0.05 <= TAKEOVER_S + 0.2
    assert all(arrival is not None and arrival.node is node for arrival in taken[first + 1 :])
    assert _keys(receiver) == {"1": "10.0.0.9"}
    assert receiver.counters.n_moves == node.n_moves == 1
    assert receiver.counters.n_conflicts == 0


def test_the_old_address_is_a_stranger_after_a_move() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    receiver.feed(vitals(1), "10.0.0.9", TAKEOVER_S)
    assert receiver._limiter.knows("10.0.0.9")
    assert not receiver._limiter.knows("10.0.0.1")


def test_a_board_that_comes_back_after_its_key_moved_is_the_conflict() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    receiver.feed(vitals(1), "10.0.0.9", TAKEOVER_S)
    got = _alternate(receiver, ["10.0.0.9", "10.0.0.1"], 20, start_s=TAKEOVER_S + 1)
    assert got == {"10.0.0.9": {"1"}, "10.0.0.1": {"1@10.0.0.1"}}


def test_a_known_conflict_does_not_inherit_the_key() -> None:
    receiver = Receiver()
    _alternate(receiver, ["10.0.0.1", "10.0.0.2"], 20)
    for i in range(2000):
        arrival = receiver.feed(csi(1, 5000 + i), "10.0.0.2", 1.0 + i * 0.05)
        if arrival is not None:
            assert arrival.node.key == "1@10.0.0.2"
    assert _keys(receiver)["1"] == "10.0.0.1"


def test_pins_survive_a_restart() -> None:
    first = Receiver()
    _alternate(first, ["10.0.0.1", "10.0.0.2"], 20)
    pins = first.pins
    assert pins == {"1": "10.0.0.1", "1@10.0.0.2": "10.0.0.2"}
    second = Receiver(pins=pins)
    arrival = second.feed(csi(1, 0), "10.0.0.2", 0.0)  # the other board speaks first
    assert arrival is not None
    assert arrival.node.key == "1@10.0.0.2"
    arrival = second.feed(csi(1, 0), "10.0.0.1", 0.1)
    assert arrival is not None
    assert arrival.node.key == "1"
    assert second.pins == pins


def test_a_pinned_board_that_moved_while_we_were_away_is_found_again() -> None:
    receiver = Receiver(pins={"1": "10.0.0.1"})
    keys = [
        arrival.node.key if (arrival := receiver.feed(vitals(1, i * 1000), "10.0.0.5", 100.0 + i)) else None
        for i in range(60)
    ]
    assert keys[0] is None
    assert keys[-1] == "1"
    assert keys.index("1") == TAKEOVER_S
    assert receiver.pins == {"1": "10.0.0.5"}


def test_nonsense_pins_are_ignored() -> None:
    receiver = Receiver(pins={"x": "10.0.0.1", "256": "10.0.0.1", "": "a", "²": "b", "4@a": "b", "3": "10.0.0.3"})
    assert receiver.pins == {"3": "10.0.0.3"}


def test_places_are_bounded_and_old_boards_keep_theirs() -> None:
    receiver = Receiver(settings=ReceiverSettings(max_nodes=4))
    for second in range(int(ESTABLISHED_S) + 2):
        for node_id in (1, 2):
            receiver.feed(vitals(node_id, second * 1000), f"10.0.0.{node_id}", float(second))
    now_s = ESTABLISHED_S + 2
    for node_id in range(10, 200):
        receiver.feed(vitals(node_id), f"10.0.1.{node_id}", now_s)
    assert len(receiver.nodes) == 4
    assert receiver.counters.n_refused > 0
    for node_id in range(10, 200):  # the invented ones fell silent; they make room for each other, not the real ones
        receiver.feed(vitals(node_id), f"10.0.1.{node_id}", now_s + TAKEOVER_S + node_id)
    assert {"1", "2"} <= set(receiver.nodes)
    receiver.feed(vitals(250), "10.0.2.1", now_s + 2 * LONG_SILENCE_S)
    assert "250" in receiver.nodes


def test_pinned_boards_are_never_dropped() -> None:
    receiver = Receiver(pins={"1": "10.0.0.1"}, settings=ReceiverSettings(max_nodes=2))
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    for i in range(100):
        receiver.feed(vitals(2 + i), f"10.0.1.{i}", 1e5 * (i + 1))
    assert len(receiver.nodes) == 2
    assert "1" in receiver.nodes


def test_claims_are_bounded() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    for i in range(10 * MAX_CLAIMS):
        receiver.feed(vitals(1), f"10.1.{i // 250}.{i % 250}", 0.1 + i * 0.05)
    assert len(receiver._roster._claims) <= MAX_CLAIMS
    assert sum(receiver._roster._claimed.values()) == len(receiver._roster._claims)


def test_forgetting_a_board_frees_its_id() -> None:
    receiver = Receiver(pins={"5": "10.0.0.5"})
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    receiver.forget("1")
    receiver.forget("5")
    receiver.forget("nobody")
    assert receiver.pins == {}
    assert not receiver._limiter.knows("10.0.0.1")
    assert not receiver._limiter.knows("10.0.0.5")
    arrival = receiver.feed(vitals(1), "10.0.0.2", 1.0)
    assert arrival is not None
    assert arrival.node.address == "10.0.0.2"


def test_a_held_board_may_take_the_place_of_a_forgotten_one() -> None:
    receiver = Receiver()
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    assert receiver.feed(vitals(1), "10.0.0.2", 0.1) is None
    receiver.forget("1")
    arrival = receiver.feed(vitals(1), "10.0.0.2", 0.2)
    assert arrival is not None
    assert arrival.node.key == "1"
    assert not receiver._roster._claims


def test_a_board_that_speaks_is_not_dropped_for_its_rival() -> None:
    receiver = Receiver(settings=ReceiverSettings(max_nodes=1))
    receiver.feed(vitals(1), "10.0.0.1", 0.0)
    for second in (20, 25, 29):
        receiver.feed(vitals(1), "10.0.0.2", float(second))
    arrival = receiver.feed(vitals(1), "10.0.0.1", TAKEOVER_S + 5)
    assert arrival is not None
    assert arrival.node is receiver.nodes["1"]
    assert arrival.node.address == "10.0.0.1"
