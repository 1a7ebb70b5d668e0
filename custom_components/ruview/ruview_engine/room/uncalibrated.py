"""What a room says before it knows its empty self: movement, and the presence that a movement proves."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from .life import follow_motion, motion_level, read_motion
from .memory import Memory
from .presence_call import UNTRAINED_CEILING
from .reading import Provenance, Reading, WhyNot
from .state import Calibration, Presence, RoomState
from .window import LinkWindow, RoomInputs

#: A link's movement of now is the mean of so long, of so many frames. Origin: chosen.
NOW_S: Final = 2.0
NOW_FRAMES: Final = 3


def evaluate_uncalibrated(
    room_id: str, inputs: RoomInputs, memory: Memory, provenance: Provenance
) -> tuple[RoomState, Memory]:
    """One tick without a baseline: the links' own meters say whether the room moves, once they have learnt a floor."""
    alive = [window for window in inputs.windows if window.is_alive(inputs.at_s)]
    z = max((z for window in alive if (z := _z_of(window, inputs.at_s)) is not None), default=None)
    memory = replace(follow_motion(memory, inputs, z), at_s=inputs.at_s)
    nothing: Reading[Any] = Reading.none(WhyNot.NO_BASELINE if alive else WhyNot.NO_FRAMES, provenance=provenance)
    if z is None and inputs.is_moving is not None and alive:
        motion = Reading(value=inputs.is_moving, confidence=0.5, provenance=provenance)
    else:
        motion = read_motion(memory, z, provenance, has_frames=bool(alive))
    state = RoomState(
        room_id=room_id,
        at_s=inputs.at_s,
        calibration=Calibration.UNCALIBRATED,
        presence=_proven(motion) or nothing,
        motion=motion,
        motion_level=None if z is None else motion_level(z),
        posture=nothing,
        breathing=nothing,
        heart_rate=nothing,
        restlessness=nothing,
        anomaly=nothing,
        is_vetoed=False,
        stale=(),
    )
    return state, memory


def _z_of(window: LinkWindow, at_s: float) -> float | None:
    """A link's movement of now, by its own meter; None while that warms up."""
    if window.motion_z is None:
        return None
    recent = window.motion_z[window.times >= at_s - NOW_S]
    recent = recent[np.isfinite(recent)]
    return float(recent.mean()) if len(recent) >= NOW_FRAMES else None


def _proven(motion: Reading[bool]) -> Reading[Presence] | None:
    """The presence that a movement proves by itself; stillness proves nothing."""
    if not motion.value:
        return None
    confidence = min(motion.confidence, UNTRAINED_CEILING)
    return Reading(value=Presence.PRESENT, confidence=confidence, evidence=motion.evidence)
