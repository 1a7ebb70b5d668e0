"""An encoder as a feature for others: from a folder, from a hub's cache, refused when it does not fit."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import Damaged, StoreError
from ruview_engine.introspection.features import FeatureExtractor
from ruview_engine.introspection.signature import FeatureKind
from ruview_engine.training import tensors
from ruview_engine.training.backbone import Backbone
from ruview_engine.training.export import export
from ruview_engine.training.recipe import TrainingRun


@pytest.fixture
def folder(run: TrainingRun, tmp_path: Path) -> Path:
    files = export(run)
    for name in ("model.safetensors", "config.json"):
        (tmp_path / name).write_bytes(files[name])
    return tmp_path


def test_a_folder_gives_the_same_encoder(run: TrainingRun, folder: Path) -> None:
    backbone = Backbone.load(folder)
    assert backbone.revision == run.model.revision
    row = run.table.features[3]
    assert np.allclose(backbone.model.encoder.embed_one(row), run.model.encoder.embed_one(row), atol=1e-5)
    assert Backbone.fetch(str(folder)).revision == run.model.revision


def test_frames_become_unit_vectors_that_follow_the_channel(run: TrainingRun, rng: np.random.Generator) -> None:
    # Standardised for profiles like these: deviations of some tenths, log energy of 1 % noise.
    fitted = replace(run.model.encoder, centre=np.array([0, 0, 0, 0, 0, -8.5, 0, 0.0]), scale=np.full(8, 0.2))
    encode = Backbone.of(replace(run.model, encoder=fitted)).per_frame(20.0)
    profile = np.ones(64, dtype=np.float32)
    moved = profile.copy()
    moved[:20] *= 1.6
    moved /= moved.mean()
    quiet = [encode(profile + 0.01 * rng.normal(size=64).astype(np.float32)) for _ in range(200)][-1]
    changed = [encode(moved + 0.01 * rng.normal(size=64).astype(np.float32)) for _ in range(20)][-1]
    assert quiet.shape == (128,)
    assert np.linalg.norm(quiet) == pytest.approx(1.0)
    assert quiet @ changed < 0.95


def test_it_serves_introspection(run: TrainingRun) -> None:
    active = np.ones(64, dtype=bool)
    extractor = FeatureExtractor(FeatureKind.EMBEDDING, 128, active, 20.0, Backbone.of(run.model).per_frame(20.0))
    assert extractor.dims == 128


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
