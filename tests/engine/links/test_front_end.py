"""Gain removal."""

import numpy as np
import pytest

from ruview_engine.links.front_end import FrontEnd
from ruview_engine.links.layout import layout_named


def _masked(n_pairs):
    mask = np.ones(n_pairs, bool)
    mask[[0, 30, 31, 32]] = False
    return mask


@pytest.mark.parametrize("n_pairs", [53, 64, 128, 192, 306])
def test_profile_ignores_gain(rng, n_pairs):
    front_end = FrontEnd(layout_named(str(n_pairs), n_pairs), _masked(n_pairs))
    amplitude = rng.uniform(5, 50, n_pairs).astype(np.float32)
    profile, level = front_end.update(amplitude)
    louder, louder_level = front_end.update(amplitude * np.float32(10))
    np.testing.assert_allclose(louder, profile, rtol=1e-5)
    assert louder_level == pytest.approx(10 * level, rel=1e-5)


def test_each_field_has_mean_one(rng):
    layout = layout_named("192", 192)
    mask = _masked(192)
    amplitude = rng.uniform(5, 15, 192).astype(np.float32)
    amplitude[64:128] *= 4
    profile, _ = FrontEnd(layout, mask).update(amplitude)
    for start, stop in layout.segments:
        assert profile[start:stop][mask[start:stop]].mean() == pytest.approx(1.0, rel=1e-5)
    assert not profile[~mask].any()


def test_a_silent_field_gives_nothing():
    front_end = FrontEnd(layout_named("128", 128), _masked(128))
    amplitude = np.ones(128, np.float32)
    amplitude[64:] = 0
    assert front_end.update(amplitude) is None
    assert FrontEnd(layout_named("64", 64), _masked(64)).update(np.zeros(64, np.float32)) is None


def test_profile_is_read_only_and_input_untouched(rng):
    amplitude = rng.uniform(5, 50, 64).astype(np.float32)
    before = amplitude.copy()
    profile, _ = FrontEnd(layout_named("64", 64), _masked(64)).update(amplitude)
    np.testing.assert_array_equal(amplitude, before)
    with pytest.raises(ValueError, match="read-only"):
        profile[3] = 0
