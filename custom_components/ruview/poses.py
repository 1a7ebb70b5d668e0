"""The poses a person is asked for, and which of them a room still lacks."""

from collections.abc import Mapping
from typing import Final

from .ruview_engine.room.anchor import ANCHORS, AnchorLabel
from .ruview_engine.room.enrolment import AnchorStatus
from .ruview_engine.room.room import Room

#: In order, with their seconds. `empty` is the baseline.
POSES: Final[Mapping[str, float]] = {
    anchor.label.value: anchor.duration_s for anchor in ANCHORS if anchor.label is not AnchorLabel.EMPTY
}
#: Seconds to get into each pose. Origin: `room.anchor`.
POSE_LEADS: Final[Mapping[str, float]] = {anchor.label.value: anchor.lead_s for anchor in ANCHORS}


def missing_poses(room: Room) -> list[str]:
    """Poses that have been neither accepted nor skipped for the present baseline."""
    if room.baseline is None or room.enrolment.baseline_id != room.baseline.id:
        return list(POSES)
    done = (AnchorStatus.ACCEPTED, AnchorStatus.SKIPPED)
    return [label for label in POSES if room.enrolment.status_of(AnchorLabel(label)) not in done]
