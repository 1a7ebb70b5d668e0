"""Deltas carry changes of heads and adapters and nothing else, are bounded, and add up."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from ruview_engine.errors import Damaged, OrderError, StoreError, TrainingError
from ruview_engine.training.federation import MAX_NORM, Delta, aggregate
from ruview_engine.training.heads import Head
from ruview_engine.training.model import Model
from ruview_engine.training.training_run import TrainingRun


@pytest.fixture
def base(run: TrainingRun) -> Model:
    return replace(run.model, heads={}, adapters={})


def with_head(base: Model, rng: np.random.Generator, size: float = 0.1) -> Model:
    head = Head(name="presence", weights=size * rng.normal(size=(128, 2)), bias=np.zeros(2), classes=("a", "b"))
    return replace(base, heads={"presence": head})


def test_a_delta_survives_its_file_and_gives_the_model_back(run: TrainingRun, base: Model) -> None:
    delta = Delta.between(base, run.model, n_rows=100, max_norm=1e6)
    again = Delta.from_bytes(delta.to_bytes(), max_norm=1e6).apply(base)
    embedding = run.model.encoder.embed(run.table.features[:20])
    for name, head in run.model.heads.items():
        assert np.allclose(again.heads[name].scores(embedding), head.scores(embedding), atol=1e-5)
    assert np.allclose(again.embed(run.table.features[:5], 1), run.model.embed(run.table.features[:5], 1), atol=1e-5)
    assert delta.to_bytes() == delta.to_bytes()


def test_a_delta_holds_heads_and_adapters_only(run: TrainingRun, base: Model) -> None:
    names = load_tensors(Delta.between(base, run.model, n_rows=100).to_bytes())
    assert names
    assert all(name.split(".")[0] in ("heads", "adapters") for name in names)


def test_a_loud_home_is_clipped(base: Model, rng: np.random.Generator) -> None:
    delta = Delta.between(base, with_head(base, rng, size=1e3), n_rows=10**9)
    assert delta.norm == pytest.approx(MAX_NORM)
    assert delta.n_rows == 360_000


def test_the_mean_is_weighted_by_rows(base: Model, rng: np.random.Generator) -> None:
    one, other = with_head(base, rng), with_head(base, rng)
    mean = aggregate([Delta.between(base, one, n_rows=300), Delta.between(base, other, n_rows=100)])
    expected = 0.75 * one.heads["presence"].weights + 0.25 * other.heads["presence"].weights
    assert np.allclose(mean.apply(base).heads["presence"].weights, expected)


def test_other_encoders_and_classes_are_not_mixed(base: Model, rng: np.random.Generator) -> None:
    mine = Delta.between(base, with_head(base, rng), n_rows=1)
    with pytest.raises(OrderError, match="encoder"):
        aggregate([mine, replace(mine, base_revision="other")])
    with pytest.raises(OrderError, match="classes"):
        aggregate([mine, replace(mine, classes={"presence": ("b", "a")})])
    moved = replace(base, encoder=base.encoder.with_parameters({"b2": base.encoder.b2 + 1.0}))
    with pytest.raises(OrderError):
        mine.apply(moved)
    with pytest.raises(OrderError):
        Delta.between(base, moved, n_rows=1)
    with pytest.raises(TrainingError):
        aggregate([])


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("embeddings", (500, 128)),
        ("heads.presence.weights", (500, 128)),
        ("encoder.w1", (8, 64)),
        ("adapters.x.a", (128, 4)),
        ("heads.presence.bias", (5000,)),
    ],
)
def test_a_stranger_cannot_smuggle_anything_in(base: Model, rng: np.random.Generator, name: str, shape: tuple) -> None:
    good = Delta.between(base, with_head(base, rng), n_rows=1).to_bytes()
    length = int.from_bytes(good[:8], "little")
    metadata = json.loads(good[8 : 8 + length])["__metadata__"]
    bad = save_tensors({name: np.zeros(shape, dtype=np.float32)}, metadata=metadata)
    with pytest.raises(Damaged, match="no place in a delta"):
        Delta.from_bytes(bad)


@pytest.mark.parametrize("name", ["adapters.\u00b2.a", "adapters.9999.a", "adapters..a", "adapters.-1.a"])
def test_a_node_that_is_none_has_no_place(base: Model, rng: np.random.Generator, name: str) -> None:
    test_a_stranger_cannot_smuggle_anything_in(base, rng, name, (128, 4))


@pytest.mark.parametrize(
    "given",
    [
        {"heads.presence.weights": (128, 2)},
        {"heads.presence.bias": (2,)},
        {"heads.presence.weights": (128, 2), "heads.presence.bias": (3,)},
        {"adapters.1.a": (128, 4)},
        {"adapters.1.a": (128, 4), "adapters.1.b": (2, 128)},
    ],
)
def test_half_of_a_head_or_adapter_is_refused(base: Model, rng: np.random.Generator, given: dict[str, tuple]) -> None:
    """It could not be applied: a person would have got a traceback."""
    good = Delta.between(base, with_head(base, rng), n_rows=1).to_bytes()
    length = int.from_bytes(good[:8], "little")
    metadata = json.loads(good[8 : 8 + length])["__metadata__"]
    bad = save_tensors({name: np.zeros(shape, dtype=np.float32) for name, shape in given.items()}, metadata=metadata)
    with pytest.raises(Damaged, match="beside it"):
        Delta.from_bytes(bad)


@pytest.mark.parametrize("field", ["format_version", "n_rows", "classes", "kind", "base_revision"])
@pytest.mark.parametrize("hostile", ["1e999", "9" * 5000, "null", "[1]", "{}", "[" * 100_000])
def test_no_field_of_a_stranger_raises_anything_else(
    base: Model, rng: np.random.Generator, field: str, hostile: str
) -> None:
    good = Delta.between(base, with_head(base, rng), n_rows=1).to_bytes()
    length = int.from_bytes(good[:8], "little")
    stated = json.loads(json.loads(good[8 : 8 + length])["__metadata__"]["ruview"])
    text = json.dumps(stated | {field: "@@"}).replace('"@@"', hostile)
    bad = save_tensors({"heads.x.bias": np.zeros(2, dtype=np.float32)}, metadata={"ruview": text})
    with pytest.raises(StoreError):
        Delta.from_bytes(bad)


@pytest.mark.parametrize("cut", [0, 5, 60, -3])
def test_a_cut_delta_is_refused(base: Model, rng: np.random.Generator, cut: int) -> None:
    with pytest.raises(StoreError):
        Delta.from_bytes(Delta.between(base, with_head(base, rng), n_rows=1).to_bytes()[:cut])


def test_a_model_is_no_delta(run: TrainingRun) -> None:
    from ruview_engine.training import tensors

    with pytest.raises(StoreError):
        Delta.from_bytes(tensors.save(run.model))
