"""What a sample says of itself, also after a change."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import MAX_GAP_S, Sample

GOOD = Sample(
    link=LinkId("1", "64", "a"), at_s=1.0, index=3, profile=np.ones(4, np.float32), level=20.0, rssi_dbm=-50, gap_s=0.05
)


@pytest.mark.parametrize(
    ("changes", "is_usable"),
    [({}, True), ({"is_glitch": True}, False), ({"is_duplicate": True}, False), ({"gap_s": 99.0}, True)],
)
def test_foreign_and_repeated_frames_are_not_usable(changes, is_usable):
    assert replace(GOOD, **changes).is_usable is is_usable


@pytest.mark.parametrize(
    ("gap_s", "breaks"), [(None, True), (0.05, False), (MAX_GAP_S, False), (MAX_GAP_S + 0.01, True)]
)
def test_the_first_and_what_follows_a_silence_break_the_window(gap_s, breaks):
    assert replace(GOOD, gap_s=gap_s).breaks_window is breaks
