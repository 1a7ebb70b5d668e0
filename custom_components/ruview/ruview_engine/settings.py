"""What an owner of the engine may choose."""

from dataclasses import dataclass, field

from .ingest.receiver import ReceiverSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Choices that hold for all rooms.

    is_introspecting : run the per-frame tap (change, regime, signatures); without it regimes stay unknown
    false_alarms_per_day : budget of each room's change detector, 0.01–100
    """

    receiver: ReceiverSettings = field(default_factory=ReceiverSettings)
    is_introspecting: bool = True
    false_alarms_per_day: float = 1.0

    def __post_init__(self) -> None:
        if not 0.01 <= self.false_alarms_per_day <= 100.0:
            raise ValueError(f"false_alarms_per_day {self.false_alarms_per_day} is outside 0.01–100")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """One room.

    nodes : keys of its nodes; None takes every node (command line, evaluation)
    sensitivity : 0.25–4, multiplies the evidence for presence
    unix_offset_s : Unix time minus the monotonic clock, for dates in stored files
    """

    room_id: str
    nodes: frozenset[str] | None
    sensitivity: float = 1.0
    unix_offset_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.room_id:
            raise ValueError("a room needs an id")
        if not 0.25 <= self.sensitivity <= 4.0:
            raise ValueError(f"sensitivity {self.sensitivity} is outside 0.25–4")

    def has(self, node: str) -> bool:
        """The node belongs to this room."""
        return self.nodes is None or node in self.nodes
