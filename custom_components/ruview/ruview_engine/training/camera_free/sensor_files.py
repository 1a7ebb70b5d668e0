"""Sensor histories that people hand in: Home Assistant's exports, or a table of the ten signals.

Read: the JSON of `/api/history/period` (full or minimal response), the CSV of the history panel
(`entity_id,state,last_changed`), CSV and JSONL with a time and one column per signal, JSONL with `signal` and `value`,
and the lines of a Cognitum Seed's sensor stream. What cannot be used is counted by name and skipped.
"""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ...errors import FormatError
from ...finite import finite
from .signals import Signal

#: Words of an entity id or a device class that tell its signal, most telling first. Origin: spec, Home Assistant's
#: binary_sensor and sensor device classes.
WORDS: Final = (
    ("vibration", Signal.VIBRATION),
    ("door", Signal.DOOR),
    ("garage", Signal.DOOR),
    ("opening", Signal.DOOR),
    ("contact", Signal.DOOR),
    ("reed", Signal.DOOR),
    ("humidity", Signal.HUMIDITY),
    ("temperature", Signal.TEMPERATURE),
    ("temp", Signal.TEMPERATURE),
    ("pir", Signal.PIR),
    ("motion", Signal.PIR),
    ("occupancy", Signal.PIR),
    ("presence", Signal.PIR),
    ("moving", Signal.PIR),
    ("fragility", Signal.FRAGILITY),
    ("cluster", Signal.CLUSTER_LABELS),
)

#: Columns and keys that hold the time, in the order in which they are looked for.
TIME_KEYS: Final = ("time", "timestamp", "unix_s", "at", "last_changed", "lc", "last_updated", "lu")

#: Texts of binary states. Origin: spec, Home Assistant's states and their English words.
ON: Final = frozenset({"on", "true", "open", "detected", "motion", "occupied", "home", "yes"})
OFF: Final = frozenset({"off", "false", "closed", "clear", "not_home", "no"})
UNKNOWN: Final = frozenset({"unavailable", "unknown", "none", "nan", ""})

#: ISO 8601 with an optional zone. Read here and not by `datetime`, which the engine knows as a clock.
STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:?\d\d)?")

type Reports = dict[Signal, list[tuple[float, float]]]
"""(unix seconds, value) by signal; NaN = from here on unknown."""


@dataclass(slots=True)
class SensorFile:
    """What a file held; `names` are the entities and columns that gave a report."""

    reports: Reports = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def add(self, signal: Signal | None, at: object, value: object, entity: str = "") -> None:
        """One report, or a counted reason why not."""
        if signal is None:
            self.skipped[f"no signal known for {entity[:80] or 'a row'}"] += 1
            return
        unix_s, number = read_time(at), read_state(value)
        if unix_s is None:
            self.skipped["rows without a time"] += 1
        elif number is None:
            self.skipped[f"states of {signal.value} that are neither numbers nor on/off"] += 1
        else:
            self.reports.setdefault(signal, []).append((unix_s, number))
            self.names.add(entity)


def read_sensor_file(data: bytes, entities: Mapping[str, Signal] | None = None) -> SensorFile:
    """Any of the forms above; `entities` names the signal of an entity that its id does not tell.

    Raises FormatError when the file is none of them, or when nothing in it can be used.
    """
    entities = entities or {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"sensor history is not text: {error}") from error
    found = SensorFile()
    start = text.lstrip()[:1]
    if start == "[":
        _read_history(text, found, entities)
    elif start == "{":
        for record in _json_lines(text, found):
            _read_record(record, found, entities)
    else:
        _read_csv(text, found, entities)
    if not found.reports:
        skipped = "; ".join(f"{why}: {n}" for why, n in sorted(found.skipped.items())) or "it is empty"
        raise FormatError(f"no usable sensor report in the file ({skipped})")
    return found


def signal_of(entity: str, device_class: str | None = None) -> Signal | None:
    """The signal that an entity's device class, else its id, speaks of; None when neither tells."""
    for text in (device_class or "", entity):
        for word, signal in WORDS:
            if word in text.lower():
                return signal
    return None


def read_state(value: object) -> float | None:
    """A number, 1/0 for on/off, NaN for unavailable; None for any other text."""
    if isinstance(value, int | float):
        number = finite(value)
        return math.nan if number is None else number
    text = str(value).strip().lower() if value is not None else ""
    if text in ON:
        return 1.0
    if text in OFF:
        return 0.0
    if text in UNKNOWN:
        return math.nan
    try:
        told = float(text)
    except ValueError:
        return None
    return told if math.isfinite(told) else math.nan


def read_time(value: object) -> float | None:
    """Unix seconds from a number or ISO 8601; a time without a zone is UTC. None when it is no time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return finite(value)
    if not isinstance(value, str) or not value:
        return None
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        return number if math.isfinite(number) else None
    stamp = STAMP.fullmatch(value.strip())
    if stamp is None:
        return None
    day, clock, zone = stamp.groups()
    try:
        unix_s = float(np.datetime64(f"{day}T{clock}", "us").astype(np.int64)) / 1e6
    except ValueError:
        return None
    if zone and zone != "Z":
        sign = 1 if zone[0] == "+" else -1
        unix_s -= sign * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)
    return unix_s


def _read_history(text: str, found: SensorFile, entities: Mapping[str, Signal]) -> None:
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"sensor history is not JSON: {error}") from error
    for group in stored:
        entity, device_class = "", None
        for row in group if isinstance(group, list) else [group]:
            if not isinstance(row, dict):
                found.skipped["entries that are not states"] += 1
                continue
            # A minimal response names entity and attributes in the first state of each list only.
            entity = str(row.get("entity_id", entity))
            attributes = row.get("attributes", row.get("a"))
            if isinstance(attributes, dict):
                device_class = attributes.get("device_class", device_class)
            if not entity and any(signal.value in row for signal in Signal):
                _read_record(row, found, entities)
                continue
            signal = entities.get(entity) or signal_of(entity, str(device_class or ""))
            found.add(signal, _time_of(row), row.get("state", row.get("s")), entity)


def _json_lines(text: str, found: SensorFile) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError, RecursionError:
            record = None
        if isinstance(record, dict):
            yield record
        else:
            found.skipped["lines that are not JSON objects"] += 1


def _read_csv(text: str, found: SensorFile, entities: Mapping[str, Signal]) -> None:
    rows = csv.DictReader(io.StringIO(text))
    try:
        columns = list(rows.fieldnames or ())
        if not set(columns) & set(TIME_KEYS):
            raise FormatError(f"sensor history has no column for the time; columns: {columns[:12]}")
        for row in rows:
            _read_record(row, found, entities)
    except csv.Error as error:
        raise FormatError(f"sensor history: {error}") from error


def _read_record(record: Mapping[str, Any], found: SensorFile, entities: Mapping[str, Signal]) -> None:
    at = _time_of(record)
    if "entity_id" in record:
        entity = str(record["entity_id"])
        found.add(entities.get(entity) or signal_of(entity), at, record.get("state"), entity)
        return
    if "signal" in record:
        name = str(record["signal"])
        found.add(Signal(name) if name in Signal else signal_of(name), at, record.get("value"), name)
        return
    known = False
    for key, value in record.items():
        if key in TIME_KEYS or key is None or isinstance(value, list | dict):
            continue
        signal = entities.get(key) or (Signal(key) if key in Signal else signal_of(key))
        # An empty cell of a wide table means "no report now", not "unknown from now on".
        if signal is not None and value not in ("", None):
            known = True
            found.add(signal, at, value, key)
    if not known:
        found.skipped["rows without a known signal"] += 1


def _time_of(record: Mapping[str, Any]) -> object:
    return next((record[key] for key in TIME_KEYS if record.get(key) not in ("", None)), None)
