"""The camera-free pipeline of ADR-071: the same model, with other sensors as teachers and a pose *proxy* beside it."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import ShapeError, TrainingError
from ...shapes import Matrix, Times
from ..contrastive import train_encoder
from ..dataset import Dataset
from ..encoder import Encoder
from ..feature_table import FeatureTable
from ..own_labels import PRESENCE_CLASSES
from ..recipe import PresenceLesson, Pretrained, Progress, finish, pretrain
from ..training_run import Settings, TrainingRun
from . import weak_labels
from .cross_modal import CrossModal, standardised
from .observation import Observation
from .own_structure import completed, second_embeddings
from .pose_decoder import PoseDecoder, refine
from .pose_proxy import PoseProxy, pose_proxy
from .sensor_triplets import SensorMiner
from .signals import CSI_SIGNALS, Mode, SensorHistory, Signal
from .skeleton import interpolate, violations
from .weak_labels import Activity, BodyRegion, WeakLabel

#: Measurements of a sensor hub that the cross-modal loss compares the embedding with.
SENSED: Final = (Signal.PIR, Signal.TEMPERATURE, Signal.HUMIDITY, Signal.DOOR, Signal.VIBRATION)

#: What each mode can give. Origin: spec, ADR-071 "Graceful Degradation".
ABLE: Final = {
    Mode.FULL: "5-point pose proxy, 17 points interpolated",
    Mode.CSI_ONLY: "coarser position and activity",
    Mode.SINGLE_NODE: "presence and activity only",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Teachers:
    """What teaches beside the radio.

    seen : what the nodes say per second
    history : sensor reports on the recording's clock; empty for `--no-seed`
    hub_at_s, hub_embedding : (k,) and (k, 45), embeddings of a Cognitum Seed, when there are any
    notes : what happened on the way, e.g. why a Seed was not reached; goes into the metrics
    """

    seen: Observation
    history: SensorHistory
    hub_at_s: Times | None = None
    hub_embedding: Matrix | None = None
    notes: tuple[str, ...] = ()


def train_camera_free(
    dataset: Dataset, teachers: Teachers, settings: Settings | None = None, progress: Progress | None = None
) -> TrainingRun:
    """All phases; same input, same bytes. Raises TrainingError if no honest run is possible."""
    settings = settings or Settings()
    tell = progress or (lambda _what, _share: None)
    rng = np.random.default_rng(settings.seed)
    seen = teachers.seen
    mode = teachers.history.mode(len(seen.nodes))
    first = pretrain(dataset.table(settings.source), settings, rng, lambda what, share: tell(what, share / 2.0))

    tell("weak labels", 0.3)
    history, own = completed(teachers.history, second_embeddings(first.encoder, first.table, seen.grid), seen.grid)
    labels = label_all(seen, history)

    tell("sensor-verified contrast", 0.35)
    first, losses = _contrast(first, labels, teachers, history, settings, rng, tell)
    run = finish(dataset, settings, first, rng, tell, lesson=_lesson(first.table, seen, labels["presence"]))

    tell("pose proxy", 0.97)
    decoder, pose = _pose(first, seen, labels, history, mode)
    supervision = {
        "mode": mode.value,
        "able": ABLE[mode],
        "signals": _signals(teachers.history, seen, own),
        "weak_labels": {name: _statistics(name, label) for name, label in labels.items()},
        "triplets": dict(sorted(Counter(strategy.value for strategy in first.triplets.strategy).items())),
        "cross_modal": losses,
        "pose_proxy": pose,
        "notes": list(teachers.notes),
    }
    tell("done", 1.0)
    return replace(run, pose_decoder=decoder, extra={**run.extra, "camera_free_supervision": supervision})


def label_all(seen: Observation, history: SensorHistory) -> dict[str, WeakLabel]:
    """The eight weak labels by name (the eighth, the pose proxy, is a value of its own)."""
    present = weak_labels.presence(seen, history)
    return {
        "presence": present,
        "position": weak_labels.position(seen),
        "activity": weak_labels.activity(seen, present),
        "occupancy": weak_labels.occupancy(seen, history),
        "body_region": weak_labels.body_region(seen),
        "entry_exit": weak_labels.entry_exit(seen, history),
        "breathing_zone": weak_labels.breathing_zone(seen, history, present),
    }


def _contrast(
    first: Pretrained,
    labels: dict[str, WeakLabel],
    teachers: Teachers,
    history: SensorHistory,
    settings: Settings,
    rng: np.random.Generator,
    tell: Progress,
) -> tuple[Pretrained, dict[str, Any]]:
    """Phase 2: go on from the base encoder with triplets that sensors verify and the cross-modal loss."""
    seen, present = teachers.seen, labels["presence"]
    entries = seen.grid[(labels["entry_exit"].values == 1) & (labels["entry_exit"].weight > 0)]
    miner = SensorMiner(
        at_s=seen.grid,
        presence=present.values,
        trust=present.weight,
        boundaries=np.union1d(_spikes(history, seen.grid), entries),
    )
    learn = first.learn
    at_s, sensors = _sensed(teachers)
    modal = CrossModal(learn, at_s, sensors, rng) if sensors.shape[1] else None
    encoder, triplets, losses = train_encoder(
        first.encoder,
        learn,
        rng,
        n_epochs=max(settings.n_epochs // 2, 1),
        miner=miner,
        extra=modal,
        on_epoch=lambda loss: tell("sensor-verified contrast", 0.35 + 0.4 * (loss.epoch + 1) / settings.n_epochs),
    )
    again = tuple(replace(loss, epoch=len(first.losses) + loss.epoch) for loss in losses)
    values = modal.values if modal is not None else []
    described = {
        "rows": modal.n_rows if modal is not None else 0,
        "columns": int(sensors.shape[1]),
        "first_loss": float(np.mean(values[:20])) if values else None,
        "last_loss": float(np.mean(values[-20:])) if values else None,
    }
    return replace(first, encoder=encoder, triplets=triplets, losses=first.losses + again), described


def _sensed(teachers: Teachers) -> tuple[Times, Matrix]:
    """Seconds and (m, k) standardised measurements: a Seed's embedding if there is one, else the sensors themselves."""
    if teachers.hub_at_s is not None and teachers.hub_embedding is not None and len(teachers.hub_at_s):
        if teachers.hub_embedding.shape[0] != len(teachers.hub_at_s):
            raise ShapeError(f"{len(teachers.hub_at_s)} times, hub embedding {teachers.hub_embedding.shape}")
        return teachers.hub_at_s, standardised(teachers.hub_embedding)
    grid = teachers.seen.grid
    columns = [teachers.history.at(signal, grid) for signal in SENSED if signal in teachers.history.available]
    if not columns:
        return grid, np.zeros((len(grid), 0))
    values = standardised(np.stack(columns, axis=1))
    nobody = ~np.isfinite(values).any(axis=1)
    # A sensor that is silent while others speak is given its mean; a second in which none spoke teaches nothing.
    values = np.nan_to_num(values, nan=0.0)
    values[nobody] = np.nan
    return grid, values


def _spikes(history: SensorHistory, grid: Times) -> Times:
    fragility = history.at(Signal.FRAGILITY, grid)
    if not np.isfinite(fragility).any():
        return np.zeros(0)
    middle = np.nanmedian(fragility)
    spread = max(1.4826 * float(np.nanmedian(np.abs(fragility - middle))), 1e-9)
    return grid[np.nan_to_num(fragility, nan=-np.inf) > middle + weak_labels.FRAGILITY_SPIKE * spread]


def _lesson(table: FeatureTable, seen: Observation, present: WeakLabel) -> PresenceLesson | None:
    """Presence as far as another physics than the radio vouches for it; None leaves it to the boards' own reports."""
    if not (present.weight > weak_labels.TRUST_CSI).any():
        return None
    second = np.clip(np.floor(table.at_s - seen.grid[0]).astype(np.intp), 0, len(seen) - 1)
    vouched = np.where(present.weight > weak_labels.TRUST_CSI, present.weight, 0.0)[second]
    label = np.where(present.values[second] == 1, 1, 0).astype(np.intp)
    assert PRESENCE_CLASSES == ("absent", "present")
    return PresenceLesson(label=label, quality=vouched, source=", ".join(s.value for s in present.sources))


def _pose(
    first: Pretrained, seen: Observation, labels: dict[str, WeakLabel], history: SensorHistory, mode: Mode
) -> tuple[PoseDecoder | None, dict[str, Any]]:
    """Phases 3 to 5, with what was measured; no decoder when there are too few seconds with a proxy, or one node."""
    proxy = pose_proxy(seen, labels["presence"], weak_labels.footsteps(seen, history))
    described: dict[str, Any] = {"proxy": True, "seconds_with_proxy": int((proxy.confidence > 0).sum())}
    if mode is Mode.SINGLE_NODE:
        return None, described | {"refusal": "one node knows no side: presence and activity only"}
    embedding = second_embeddings(first.encoder, first.table, seen.grid)
    heard = np.isfinite(embedding).all(axis=1)
    embedding = np.nan_to_num(embedding, nan=0.0)
    held = np.isin(seen.grid, np.floor(first.table.at_s[first.split.held_out]))
    weight = np.where(heard & ~held, proxy.confidence, 0.0)
    try:
        decoder = PoseDecoder.fit(embedding[heard], proxy.points[heard], weight[heard])
    except TrainingError as error:
        return None, described | {"refusal": str(error)}
    learnt = heard & ~held
    decoder, rounds = refine(decoder, embedding[learnt], proxy.points[learnt], weight[learnt])
    bodies = [interpolate(points) for points in decoder.decode(embedding[heard])]
    described |= {
        "rounds": [
            {"round": one.number, "rate": one.rate, "kept": one.n_kept, "consistency": one.mean_consistency}
            for one in rounds
        ],
        "skeleton_violations": sum(len(violations(body)) for body in bodies),
        "bodies": len(bodies),
        **_agreement(decoder, embedding, proxy, heard & held, learnt),
    }
    return decoder, described


def _agreement(
    decoder: PoseDecoder, embedding: Matrix, proxy: PoseProxy, held: NDArray[np.bool_], learnt: NDArray[np.bool_]
) -> dict[str, Any]:
    """Distance to the proxy itself on held-out seconds, beside a constant body: agreement, not accuracy."""
    known, taught = held & (proxy.confidence > 0), learnt & (proxy.confidence > 0)
    if not known.any():
        return {"held_out_seconds": 0}
    truth = proxy.points[known]
    constant = proxy.points[taught].mean(axis=0)
    return {
        "held_out_seconds": int(known.sum()),
        "distance_to_proxy_m": float(np.linalg.norm(decoder.decode(embedding[known]) - truth, axis=2).mean()),
        "distance_of_a_constant_m": float(np.linalg.norm(constant - truth, axis=2).mean()),
    }


def _signals(history: SensorHistory, seen: Observation, own: tuple[Signal, ...]) -> dict[str, Any]:
    """Each of the ten signals: from where, and how much of it there was."""
    heard = {
        Signal.CROSS_NODE_RSSI: len(seen.nodes) > 1 and bool(np.isfinite(seen.rssi_dbm).all(axis=1).any()),
        Signal.VITALS_STABILITY: bool(np.isfinite(seen.presence).any()),
        Signal.TEMPORAL_CSI: bool(np.isfinite(seen.motion).any()),
    }
    described: dict[str, Any] = {}
    for signal in Signal:
        if signal in history.available:
            share = float(np.isfinite(history.at(signal, seen.grid)).mean())
            described[signal.value] = {"source": "sensors", "share_of_seconds": share}
        elif signal in own:
            described[signal.value] = {"source": "own embeddings"}
        elif signal in CSI_SIGNALS and heard[signal]:
            described[signal.value] = {"source": "nodes"}
        else:
            described[signal.value] = {"source": None}
    return described


def _statistics(name: str, label: WeakLabel) -> dict[str, Any]:
    names: dict[str, tuple[str, ...]] = {
        "presence": PRESENCE_CLASSES,
        "activity": tuple(Activity),
        "body_region": tuple(BodyRegion),
    }
    known = label.values[label.weight > 0].astype(int)
    counts = {
        (str(names[name][code]) if name in names else str(code)): int(n)
        for code, n in zip(*np.unique(known, return_counts=True), strict=True)
    }
    return {
        "share_known": label.share_known,
        "mean_weight": float(label.weight.mean()) if len(label.weight) else 0.0,
        "seconds": counts,
        "sources": [signal.value for signal in label.sources],
    }


def pose_of(decoder: PoseDecoder, encoder: Encoder, features: Matrix) -> NDArray[np.float64]:
    """(n, 8) features → (n, 17, 2) metres: a possible body, not a measured one."""
    return np.array([interpolate(points) for points in decoder.decode(encoder.embed(features))]).reshape(-1, 17, 2)
