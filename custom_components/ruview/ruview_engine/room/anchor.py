"""The eight anchors of ADR-151 §2.2: what a person is asked to do, for how long, and what must be seen of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .state import Posture


class AnchorLabel(StrEnum):
    """The seed's labels, in the seed's order."""

    EMPTY = "empty"
    STAND_STILL = "stand_still"
    SIT = "sit"
    LIE_DOWN = "lie_down"
    BREATHE_SLOW = "breathe_slow"
    BREATHE_NORMAL = "breathe_normal"
    SMALL_MOVE = "small_move"
    SLEEP_POSTURE = "sleep_posture"


class Demand(StrEnum):
    """What the body has to do."""

    NOBODY = "nobody"
    STILL = "still"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One labelled capture.

    duration_s : of the recording; lead_s : time to get into the pose first
    breath_hz : band the breathing rate must lie in; None when it is not asked for
    instruction : key of the sentence that is shown and spoken
    """

    label: AnchorLabel
    duration_s: float
    lead_s: float
    demand: Demand
    posture: Posture | None = None
    breath_hz: tuple[float, float] | None = None

    @property
    def instruction(self) -> str:
        """Key of the translations."""
        return f"anchor_{self.label.value}"


#: Durations and breathing bands: ADR-151 §2.2. Lead-ins: chosen; standing up or lying down takes people 5–10 s, and
#: the gate of upstream failed for want of one (PR #1909).
ANCHORS: Final[tuple[Anchor, ...]] = (
    Anchor(label=AnchorLabel.EMPTY, duration_s=0.0, lead_s=0.0, demand=Demand.NOBODY),
    Anchor(label=AnchorLabel.STAND_STILL, duration_s=20.0, lead_s=8.0, demand=Demand.STILL, posture=Posture.STANDING),
    Anchor(label=AnchorLabel.SIT, duration_s=20.0, lead_s=8.0, demand=Demand.STILL, posture=Posture.SITTING),
    Anchor(label=AnchorLabel.LIE_DOWN, duration_s=20.0, lead_s=12.0, demand=Demand.STILL, posture=Posture.LYING),
    Anchor(label=AnchorLabel.BREATHE_SLOW, duration_s=30.0, lead_s=8.0, demand=Demand.STILL, breath_hz=(0.1, 0.15)),
    Anchor(label=AnchorLabel.BREATHE_NORMAL, duration_s=30.0, lead_s=5.0, demand=Demand.STILL, breath_hz=(0.2, 0.3)),
    Anchor(label=AnchorLabel.SMALL_MOVE, duration_s=20.0, lead_s=5.0, demand=Demand.MOVE),
    Anchor(label=AnchorLabel.SLEEP_POSTURE, duration_s=30.0, lead_s=12.0, demand=Demand.STILL, posture=Posture.LYING),
)
BY_LABEL: Final = {anchor.label: anchor for anchor in ANCHORS}


class Fault(StrEnum):
    """Why an anchor was not accepted. Closed; each has a hint for people."""

    NO_FRAMES = "no_frames"
    TOO_FEW_FRAMES = "too_few_frames"
    GAPS = "gaps"
    SATURATED = "saturated"
    INCOHERENT = "incoherent"
    ABSENT = "absent"
    MOVED = "moved"
    NOT_MOVING = "not_moving"
    TOO_MUCH_MOTION = "too_much_motion"
    TWO_PEOPLE = "two_people"
    NO_BREATHING = "no_breathing"
    BREATHING_TOO_SLOW = "breathing_too_slow"
    BREATHING_TOO_FAST = "breathing_too_fast"
    NO_BASELINE = "no_baseline"


#: What to tell people, as keys of the translations.
HINTS: Final = {
    Fault.NO_FRAMES: "check_node",
    Fault.TOO_FEW_FRAMES: "check_traffic",
    Fault.GAPS: "check_wifi",
    Fault.SATURATED: "move_node_away",
    Fault.INCOHERENT: "check_interference",
    Fault.ABSENT: "move_between_node_and_router",
    Fault.MOVED: "keep_still",
    Fault.NOT_MOVING: "move_arms",
    Fault.TOO_MUCH_MOTION: "move_less",
    Fault.TWO_PEOPLE: "be_alone",
    Fault.NO_BREATHING: "breathe_deeper_or_move_closer",
    Fault.BREATHING_TOO_SLOW: "breathe_faster",
    Fault.BREATHING_TOO_FAST: "breathe_slower",
    Fault.NO_BASELINE: "capture_baseline_first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Accepted or not, why, what to do (a key), and the numbers behind it. `reason` is None exactly when accepted."""

    label: AnchorLabel
    accepted: bool
    reason: Fault | None
    hint: str | None
    numbers: tuple[tuple[str, float], ...] = ()

    @classmethod
    def passed(cls, label: AnchorLabel, numbers: tuple[tuple[str, float], ...] = ()) -> Verdict:
        """Accepted."""
        return cls(label=label, accepted=True, reason=None, hint=None, numbers=numbers)

    @classmethod
    def failed(cls, label: AnchorLabel, fault: Fault, numbers: tuple[tuple[str, float], ...] = ()) -> Verdict:
        """Not accepted; the person is asked again."""
        return cls(label=label, accepted=False, reason=fault, hint=HINTS[fault], numbers=numbers)
