"""What people do, written down: a lively demonstration, a quiet evening, an enrolment and its misbehaviours.

A plan is a tuple of (moment in seconds, text of `Person.follow`).
"""

from collections.abc import Iterable
from typing import Final

type Plan = tuple[tuple[float, str], ...]

#: Length of one round of the demonstration. Origin: chosen; all must be seen within a minute, and the sitting must
#: be long enough for a breathing window of 30 s.
DEMO_ROUND_S: Final = 100.0

#: Somebody comes in, walks about, sits down and breathes, gets up and leaves. Within the first minute: empty, occupied,
#: walking, sitting.
_DEMO: Final = ((0.0, "absent"), (8.0, "enter"), (12.0, "walk"), (26.0, "sit:15"), (74.0, "walk"), (82.0, "leave"))

#: What a person does when an anchor is announced. Breathing anchors are done seated (origin: chosen, ADR-151 leaves it
#: open); the rates are in the middle of the anchors' bands 0.1–0.15 and 0.2–0.3 Hz.
ANCHORS: Final = {
    "empty": "absent",
    "stand_still": "stand",
    "sit": "sit",
    "lie_down": "lie",
    "breathe_slow": "sit+breathe:7.5",
    "breathe_normal": "sit+breathe:15",
    "small_move": "sit+small_move",
    "sleep_posture": "sleep",
}

#: Ways of not doing what the anchors ask. "two_people" needs a second person who follows `VISITOR`.
MISBEHAVIOURS: Final = ("moves", "absent", "two_people", "wrong_rate", "stays")

#: The second person of "two_people": comes in and walks about.
VISITOR: Final[Plan] = ((0.0, "walk"),)


def demo(duration_s: float) -> Plan:
    """The demonstration, round after round."""
    n_rounds = int(duration_s // DEMO_ROUND_S) + 1
    return tuple((n * DEMO_ROUND_S + at_s, text) for n in range(n_rounds) for at_s, text in _DEMO)


def evening(duration_s: float) -> Plan:
    """Long stretches: empty, reading on the sofa, a walk to the kitchen, lying, asleep."""
    stretches = ((0.0, "absent"), (300.0, "sit"), (1500.0, "walk"), (1530.0, "sit"), (2700.0, "lie"), (3600.0, "sleep"))
    return tuple(item for item in stretches if item[0] <= duration_s)


def enrolment(prompts: Iterable[tuple[float, str]], misbehaviour: str | None = None) -> Plan:
    """What a person does who is asked for anchors.

    Parameters
    ----------
    prompts : (moment, anchor label); the way there is included in the lead-in
    misbehaviour : one of `MISBEHAVIOURS`; None cooperates. "stays": does not leave the room when asked to
    Raises
    ------
    ValueError for an unknown misbehaviour, KeyError for an unknown anchor
    """
    if misbehaviour is not None and misbehaviour not in MISBEHAVIOURS:
        raise ValueError(f"no misbehaviour {misbehaviour!r}; there are {', '.join(MISBEHAVIOURS)}")
    return tuple((at_s, _answer(anchor, misbehaviour)) for at_s, anchor in prompts)


def _answer(anchor: str, misbehaviour: str | None) -> str:
    text = ANCHORS[anchor]
    if misbehaviour == "absent":
        return "absent"
    if anchor == "empty":
        return "sit" if misbehaviour == "stays" else text
    if misbehaviour == "moves":
        return "walk" if anchor == "stand_still" else f"{text.partition('+')[0]}+small_move"
    if misbehaviour == "wrong_rate":
        return {"breathe_slow": "sit+breathe:22", "breathe_normal": "sit+breathe:7"}.get(anchor, text)
    return text
