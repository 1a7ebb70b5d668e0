"""Camera-free, with sensors, without, and with one node: what is claimed follows from what is there."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.training import loading
from ruview_engine.training.camera_free.observation import Observation
from ruview_engine.training.camera_free.recipe import Teachers, pose_of, train_camera_free
from ruview_engine.training.camera_free.signals import SensorHistory, Signal, Track
from ruview_engine.training.camera_free.skeleton import violations
from ruview_engine.training.dataset import Dataset
from ruview_engine.training.export import export
from ruview_engine.training.training_run import Settings, TrainingRun

from ..conftest import SECONDS, STATE_S

SHORT = Settings(n_epochs=1)


def observation(nodes: tuple[int, ...] = (1, 2)) -> Observation:
    rng = np.random.default_rng(6)
    grid = np.arange(float(SECONDS))
    state = (np.floor(grid / STATE_S) % 2)[:, None]
    shape = (SECONDS, len(nodes))
    noise = rng.uniform(0, 0.2, shape)
    return Observation(
        grid=grid, nodes=nodes, presence=state + noise, motion=state + noise,
        rssi_dbm=-50 + rng.normal(0, 2, shape), n_persons=state + 0 * noise, periodicity=noise,
        upper=state + noise, lower=noise,
    )  # fmt: skip


def pir(shift_s: float = 0.0) -> SensorHistory:
    """On in every second state, and off for long enough elsewhere to mean absence."""
    times = np.arange(0.0, SECONDS, STATE_S)
    rows = [(at, float(k % 2)) for k, at in enumerate(times)]
    temperature = [(float(at), 20.0 + 0.001 * at) for at in range(0, SECONDS, 20)]
    return SensorHistory(
        tracks={
            Signal.PIR: Track.from_reports(Signal.PIR, rows),
            Signal.TEMPERATURE: Track.from_reports(Signal.TEMPERATURE, temperature),
        }
    )


@pytest.fixture(scope="module")
def full(one_class: Dataset) -> TrainingRun:
    return train_camera_free(one_class, Teachers(seen=observation(), history=pir(), notes=("a note",)), SHORT)


def supervision(run: TrainingRun) -> dict[str, object]:
    return run.extra["camera_free_supervision"]


def test_sensors_make_it_full(full: TrainingRun) -> None:
    found = supervision(full)
    assert found["mode"] == "full"
    assert found["signals"]["pir"] == {"source": "sensors", "share_of_seconds": 1.0}
    assert found["signals"]["fragility"] == {"source": "own embeddings"}
    assert found["signals"]["door"] == {"source": None}
    assert found["cross_modal"]["columns"] == 2
    assert found["cross_modal"]["last_loss"] < found["cross_modal"]["first_loss"]
    assert found["notes"] == ["a note"]
    assert set(found["weak_labels"]) == {
        "presence", "position", "activity", "occupancy", "body_region", "entry_exit", "breathing_zone",
    }  # fmt: skip


def test_nodes_alone_say_so(one_class: Dataset) -> None:
    run = train_camera_free(one_class, Teachers(seen=observation(), history=SensorHistory(tracks={})), SHORT)
    found = supervision(run)
    assert found["mode"] == "csi_only"
    assert found["cross_modal"]["rows"] == 0
    assert "sensor_verified" not in found["triplets"]
    assert "presence" in run.model.refusals


def test_one_node_has_no_side_and_no_pose(one_class: Dataset) -> None:
    table = one_class.csi.take(one_class.csi.node == 1)
    alone = replace(one_class, csi=table, nodes=(1,))
    run = train_camera_free(alone, Teachers(seen=observation((1,)), history=pir()), SHORT)
    assert supervision(run)["mode"] == "single_node"
    assert run.pose_decoder is None
    assert "pose-decoder.json" not in export(run)
    assert "one node" in supervision(run)["pose_proxy"]["refusal"]


def test_the_pose_is_a_proxy_with_possible_bones(full: TrainingRun) -> None:
    found = supervision(full)["pose_proxy"]
    assert found["proxy"] is True
    assert found["skeleton_violations"] == 0
    assert found["bodies"] > 100
    stored = json.loads(export(full)["pose-decoder.json"])
    assert stored["proxy"] is True
    assert {"distance_to_proxy_m", "distance_of_a_constant_m"} <= set(stored["measured"])
    bodies = pose_of(full.pose_decoder, full.model.encoder, full.table.features[:50])
    assert all(violations(body) == () for body in bodies)


def test_everything_comes_back_from_the_files(full: TrainingRun) -> None:
    loaded = loading.load_folder(export(full))
    assert loaded.manifest[-1]["type"] == "camera_free_supervision"
    assert loaded.manifest[-1]["mode"] == "full"
    assert loaded.metrics["camera_free_supervision"] == json.loads(json.dumps(supervision(full)))
    features = full.table.features[:20]
    embedding = full.model.encoder.embed(features)
    assert np.allclose(loaded.pose_decoder.decode(embedding), full.pose_decoder.decode(embedding), atol=1e-4)


def test_same_input_same_bytes(full: TrainingRun, one_class: Dataset) -> None:
    again = train_camera_free(one_class, Teachers(seen=observation(), history=pir(), notes=("a note",)), SHORT)
    assert export(again) == export(full)
