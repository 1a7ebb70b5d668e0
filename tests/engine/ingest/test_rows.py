"""Rows of `.csi.jsonl`: ours are exact, upstream's are rebuilt, broken ones are named."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruview_engine.ingest.rows import BadRow, RowReader, encode_row
from ruview_engine.wire import CsiFrame, EdgeVitals, FeatureVector, decode
from tests.engine.wire.golden import GOLDEN

RAW = {
    "timestamp": 1775182186.9577758,
    "node_id": 2,
    "magic": "0xC5110001",
    "size": 26,
    "rssi": 1,
    "type": "raw_csi",
    "iq_hex": "00000f030d03",
    "subcarriers": 3,
}
VITALS = {
    "timestamp": 1775182187.3520563,
    "node_id": 2,
    "magic": "0xC5110002",
    "size": 32,
    "rssi": -19,
    "type": "vitals",
    "flags": 4,
    "breathing_bpm": 22.42,
    "heartrate_bpm": 85.0,
    "n_persons": 4,
    "motion_energy": 4.856170177459717,
    "presence_score": 4.856170177459717,
}
FEATURE = {
    "timestamp": 1775182187.352136,
    "node_id": 2,
    "magic": "0xC5110003",
    "size": 48,
    "rssi": -18,
    "type": "feature",
    "features": [0.4856170117855072, 0.4856170117855072, 0.7476635575294495, 0.7083333134651184, 1, 1, 0, 0.81],
    "seq": 5337,
}


def _read(row: object, reader: RowReader | None = None) -> tuple[float, str, bytes]:
    return (reader or RowReader()).read(json.dumps(row).encode())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_our_rows_bring_every_packet_back_to_the_byte(name: str) -> None:
    data, _ = GOLDEN[name]
    line = encode_row(1_775_182_186.25, "192.168.1.20", data)
    assert line is not None
    assert "\n" not in line
    assert RowReader().read(line.encode()) == (1_775_182_186.25, "192.168.1.20", data)


@pytest.mark.parametrize("name", ["csi_v1", "edge_vitals", "feature_vector"])
def test_our_rows_have_what_upstreams_tools_read(name: str) -> None:
    line = encode_row(1.0, "a", GOLDEN[name][0])
    assert line is not None
    upstream = {"csi_v1": RAW, "edge_vitals": VITALS, "feature_vector": FEATURE}[name]
    assert set(upstream) - {"rssi"} <= set(json.loads(line))
    assert json.loads(line)["type"] == upstream["type"]
    assert json.loads(line)["magic"] == upstream["magic"]


def test_what_is_no_packet_is_not_written() -> None:
    assert encode_row(1.0, "a", b"garbage") is None


def test_upstreams_raw_row_is_rebuilt_with_unknowns_unknown() -> None:
    unix_s, source, datagram = _read(RAW)
    assert (unix_s, source) == (RAW["timestamp"], "recording-2")
    frame = decode(datagram)
    assert isinstance(frame, CsiFrame)
    assert (frame.version, frame.node_id, frame.n_pairs, frame.iq.hex()) == (1, 2, 3, RAW["iq_hex"])
    assert (frame.rssi_dbm, frame.freq_mhz, frame.noise_floor_dbm) == (0, 0, 0)


def test_sequence_numbers_are_counted_per_node() -> None:
    reader = RowReader()
    frames = [decode(_read(RAW | {"node_id": node_id}, reader)[2]) for node_id in (1, 2, 1, 1, 2)]
    assert [frame.sequence for frame in frames if isinstance(frame, CsiFrame)] == [0, 0, 1, 2, 1]


def test_upstreams_vitals_and_features_are_rebuilt() -> None:
    reader = RowReader()
    vitals = decode(_read(VITALS, reader)[2])
    assert isinstance(vitals, EdgeVitals)
    assert (vitals.rssi_dbm, vitals.breathing_bpm, vitals.heart_bpm, vitals.n_persons) == (-19, 22.42, 85.0, 4)
    assert vitals.motion_energy == VITALS["motion_energy"]
    assert vitals.uptime_ms == 0
    feature = decode(_read(FEATURE | {"timestamp": 1775182189.352136}, reader)[2])
    assert isinstance(feature, FeatureVector)
    assert (feature.sequence, feature.values[0]) == (5337, 0.4856170117855072)
    assert feature.uptime_us == pytest.approx(2_000_080, abs=5)


def test_a_real_reading_of_rssi_is_kept() -> None:
    frame = decode(_read(RAW | {"rssi": -61})[2])
    assert isinstance(frame, CsiFrame)
    assert frame.rssi_dbm == -61


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([], "not_an_object"),
        ({"type": "raw_csi"}, "no_timestamp"),
        (RAW | {"timestamp": "now"}, "no_timestamp"),
        (RAW | {"timestamp": True}, "no_timestamp"),
        (RAW | {"timestamp": -1}, "no_timestamp"),
        (RAW | {"timestamp": 1e300}, "no_timestamp"),
        (RAW | {"iq_hex": ""}, "empty_csi"),
        (RAW | {"subcarriers": 4}, "wrong_length"),
        (RAW | {"iq_hex": "zz"}, "bad_field"),
        (RAW | {"iq_hex": 7}, "bad_field"),
        (RAW | {"node_id": 256}, "bad_field"),
        (RAW | {"node_id": "2"}, "bad_field"),
        (RAW | {"node_id": None}, "bad_field"),
        (RAW | {"iq_hex": "00" * 2 * 1025, "subcarriers": 1025}, "bad_field"),
        (VITALS | {"motion_energy": "nan"}, "bad_field"),
        (VITALS | {"breathing_bpm": 1e9}, "bad_field"),
        ({key: value for key, value in VITALS.items() if key != "flags"}, "bad_field"),
        (FEATURE | {"features": [1, 2]}, "bad_field"),
        (FEATURE | {"features": None}, "bad_field"),
        ({"timestamp": 1.0, "node_id": 1, "magic": "0xC5110005", "size": 104, "rssi": 0}, "no_payload"),
        ({"timestamp": 1.0, "subcarriers": [1.0, 2.0], "rssi": 0.0}, "amplitudes_only"),
        ({"timestamp": 1.0, "datagram_hex": "00"}, "not_a_packet"),
        ({"timestamp": 1.0, "datagram_hex": None}, "bad_field"),
    ],
)
def test_bad_rows_are_named(row: object, reason: str) -> None:
    with pytest.raises(BadRow, match=f"^{reason}$"):
        _read(row)


@pytest.mark.parametrize("line", [b"", b"{", b"\xff\xfe", b"nonsense", b"[" * 100_000, b'{"timestamp":NaN}'])
def test_lines_that_are_no_json_are_named(line: bytes) -> None:
    with pytest.raises(BadRow, match=r"^(not_json|no_timestamp)$"):
        RowReader().read(line)


@pytest.mark.parametrize("source", ["", "x" * 65, "a\nb", "\x1b[31m", 7, None])
def test_sources_that_are_no_address_are_replaced(source: object) -> None:
    assert _read(RAW | {"source": source})[1] == "recording-2"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from([RAW, VITALS, FEATURE]),
    st.dictionaries(st.sampled_from(sorted(RAW | VITALS | FEATURE)), json_values),
)
def test_any_field_may_be_anything(row: dict[str, object], changes: dict[str, object]) -> None:
    try:
        unix_s, source, datagram = _read(row | changes)
    except BadRow:
        return
    assert unix_s >= 0
    assert source
    assert datagram
