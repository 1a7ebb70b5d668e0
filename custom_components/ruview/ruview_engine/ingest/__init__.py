"""Datagrams with source and time → packets of known boards; recordings ⇄ datagrams."""

from .counters import Counters, Stranger
from .limiter import LimiterSettings
from .node import Node
from .receiver import Arrival, Receiver, ReceiverSettings
from .status import FirmwareHint, FrameKind, NodeStatus

__all__ = [
    "Arrival",
    "Counters",
    "FirmwareHint",
    "FrameKind",
    "LimiterSettings",
    "Node",
    "NodeStatus",
    "Receiver",
    "ReceiverSettings",
    "Stranger",
]
