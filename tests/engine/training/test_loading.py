"""Every exported file comes back with the same outputs; every damaged one is refused."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ruview_engine.errors import Damaged, NewerFormat, StoreError
from ruview_engine.training import loading
from ruview_engine.training.export import export
from ruview_engine.training.training_run import TrainingRun


@pytest.fixture(scope="module")
def files(run: TrainingRun) -> dict[str, bytes]:
    return dict(export(run))


def test_the_folder_comes_back_whole(run: TrainingRun, files: dict[str, bytes]) -> None:
    loaded = loading.load_folder(files)
    features = run.table.features[:50]
    for node in (None, 1, 2):
        assert np.allclose(loaded.model.embed(features, node), run.model.embed(features, node), atol=1e-5)
    assert loaded.model.revision == run.model.revision
    embedding = run.model.encoder.embed(features)
    for name, head in run.model.heads.items():
        assert np.allclose(loaded.model.heads[name].scores(embedding), head.scores(embedding), atol=1e-5)
        assert loaded.model.heads[name].classes == head.classes
    assert len(loaded.triplets) == len(run.triplets)
    assert np.allclose(loaded.embeddings.values, run.model.encoder.embed(run.table.features), atol=1e-4)
    assert (loaded.embeddings.held_out == run.split.held_out).all()
    assert [record["type"] for record in loaded.manifest] == ["metadata", "encoder", "lora", "ewc", "quantization"]
    assert loaded.metrics["triplet_accuracy"]["trained"] == run.triplet_score.trained


def test_tasks_come_back(run: TrainingRun, files: dict[str, bytes]) -> None:
    tasks = loading.load_model(files).tasks
    assert [task.name for task in tasks] == ["base", "node-1", "node-2"]
    assert [task.strength for task in tasks] == [2000.0, 3000.0, 3000.0]
    for mine, theirs in zip(tasks, run.model.tasks, strict=True):
        assert np.allclose(mine.fisher["w2"], theirs.fisher["w2"], rtol=1e-5)


def test_json_and_csv_forms_say_the_same(files: dict[str, bytes], run: TrainingRun) -> None:
    assert loading.load_model_json(files["model.json"]).revision == run.model.revision
    one, other = (loading.load_triplets(files[f"contrastive/triplets.{end}"]) for end in ("jsonl", "csv"))
    assert (one.negative == other.negative).all()
    assert one.strategy == other.strategy


@pytest.mark.parametrize("n_bits", [2, 4, 8])
def test_few_bit_files_load_alone(files: dict[str, bytes], run: TrainingRun, n_bits: int) -> None:
    small = loading.load_quantised(files[f"quantized/model-q{n_bits}.bin"]).restore()
    features = run.table.features[run.split.held_out]
    likeness = np.sum(small.embed(features) * run.model.encoder.embed(features), axis=1).mean()
    assert 1.0 - likeness < {2: 0.03, 4: 0.002, 8: 1e-4}[n_bits]


def test_the_public_library_reads_our_file(files: dict[str, bytes], run: TrainingRun) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    tensors = safetensors.load(files["model.safetensors"])
    assert np.allclose(tensors["encoder.w2"], run.model.encoder.w2, atol=1e-6)


@pytest.mark.parametrize("name", ["model.safetensors", "ewc.safetensors", "config.json", "model.json",
    "model.rvf.jsonl", "training-metrics.json", "contrastive/triplets.jsonl", "contrastive/embeddings.json",
    "lora/node-1.json", "quantized/model-q4.bin"])  # fmt: skip
@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_damage_is_refused(files: dict[str, bytes], name: str, damage: str) -> None:
    data = files[name]
    spoilt = {"cut": data[: 2 * len(data) // 3], "empty": b"", "other": b"\xff\x00 nothing of ours \n"}[damage]
    if damage == "empty" and name.endswith("triplets.jsonl"):
        assert len(loading.load_triplets(spoilt)) == 0
        return
    with pytest.raises(StoreError):
        loading.load_folder(files | {name: spoilt})


def test_a_missing_file_is_named(files: dict[str, bytes]) -> None:
    with pytest.raises(Damaged, match=r"config\.json is missing"):
        loading.load_folder({name: data for name, data in files.items() if name != "config.json"})


def test_a_flipped_bit_in_the_payload_is_found(files: dict[str, bytes]) -> None:
    data = bytearray(files["quantized/model-q4.bin"])
    data[-100] ^= 1
    with pytest.raises(Damaged):
        loading.load_quantised(bytes(data))


def test_files_of_two_runs_are_not_mixed(files: dict[str, bytes]) -> None:
    other = json.loads(files["config.json"]) | {"version": "0123456789ab"}
    with pytest.raises(Damaged, match="revision"):
        loading.load_folder(files | {"config.json": json.dumps(other).encode()})


def test_a_newer_format_is_named_as_such(files: dict[str, bytes]) -> None:
    stored = json.loads(files["model.json"])
    stored["metadata"]["format_version"] = "99"
    with pytest.raises(NewerFormat):
        loading.load_model_json(json.dumps(stored).encode())


JSON_FILES = ("config.json", "model.json", "training-metrics.json", "contrastive/embeddings.json", "lora/node-1.json")

#: What a number may become: too large for its place, another kind of value, nothing.
HOSTILE = ("1e999", "-1e999", "9" * 30, "9" * 5000, '"text"', "null", "[]", "{}", "[[1],[1,2]]", "true")


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, of long lists only the first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, one in items:
        yield from paths_of(one, (*path, key))


def shortened(value: Any) -> Any:
    """The same kinds of values in the same places, three of each list."""
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    return [shortened(one) for one in value[:3]] if isinstance(value, list) else value


def replaced(value: Any, path: tuple[Any, ...], by: str) -> str:
    """The document as text with one place changed."""
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = "@@"
    inner = replaced(value[path[0]], path[1:], by)
    return json.dumps(copy).replace('"@@"', inner, 1)


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("model.json", loading.load_model_json),
        ("contrastive/embeddings.json", loading.load_embeddings),
        ("lora/node-1.json", loading.load_adapter),
    ],
)
def test_no_value_anywhere_raises_anything_else(files: dict[str, bytes], name: str, load: Any) -> None:
    """A file may come from anybody; what is done with it is load it or refuse it."""
    document = shortened(json.loads(files[name]))
    for path in paths_of(document):
        for hostile in HOSTILE:
            try:
                load(replaced(document, path, hostile).encode())
            except StoreError:
                continue


@pytest.mark.parametrize("hostile", HOSTILE)
def test_triplets_of_anybody_are_read_or_refused(hostile: str) -> None:
    row = f'{{"anchor": {hostile}, "positive": 1, "negative": 2, "strategy": "temporal"}}'
    if hostile == "true":
        assert loading.load_triplets(row.encode()).anchor.tolist() == [1], "Python's true is a number"
        return
    with pytest.raises(Damaged):
        loading.load_triplets(row.encode())


@pytest.mark.parametrize("name", JSON_FILES)
def test_nesting_without_end_is_refused(files: dict[str, bytes], name: str) -> None:
    for deep in (b"[" * 200_000, b'{"a":' * 200_000):
        with pytest.raises(StoreError):
            loading.load_folder(files | {name: deep})


@pytest.mark.parametrize("version", ["\u00b2", "9" * 5000, "-1", "1.0", ""])
def test_a_version_that_is_no_number_is_refused(files: dict[str, bytes], version: str) -> None:
    stored = json.loads(files["model.json"])
    stored["metadata"]["format_version"] = version
    with pytest.raises(Damaged):
        loading.load_model_json(json.dumps(stored).encode())
