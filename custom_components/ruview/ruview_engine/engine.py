"""The engine: datagrams and ticks in, notices and states out. Owns every mutable thing below it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .errors import OrderError
from .ingest.counters import Counters
from .ingest.node import Node
from .ingest.receiver import Arrival, Receiver, Source
from .introspection.introspector import ChangeModel, IntrospectionSettings
from .links.demux import Demux
from .links.link_id import LinkId
from .links.quiet import QuietModel
from .live_room import LiveRoom
from .notice import CsiResumed, CsiStalled, NodeAppeared, NodeConflict, NodeLost, NodeReturned, Notice
from .settings import EngineSettings, RoomSettings
from .tap import Tap
from .wire import CsiFrame


class Engine:
    """All methods belong to one thread; only what `LiveRoom.slow_job` returns may run elsewhere.

    >>> engine = Engine()
    >>> room = engine.add_room(RoomSettings(room_id="study", nodes=None), at_s=0.0)
    >>> engine.feed(b"not a packet", "192.0.2.7", 0.1)
    ()
    >>> room.state.presence.why_not
    <WhyNot.NO_FRAMES: 'no_frames'>
    """

    def __init__(self, settings: EngineSettings | None = None, *, pins: Mapping[str, str] | None = None) -> None:
        self.settings = settings or EngineSettings()
        self._introspection = IntrospectionSettings(false_alarms_per_day=self.settings.false_alarms_per_day)
        self._receiver = Receiver(pins=pins, settings=self.settings.receiver)
        self._demuxes: dict[str, Demux] = {}
        self._taps: dict[LinkId, Tap] = {}
        self._rooms: dict[str, LiveRoom] = {}
        self._online: dict[str, bool] = {}
        self._stalled: dict[str, bool] = {}
        self._conflicts: dict[str, int] = {}

    # --- what there is ----------------------------------------------------------------------------

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Every board heard, by key; a live read-only view."""
        return self._receiver.nodes

    @property
    def pins(self) -> dict[str, str]:
        """Node keys → addresses, to be given to the next engine."""
        return self._receiver.pins

    @property
    def counters(self) -> Counters:
        """What became of every datagram so far."""
        return self._receiver.counters

    @property
    def rooms(self) -> Mapping[str, LiveRoom]:
        """Rooms by id; a live read-only view."""
        return MappingProxyType(self._rooms)

    @property
    def taps(self) -> Mapping[LinkId, Tap]:
        """Every link heard, by id; a live read-only view."""
        return MappingProxyType(self._taps)

    # --- rooms ------------------------------------------------------------------------------------

    def add_room(self, settings: RoomSettings, at_s: float) -> LiveRoom:
        """Begin a room; its nodes' links are attached as they are heard. Raises OrderError when the id is taken."""
        if settings.room_id in self._rooms:
            raise OrderError(f"there is a room {settings.room_id} already")
        room = self._rooms[settings.room_id] = LiveRoom(settings, self._introspection, at_s)
        for tap in self._taps.values():
            node = self.nodes.get(tap.link.id.node)
            if node is not None and settings.has(node.key):
                room.attach(tap, node)
        return room

    def remove_room(self, room_id: str) -> None:
        """Forget a room; its nodes stay."""
        del self._rooms[room_id]

    def expect(
        self,
        room: LiveRoom,
        quiet: Mapping[LinkId, QuietModel] | None = None,
        change: Mapping[LinkId, ChangeModel] | None = None,
    ) -> None:
        """Call after `room.room.load`: links keep the names that the baseline, or `quiet`, knows them by."""
        baseline = room.room.baseline
        models = sorted((quiet or {}).items(), key=lambda entry: -entry[1].n_frames)
        references = {link: model.reference for link, model in models}
        if baseline is not None:
            links = sorted(baseline.links, key=lambda known: -known.n_frames)
            references = {known.link: known.reference for known in links} | references
        for link, reference in references.items():
            self._demux(link.node).seed(link, reference)
        for key in {link.node for link in references}:
            self._forget_vanished(self._demux(key), key)
        room.recalibrate(quiet, change)

    # --- every datagram ---------------------------------------------------------------------------

    def feed(self, datagram: bytes, source: Source, at_s: float) -> tuple[Notice, ...]:
        """Take one datagram at monotonic `at_s`. Never raises on any bytes: what is refused is counted."""
        arrival = self._receiver.feed(datagram, source, at_s)
        if arrival is None:
            return ()
        node = arrival.node
        notices = self._greet(node, at_s) if not self._online.get(node.key) else []
        if isinstance(arrival.packet, CsiFrame):
            notices += self._take_frame(arrival, arrival.packet)
        return tuple(notices)

    def _greet(self, node: Node, at_s: float) -> list[Notice]:
        is_new = node.key not in self._online
        self._online[node.key] = True
        if not is_new:
            return [NodeReturned(at_s=at_s, node=node.key)]
        return [NodeAppeared(at_s=at_s, node=node.key, address=node.address)]

    def _take_frame(self, arrival: Arrival, frame: CsiFrame) -> list[Notice]:
        node, at_s = arrival.node, arrival.at_s
        key = node.key
        notices: list[Notice] = []
        if self._stalled.get(key):
            self._stalled[key] = False
            notices.append(CsiResumed(at_s=at_s, node=key))
        demux = self._demuxes.get(key) or self._demux(key)
        sample = demux.feed(frame, at_s)
        if sample is None:
            return notices
        tap = self._taps.get(sample.link)
        if tap is None:
            tap = self._open(demux, sample.link, node)
        snapshot = tap.update(sample)
        for room in self._rooms.values():
            if room.settings.has(key):
                notices += room.observe(sample, tap, snapshot)
        return notices

    def _demux(self, key: str) -> Demux:
        demux = self._demuxes.get(key)
        if demux is None:
            demux = self._demuxes[key] = Demux(key)
        return demux

    def _open(self, demux: Demux, link_id: LinkId, node: Node) -> Tap:
        tap = self._taps[link_id] = Tap(demux.links[link_id], is_introspecting=self.settings.is_introspecting)
        for room in self._rooms.values():
            if room.settings.has(node.key):
                room.attach(tap, node)
        self._forget_vanished(demux, node.key)
        return tap

    def _forget_vanished(self, demux: Demux, key: str) -> None:
        """A demux is bounded and forgets silent links; the taps follow it."""
        gone = [link_id for link_id in self._taps if link_id.node == key and link_id not in demux.links]
        self._close(gone)

    def _forget(self, key: str) -> None:
        """Drop a board and everything heard from it; it is new when it speaks again."""
        self._receiver.forget(key)
        self._demuxes.pop(key, None)
        self._online.pop(key, None)
        self._stalled.pop(key, None)
        self._conflicts.pop(key, None)
        self._close([link_id for link_id in self._taps if link_id.node == key])

    def _close(self, links: Iterable[LinkId]) -> None:
        for link_id in links:
            tap = self._taps.pop(link_id)
            for room in self._rooms.values():
                room.detach(tap)

    def _is_named(self, key: str) -> bool:
        """A room asks for this node by name, so its links keep their names however long it is silent."""
        return any(room.settings.nodes is not None and room.settings.has(key) for room in self._rooms.values())

    # --- every second -----------------------------------------------------------------------------

    def tick(self, at_s: float) -> tuple[Notice, ...]:
        """Liveness and decay; cheap. Slow jobs are asked for per room."""
        notices: list[Notice] = []
        for key in [key for key in self._online if key not in self.nodes and not self._is_named(key)]:
            self._forget(key)  # the roster has given its place away
        for key, node in self.nodes.items():
            is_online = node.is_online(at_s)
            if self._online.get(key) and not is_online:
                self._online[key] = False
                notices.append(NodeLost(at_s=at_s, node=key))
            if node.is_csi_stalled(at_s) and not self._stalled.get(key):
                self._stalled[key] = True
                notices.append(CsiStalled(at_s=at_s, node=key))
            if node.n_conflicts > self._conflicts.get(key, 0):
                self._conflicts[key] = node.n_conflicts
                notices.append(NodeConflict(at_s=at_s, node=key, address=node.address))
        for room in self._rooms.values():
            room.tick(at_s)
        return tuple(notices)
