"""Whether the room moves, whether anything in it lives, and whether somebody can be inside.

What is called `follow_…` takes a `Memory` and returns the next one.
"""

from dataclasses import replace
from math import exp
from typing import Final

from .evidence import LinkEvidence
from .memory import LONG_STILL_S, Memory
from .micro_motion import MICRO_WINDOW_S
from .reading import Provenance, Reading, WhyNot
from .specialists.presence import MOTION_FROM_Z, PATTERN_FROM, Ratios
from .window import RoomInputs

#: Motion switches on at this fused z and off below the second for `CALM_S`. Origin: see `presence.MOTION_FROM_Z`.
MOTION_ON_Z: Final = 2.2
MOTION_OFF_Z: Final = 1.3
CALM_S: Final = 3.0
#: One look suffices from this z; below it the look before must have been loud too, at most this long ago. Origin:
#: derived, twice `MOTION_ON_Z`; looks are a second apart, or three while the room is being taught.
SURE_Z: Final = 4.4
REPEAT_S: Final = 3.5
#: A sign of life: this much log-likelihood per window. Origin: chosen.
SIGN_RATIO: Final = 1.5
#: Lifeless this long on links that are known to see life: what is shifted is the room. Origin: chosen, ten minutes.
LIFELESS_S: Final = 600.0
#: A shift of the profile without any sign of life for so long may be a thing: a door left open, a chair put elsewhere.
#: Origin: chosen; who sits moves every few minutes, sleepers turn or stretch several times an hour.
THING_S: Final = 1200.0
#: Log-odds of presence, the profile left out, at which movement and breath by themselves speak of an empty room.
#: Origin: chosen, 7 : 1; a room whose profile is at home is called clear from there on, too.
LIFELESS_ODDS: Final = -2.0
#: "Empty beyond doubt": may adapt, may forget that somebody came in. Origin: chosen, 0.5 %.
SURELY_EMPTY: Final = -5.3
#: Windows the runtime wants. Origin: SENSING §4, 60 s for slow breathing.
WINDOW_S: Final = 60.0


def fused_z(fresh: tuple[LinkEvidence, ...]) -> float | None:
    """Movement of the room: the mean of the two links that show most, patternless loudness left out."""
    zs = sorted(
        (one.motion_z if one.coherence >= PATTERN_FROM or one.motion_z < MOTION_FROM_Z else 0.0)
        for one in fresh
        if one.motion_z is not None
    )
    if not zs:
        return None
    return zs[-1] if len(zs) < 3 else (zs[-1] + zs[-2]) / 2


def motion_level(z: float) -> float:
    """0–1: zero in the quiet, one half at four standard deviations, near one when somebody walks by the link."""
    return float(1.0 - exp(-max(0.0, z - 1.0) / 4.3))


def read_motion(memory: Memory, z: float | None, provenance: Provenance, *, has_frames: bool) -> Reading[bool]:
    """Whether the room moves; the surer, the farther the fused z is from the middle of the hysteresis."""
    if not has_frames:
        return Reading.none(WhyNot.NO_FRAMES, provenance=provenance)
    if z is None:
        return Reading.none(WhyNot.WARMING_UP, provenance=provenance)
    middle = (MOTION_ON_Z + MOTION_OFF_Z) / 2
    certainty = 1.0 / (1.0 + exp(-2.0 * abs(z - middle)))
    return Reading(value=memory.is_moving, confidence=certainty, provenance=provenance, evidence=(("z", z),))


def may_be_drift(memory: Memory, fresh: tuple[LinkEvidence, ...], at_s: float) -> bool:
    """Whether a shifted profile can be the room's own.

    A person who sits or sleeps shifts the profile too, so drift is called only in a quiet room, and only when

    * nothing moved since the room was last empty beyond doubt (nobody can have come in), or
    * links that are known to see breathing have seen none for `LIFELESS_S`, or
    * for `LONG_STILL_S` nothing has moved and nothing has breathed visibly.
    """
    if not fresh or memory.is_moving or memory.seconds_since_motion(at_s) < 60.0:
        return False
    if any(one.still_z is not None and one.still_z > MOTION_ON_Z for one in fresh):
        return False
    if not memory.may_be_inside:
        return True
    if memory.lifeless_since_s is not None and at_s - memory.lifeless_since_s >= LIFELESS_S:
        return True
    return memory.sign_s is not None and at_s - memory.sign_s >= LONG_STILL_S


def may_be_a_thing(memory: Memory) -> bool:
    """Whether what stands in the way has neither moved nor shown life for too long to be called somebody."""
    return memory.seconds_since_motion(memory.at_s) >= THING_S and memory.log_odds <= LIFELESS_ODDS


def follow_motion(memory: Memory, inputs: RoomInputs, z: float | None) -> Memory:
    """Hysteresis and hold; the engine's own fast state wins when it is given."""
    at_s = inputs.at_s
    if z is None and inputs.is_moving is None:
        return replace(memory, is_moving=False, calm_since_s=None)
    loud = z is not None and z >= MOTION_ON_Z
    calm = z is None or z < MOTION_OFF_Z
    calm_since = (memory.calm_since_s if memory.calm_since_s is not None else at_s) if calm else None
    # A run of foreign frames is loud for one look; whoever moves is loud for two, or very.
    begins = loud and z is not None and (z >= SURE_Z or at_s - memory.loud_s <= REPEAT_S)
    is_moving = begins or (memory.is_moving and (calm_since is None or at_s - calm_since < CALM_S))
    if inputs.is_moving is not None:
        is_moving = inputs.is_moving
    recent = tuple(tick for tick in memory.moving_ticks if at_s - tick < WINDOW_S)
    memory = replace(memory, loud_s=at_s if loud else memory.loud_s, is_moving=is_moving, calm_since_s=calm_since)
    if not is_moving:
        return replace(memory, moving_ticks=recent)
    return replace(
        memory, moved_s=at_s, sign_s=at_s, may_be_inside=True, lifeless_since_s=None, moving_ticks=(*recent, at_s)
    )


def follow_steps(memory: Memory, fresh: tuple[LinkEvidence, ...], at_s: float) -> Memory:
    """A profile that is another one than a dozen seconds ago has been moved: drift takes hours, people take seconds.

    Weak links show somebody standing in the room better than they show the way there. Such a step opens the door as
    movement does, but is none: it neither switches motion on nor silences breath.
    """
    if not any(one.step is not None and one.step > 1.0 for one in fresh):
        return memory
    return replace(memory, stepped_s=at_s, moved_s=at_s, sign_s=at_s, may_be_inside=True, lifeless_since_s=None)


def follow_life(
    memory: Memory, ratios: Ratios | None, fresh: tuple[LinkEvidence, ...], at_s: float, static: float
) -> Memory:
    """Signs of life, silence of links that would show it, and whether somebody may still be inside."""
    if ratios is None:
        return replace(memory, lifeless_since_s=None)
    if ratios.micro * MICRO_WINDOW_S >= SIGN_RATIO:
        return replace(memory, sign_s=at_s, lifeless_since_s=None)
    silent = ratios.micro * MICRO_WINDOW_S <= -1.0
    since = (memory.lifeless_since_s if memory.lifeless_since_s is not None else at_s) if silent else None
    homes = [one.is_home for one in fresh if one.is_home is not None]
    is_empty = memory.log_odds + static <= SURELY_EMPTY and bool(homes) and all(homes)
    return replace(
        memory,
        lifeless_since_s=since,
        may_be_inside=memory.may_be_inside and not is_empty,
        empty_s=at_s if is_empty else memory.empty_s,
    )
