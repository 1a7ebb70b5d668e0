"""Names and segments of frame sizes."""

import numpy as np
import pytest

from ruview_engine.links.layout import layout_named, layout_of
from tests.engine.links.air import frame_of


@pytest.mark.parametrize(
    ("n_pairs", "changes", "name"),
    [
        (64, {}, "64"),
        (192, {}, "192"),
        (192, {"flags": 0x01}, "192-40"),
        (192, {"flags": 0x04}, "192-stbc"),
        (256, {"ppdu": 1}, "256-he"),
        (245, {"ppdu": 2, "flags": 0x01}, "245-40-hemu"),
        (64, {"flags": 0x20}, "64"),
        (64, {"ppdu": 0xFF}, "64"),
    ],
)
def test_name_tells_equal_sizes_apart(n_pairs, changes, name):
    assert layout_of(frame_of(np.zeros(n_pairs, complex), **changes)).name == name


@pytest.mark.parametrize(
    ("n_pairs", "sizes"), [(64, [64]), (128, [64, 64]), (190, [64, 63, 63]), (306, [64, 121, 121]), (77, [77])]
)
def test_segments_cover_the_frame(n_pairs, sizes):
    layout = layout_of(frame_of(np.zeros(n_pairs, complex)))
    assert [stop - start for start, stop in layout.segments] == sizes
    assert layout.segments[0][0] == 0
    assert layout.segments[-1][1] == n_pairs


def test_a_stored_name_gives_the_same_layout():
    frame = frame_of(np.zeros(192, complex), flags=0x01)
    assert layout_named("192-40", 192) == layout_of(frame)


def test_first_pair_of_each_field_is_never_a_channel():
    layout = layout_of(frame_of(np.zeros(192, complex)))
    assert np.flatnonzero(layout.first_of_segments()).tolist() == [0, 64, 128]
    assert not layout_of(frame_of(np.zeros(53, complex))).first_of_segments().any()
