"""What is said of presence, and why: from a belief in log-odds to present, clear, or a reason for neither."""

from math import exp
from typing import Final

from .bank import Bank
from .life import LIFELESS_ODDS, may_be_a_thing
from .memory import Memory
from .reading import Provenance, Reading, WhyNot
from .specialists.presence import Ratios
from .specialists.presence_belief import PRESENT_FROM
from .state import Presence

#: Presence, called from `PRESENT_FROM`, is kept down to evens, and so is clear, called below 0.12. Origin: derived,
#: nothing is said that is less likely than its contrary; from there on it is unknown.
PRESENT_TO: Final = 0.0
CLEAR_FROM: Final = LIFELESS_ODDS
CLEAR_TO: Final = 0.0
#: Without enrolment nobody has shown that these links see a still person. Origin: chosen.
UNTRAINED_CEILING: Final = 0.8


def call_presence(
    memory: Memory,
    ratios: Ratios | None,
    static: float,
    bank: Bank | None,
    provenance: Provenance,
    *,
    is_stale: bool,
    is_deaf: bool,
    may_clear: bool,
) -> tuple[Reading[Presence], Presence | None]:
    """What is published, and what is thought: a stale room keeps to itself that it is clear.

    memory : with this tick's belief, and the former call for hysteresis
    ratios : what the links say now; None when none is heard, or believed
    static : log-odds that the lasting shift adds to the belief
    is_deaf : the signal is none that a room can give
    may_clear : False when enrolment met with somebody still whom no link saw
    """
    if ratios is None:
        return Reading.none(WhyNot.ANOMALY if is_deaf else WhyNot.NO_FRAMES, provenance=provenance), None
    odds = memory.log_odds + static
    is_blind = not may_clear or (bank is not None and not bank.may_clear)
    called = _call(memory, odds, ratios.doubt, may_clear=not is_blind)
    evidence = (("log_odds", odds), ("motion", ratios.motion), ("micro_motion", ratios.micro), ("static_shift", static))
    why_not = None
    if called is None:
        why_not = WhyNot.NOT_SEPARABLE if is_blind else WhyNot.AMBIGUOUS
    elif is_stale and called is Presence.CLEAR:
        # Absence needs a calibration that can be believed; presence only needs a body that shows itself.
        why_not = WhyNot.STALE
    if why_not is not None:
        return Reading(value=None, confidence=0.0, why_not=why_not, provenance=provenance, evidence=evidence), called
    certainty = 1.0 / (1.0 + exp(-abs(odds)))
    is_trained = bank is not None and bank.presence is not None and not is_stale
    confidence = min(certainty, 1.0 if is_trained else UNTRAINED_CEILING)
    return Reading(value=called, confidence=confidence, provenance=provenance, evidence=evidence), called


def _call(memory: Memory, odds: float, doubt: float, *, may_clear: bool) -> Presence | None:
    """Present or clear from their own thresholds on, and down to evens; None in between."""
    if odds >= PRESENT_FROM or (memory.presence is Presence.PRESENT and odds >= PRESENT_TO):
        return None if may_be_a_thing(memory) else Presence.PRESENT
    if not may_clear or doubt >= PRESENT_FROM:
        # Enrolment showed that a still person looks like the empty room here; or a body seems to stand in the way
        # though nobody was seen to come in: drift, or an entry that no link saw. Neither is certainly empty.
        return None
    if odds <= CLEAR_FROM or (memory.presence is Presence.CLEAR and odds <= CLEAR_TO):
        return Presence.CLEAR
    return None
