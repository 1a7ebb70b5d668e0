"""What a room remembers from tick to tick. Frozen: every slow tick returns the next one."""

from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from .adaptation import Adaptation
from .posture_tracker import PostureTracker
from .rate_tracker import RateTracker
from .state import Presence
from .watchers import Watched

#: Somebody motionless and without visible breath for longer than this is not somebody. Origin: chosen; sleepers change
#: position a few times per hour, and this must be wrong about nobody's night.
LONG_STILL_S: Final = 3 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memory:
    """State of the runtime between two ticks.

    log_odds : of presence, accumulated from motion and micro-motion
    presence : what was last published, for hysteresis
    moved_s : when something last moved; sign_s : when a body last moved or breathed visibly
    may_be_inside : something moved since the room was last empty beyond doubt; True at the start: nobody looked
    empty_s : when the room was last empty beyond doubt, every link where it was left
    lifeless_since_s : since when no link shows life although the links are known to see it
    stepped_s : when the profile last was another one than a dozen seconds before
    loud_s, calm_since_s : for the room's own motion hysteresis
    impossible_since_s : since when the signal is not a room's
    moving_ticks : ticks of the last minute at which the room was in motion
    breath, heart : the newest looks at both rates
    posture : the last certain one
    """

    at_s: float
    started_s: float
    log_odds: float = 0.0
    presence: Presence | None = None
    moved_s: float | None = None
    sign_s: float | None = None
    may_be_inside: bool = True
    empty_s: float = -inf
    lifeless_since_s: float | None = None
    is_moving: bool = False
    stepped_s: float = -inf
    loud_s: float = -inf
    calm_since_s: float | None = None
    impossible_since_s: float | None = None
    moving_ticks: tuple[float, ...] = ()
    breath: RateTracker = field(default_factory=RateTracker)
    heart: RateTracker = field(default_factory=RateTracker)
    posture: PostureTracker = field(default_factory=PostureTracker)
    watched: tuple[Watched, ...] = ()
    adaptation: Adaptation = field(default_factory=Adaptation)

    @classmethod
    def new(cls, at_s: float) -> Memory:
        """Nothing known yet."""
        return cls(at_s=at_s, started_s=at_s, sign_s=at_s)

    def seconds_since_motion(self, at_s: float) -> float:
        """Since something moved, or since the start."""
        return at_s - (self.started_s if self.moved_s is None else self.moved_s)

    def forgotten(self, at_s: float) -> Memory:
        """After a hole longer than any evidence: presence starts again, staleness and adaptation stay."""
        return replace(Memory.new(at_s), watched=self.watched, adaptation=self.adaptation)
