"""Raw CSI: all sizes of the field, three versions, the fork, and the foreign packets under the same magic."""

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruview_engine.errors import ShapeError
from ruview_engine.wire import CsiFrame, Reason, Undecodable, decode, encode
from ruview_engine.wire.packet import channel_of
from tests.engine.wire.golden import CSI_V1, CSI_V1_FORK, CSI_V2, GOLDEN

#: Pair counts of the field (upstream report §1.10), the largest we take, and some nobody knows.
PAIRS = (53, 57, 64, 117, 128, 188, 190, 192, 245, 256, 306, 1, 7, 114, 333, 1024)
FRAME = cast("CsiFrame", GOLDEN["csi_v1"][1])


def _frame(version: int, n_pairs: int, n_antennas: int = 1) -> CsiFrame:
    iq = bytes(i * 37 & 0xFF for i in range(2 * n_pairs * n_antennas))
    return replace(
        FRAME,
        version=version,
        n_pairs=n_pairs,
        n_antennas=n_antennas,
        iq=iq,
        transmitter=None if version == 1 else b"\x02\x00\x00\x00\x00\x01",
        rx_sequence=0xFFF0 if version == 3 else None,
    )


@pytest.mark.parametrize("n_pairs", PAIRS)
@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("n_antennas", [1, 4])
def test_every_pair_count_survives(n_pairs: int, version: int, n_antennas: int) -> None:
    frame = _frame(version, n_pairs, n_antennas)
    data = encode(frame)
    assert len(data) == {1: 20, 2: 26, 3: 28}[version] + 2 * n_pairs * n_antennas
    assert decode(data) == frame


@pytest.mark.parametrize("n_pairs", PAIRS)
def test_the_fork_is_known_by_its_length(n_pairs: int) -> None:
    frame = replace(_frame(1, n_pairs), flags=0x20, mesh_timestamp_us=2**64 - 1)
    assert len(encode(frame)) == 28 + 2 * n_pairs
    assert decode(encode(frame)) == frame
    sanitised = replace(frame, mesh_timestamp_us=None)
    assert len(encode(sanitised)) == 20 + 2 * n_pairs
    assert decode(encode(sanitised)) == sanitised


def test_bit_5_means_sanitised_unless_a_clock_is_there() -> None:
    clean = decode(CSI_V1[:19] + b"\x20" + CSI_V1[20:])
    fork = decode(CSI_V1_FORK)
    assert isinstance(clean, CsiFrame)
    assert clean.is_sanitised
    assert clean.mesh_timestamp_us is None
    assert isinstance(fork, CsiFrame)
    assert not fork.is_sanitised
    assert fork.flags == 0x20


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (CSI_V1[:5] + b"\x00" + CSI_V1[6:], Reason.HEADER),  # no antenna
        (CSI_V1[:5] + b"\x05" + CSI_V1[6:], Reason.HEADER),  # five antennas
        (CSI_V1[:6] + b"\x00\x00" + CSI_V1[8:20], Reason.HEADER),  # no pairs
        (CSI_V1[:6] + b"\x01\x04" + CSI_V1[8:], Reason.HEADER),  # 1025 pairs
        (CSI_V1[:6] + b"\x04\x00" + CSI_V1[8:], Reason.LENGTH),  # one pair more than there is
        (CSI_V1[:6] + b"\x00\x04" + CSI_V1[8:], Reason.LENGTH),  # 1024 pairs claimed
        (CSI_V1 + bytes(8), Reason.LENGTH),  # the fork's length without its flag
        (CSI_V1[:19], Reason.SHORT),
        (CSI_V2[:25], Reason.SHORT),
        (CSI_V2[:5] + b"\x00" + CSI_V2[6:], Reason.HEADER),
        (CSI_V2 + b"\x00\x00", Reason.LENGTH),
        (CSI_V2[:4] + bytes(20), Reason.UNSUPPORTED),  # FTM range report: 24 bytes
        (CSI_V2[:4] + b"\x07\x01\x03" + bytes(33), Reason.UNSUPPORTED),  # radar: 40 bytes, 3 targets
        (CSI_V2[:4] + b"\x07\x01\x00" + bytes(33), Reason.UNSUPPORTED),  # radar: nobody there
        (CSI_V2[:4] + b"\x07\x01\x09" + bytes(33), Reason.LENGTH),  # 40 bytes, neither radar nor CSI
    ],
)
def test_refusals(data: bytes, reason: Reason) -> None:
    refusal = decode(data)
    assert isinstance(refusal, Undecodable)
    assert refusal.reason is reason


def test_seven_pairs_of_v2_are_40_bytes_and_no_radar() -> None:
    frame = _frame(2, 7)
    assert len(encode(frame)) == 40
    assert decode(encode(frame)) == frame


@pytest.mark.parametrize(
    "wrong",
    [
        replace(FRAME, iq=b""),
        replace(FRAME, n_antennas=0),
        replace(FRAME, n_antennas=5),
        replace(FRAME, n_pairs=1025, iq=bytes(2050)),
        replace(FRAME, version=4),
        replace(FRAME, transmitter=bytes(6)),
        replace(FRAME, rx_sequence=1),
        replace(FRAME, mesh_timestamp_us=1),
        replace(FRAME, version=2),
        replace(FRAME, version=2, transmitter=bytes(5)),
        replace(FRAME, version=2, transmitter=bytes(6), rx_sequence=1),
        replace(FRAME, version=2, transmitter=bytes(6), mesh_timestamp_us=1),
        replace(FRAME, version=3, transmitter=bytes(6)),
        replace(FRAME, rssi_dbm=-129),
        replace(FRAME, node_id=256),
    ],
)
def test_encode_refuses_contradictions(wrong: CsiFrame) -> None:
    with pytest.raises(ShapeError):
        encode(wrong)


@st.composite
def frames(draw: st.DrawFn) -> CsiFrame:
    version = draw(st.integers(1, 3))
    n_antennas = draw(st.integers(1, 4))
    n_pairs = draw(st.sampled_from(PAIRS) | st.integers(1, 40))
    size = 2 * n_antennas * n_pairs
    seed = draw(st.binary(min_size=1, max_size=64))
    has_clock = version == 1 and draw(st.booleans())
    return CsiFrame(
        version=version,
        node_id=draw(st.integers(0, 255)),
        n_antennas=n_antennas,
        n_pairs=n_pairs,
        freq_mhz=draw(st.integers(0, 2**32 - 1)),
        sequence=draw(st.integers(0, 2**32 - 1)),
        rssi_dbm=draw(st.integers(-128, 127)),
        noise_floor_dbm=draw(st.integers(-128, 127)),
        ppdu=draw(st.integers(0, 255)),
        flags=draw(st.integers(0, 255)) | (0x20 if has_clock else 0),
        iq=(seed * (size // len(seed) + 1))[:size],
        transmitter=None if version == 1 else draw(st.binary(min_size=6, max_size=6)),
        rx_sequence=draw(st.integers(0, 65535)) if version == 3 else None,
        mesh_timestamp_us=draw(st.integers(0, 2**64 - 1)) if has_clock else None,
    )


@given(frames())
def test_decode_undoes_encode(frame: CsiFrame) -> None:
    assert decode(encode(frame)) == frame


@pytest.mark.parametrize("channel", [*range(1, 15), 36, 40, 64, 100, 144, 149, 165, 177])
def test_channel_undoes_the_firmwares_frequency_rule(channel: int) -> None:
    freq_mhz = 2484 if channel == 14 else 2407 + 5 * channel if channel < 14 else 5000 + 5 * channel
    assert channel_of(freq_mhz) == channel


@pytest.mark.parametrize("freq_mhz", [0, 1, 2411, 2474, 5001, 2**32 - 1])
def test_other_frequencies_are_no_channel(freq_mhz: int) -> None:
    assert channel_of(freq_mhz) is None


def test_flags_say_what_they_mean() -> None:
    assert replace(FRAME, flags=0x01).is_40_mhz
    assert not replace(FRAME, flags=0xFE).is_40_mhz
    assert replace(FRAME, flags=0x04).is_stbc
    assert not replace(FRAME, flags=0xFB).is_stbc
