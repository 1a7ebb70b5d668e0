"""The poses a person is asked for."""

from collections.abc import Mapping
from typing import Final

from .ruview_engine.room.anchor import ANCHORS, AnchorLabel

#: In order, with their seconds. `empty` is the baseline.
POSES: Final[Mapping[str, float]] = {
    anchor.label.value: anchor.duration_s for anchor in ANCHORS if anchor.label is not AnchorLabel.EMPTY
}
#: Seconds to get into each pose. Origin: `room.anchor`.
POSE_LEADS: Final[Mapping[str, float]] = {anchor.label.value: anchor.lead_s for anchor in ANCHORS}
