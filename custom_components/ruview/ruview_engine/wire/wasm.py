"""Output of a WASM module on the board (0xC5110007), ADR-040; upstream report §1.8.

The magic is also claimed by other drafts (temporal classification, amplitude batches). Whatever does not have exactly
8 + 5 × count bytes is one of those: unsupported, not broken.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Final

from .layout import are_finite, pack, refuse, require
from .packet import PacketKind, Reason, Undecodable

MAGIC: Final = 0xC511_0007

#: More events than this in one datagram is not the firmware. Origin: chosen; a full UDP datagram of 13 000 events would
#: cost a millisecond, and no listener of ours reads them.
MAX_EVENTS: Final = 64

_HEADER: Final = Struct("<IBBH")
_EVENT: Final = Struct("<Bf")


@dataclass(frozen=True, slots=True, kw_only=True)
class WasmOutput:
    """0xC5110007. `events` are (event type, value) as the module emitted them."""

    kind: ClassVar[PacketKind] = PacketKind.WASM

    node_id: int
    module_id: int
    events: tuple[tuple[int, float], ...]


def decode(data: bytes) -> WasmOutput | Undecodable:
    """8 bytes of header, 5 per event, at most 64 events, finite values."""
    if len(data) < _HEADER.size:
        return refuse(Reason.SHORT, MAGIC)
    _, node_id, module_id, n_events = _HEADER.unpack_from(data)
    if len(data) != _HEADER.size + n_events * _EVENT.size:
        return refuse(Reason.UNSUPPORTED, MAGIC)
    if n_events > MAX_EVENTS:
        return refuse(Reason.HEADER, MAGIC)
    events = tuple(_EVENT.iter_unpack(data[_HEADER.size :]))
    if not are_finite(*(value for _, value in events)):
        return refuse(Reason.HEADER, MAGIC)
    return WasmOutput(node_id=node_id, module_id=module_id, events=events)


def encode(packet: WasmOutput) -> bytes:
    """The datagram. Raises ShapeError when a field does not fit or is not finite."""
    require(len(packet.events) <= MAX_EVENTS, f"at most {MAX_EVENTS} events, not {len(packet.events)}")
    require(are_finite(*(value for _, value in packet.events)), "finite values")
    header = pack(_HEADER, MAGIC, packet.node_id, packet.module_id, len(packet.events))
    return header + b"".join(pack(_EVENT, *event) for event in packet.events)
