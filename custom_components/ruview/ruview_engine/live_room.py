"""A room with its live links: what the engine drives frame by frame and once a second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import change_models
from .ingest.node import Node
from .introspection.introspector import ChangeModel, IntrospectionSettings
from .introspection.library import Library
from .introspection.look_back import Seen
from .introspection.room_introspector import RoomIntrospector
from .introspection.snapshot import Regime, RoomSnapshot, Snapshot
from .introspection.subscribers import Subscribers
from .known_quiet import KnownQuiet
from .links.encoder import Encoder
from .links.fusion import RoomMotion
from .links.link_id import LinkId
from .links.quiet import QuietModel
from .links.sample import Sample
from .notice import MotionChanged, Notice, RegimeChanged, SignatureMatched, StaleChanged
from .room.baseline import Baseline
from .room.changes import BaselineCaptured, RoomChange
from .room.life import WINDOW_S
from .room.memory import Memory
from .room.room import Room, SlowResult
from .room.runtime import Runtime
from .room.state import RoomState
from .room.window import LinkWindow, RoomInputs
from .settings import RoomSettings
from .tap import Tap

#: A snapshot older than this describes nothing that is now. Origin: derived, `links.motion_state.SILENT_S` and a tick.
SILENT_S: Final = 4.0

#: A node's liveliest link is the one with most frames within this time. Origin: derived, as long as motion lasts
#: without a frame (`links.motion_state.SILENT_S`).
LIVELY_S: Final = 3.0

#: Links per node that the slow path looks at besides those of the baseline. Origin: SENSING §1, several links per node
#: are used together; more than four add cost and, in the two-board recording, only transmitters heard once a second.
MAX_LINKS_PER_NODE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeModelsFitted:
    """What introspection learnt of quiet together with a new baseline. Store it with that baseline."""

    baseline_id: str
    models: Mapping[LinkId, ChangeModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowWork:
    """What a slow job found; hand it to `LiveRoom.apply`."""

    room: SlowResult
    change: Mapping[LinkId, ChangeModel]
    links: Mapping[str, Seen]


class LiveRoom:
    """Composes the calibrated room with the taps of its nodes. All methods belong to one thread.

    `room` runs procedures (start_baseline, start_anchor, training_job, …); results come back through `apply` and
    `apply_changes`, because a new baseline changes what every tap stands on.
    """

    def __init__(self, settings: RoomSettings, introspection: IntrospectionSettings, at_s: float) -> None:
        self.settings = settings
        self._introspection = introspection
        self.room = Room(settings.room_id, unix_offset_s=settings.unix_offset_s, sensitivity=settings.sensitivity)
        self.subscribers = Subscribers()
        self._library = Library()
        self._introspector = RoomIntrospector(settings.room_id)
        self._regime = Regime.UNKNOWN
        self._taps: dict[str, Tap] = {}
        self._voices: dict[LinkId, float] = {}
        self._nodes: dict[str, Node] = {}
        self._known = KnownQuiet(self.room)
        self._listener: Callable[[Sample], None] | None = None
        self._motion = RoomMotion()
        self._is_moving: bool | None = None
        self._ticked_s: float | None = None
        self._state = (
            Runtime(room_id=settings.room_id, baseline=None)
            .evaluate(RoomInputs(at_s=at_s, windows=()), Memory.new(at_s))
            .state
        )

    @property
    def room_id(self) -> str:
        """Its stable name."""
        return self.settings.room_id

    @property
    def state(self) -> RoomState:
        """The newest state; before the first slow tick, one that knows nothing and says so."""
        return self.room.state or self._state

    @property
    def encoder(self) -> Encoder | None:
        """The trained encoder that `set_encoder` installed, if any."""
        return self.room.encoder

    @property
    def is_moving(self) -> bool | None:
        """The fast answer, frame by frame; None while no link says anything."""
        return self._is_moving

    @property
    def snapshot(self) -> RoomSnapshot | None:
        """What introspection sees now; None while nothing is heard or when it is switched off."""
        return self._introspector.snapshot

    # --- every frame ------------------------------------------------------------------------------

    def attach(self, tap: Tap, node: Node) -> None:
        """A link of one of the room's nodes was heard for the first time, or again."""
        self._taps[str(tap.link.id)] = tap
        self._nodes[node.key] = node
        quiet, change = self._known.quiet_of(tap.link.id), self._known.change_of(tap.link.id)
        if quiet is not None or change is not None:
            tap.calibrate(quiet, change)
        if tap.introspector is not None and self.encoder is not None:
            tap.introspector.set_encoder(self.encoder)
        if tap.introspector is not None and len(self._library):
            tap.introspector.set_library(self._library)
        self._choose_voices()

    def detach(self, tap: Tap) -> None:
        """The link was forgotten, and with its last link the node."""
        self._taps.pop(str(tap.link.id), None)
        if all(other.link.id.node != tap.link.id.node for other in self._taps.values()):
            self._nodes.pop(tap.link.id.node, None)
        self._introspector.forget(str(tap.link.id))
        self._choose_voices()

    def observe(self, sample: Sample, tap: Tap, snapshot: Snapshot | None) -> list[Notice]:
        """One sample that `tap` has just taken, and what its introspection says."""
        self.room.observe(sample)
        if self._listener is not None:
            self._listener(sample)
        weight = self._voices.get(tap.link.id)
        if weight is None:
            return []
        notices = [] if snapshot is None else self._introspect(snapshot, sample.at_s)
        before = self._is_moving
        self._motion.update(tap.link.id, tap.motion, weight)
        self._is_moving = self._motion.get(sample.at_s)
        if before is not None and self._is_moving is not None and before != self._is_moving:
            notices.append(MotionChanged(at_s=sample.at_s, room_id=self.room_id, is_moving=self._is_moving))
        return notices

    def _introspect(self, snapshot: Snapshot, at_s: float) -> list[Notice]:
        fused = self._introspector
        fused.update(snapshot)
        if len(self.subscribers) and fused.snapshot is not None:
            self.subscribers.publish(fused.snapshot)
        notices: list[Notice] = []
        if fused.regime_changed:
            notices.append(
                RegimeChanged(
                    at_s=at_s,
                    room_id=self.room_id,
                    before=self._regime,
                    after=fused.regime,
                    confidence=fused.regime_confidence,
                    lyapunov_exponent=snapshot.lyapunov_exponent,
                )
            )
        if fused.regime is not Regime.UNKNOWN:
            self._regime = fused.regime
        if fused.new_matches:
            notices += [SignatureMatched(at_s=at_s, room_id=self.room_id, match=match) for match in fused.new_matches]
        return notices

    def set_library(self, library: Library) -> None:
        """These signatures from the next sample on; hot reload."""
        self._library = library
        for tap in self._taps.values():
            if tap.introspector is not None:
                tap.introspector.set_library(library)

    def set_encoder(self, encoder: Encoder | None) -> None:
        """A trained encoder for the room's `vec128` signatures and specialists, or none."""
        self.room.encoder = encoder
        for tap in self._taps.values():
            if tap.introspector is not None:
                tap.introspector.set_encoder(encoder)

    def listen(self, listener: Callable[[Sample], None] | None) -> None:
        """Also hand every sample to `listener`: recording, capture of signatures. None ends it."""
        self._listener = listener

    def _deciding(self) -> list[Tap]:
        """Links with a model of their own decide; one with a borrowed model only where it is the node's liveliest."""
        taps = list(self._taps.values())
        if not self._known.is_calibrated:
            return taps
        own = {tap.link.id for tap in taps if self._known.own(tap.link.id) is not None}
        if len(own) == len(taps):
            return taps
        liveliest: dict[str, int] = {}
        for link in own:
            n_heard = self._heard(self._taps[str(link)])
            liveliest[link.node] = max(liveliest.get(link.node, 1), n_heard)
        return [tap for tap in taps if tap.link.id in own or self._heard(tap) >= liveliest.get(tap.link.id.node, 1)]

    def _heard(self, tap: Tap) -> int:
        """Usable frames of the last seconds; its rate is that of the moments in which a link speaks at all."""
        stored = None if self._ticked_s is None else tap.link.stored(LIVELY_S, self._ticked_s)
        return 0 if stored is None else sum(map(len, stored.times))

    # --- every second -----------------------------------------------------------------------------

    def tick(self, at_s: float) -> None:
        """Let what is not heard of any more become unknown, and weigh anew whose word counts."""
        self._ticked_s = at_s
        self._is_moving = self._motion.get(at_s)
        snapshot = self._introspector.snapshot
        if snapshot is not None and at_s - snapshot.timestamp_ns / 1e9 > SILENT_S:
            self._introspector.reset()
        self._choose_voices(at_s)

    def _choose_voices(self, at_s: float | None = None) -> None:
        """Which links are heard, and each one's weight: its quality against the best one's."""
        heard = self._deciding()
        scores = {tap.link.id: 1.0 if at_s is None else tap.link.quality(at_s).score for tap in heard}
        best = max(scores.values(), default=0.0)
        for gone in self._voices.keys() - scores.keys():
            self._motion.forget(gone)
        self._voices = {link: score / best if best > 0 else 1.0 for link, score in scores.items()}

    def inputs(self, at_s: float) -> RoomInputs:
        """Copies of everything one slow tick looks at."""
        return self._inputs(at_s)[1]()

    def _inputs(self, at_s: float) -> tuple[RoomInputs, Callable[[], RoomInputs]]:
        """Inputs whose windows are still empty, and what fills them, in any thread, from copies made here."""
        chosen = [(tap, stored) for tap in self._chosen(at_s) if (stored := tap.stored(WINDOW_S, at_s)) is not None]
        heads = tuple(self._head(tap) for tap, _ in chosen)
        inputs = RoomInputs(at_s=at_s, windows=heads, is_moving=self._is_moving)

        def fill() -> RoomInputs:
            filled = zip(heads, chosen, strict=True)
            return replace(inputs, windows=tuple(stored.window(head) for head, (_, stored) in filled))

        return inputs, fill

    def slow_job(self, at_s: float) -> Callable[[], SlowWork]:
        """The expensive part of a tick, on copies: run it in any thread and hand the result to `apply`."""
        job = self.room.slow_job(*self._inputs(at_s))
        rates_hz = {tap.link.id: tap.link.fs_hz for tap in self._taps.values()}
        looks = {name: tap.slow_job() for name, tap in self._taps.items()}

        def work() -> SlowWork:
            result = job()
            change: dict[LinkId, ChangeModel] = {}
            judged = result.judgement
            if judged is not None and isinstance(judged.baseline, Baseline):
                windows = judged.capture.recorder.windows()
                change = change_models.fit(windows, judged.baseline, self._introspection, rates_hz)
            links = {name: look() for name, look in looks.items() if look is not None}
            return SlowWork(room=result, change=change, links=links)

        return work

    def apply(self, work: SlowWork) -> tuple[tuple[RoomChange | ChangeModelsFitted, ...], tuple[Notice, ...]]:
        """Take a slow job's result in: what must be stored, and what happened."""
        for name, seen in work.links.items():
            if name in self._taps:
                self._taps[name].apply(seen)
        before = self.state.stale
        changes: tuple[RoomChange | ChangeModelsFitted, ...] = self.room.apply(work.room)
        for change in changes:
            if isinstance(change, BaselineCaptured):
                changes = (*changes, ChangeModelsFitted(baseline_id=change.baseline.id, models=work.change))
                self.recalibrate(change=work.change)
                break
        after = self.state.stale
        if {(cause.reason, cause.link) for cause in before} == {(cause.reason, cause.link) for cause in after}:
            return changes, ()
        return changes, (StaleChanged(at_s=self.state.at_s, room_id=self.room_id, causes=after),)

    def recalibrate(
        self,
        quiet: Mapping[LinkId, QuietModel] | None = None,
        change: Mapping[LinkId, ChangeModel] | None = None,
    ) -> None:
        """Put what is known of quiet under every tap: the baseline's models, or `quiet` where it has none."""
        self._known.learn(quiet, change)
        for tap in self._taps.values():
            tap.calibrate(self._known.quiet_of(tap.link.id), self._known.change_of(tap.link.id))
        self._motion.reset()
        self._introspector.reset()
        self._choose_voices()

    def _head(self, tap: Tap) -> LinkWindow:
        """A window without samples: whose it is, and what the node says about its radio."""
        node = self._nodes[tap.link.id.node]
        frame = node.newest_frame
        bssid = node.bssid
        none = np.empty(0)
        return LinkWindow(
            link=tap.link.id,
            times=none,
            profiles=np.empty((0, tap.link.layout.n_pairs), dtype=np.float32),
            levels=none,
            rssi_dbm=none,
            frequency_mhz=frame.freq_mhz if frame is not None and frame.freq_mhz else None,
            access_point=None if bssid is None else bssid.hex(":"),
        )

    def _chosen(self, at_s: float) -> list[Tap]:
        """The best links of every node, and those the baseline knows."""
        baseline = self.room.baseline
        by_node: dict[str, list[tuple[float, str, Tap]]] = {}
        for name, tap in self._taps.items():
            by_node.setdefault(tap.link.id.node, []).append((-tap.link.quality(at_s).score, name, tap))
        chosen = []
        for ranked in by_node.values():
            ranked.sort(key=lambda entry: entry[:2])
            for rank, (_score, _name, tap) in enumerate(ranked):
                is_known = baseline is not None and baseline.link(tap.link.id) is not None
                if is_known or rank < MAX_LINKS_PER_NODE:
                    chosen.append(tap)
        return chosen
