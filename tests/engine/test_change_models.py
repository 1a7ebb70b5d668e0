"""Change models survive storing, and broken ones are refused."""

import numpy as np
import pytest

from ruview_engine import change_models
from ruview_engine.errors import Damaged
from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.links.link_id import LinkId
from ruview_engine.room import codec
from ruview_engine.room.codec import Kind

LINK = LinkId("1", "64", "a")


@pytest.fixture(scope="module")
def models() -> dict[LinkId, ChangeModel]:
    rng = np.random.default_rng(20260403)
    quiet = (1.0 + 0.02 * rng.standard_normal((1200, 64))).astype(np.float32)
    return {LINK: ChangeModel.fit([quiet], fs_hz=20.0)}


def test_models_survive_the_codec(models: dict[LinkId, ChangeModel]) -> None:
    document = codec.encode(Kind.CHANGE, change_models.to_dict(models))
    found = change_models.from_dict(codec.decode(Kind.CHANGE, document))
    assert found.keys() == models.keys()
    before, after = models[LINK].novelty, found[LINK].novelty
    np.testing.assert_array_equal(after.projection, before.projection)
    np.testing.assert_array_equal(after.known, before.known)
    assert (after.limits, after.n_waves, after.n_confirm) == (before.limits, before.n_waves, before.n_confirm)


@pytest.mark.parametrize("spoil", [{"1/64/a": {}}, {"not a link": {"novelty": {}}}, {"1/64/a": None}])
def test_what_is_no_model_is_damaged(spoil: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        change_models.from_dict(spoil)


def test_shapes_of_another_width_are_damaged(models: dict[LinkId, ChangeModel]) -> None:
    stored = change_models.to_dict(models)
    stored[str(LINK)]["novelty"]["known"] = np.eye(3)
    with pytest.raises(Damaged):
        change_models.from_dict(stored)
