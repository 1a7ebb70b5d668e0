"""What a link's recent past says that no single frame can: worked out beside the frames, once a second."""

from collections.abc import Callable
from dataclasses import dataclass

from .rhythm import RhythmReading
from .trajectory import TrajectoryReading


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """Readings of what the frame path has only remembered; None where there was too little."""

    trajectory: TrajectoryReading | None
    rhythm: RhythmReading | None


def look_back(
    trajectory: Callable[[], TrajectoryReading] | None, rhythm: Callable[[], RhythmReading] | None
) -> Callable[[], LookBack]:
    """Both jobs as one, for any thread."""
    return lambda: LookBack(
        trajectory=None if trajectory is None else trajectory(), rhythm=None if rhythm is None else rhythm()
    )
