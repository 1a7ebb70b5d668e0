"""Every form of sensor history that people have, and the ways it can be wrong."""

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruview_engine.errors import FormatError
from ruview_engine.training.camera_free.sensor_files import read_sensor_file, read_state, read_time, signal_of
from ruview_engine.training.camera_free.signals import Signal

T = 1775182186.0


def test_history_of_home_assistant_in_full_and_minimal_form() -> None:
    full = [
        [
            {"entity_id": "binary_sensor.hall", "state": "on", "last_changed": "2026-04-03T02:09:46+00:00",
             "attributes": {"device_class": "motion"}},
            {"state": "off", "last_changed": "2026-04-03T04:10:46.500+02:00"},
            {"state": "unavailable", "last_changed": "2026-04-03T02:12:46Z"},
        ],
        [{"entity_id": "sensor.hall_temperature", "s": "21.5", "lu": T}],
        [{"entity_id": "light.hall", "state": "on", "last_changed": "2026-04-03T02:09:46+00:00"}],
    ]  # fmt: skip
    found = read_sensor_file(json.dumps(full).encode())
    pir = found.reports[Signal.PIR]
    assert pir[:2] == [(T, 1.0), (T + 60.5, 0.0)]
    assert math.isnan(pir[2][1])
    assert found.reports[Signal.TEMPERATURE] == [(T, 21.5)]
    assert found.skipped == {"no signal known for light.hall": 1}


def test_csv_of_the_history_panel() -> None:
    text = "entity_id,state,last_changed\nbinary_sensor.front_door,on,2026-04-03T02:09:46.000Z\nsensor.a_humidity,x,1\n"
    found = read_sensor_file(text.encode())
    assert found.reports == {Signal.DOOR: [(T, 1.0)]}
    assert found.skipped == {"states of humidity that are neither numbers nor on/off": 1}


def test_wide_tables_and_seed_lines() -> None:
    table = f"time,pir,temperature,vibration\n{T},1,20.5,\n{T + 1},0,,1\n"
    found = read_sensor_file(table.encode()).reports
    assert found[Signal.PIR] == [(T, 1.0), (T + 1, 0.0)]
    assert found[Signal.TEMPERATURE] == [(T, 20.5)]
    assert found[Signal.VIBRATION] == [(T + 1, 1.0)]
    lines = (
        f'{{"timestamp": {T}, "temp": 20, "reed": 1}}\nnot json\n{{"signal": "fragility", "time": {T}, "value": 0.4}}\n'
    )
    found_lines = read_sensor_file(lines.encode())
    assert found_lines.reports == {
        Signal.TEMPERATURE: [(T, 20.0)], Signal.DOOR: [(T, 1.0)], Signal.FRAGILITY: [(T, 0.4)],
    }  # fmt: skip
    assert found_lines.skipped == {"lines that are not JSON objects": 1}


def test_an_entity_can_be_named_by_hand() -> None:
    text = f"entity_id,state,last_changed\nsensor.x1,1,{T}\n"
    assert read_sensor_file(text.encode(), {"sensor.x1": Signal.VIBRATION}).reports == {Signal.VIBRATION: [(T, 1.0)]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no column for the time"),
        (b"a,b\n1,2\n", "no column for the time"),
        (b"a\rb\n1,2\n", "new-line character"),
        (b"[", "not JSON"),
        (b"[]", "it is empty"),
        (b"\xff\xfe\x00", "not text"),
        (b"time,light\n1,2\n", "without a known signal"),
        (b"time,pir\n,1\n", "without a time"),
    ],
)
def test_what_cannot_be_used_says_why(data: bytes, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        read_sensor_file(data)


@given(st.binary(max_size=300))
def test_any_bytes_give_reports_or_a_format_error(data: bytes) -> None:
    try:
        found = read_sensor_file(data)
    except FormatError:
        return
    assert found.reports


KEYS = st.sampled_from(["entity_id", "state", "last_changed", "pir", "time", "attributes", "s", "signal"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=20)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_json_gives_reports_or_a_format_error(value: object) -> None:
    try:
        read_sensor_file(json.dumps(value).encode())
    except FormatError:
        return


def test_states_and_times() -> None:
    assert [read_state(text) for text in ("on", "Closed", "3.5", True)] == [1.0, 0.0, 3.5, 1.0]
    assert math.isnan(read_state("unavailable"))
    assert read_state("purple") is None
    assert read_time("2026-04-03 02:09:46") == T
    assert read_time("2026-04-02T21:39:46-0430") == T
    assert read_time("2026-13-03T02:09:46") is None
    assert read_time("yesterday") is None
    assert read_time(True) is None


def test_the_device_class_speaks_before_the_name() -> None:
    assert signal_of("binary_sensor.door_motion", "motion") is Signal.PIR
    assert signal_of("binary_sensor.garage_door") is Signal.DOOR
    assert signal_of("light.kitchen") is None


@pytest.mark.parametrize(
    "hostile", ["1e999", "9" * 400, "9" * 5000, "null", "[]", "{}", '"2026-99-99T99:99:99"', "true"]
)
def test_no_value_of_a_history_raises_anything_else(hostile: str) -> None:
    for text in (
        f'[[{{"entity_id": "binary_sensor.motion", "state": {hostile}, "last_changed": "2026-01-01T00:00:00Z"}}]]',
        f'[[{{"entity_id": "binary_sensor.motion", "state": "on", "last_changed": {hostile}}}]]',
        f'{{"signal": "pir", "time": {hostile}, "value": 1}}',
        f'{{"signal": "pir", "time": 5, "value": {hostile}}}',
        f"time,pir\n{hostile},1\n",
        f"time,pir\n5,{hostile}\n",
    ):
        with contextlib.suppress(FormatError):
            read_sensor_file(text.encode())
