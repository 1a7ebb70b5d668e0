"""The files of a run: the seed's structure, plain JSON, no times, the same bytes again."""

import json

import pytest

from ruview_engine.training.export import export, manifest, metrics
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
