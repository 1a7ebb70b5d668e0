"""What holds for every packet: golden bytes both ways, every cut, every saturated byte, any bytes at all."""

import struct
from dataclasses import fields, replace
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ruview_engine.errors import ShapeError
from ruview_engine.wire import Packet, Reason, Undecodable, decode, encode
from ruview_engine.wire.registry import DECODERS, ENCODERS, UNSUPPORTED
from tests.engine.wire.golden import GOLDEN

NAMES = sorted(GOLDEN)


@pytest.mark.parametrize("name", NAMES)
def test_golden_bytes_decode(name: str) -> None:
    data, packet = GOLDEN[name]
    assert decode(data) == packet


@pytest.mark.parametrize("name", NAMES)
def test_golden_packets_encode(name: str) -> None:
    data, packet = GOLDEN[name]
    assert encode(packet) == data


def test_every_packet_type_is_in_the_golden_table() -> None:
    assert {type(packet) for _, packet in GOLDEN.values()} == set(ENCODERS)
    assert {int.from_bytes(data[:4], "little") for data, _ in GOLDEN.values()} == set(DECODERS)


#: Cut by exactly the bytes of its clock, a fork's frame reads as v1 with other I/Q: the format cannot tell.
AMBIGUOUS_CUTS = {("csi_v1_fork", 24)}


@pytest.mark.parametrize("name", NAMES)
def test_every_cut_is_refused(name: str) -> None:
    data, _ = GOLDEN[name]
    for end in range(len(data)):
        if (name, end) in AMBIGUOUS_CUTS:
            continue
        refusal = decode(data[:end])
        assert isinstance(refusal, Undecodable), f"{end} of {len(data)} bytes were accepted"
        if end == 0:
            assert refusal == Undecodable(reason=Reason.EMPTY)
        elif end < 4:
            assert refusal == Undecodable(reason=Reason.SHORT)
        else:
            assert refusal.magic == int.from_bytes(data[:4], "little")
            assert refusal.reason in {Reason.SHORT, Reason.LENGTH, Reason.UNSUPPORTED}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("extra", [1, 2, 3, 5, 9, 100])
def test_trailing_bytes_are_refused(name: str, extra: int) -> None:
    data, _ = GOLDEN[name]
    refusal = decode(data + bytes(extra))
    assert isinstance(refusal, Undecodable)
    assert refusal.reason in {Reason.LENGTH, Reason.UNSUPPORTED}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0x00, 0xFF])
def test_every_saturated_byte_is_accepted_exactly_or_refused(name: str, value: int) -> None:
    data, _ = GOLDEN[name]
    for position in range(len(data)):
        changed = data[:position] + bytes((value,)) + data[position + 1 :]
        outcome = decode(changed)
        if not isinstance(outcome, Undecodable):
            assert encode(outcome) == changed, f"byte {position} was lost"


def test_every_changed_byte_of_checksummed_packets_is_refused() -> None:
    for name in ("feature_state", "mesh"):
        data, _ = GOLDEN[name]
        for position in range(4, len(data)):
            changed = bytearray(data)
            changed[position] ^= 0x40
            assert isinstance(decode(changed), Undecodable), f"{name} with byte {position} changed"


@pytest.mark.parametrize("name", NAMES)
def test_other_buffers_decode_like_bytes(name: str) -> None:
    data, packet = GOLDEN[name]
    assert decode(bytearray(data)) == packet
    assert decode(memoryview(data)) == packet
    assert decode(memoryview(data[::-1])[::-1]) == packet  # not contiguous


def test_decoded_packets_do_not_hold_on_to_the_callers_buffer() -> None:
    buffer = bytearray(GOLDEN["csi_v1"][0])
    frame = decode(buffer)
    buffer[:] = bytes(len(buffer))
    assert frame == GOLDEN["csi_v1"][1]


def test_unknown_and_unsupported_magics_are_told_apart() -> None:
    assert decode(b'{"type":') == Undecodable(reason=Reason.UNKNOWN_MAGIC, magic=0x7974227B)
    assert decode(bytes(4)) == Undecodable(reason=Reason.UNKNOWN_MAGIC, magic=0)
    for magic in UNSUPPORTED:
        assert decode(struct.pack("<I", magic) + bytes(40)) == Undecodable(reason=Reason.UNSUPPORTED, magic=magic)


#: Where float32 fields are: packet → offsets. Written down again on purpose, from the tables.
FLOATS = {
    "edge_vitals": (16, 20),
    "fused_vitals": (16, 20, 28, 32, 36),
    "feature_vector": tuple(range(16, 48, 4)),
    "feature_state": tuple(range(16, 52, 4)),
    "wasm": (9, 14),
}


@pytest.mark.parametrize("name", sorted(FLOATS))
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_floats_that_are_not_finite_are_refused(name: str, value: float) -> None:
    for offset in FLOATS[name]:
        data = bytearray(GOLDEN[name][0])
        data[offset : offset + 4] = struct.pack("<f", value)
        if name == "feature_state":
            data[56:] = crc32(data[:56]).to_bytes(4, "little")
        refusal = decode(data)
        assert isinstance(refusal, Undecodable)
        assert refusal.reason is Reason.HEADER


def test_opposite_infinities_do_not_cancel() -> None:
    data = bytearray(GOLDEN["edge_vitals"][0])
    data[16:24] = struct.pack("<ff", float("inf"), float("-inf"))
    assert decode(data) == Undecodable(reason=Reason.HEADER, magic=0xC5110002)


@given(st.binary(max_size=700))
@example(b"")
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    assert isinstance(decode(data), Undecodable | Packet.__value__)


@st.composite
def _with_magic(draw: st.DrawFn) -> bytes:
    """Bytes that begin like a packet of ours and have, often, a length that fits something."""
    magic = draw(st.sampled_from(sorted(DECODERS)))
    length = draw(st.sampled_from([8, 14, 20, 24, 26, 28, 32, 38, 40, 48, 60]) | st.integers(4, 200))
    return struct.pack("<I", magic) + draw(st.binary(min_size=length - 4, max_size=length - 4))


@given(_with_magic())
def test_whatever_is_accepted_is_kept_to_the_byte(data: bytes) -> None:
    outcome = decode(data)
    if not isinstance(outcome, Undecodable):
        assert encode(outcome) == data


@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=4),
    st.integers(0, 20),
    st.binary(max_size=8),
)
def test_mutations_of_golden_bytes_are_kept_or_refused(
    name: str, changes: list[tuple[int, int]], cut: int, tail: bytes
) -> None:
    data = bytearray(GOLDEN[name][0])
    for position, value in changes:
        data[position % len(data)] = value
    mutated = bytes(data[: len(data) - cut]) + tail
    outcome = decode(mutated)
    if not isinstance(outcome, Undecodable):
        assert encode(outcome) == mutated


def test_encode_refuses_fields_that_do_not_fit() -> None:
    for packet in _each_field_out_of_range():
        with pytest.raises(ShapeError):
            encode(packet)


def _each_field_out_of_range() -> list[Packet]:
    """Every integer of every golden packet, once far too large."""
    spoilt: list[Packet] = []
    for _, packet in GOLDEN.values():
        spoilt += [
            replace(packet, **{field.name: 2**70})
            for field in fields(packet)
            if isinstance(getattr(packet, field.name), int)
        ]
    return spoilt
