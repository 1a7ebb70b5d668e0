"""A model survives the file and a damaged file is refused."""

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.training import tensors
from ruview_engine.training.adapter import Adapter
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.heads import Head
from ruview_engine.training.model import Model


@pytest.fixture
def model(rng: np.random.Generator) -> Model:
    return Model(
        name="test",
        feature_source="csi",
        encoder=Encoder.initialise(rng.normal(size=(50, 8)), rng),
        heads={
            "activity": Head(name="activity", weights=rng.normal(size=(128, 2)), bias=np.zeros(2), classes=("a", "b"))
        },
        adapters={2: Adapter.initialise(rng)},
    )


def test_same_model_same_bytes(model: Model) -> None:
    assert tensors.save(model) == tensors.save(model)


def test_round_trip_keeps_outputs(model: Model, rng: np.random.Generator) -> None:
    loaded = tensors.load(tensors.save(model))
    features = rng.normal(size=(20, 8))
    assert loaded.revision == model.revision
    assert np.allclose(loaded.embed(features, 2), model.embed(features, 2), atol=1e-6)
    assert loaded.heads["activity"].classes == ("a", "b")


@pytest.mark.parametrize("cut", [0, 7, 100, -1])
def test_a_cut_file_is_refused(model: Model, cut: int) -> None:
    with pytest.raises(Damaged):
        tensors.load(tensors.save(model)[:cut])


def test_numbers_that_are_not_numbers_are_refused(model: Model) -> None:
    poisoned = tensors.to_tensors(model)
    poisoned["encoder.w1"][3, 3] = np.nan
    with pytest.raises(Damaged, match=r"encoder\.w1"):
        tensors.from_tensors(poisoned, {"format_version": "1"})
