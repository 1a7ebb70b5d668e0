"""A taped home before the product's own room: taps, introspection, fused motion, slow ticks, as the engine has them."""

from collections.abc import Sequence
from operator import attrgetter

from benchmarks.room_tape import Tape
from ruview_engine.ingest.node import Node
from ruview_engine.introspection.introspector import IntrospectionSettings
from ruview_engine.links.layout import layout_named
from ruview_engine.links.link import Link
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.live_room import ChangeModelsFitted, LiveRoom
from ruview_engine.room.changes import RoomChange
from ruview_engine.settings import RoomSettings
from ruview_engine.tap import Tap
from ruview_engine.wire.packet import CsiFrame


class TapedRoom:
    """What `Engine` does with a room from its demultiplexers on; the tape has everything before that behind it.

    Glitches and repetitions are not on the tape, so links are judged a little better than they were.
    """

    def __init__(self, tape: Tape, room_id: str = "lab") -> None:
        self._tape = tape
        self._taps: dict[LinkId, Tap] = {}
        self._nodes: dict[str, Node] = {}
        self.live = LiveRoom(RoomSettings(room_id=room_id, nodes=None), IntrospectionSettings(), 0.0)

    def hear(self, after_s: float, until_s: float) -> None:
        """Every frame in (after, until], in the order of arrival, and the engine's own tick."""
        for taped in sorted(self._tape.samples(after_s, until_s), key=attrgetter("at_s")):
            tap = self._taps.get(taped.link) or self._open(taped)
            sample = tap.link.accept(
                taped.profile, taped.level, taped.rssi_dbm, taped.at_s, is_glitch=False, is_duplicate=False
            )
            self.live.observe(sample, tap, tap.update(sample))
        self.live.tick(until_s)

    def tick(self, at_s: float) -> Sequence[RoomChange | ChangeModelsFitted]:
        """One slow tick: what must be stored."""
        return self.live.apply(self.live.slow_job(at_s)())[0]

    def _open(self, first: Sample) -> Tap:
        """As `Engine` does with a link that it hears for the first time."""
        link_id, window = first.link, self._tape.links[first.link]
        node = self._nodes.get(link_id.node)
        if node is None:
            node = self._nodes[link_id.node] = Node(link_id.node, len(self._nodes), "tape", first.at_s)
            node.take(_frame(window.frequency_mhz or 0, len(first.profile)), first.at_s)
        layout = layout_named(link_id.layout, len(first.profile))
        tap = self._taps[link_id] = Tap(Link(link_id, layout, (window.profiles > 0).any(axis=0)))
        self.live.attach(tap, node)
        return tap


def _frame(freq_mhz: int, n_pairs: int) -> CsiFrame:
    """What a node is asked for its channel by; its content has been taped already."""
    return CsiFrame(
        version=1, node_id=0, n_antennas=1, n_pairs=n_pairs, freq_mhz=freq_mhz, sequence=0, rssi_dbm=-50,
        noise_floor_dbm=-95, ppdu=0, flags=0, iq=bytes(2 * n_pairs),
    )  # fmt: skip
