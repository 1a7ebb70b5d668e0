"""The RuView engine: Wi-Fi CSI datagrams in, honest room readings out. Knows no Home Assistant, no clock, no socket.

>>> from ruview_engine import Engine, RoomSettings
>>> engine = Engine()
>>> room = engine.add_room(RoomSettings(room_id="living-room", nodes=None), at_s=0.0)
>>> room.state.calibration
<Calibration.UNCALIBRATED: 'uncalibrated'>
"""

from .engine import Engine
from .errors import Damaged, FormatError, NewerFormat, OrderError, RuviewError, ShapeError, StoreError, TrainingError
from .evaluation import EmptyRoom, Evaluation
from .introspection.signature import Signature
from .introspection.snapshot import Regime, RoomSnapshot, Snapshot
from .live_room import LiveRoom
from .room.bank import Bank
from .room.baseline import Baseline
from .room.enrolment import EnrolmentSession
from .room.reading import Reading, WhyNot
from .room.room import Room
from .room.stale import StaleCause, StaleReason
from .room.state import Calibration, Posture, Presence, RoomState
from .settings import EngineSettings, RoomSettings

__all__ = [
    "Bank",
    "Baseline",
    "Calibration",
    "Damaged",
    "EmptyRoom",
    "Engine",
    "EngineSettings",
    "EnrolmentSession",
    "Evaluation",
    "FormatError",
    "LiveRoom",
    "NewerFormat",
    "OrderError",
    "Posture",
    "Presence",
    "Reading",
    "Regime",
    "Room",
    "RoomSettings",
    "RoomSnapshot",
    "RoomState",
    "RuviewError",
    "ShapeError",
    "Signature",
    "Snapshot",
    "StaleCause",
    "StaleReason",
    "StoreError",
    "TrainingError",
    "WhyNot",
]
