"""Active bins from the frames themselves."""

import numpy as np

from ruview_engine.links.layout import layout_named
from ruview_engine.links.mask import LEARN_FRAMES, MaskLearner, active_bins, guard_edges


def _frames(rng, n_pairs, live, level=30.0):
    frames = np.zeros((LEARN_FRAMES, n_pairs), np.float32)
    frames[:, live] = level * (1 + 0.05 * rng.normal(size=(LEARN_FRAMES, len(live))))
    return frames


def test_nulls_of_a_legacy_frame(rng):
    live = np.r_[1:27, 38:64]
    mask = active_bins(_frames(rng, 64, live), layout_named("64", 64))
    assert np.flatnonzero(mask).tolist() == live.tolist()


def test_status_word_and_leakage_of_the_original_esp32(rng):
    """Columns 0 and 1 carry a status word, 29 and 35 filter leakage: seen in the ESP32 recordings."""
    frames = _frames(rng, 64, np.r_[2:29, 36:64], 45.0)
    frames[:, 0] = 126.0
    frames[:, 1] = 10.0
    frames[:, 29] = 7.6
    frames[:, 35] = 10.8
    mask = active_bins(frames, layout_named("64", 64))
    assert np.flatnonzero(mask).tolist() == [*range(2, 29), *range(36, 64)]


def test_an_island_before_the_band_is_no_channel(rng):
    """`first_word_invalid` with the carrier in the middle: two live columns, four nulls, then the band."""
    frames = _frames(rng, 64, np.r_[6:32, 33:59], 12.0)
    frames[:, 0] = 105.0
    frames[:, 1] = 4.0
    mask = active_bins(frames, layout_named("64", 64))
    assert np.flatnonzero(mask).tolist() == [*range(6, 32), *range(33, 59)]


def test_a_narrower_foreign_frame_does_not_cost_bins(rng):
    frames = _frames(rng, 64, np.r_[4:32, 33:61])
    frames[::4, [4, 5, 59, 60]] = 0.0
    mask = active_bins(frames, layout_named("64", 64))
    assert mask[[4, 5, 59, 60]].all()


def test_a_deep_fade_inside_the_band_stays(rng):
    frames = _frames(rng, 64, np.r_[1:29, 36:64])
    frames[:, 14:17] *= 0.1
    assert active_bins(frames, layout_named("64", 64))[14:17].all()


def test_segments_are_judged_on_their_own(rng):
    """HT-LTF is four times LLTF: the weaker field must not be taken for leakage."""
    frames = _frames(rng, 128, np.r_[1:27, 38:64], 10.0)
    frames[:, np.r_[65:93, 100:128]] = 42.0 * (1 + 0.05 * rng.normal(size=(LEARN_FRAMES, 56)))
    assert active_bins(frames, layout_named("128", 128)).sum() == 52 + 56


def test_learner_waits_then_decides_once(rng):
    learner = MaskLearner(layout_named("64", 64))
    frames = _frames(rng, 64, np.r_[1:27, 38:64])
    assert all(learner.update(frame) is None for frame in frames[:-1])
    mask = learner.update(frames[-1])
    assert mask is not None
    assert learner.update(np.zeros(64, np.float32)) is mask
    learner.reset()
    assert learner.mask is None


def test_silence_is_not_learned_from():
    learner = MaskLearner(layout_named("64", 64))
    for _ in range(LEARN_FRAMES):
        assert learner.update(np.zeros(64, np.float32)) is None


def test_guard_edges_of_both_bin_orders():
    """Carrier first: the guard is in the middle. Carrier in the middle: the guard is around the ends."""
    first = np.zeros(64, bool)
    first[np.r_[1:29, 36:64]] = True
    assert sorted(guard_edges(first)) == [27, 28, 36, 37]
    middle = np.zeros(64, bool)
    middle[np.r_[4:32, 33:61]] = True
    assert sorted(guard_edges(middle)) == [4, 5, 59, 60]
    assert guard_edges(np.ones(64, bool)) == ()
    assert guard_edges(np.zeros(64, bool)) == ()
