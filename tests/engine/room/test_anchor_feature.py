"""What an anchor teaches: known content comes out again, thin or foreign windows teach nothing, storage is checked."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.anchor_feature import SETTLE_S, VECTORS, AnchorFeature, LinkFeature, extract, sway_of
from ruview_engine.room.baseline import judge
from ruview_engine.room.link_baseline import BLOCK_S
from ruview_engine.room.micro_motion import measure_windows
from ruview_engine.room.sway import WAITS
from tests.engine.room.synthetic import LINK, window


@pytest.fixture(scope="module")
def known():
    return judge("r", 0.0, (window(np.random.default_rng(4)),)).links[0]


@pytest.fixture
def sitting(known, rng):
    found = extract(window(rng, seconds=32, start_s=100, shift=0.12, shift_seed=32, breath_bpm=15.0), known)
    assert found is not None
    return found


def test_breath_and_shift_come_out_again(known, sitting, rng):
    empty = extract(window(rng, seconds=32, start_s=100), known)
    assert sitting.rates_bpm[-1] == pytest.approx(15.0, abs=0.5)
    assert sitting.line_db[-1] > empty.line_db[-1] + 6.0
    assert np.median(sitting.micro_growths) > np.median(empty.micro_growths) + 1.0
    assert np.linalg.norm(sitting.blocks, axis=1).min() > 3 * np.linalg.norm(empty.blocks, axis=1).max()


def test_shapes_and_counts_are_what_the_docstring_says(known, sitting):
    n_bands = len(known.log_reference)
    assert sitting.blocks.shape == (int((32 - SETTLE_S) // BLOCK_S), n_bands)
    assert len(sitting.eigen_coefficients) == len(sitting.blocks)
    assert sitting.variance.shape == (n_bands,)
    assert len(sitting.motion_z) == pytest.approx(32 - SETTLE_S, abs=1)
    assert len({len(getattr(sitting, name)) for name in ("micro_growths", "line_db", "rates_bpm", "second_db")}) == 1
    assert sitting.rate_hz == pytest.approx(20.0, rel=0.01)
    assert sitting.longest_gap_s < 0.1
    assert sitting.n_frames == pytest.approx((32 - SETTLE_S) * 20, abs=2)


def test_growth_is_what_exceeds_the_empty_rooms_own(known, rng):
    one = window(rng, seconds=32, start_s=100, breath_bpm=15.0)
    settled = one.between(one.times[0] + SETTLE_S, one.times[-1])
    ratios = [micro.log_ratio for micro in measure_windows(settled, known.bands)]
    assert known.micro_location != 0.0
    np.testing.assert_allclose(extract(one, known).micro_growths, np.array(ratios) - known.micro_location)


def test_settling_is_left_out(known, rng):
    """Two seconds of sitting down, then stillness: the anchor is quiet."""
    moved, still = (
        window(rng, seconds=SETTLE_S, start_s=100, moving=0.3),
        window(rng, seconds=30, start_s=100 + SETTLE_S),
    )
    names = ("times", "profiles", "levels", "rssi_dbm")
    whole = replace(still, **{n: np.concatenate([getattr(moved, n), getattr(still, n)]) for n in names})
    assert (
        extract(whole, known).motion_z.max()
        < extract(window(rng, seconds=32, start_s=100, moving=0.3), known).motion_z.min()
    )


def test_movement_is_wide_and_in_all_bands(known, sitting, rng):
    moving = extract(window(rng, seconds=32, start_s=100, moving=0.05), known)
    assert moving.coherence > sitting.coherence + 0.3
    assert np.median(moving.motion_z) > np.median(sitting.motion_z) + 1.0
    assert 0.5 < moving.doppler_spread_hz < 5.0


@pytest.mark.parametrize("seconds", [0.5, 3.0, 6.0])
def test_a_thin_window_teaches_nothing(known, rng, seconds):
    assert extract(window(rng, seconds=seconds), known) is None


def test_another_layout_teaches_nothing(known, rng):
    one = window(rng, seconds=32)
    assert extract(replace(one, profiles=one.profiles[:, :40]), known) is None


def anchor(*links, **changes):
    fields = {"room_id": "r", "label": AnchorLabel.SIT, "t_epoch_us": 7, "baseline_id": "b", "links": links}
    return AnchorFeature(**(fields | changes))


def test_stored_and_back(sitting):
    before = anchor(sitting, embedding=(0.5, -1.0))
    after = AnchorFeature.from_dict(before.to_dict())
    assert (after.room_id, after.label, after.t_epoch_us, after.baseline_id) == ("r", AnchorLabel.SIT, 7, "b")
    assert after.embedding == (0.5, -1.0)
    back = after.link(LINK)
    for name in (*VECTORS, "blocks", "eigen_coefficients"):
        np.testing.assert_array_equal(getattr(back, name), getattr(sitting, name))
    assert (back.coherence, back.rate_hz, back.n_frames) == (sitting.coherence, sitting.rate_hz, sitting.n_frames)
    assert after.link(LinkId("2", "64", "a")) is None


def test_an_enrolment_from_before_sway_still_loads(sitting):
    stored = sitting.to_dict()
    del stored["excursion"]
    assert LinkFeature.from_dict(stored).excursion.shape == (0,)


@pytest.mark.parametrize(
    "damage",
    [
        {"blocks": np.full((5, 13), np.nan)},
        {"blocks": np.zeros(7)},
        {"motion_z": [np.inf]},
        {"motion_z": "loud"},
        {"excursion": np.zeros(len(WAITS) + 1)},
        {"link": "nonsense"},
        {"variance": None},
    ],
    ids=lambda damage: str(next(iter(damage))),
)
def test_damage_is_refused(sitting, damage):
    with pytest.raises(Damaged):
        LinkFeature.from_dict(sitting.to_dict() | damage)


@pytest.mark.parametrize("damage", [{"label": "headstand"}, {"t_epoch_us": "noon"}, {"links": 3}, {"embedding": ["x"]}])
def test_a_damaged_anchor_is_refused(sitting, damage):
    with pytest.raises(Damaged):
        AnchorFeature.from_dict(anchor(sitting).to_dict() | damage)


def test_sway_needs_a_link_that_can_say(sitting):
    mute = replace(sitting, excursion=np.empty(0))
    assert sway_of([mute]) is None
    assert sway_of([]) is None
    assert sway_of([replace(sitting, excursion=np.ones(len(WAITS))), mute]) is not None
