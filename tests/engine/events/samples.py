"""Samples without radio."""

import numpy as np

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample

LINK = LinkId("1", "64", "a")


def sample_of(at_s, profile, gap_s=0.05, **flags):
    """One frame of one link."""
    return Sample(
        link=LINK,
        at_s=at_s,
        index=0,
        profile=np.asarray(profile, dtype=np.float32),
        level=20.0,
        rssi_dbm=-50,
        gap_s=gap_s,
        **flags,
    )
