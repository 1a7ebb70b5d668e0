"""Recordings through the very same engine objects at recording time: what a home would have been told, each second.

Nothing here knows the truth; comparing with labels is the caller's business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .engine import Engine
from .errors import ShapeError, TrainingError
from .ingest.rows import RecordedDatagram
from .introspection.introspector import ChangeModel, IntrospectionSettings
from .introspection.snapshot import Regime
from .links.link_id import LinkId
from .links.quiet import QuietModel
from .links.ring import Window
from .live_room import LiveRoom
from .notice import Notice, RegimeChanged
from .room.baseline import Baseline, BaselineRefusal, judge
from .room.emptiness import still_part
from .room.reading import Reading
from .room.recorder import Recorder
from .room.window import LinkWindow
from .settings import EngineSettings, RoomSettings
from .wire import CsiFrame, decode

#: The room every recording is evaluated in.
ROOM_ID: Final = "recording"

#: The slow path runs as often as in a home. Origin: spec, ARCHITECTURE "Time and threads".
TICK_S: Final = 1.0

#: Recordings of the empty room are laid end to end with this silence between. Origin: derived, longer than any window
#: may look across (`links.sample.MAX_GAP_S`).
PAUSE_S: Final = 5.0

#: Links heard less than this in a recording of the empty room teach nothing. Origin: `links.quiet.MIN_FRAMES`.
MIN_BASELINE_FRAMES: Final = 80

type Datagrams = Iterable[RecordedDatagram]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyRoom:
    """What recordings of the empty room taught.

    baseline : None when refused; `refusal` then says why
    quiet, change : motion floor and change model per link; they need less material than a baseline and are there even
        when that is refused
    """

    baseline: Baseline | None
    refusal: BaselineRefusal | None
    quiet: dict[LinkId, QuietModel]
    change: dict[LinkId, ChangeModel]

    @classmethod
    def learn(cls, recordings: Sequence[Datagrams], settings: EngineSettings | None = None) -> EmptyRoom:
        """Learn from one or more recordings of the same empty room.

        Raises TrainingError when no link of any of them can teach even what quiet is.
        """
        stretches: dict[LinkId, list[Window]] = {}
        baseline: Baseline | None = None
        refusal: BaselineRefusal | None = None
        start_s = 0.0
        for datagrams in recordings:
            windows, end_s = _record(datagrams, start_s, settings)
            start_s = end_s + PAUSE_S
            if not windows:
                continue
            verdict = judge(ROOM_ID, 0.0, windows)
            if isinstance(verdict, Baseline):
                baseline = baseline or verdict
            else:
                refusal = refusal or verdict
            for window in still_part(windows):  # somebody walking out would teach that movement is quiet
                stretches.setdefault(window.link, []).append(_as_window(window))
        quiet = {}
        for link, parts in stretches.items():
            try:
                quiet[link] = QuietModel.fit(parts)
            except TrainingError:
                continue
        if not quiet:
            why = "no frames" if refusal is None else refusal.reason.value
            raise TrainingError(f"the recordings of the empty room teach nothing about quiet: {why}")
        if baseline is not None:
            links = tuple(replace(known, quiet=quiet.get(known.link, known.quiet)) for known in baseline.links)
            baseline = Baseline.of(ROOM_ID, baseline.captured_at_s, links)
            refusal = None
        budget = IntrospectionSettings(false_alarms_per_day=(settings or EngineSettings()).false_alarms_per_day)
        change = {}
        for link, model in quiet.items():
            profiles = [part.profiles for part in stretches[link]]
            try:
                change[link] = ChangeModel.fit(profiles, fs_hz=model.fs_hz, settings=budget)
            except ShapeError:
                continue
        return cls(baseline=baseline, refusal=refusal, quiet=quiet, change=change)


class Evaluation:
    """One recording. `feed` datagrams in time order, `finish`, read `report`."""

    def __init__(self, empty: EmptyRoom | None = None, settings: EngineSettings | None = None) -> None:
        self._engine = Engine(settings)
        self._room: LiveRoom = self._engine.add_room(RoomSettings(room_id=ROOM_ID, nodes=None), at_s=0.0)
        if empty is not None:
            if empty.baseline is not None:
                self._room.room.load(baseline=empty.baseline)
            self._engine.expect(self._room, empty.quiet, empty.change)
        self._next_tick_s = TICK_S
        self._n_frames = 0
        self._seconds: list[dict[str, Any]] = []
        self._changes: list[dict[str, Any]] = []

    def run(self, datagrams: Datagrams) -> dict[str, Any]:
        """Feed everything, finish, and report."""
        last_s = 0.0
        for at_s, source, datagram in datagrams:
            self.feed(at_s, source, datagram)
            last_s = at_s
        self.finish(last_s)
        return self.report()

    def feed(self, at_s: float, source: str, datagram: bytes) -> None:
        """One datagram, `at_s` seconds after the start of the recording."""
        while at_s >= self._next_tick_s:
            self._tick()
        frame = self._n_frames
        if isinstance(decode(datagram), CsiFrame):
            self._n_frames += 1
        self._note(self._engine.feed(datagram, source, at_s), frame)

    def finish(self, last_s: float) -> None:
        """The recording ended at `last_s`; the second it ended in is reported too."""
        while self._next_tick_s < last_s + TICK_S:
            self._tick()

    def report(self) -> dict[str, Any]:
        """Links, seconds and changes in the form that `evaluate --json` writes (issue 2)."""
        return {"links": self._links(), "seconds": self._seconds, "changes": self._changes}

    def _tick(self) -> None:
        at_s = self._next_tick_s
        self._next_tick_s += TICK_S
        self._note(self._engine.tick(at_s), self._n_frames)
        _changes, notices = self._room.apply(self._room.slow_job(at_s)())
        self._note(notices, self._n_frames)
        state = self._room.state
        self._seconds.append(
            {
                "t": round(at_s, 3),
                "motion": state.motion.value,
                "presence": "unknown" if state.presence.value is None else state.presence.value.value,
                "regime": self._regime().value,
                "breathing": _rate(state.breathing),
                "heart_rate": _rate(state.heart_rate),
                "reasons": {
                    name: reading.why_not.value
                    for name, reading in (("motion", state.motion), ("presence", state.presence))
                    if reading.why_not is not None
                },
            }
        )

    def _regime(self) -> Regime:
        snapshot = self._room.snapshot
        return Regime.UNKNOWN if snapshot is None else snapshot.regime

    def _note(self, notices: Iterable[Notice], frame: int) -> None:
        for notice in notices:
            if isinstance(notice, RegimeChanged):
                self._changes.append(
                    {
                        "t": round(notice.at_s, 4),
                        "frame": frame,
                        "from": notice.before.value,
                        "to": notice.after.value,
                    }
                )

    def _links(self) -> list[dict[str, Any]]:
        return [
            {
                "id": str(link_id),
                "layout": link_id.layout,
                "fs_hz": None if tap.link.fs_hz is None else round(tap.link.fs_hz, 3),
                "frames": tap.link.frames,
                "kept": tap.link.frames - tap.link.n_glitches - tap.link.n_duplicates,
            }
            for link_id, tap in sorted(self._engine.taps.items())
        ]


def _rate(reading: Reading[float]) -> dict[str, Any]:
    return {
        "value": None if reading.value is None else round(reading.value, 2),
        "confidence": round(reading.confidence, 3),
        "reason": None if reading.why_not is None else reading.why_not.value,
    }


def _record(
    datagrams: Datagrams, start_s: float, settings: EngineSettings | None
) -> tuple[tuple[LinkWindow, ...], float]:
    """Every usable sample of a recording by link, on a clock that starts at `start_s`; and when it ended."""
    engine = Engine(settings)
    recorder = Recorder()
    room = engine.add_room(RoomSettings(room_id=ROOM_ID, nodes=None), at_s=start_s)
    room.listen(recorder.add)
    at_s = start_s
    for offset_s, source, datagram in datagrams:
        at_s = start_s + offset_s
        engine.feed(datagram, source, at_s)
    return tuple(window for window in recorder.windows() if len(window) >= MIN_BASELINE_FRAMES), at_s


def _as_window(window: LinkWindow) -> Window:
    return Window(
        times=window.times,
        profiles=window.profiles,
        levels=window.levels,
        rssi=window.rssi_dbm,
    )
