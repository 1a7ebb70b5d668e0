"""An encoder as a feature for others: from a folder, from a hub's cache, refused when it does not fit."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import Damaged, StoreError
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.training import tensors
from ruview_engine.training.backbone import Backbone
from ruview_engine.training.export import export
from ruview_engine.training.features import LinkFeatures
from ruview_engine.training.training_run import TrainingRun


@pytest.fixture
def folder(run: TrainingRun, tmp_path: Path) -> Path:
    files = export(run)
    for name in ("model.safetensors", "config.json"):
        (tmp_path / name).write_bytes(files[name])
    return tmp_path


def walk(rng: np.random.Generator) -> Iterator[Sample]:
    """Five seconds of one link at 20 Hz whose profile leans; one glitch."""
    for i in range(100):
        profile = np.ones(64, dtype=np.float32)
        profile[:20] += 0.006 * i + 0.01 * rng.normal(size=20).astype(np.float32)
        yield Sample(
            link=LinkId("1", "64", "a"),
            at_s=i / 20,
            index=i,
            profile=profile / profile.mean(),
            level=12.0,
            rssi_dbm=-50,
            gap_s=None if i == 0 else 0.05,
            is_glitch=i == 70,
        )


def test_a_folder_gives_the_same_encoder(run: TrainingRun, folder: Path) -> None:
    backbone = Backbone.load(folder)
    assert backbone.revision == run.model.revision
    row = run.table.features[3]
    assert np.allclose(backbone.model.encoder.embed_one(row), run.model.encoder.embed_one(row), atol=1e-5)
    assert Backbone.fetch(str(folder)).revision == run.model.revision


def test_samples_become_the_embeddings_that_training_saw(run: TrainingRun, rng: np.random.Generator) -> None:
    backbone, features = Backbone.of(run.model), LinkFeatures()
    step = backbone.follow()
    assert backbone.dims == 128
    n_young = 0
    for sample in walk(rng):
        found, row = step(sample), features.update(sample)
        if row is None or found is None:
            assert found is row is None
            n_young += 1
            continue
        assert np.linalg.norm(found) == pytest.approx(1.0)
        assert np.allclose(found, run.model.encoder.embed(row)[0])
    assert n_young == 20 + 1  # the first second and the glitch


def test_every_link_is_followed_by_itself(run: TrainingRun, rng: np.random.Generator) -> None:
    backbone, samples = Backbone.of(run.model), list(walk(rng))
    alone, one, other = backbone.follow(), backbone.follow(), backbone.follow()
    for sample, foreign in zip(samples, reversed(samples), strict=True):
        other(foreign)
        found = alone(sample), one(sample)
        assert (found[0] is None) == (found[1] is None)
        assert found[0] is None or np.array_equal(found[0], found[1])


def test_an_encoder_of_other_features_is_refused(run: TrainingRun) -> None:
    with pytest.raises(StoreError, match="features"):
        Backbone.of(replace(run.model, feature_source="firmware-adr069"))


def test_a_folder_of_two_revisions_is_refused(run: TrainingRun, folder: Path, rng: np.random.Generator) -> None:
    other = replace(run.model, encoder=run.model.encoder.with_parameters({"b2": rng.normal(size=128)}))
    (folder / "model.safetensors").write_bytes(tensors.save(other))
    with pytest.raises(Damaged, match="different revisions"):
        Backbone.load(folder)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Backbone.load(tmp_path)


def hub_cache(cache: Path, folder: Path) -> None:
    """The library's own cache layout, as a download would leave it."""
    revision = hashlib.sha1(b"fixed").hexdigest()
    repository = cache / "models--someone--csi-encoder"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(revision)
    snapshot = repository / "snapshots" / revision
    snapshot.mkdir(parents=True)
    for name in ("model.safetensors", "config.json"):
        (snapshot / name).write_bytes((folder / name).read_bytes())


def test_a_hub_repository_is_loaded_through_the_library(run: TrainingRun, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    hub_cache(tmp_path / "cache", folder)
    found = Backbone.fetch("someone/csi-encoder", cache=tmp_path / "cache", local_only=True)
    assert found.revision == run.model.revision


def test_a_repository_that_cannot_be_had_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Backbone.fetch("someone/nothing-here", cache=tmp_path, local_only=True)


def test_without_the_hub_library_only_folders_can_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(StoreError, match="not installed"):
        Backbone.fetch("someone/csi-encoder", cache=tmp_path)
