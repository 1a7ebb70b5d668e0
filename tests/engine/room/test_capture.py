"""Captures in their small form: the same pools again, the same movement, and refused where they are damaged."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.dsp.pooling import pool_columns
from ruview_engine.errors import Damaged
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import MAX_ROWS, compact, from_dict, to_dict
from tests.engine.room.synthetic import LINK, window


@pytest.fixture(scope="module")
def baseline():
    return judge("r", 0.0, (window(np.random.default_rng(4)),))


@pytest.fixture
def kept(baseline, rng):
    return compact((window(rng, seconds=20, start_s=50, breath_bpm=15.0),), baseline)


def test_pooling_a_compact_window_gives_the_pools_of_the_whole(baseline, rng):
    whole = window(rng, seconds=20)
    (small,) = compact((whole,), baseline)
    pools = pool_columns(whole.profiles, baseline.link(LINK).bands.active)
    np.testing.assert_allclose(pool_columns(small.profiles, small.active), pools, rtol=1e-6)


def test_only_links_of_the_baseline_are_kept(baseline, rng):
    one = window(rng, seconds=20)
    stranger = replace(one, link=LinkId("9", "64", "a"))
    narrow = replace(one, profiles=one.profiles[:, :40])
    assert [small.link for small in compact((stranger, one), baseline)] == [LINK]
    assert compact((narrow,), baseline) == ()
    assert compact((one.between(900.0, 901.0),), baseline) == ()


def test_movement_is_kept_in_the_baselines_units(baseline, rng):
    (quiet,) = compact((window(rng, seconds=20),), baseline)
    (loud,) = compact((window(rng, seconds=20, moving=0.08),), baseline)
    assert np.nanmedian(loud.motion_z) > np.nanmedian(quiet.motion_z) + 2.0


def test_stored_and_back_is_the_same_within_half_a_float(kept):
    (before,), (after,) = kept, from_dict(to_dict(kept))
    assert after.link == before.link
    np.testing.assert_array_equal(after.times, before.times)
    np.testing.assert_allclose(after.profiles, before.profiles, rtol=1e-3)
    np.testing.assert_allclose(after.levels, before.levels, rtol=1e-6)
    np.testing.assert_allclose(after.motion_z, np.asarray(before.motion_z), rtol=1e-6, equal_nan=True)
    assert np.isnan(before.motion_z).any(), "what was not measured must come back as not measured"


def test_what_is_stored_is_a_quarter_of_the_columns_in_two_bytes(kept):
    stored = to_dict(kept)[str(LINK)]
    assert stored["pools"].dtype == np.float16
    assert stored["pools"].shape[1] * 4 == kept[0].profiles.shape[1]


@pytest.mark.parametrize(
    "damage",
    [
        {"times": None},
        {"times": np.zeros(400)},
        {"pools": np.zeros((3, 13))},
        {"pools": np.zeros(400)},
        {"levels": np.full(400, np.nan)},
        {"motion_z": "loud"},
    ],
    ids=lambda damage: str(next(iter(damage))),
)
def test_damage_is_refused(kept, damage):
    stored = to_dict(kept)
    stored[str(LINK)] |= damage
    with pytest.raises(Damaged, match="capture"):
        from_dict(stored)


@pytest.mark.parametrize("name", ["times", "pools", "levels", "motion_z", "has_motion"])
def test_a_missing_array_is_refused(kept, name):
    stored = to_dict(kept)
    del stored[str(LINK)][name]
    with pytest.raises(Damaged):
        from_dict(stored)


def test_more_rows_than_a_capture_can_have_are_refused(kept):
    n = MAX_ROWS + 1
    stored = {str(LINK): {name: np.arange(n, dtype=float) for name in ("times", "levels", "motion_z")}}
    stored[str(LINK)] |= {"pools": np.ones((n, 2)), "has_motion": np.ones(n, bool)}
    with pytest.raises(Damaged):
        from_dict(stored)
    from_dict({str(LINK): {name: values[:MAX_ROWS] for name, values in stored[str(LINK)].items()}})
