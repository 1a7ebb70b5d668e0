"""What a room believes about somebody being there: one two-state forward filter, one rule for taught rooms and others.

Movement and slow movement are new evidence every second; they accumulate. Static shift is one lasting fact; it is
weighed once, on top. How much may rest on it depends on who has shown what a still body looks like here: before
enrolment nobody has, and empty rooms differ from minute to minute by as much, so a shift can only forbid "clear"
(`SILENT`), and what slow movement suggested fades unless movement or breath holds it up. After enrolment it decides.

The prior does the rest: nobody appears in or leaves a quiet room without moving. A shift that nothing brought is drift.
"""

from dataclasses import dataclass
from math import exp, log, log1p
from typing import Final

import numpy as np

from .presence import Ratios

#: Log-odds from which presence is called: 0.88. Origin: chosen.
PRESENT_FROM: Final = 2.0
#: Chances per second that somebody enters or leaves, with and without movement within `DOOR_S`. Origin: chosen;
#: without movement a change of state should take hours of weak evidence or minutes of strong evidence.
ENTER: Final = (1e-6, 0.02)
LEAVE: Final = (2e-5, 0.02)
DOOR_S: Final = 20.0
#: What evidence other than movement and breath can make of an untaught room, log-odds: not clear, but not present
#: either. Origin: measured: two of three empty recordings of one room show up to 2.5 times the slow movement of the
#: first.
SILENT: Final = -0.5
#: Once a movement is over the odds fall from `PRESENT_FROM` to `SILENT` with this time constant, however long it was:
#: the last step tells as much as an hour of walking about who walked out. Origin: chosen; evens after six seconds.
FORGET_S: Final = 4.0
#: How long one look at the static profile counts as the same evidence. Origin: chosen, four of its 5-s blocks.
STATIC_LOOK_S: Final = 20.0
#: How long after a movement it is news that nothing shows, in a taught room. Origin: chosen, two windows of slow
#: movement; somebody whose breath no link sees costs up to three of log-odds then, and not more in an hour.
SILENCE_S: Final = 60.0
#: Longest stretch that one tick's evidence stands for. Origin: chosen, a late tick must not count for a minute.
MAX_STEP_S: Final = 5.0
#: Log-odds never leave this range, so that the filter can always turn round. Origin: chosen.
MAX_LOG_ODDS: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What else is known at this moment.

    moved_within_s : seconds since something in the room last moved; within `DOOR_S` somebody may have come or gone
    is_moving, has_breath : the room moves; a rate of breath is being read
    may_be_inside : something moved since the room was last empty beyond doubt
    has_moved : something was seen moving since the start
    """

    dt_s: float
    moved_within_s: float
    is_moving: bool
    has_breath: bool
    may_be_inside: bool
    has_moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """log_odds : to carry on; static : what the lasting shift adds to them now."""

    log_odds: float
    static: float


def believe(before: float, ratios: Ratios, now: Situation, *, is_taught: bool, sensitivity: float = 1.0) -> Belief:
    """One step from `before`; `sensitivity` multiplies evidence for presence against evidence for absence."""
    dt_s = min(now.dt_s, MAX_STEP_S)
    step = ratios.motion + ratios.micro
    if is_taught:
        step = _silence(ratios.motion, now.moved_within_s) + _silence(ratios.micro, now.moved_within_s)
    weighted = step * sensitivity if step > 0 else step / sensitivity
    odds = advance(before, dt_s, weighted, moved_within_s=now.moved_within_s)
    if now.is_moving:
        # A room that is called moving is called present: the two never contradict each other.
        odds = max(odds, PRESENT_FROM)
    # A chest that breathes is there however much the profile is that of an empty room.
    static = max(ratios.static, 0.0) if now.has_breath else ratios.static
    if is_taught:
        # A room that looks empty again forgets the walk out in tens of seconds, not in minutes.
        odds = max(odds + min(static, 0.0) * dt_s / STATIC_LOOK_S, -MAX_LOG_ODDS)
    elif not (now.is_moving or now.has_breath):
        odds = fade(before, odds, now.dt_s)
    if not now.may_be_inside:
        return Belief(log_odds=odds, static=min(static, 0.0))
    # Nobody taught the room, or nobody has been seen moving since the start: what shifted by itself is no person.
    most = MAX_LOG_ODDS if is_taught and now.has_moved else max(SILENT - odds, 0.0)
    return Belief(log_odds=odds, static=float(np.clip(static, -MAX_LOG_ODDS, most)))


def unwatched(before: float, dt_s: float) -> float:
    """After a stretch in which nothing was heard: whoever was there may have gone, and somebody may have come."""
    return advance(before, min(dt_s, MAX_STEP_S), 0.0, moved_within_s=0.0)


def advance(log_odds: float, dt_s: float, ratio: float, *, moved_within_s: float) -> float:
    """One step of the two-state forward filter; `ratio` is new evidence per second."""
    near_door = moved_within_s <= DOOR_S
    enter = 1.0 - (1.0 - ENTER[near_door]) ** dt_s
    leave = 1.0 - (1.0 - LEAVE[near_door]) ** dt_s
    present = 1.0 / (1.0 + exp(-log_odds))
    expected = present * (1.0 - leave) + (1.0 - present) * enter
    prior = log(expected) - log1p(-expected)
    return float(np.clip(prior + ratio * dt_s, -MAX_LOG_ODDS, MAX_LOG_ODDS))


def _silence(ratio: float, moved_within_s: float) -> float:
    """Evidence for somebody as it is; against them, about a minute's worth from one movement to the next.

    A chest that no link sees is not seen the longer either: pose and place stay what they are until somebody moves.
    """
    return ratio if ratio >= 0.0 else ratio * exp(-moved_within_s / SILENCE_S)


def fade(before: float, after: float, dt_s: float) -> float:
    """What an untaught room may keep of a step from `before` to `after` that neither movement nor breath holds up."""
    if after <= SILENT:
        return after
    return SILENT + max(min(before, after, PRESENT_FROM) - SILENT, 0.0) * exp(-dt_s / FORGET_S)
