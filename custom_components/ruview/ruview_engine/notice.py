"""What the engine tells its owner between two states: something happened, once.

Names are past tense. A first classification after a start is not a notice, so automations do not run at every restart.
"""

from dataclasses import dataclass

from .introspection.snapshot import Match, Regime
from .room.stale import StaleCause


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAppeared:
    """A node that was unknown until now sent an accepted packet."""

    at_s: float
    node: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLost:
    """Nothing at all from a node for longer than its patience."""

    at_s: float
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReturned:
    """A lost node is heard again."""

    at_s: float
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiStalled:
    """The node lives, its CSI does not: other packets flow while no frame came (a known firmware fault)."""

    at_s: float
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiResumed:
    """Frames flow again after a stall."""

    at_s: float
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConflict:
    """Another board uses the number of `node`, whose own address this is; it is kept apart as `number@its address`."""

    at_s: float
    node: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeChanged:
    """The kind of dynamics of a room changed."""

    at_s: float
    room_id: str
    before: Regime
    after: Regime
    confidence: float
    lyapunov_exponent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionChanged:
    """Movement in a room began or ended."""

    at_s: float
    room_id: str
    is_moving: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureMatched:
    """A recorded signature was recognised; one notice per occurrence."""

    at_s: float
    room_id: str
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleChanged:
    """The causes of staleness of a room changed; empty means cured."""

    at_s: float
    room_id: str
    causes: tuple[StaleCause, ...]


type Notice = (
    NodeAppeared
    | NodeLost
    | NodeReturned
    | CsiStalled
    | CsiResumed
    | NodeConflict
    | RegimeChanged
    | MotionChanged
    | SignatureMatched
    | StaleChanged
)
