"""Trains a room's encoder from its recordings, with its own sensors as teachers; adopts it only if it proves better."""

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import CONF_TEACHERS, DOMAIN
from .ruview_engine.cli.model_folder import write_folder
from .ruview_engine.errors import FormatError, RuviewError, TrainingError
from .ruview_engine.ingest.recording import Recording, read_recording
from .ruview_engine.ingest.rows import RecordedDatagram
from .ruview_engine.training.backbone import FOLDER, Backbone
from .ruview_engine.training.camera_free.observation import Observation
from .ruview_engine.training.camera_free.observer import Observer
from .ruview_engine.training.camera_free.recipe import Teachers, train_camera_free
from .ruview_engine.training.camera_free.sensor_files import Reports
from .ruview_engine.training.camera_free.timeline import lay
from .ruview_engine.training.contrastive import triplet_accuracy
from .ruview_engine.training.dataset import Dataset
from .ruview_engine.training.export import essentials
from .ruview_engine.training.report import html
from .ruview_engine.training.source import Span, packets
from .ruview_engine.training.training_run import Settings, TrainingRun
from .ruview_engine.training.triplets import mine
from .sensor_history import async_reports
from .store import folder
from .tape import FOLDER as TAPES

if TYPE_CHECKING:
    from .coordinator import RoomCoordinator

_LOGGER = logging.getLogger(__name__)

#: Fired while training runs: room, what is being done, percent.
EVENT_PROGRESS: Final = f"{DOMAIN}_training_progress"

#: Rooms in training.
RUNNING: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_training")

#: Datagrams that one training reads, the newest recordings first. Origin: derived, half an hour of four nodes at 28 Hz;
#: about half a minute of work on a small computer.
MAX_DATAGRAMS: Final = 200_000

#: Held-out triplet accuracy that must be gained over both controls, and over the encoder in use. Origin: measured, the
#: spread of the score between seeds on the two-board recording is 0.01.
MIN_GAIN: Final = 0.02


type GoOn = Callable[[], None]
"""Raises TrainingError when the work is not wanted any more; may be called in any thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first rows of a recording, unless Home Assistant stops meanwhile."""

    recording: Recording
    n_rows: int
    go_on: GoOn

    @property
    def started_unix_s(self) -> float | None:
        return self.recording.started_unix_s

    def __iter__(self) -> Iterator[RecordedDatagram]:
        for row in islice(iter(self.recording), self.n_rows):
            self.go_on()
            yield row


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Material:
    dataset: Dataset
    seen: Observation
    spans: tuple[Span, ...]
    notes: tuple[str, ...]


def is_running(hass: HomeAssistant, room_id: str) -> bool:
    """Whether the room is in training."""
    return room_id in hass.data.get(RUNNING, set())


async def async_train(hass: HomeAssistant, room: RoomCoordinator, n_epochs: int) -> dict[str, Any] | None:
    """Train in the executor and answer what was measured; None when the room has no recording.

    Raises TrainingError when the recordings allow no honest run.
    """
    running = hass.data.setdefault(RUNNING, set())
    running.add(room.room_id)
    try:
        tape = room.hub.recordings.tapes.get(room.room_id)
        skip = tape.path if tape is not None else None
        tapes = Path(hass.config.path(*TAPES))
        paths = await hass.async_add_executor_job(_recordings, tapes, room.room_id, skip)
        if not paths:
            return None
        material = await hass.async_add_executor_job(_collect, paths, _stopper(hass))
        reports, notes = await _async_history(hass, room, material)
        tell = _teller(hass, room)
        home = folder(hass, room.room_id)
        measured = await hass.async_add_executor_job(_work, material, reports, notes, home, n_epochs, room.title, tell)
        if measured["adopted"]:
            # The entry may have been reloaded meanwhile: its rooms are others now.
            now: RoomCoordinator = room.hub.entry.runtime_data.rooms.get(room.room_id, room)
            now.live.set_encoder(await async_backbone(hass, room.room_id))
            measured["posture_uses_it"] = await now.teacher.async_weigh_encoder()
        return measured
    finally:
        running.discard(room.room_id)


async def async_backbone(hass: HomeAssistant, room_id: str) -> Backbone | None:
    """The encoder that the room has adopted; None when there is none, or it cannot be used."""
    return await hass.async_add_executor_job(_adopted, folder(hass, room_id))


async def _async_history(
    hass: HomeAssistant, room: RoomCoordinator, material: _Material
) -> tuple[Reports, tuple[str, ...]]:
    entities = [*room.settings.get(CONF_TEACHERS, ()), *room.linked]
    dated = [(span.unix_s, span.unix_s + span.end_s - span.start_s) for span in material.spans if span.unix_s]
    if not entities or not dated:
        return {}, () if entities else ("the room names no sensors that could teach",)
    start = dt_util.utc_from_timestamp(min(first for first, _ in dated))
    end = dt_util.utc_from_timestamp(max(last for _, last in dated))
    reports, notes = await async_reports(hass, list(dict.fromkeys(entities)), start, end)
    return reports, tuple(notes)


def _stopper(hass: HomeAssistant) -> GoOn:
    """Training must not hold up the end of Home Assistant."""

    def go_on() -> None:
        if hass.is_stopping:
            raise TrainingError("Home Assistant is stopping")

    return go_on


def _teller(hass: HomeAssistant, room: RoomCoordinator) -> Callable[[str, float], None]:
    """Progress from the executor to the event bus, each tenth once."""
    told: set[int] = set()
    go_on = _stopper(hass)

    @callback
    def fire(what: str, percent: int) -> None:
        hass.bus.async_fire(EVENT_PROGRESS, {"room": room.title, "what": what, "percent": percent})

    def tell(what: str, share: float) -> None:
        go_on()
        percent = 10 * int(10 * share)
        if percent not in told:
            told.add(percent)
            hass.loop.call_soon_threadsafe(fire, what, percent)

    return tell


# ── in the executor ──────────────────────────────────────────────────────────────────────────────────────────────────


def _recordings(home: Path, room_id: str, skip: Path | None) -> list[Path]:
    """The room's finished recordings, the newest first."""
    return sorted((path for path in home.glob(f"{room_id}-*.csi.jsonl") if path != skip), reverse=True)


def _collect(paths: list[Path], go_on: GoOn) -> _Material:
    chosen: list[_Head] = []
    notes: list[str] = []
    left = MAX_DATAGRAMS
    for path in paths:
        if left <= 0:
            notes.append(f"{path.name} and older recordings were left out")
            break
        try:
            recording = read_recording(path)
            n_rows = sum(1 for _ in islice(iter(recording), left))
        except (FormatError, OSError) as error:
            notes.append(f"{path.name}: {error}")
            continue
        chosen.append(_Head(recording=recording, n_rows=n_rows, go_on=go_on))
        left -= n_rows
    refused: Counter[str] = Counter()
    spans: list[Span] = []
    observer = Observer()
    dataset = Dataset.collect(packets(chosen[::-1], refused, spans), observer)
    notes += [f"{n} datagrams refused: {why}" for why, n in sorted(refused.items())]
    return _Material(dataset=dataset, seen=observer.observe(), spans=tuple(spans), notes=tuple(notes))


def _work(
    material: _Material,
    reports: Reports,
    notes: tuple[str, ...],
    home: Path,
    n_epochs: int,
    title: str,
    tell: Callable[[str, float], None],
) -> dict[str, Any]:
    teachers = Teachers(
        seen=material.seen,
        history=lay(reports, material.spans),
        notes=(*material.notes, *notes),
    )
    run = train_camera_free(material.dataset, teachers, Settings(name=title, n_epochs=n_epochs), tell)
    former, place = _adopted(home), home / FOLDER
    refusal = _why_not(run, former)
    if refusal is None:
        if former is None and place.exists():
            # What could not be loaded would also block the place of the new one.
            shutil.rmtree(place)
        write_folder(place, {**essentials(run), "report.html": html(run).encode()})
    supervision = run.extra["camera_free_supervision"]
    score = run.triplet_score
    return {
        "adopted": refusal is None,
        "reason": refusal,
        "revision": run.model.revision,
        "rows": len(run.table),
        "mode": supervision["mode"],
        "signals": [name for name, one in supervision["signals"].items() if one["source"]],
        "held_out": {
            "triplets": score.n_triplets,
            "trained": round(score.trained, 4),
            "random_encoder": round(score.random_encoder, 4),
            "raw_features": round(score.raw_features, 4),
        },
        "heads": sorted(run.model.heads),
        "left_out": dict(run.model.refusals),
        "notes": list(supervision["notes"]),
    }


def _adopted(home: Path) -> Backbone | None:
    try:
        return Backbone.of_room(home)
    except RuviewError as error:
        _LOGGER.warning("The adopted encoder cannot be used: %s", error)
        return None


def _why_not(run: TrainingRun, former: Backbone | None) -> str | None:
    """None when the held-out report says that the new encoder helps."""
    score = run.triplet_score
    if score.gain < MIN_GAIN:
        control = score.trained - score.gain
        return f"held-out triplet accuracy {score.trained:.3f}, without training {control:.3f}"
    if former is None:
        return None
    report = run.table.take(run.split.held_out)
    exam = mine(report, np.random.default_rng(run.settings.seed))
    new = triplet_accuracy(run.model.encoder.embed(report.features), exam)
    old = triplet_accuracy(former.model.encoder.embed(report.features), exam)
    if new < old + MIN_GAIN:
        return f"held-out triplet accuracy {new:.3f}, of the encoder in use {old:.3f}"
    return None
