"""Small pieces every codec of this package uses: refusing, packing, finite floats."""

from math import isfinite
from struct import Struct
from struct import error as StructError
from typing import Final

from ..errors import ShapeError
from .packet import Reason, Undecodable

#: Bytes that say what a datagram is. Origin: spec, ADR-018 (upstream report §1.0): dispatch on the first u32.
MAGIC_BYTES: Final = 4


def refuse(reason: Reason, magic: int) -> Undecodable:
    """A rejection of a datagram whose magic was readable."""
    return Undecodable(reason=reason, magic=magic)


def refuse_length(data: bytes, fixed: int, magic: int) -> Undecodable:
    """`data` does not have the only length its packet can have: too short, or too long."""
    return refuse(Reason.SHORT if len(data) < fixed else Reason.LENGTH, magic)


def are_finite(*values: float) -> bool:
    """True when no float32 among `values` is NaN or infinite; a sum of doubles cannot hide or invent one."""
    return isfinite(sum(values))


def pack(layout: Struct, *fields: object) -> bytes:
    """`layout.pack`, but a field that does not fit its place is the caller's `ShapeError`."""
    try:
        return layout.pack(*fields)
    except (StructError, OverflowError) as error:
        raise ShapeError(f"a field does not fit the packet: {error}") from error


def require(is_so: bool, expected: str) -> None:
    """Misuse of an encoder, told in words."""
    if not is_so:
        raise ShapeError(f"cannot encode: {expected}")
