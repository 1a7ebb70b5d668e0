"""Change models are learnt of known links, survive storing, and broken ones are refused."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine import change_models
from ruview_engine.errors import Damaged
from ruview_engine.introspection.introspector import ChangeModel, IntrospectionSettings
from ruview_engine.links.link_id import LinkId
from ruview_engine.room import codec
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.codec import Kind
from tests.engine.room.synthetic import LINK, window


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


def test_links_that_the_baseline_does_not_know_or_that_said_too_little_are_left_out(rng: np.random.Generator) -> None:
    one = window(rng)
    baseline = judge("study", 0.0, (one,))
    assert isinstance(baseline, Baseline)
    settings = IntrospectionSettings()
    fitted = change_models.fit((one, replace(one, link=LinkId("9", "64", "a"))), baseline, settings, {})
    assert fitted.keys() == {LINK}
    assert change_models.fit((one.between(0.0, 1.0), one.between(900.0, 901.0)), baseline, settings, {}) == {}


def test_the_rate_that_the_link_measures_goes_before_that_of_its_window(rng: np.random.Generator) -> None:
    one = window(rng)
    baseline = judge("study", 0.0, (one,))
    assert isinstance(baseline, Baseline)
    own, told = (
        change_models.fit((one,), baseline, IntrospectionSettings(), rates)[LINK].novelty
        for rates in ({}, {LINK: 200.0})
    )
    assert told.n_confirm > own.n_confirm
