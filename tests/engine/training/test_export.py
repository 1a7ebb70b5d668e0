"""The files of a run: the seed's structure, plain JSON, no times, the same bytes again."""

import json

import numpy as np
import pytest

from ruview_engine.training import export as module
from ruview_engine.training.export import essentials, export, manifest, metrics
from ruview_engine.training.loading import load_embeddings
from ruview_engine.training.training_run import TrainingRun


@pytest.fixture(scope="module")
def files(run: TrainingRun) -> dict[str, bytes]:
    return dict(export(run))


def test_the_structure_is_the_seeds(files: dict[str, bytes]) -> None:
    assert set(files) >= {
        "model.safetensors", "config.json", "model.json", "model.rvf.jsonl", "training-metrics.json",
        "contrastive/triplets.jsonl", "contrastive/triplets.csv", "contrastive/embeddings.json",
        "quantized/model-q2.bin", "quantized/model-q4.bin", "quantized/model-q8.bin", "lora/node-1.json",
        "lora/node-2.json",
    }  # fmt: skip


def test_same_run_same_bytes(run: TrainingRun, files: dict[str, bytes]) -> None:
    assert dict(export(run)) == files


def test_essentials_hold_no_moment_of_the_recording(run: TrainingRun, files: dict[str, bytes]) -> None:
    few = essentials(run)
    assert set(few) == {"model.safetensors", "config.json", "training-metrics.json"}
    assert all(files[name] == data for name, data in few.items())
    assert b"at_s" not in b"".join(few.values())


def test_embeddings_of_a_long_recording_are_thinned(run: TrainingRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EMBEDDINGS", 100)
    found = load_embeddings(export(run)["contrastive/embeddings.json"])
    step = -(-len(run.table) // 100)
    assert len(found.values) == len(found.node) == len(found.at_s) == len(range(0, len(run.table), step))
    assert np.allclose(found.values[1], run.model.encoder.embed_one(run.table.features[step]), atol=1e-4)


def test_json_is_json_everywhere(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith(".json"):
            json.loads(data, parse_constant=pytest.fail)
        if name.endswith(".jsonl"):
            assert all(json.loads(line, parse_constant=pytest.fail) for line in data.splitlines())


def test_the_manifest_names_files_that_are_there_and_holds_no_weights(
    run: TrainingRun, files: dict[str, bytes]
) -> None:
    records = manifest(run)
    assert [record["type"] for record in records] == ["metadata", "encoder", "lora", "ewc", "quantization"]
    parts = [one for record in records for one in (record, *record.get("adapters", ()), *record.get("files", ()))]
    assert {one["file"] for one in parts if "file" in one} <= set(files)
    assert len(files["model.rvf.jsonl"]) < 2000


def test_metrics_say_what_was_held_out_and_how_controls_did(run: TrainingRun) -> None:
    found = metrics(run)
    assert found["rows"]["all"] == len(run.table)
    assert found["rows"]["training"] + found["rows"]["held_out"] <= found["rows"]["all"]
    assert {"trained", "random_encoder", "raw_features"} <= set(found["triplet_accuracy"])
    assert len(found["heads"]["presence"]["shuffled"]) > 1
    assert len(found["losses"]) == run.settings.n_epochs


def test_triplets_are_the_same_in_both_forms(run: TrainingRun, files: dict[str, bytes]) -> None:
    lines = [json.loads(line) for line in files["contrastive/triplets.jsonl"].splitlines()]
    rows = files["contrastive/triplets.csv"].decode().splitlines()
    assert len(lines) == len(rows) - 1 == len(run.triplets)
    assert rows[1].split(",")[:4] == [str(lines[0][key]) for key in ("anchor", "positive", "negative", "strategy")]
