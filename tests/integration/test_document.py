"""Everything that leaves for a browser is JSON, and what is not known is null, never a number."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
import pytest

from custom_components.ruview.document import plain
from custom_components.ruview.ruview_engine.links.link_id import LinkId
from custom_components.ruview.ruview_engine.room.reading import Provenance, Reading, WhyNot
from custom_components.ruview.ruview_engine.room.state import Presence


class Word(StrEnum):
    ONE = "one"


class Number(IntEnum):
    TWO = 2


@dataclass(frozen=True)
class Pair:
    left: Any
    right: Any = None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.True_, True),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (float("nan"), None),
        (np.float64("inf"), None),
        (Word.ONE, "one"),
        (Number.TWO, 2),
        (np.array([[1.0, np.nan], [2.0, -np.inf]]), [[1.0, None], [2.0, None]]),
        (Pair(Pair(1.5), (Word.ONE, float("nan"))), {"left": {"left": 1.5, "right": None}, "right": ["one", None]}),
        ({Word.ONE: np.arange(2), LinkId("1", "64", "a"): 3}, {"one": [0, 1], "1/64/a": 3}),
        (frozenset({"only"}), ["only"]),
        (datetime(2026, 4, 3, tzinfo=UTC), "2026-04-03T00:00:00+00:00"),
        (3 + 4j, "(3+4j)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_become_json(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False)


def test_a_reading_says_why_it_has_no_value() -> None:
    said = plain(Pair(Reading[float].none(WhyNot.STALE)))["left"]
    assert said["value"] is None
    assert said["reason"] == "stale"
    assert said["confidence"] == 0.0


def test_a_reading_says_what_it_rests_on() -> None:
    reading = Reading(
        value=Presence.CLEAR, confidence=0.98765, provenance=Provenance(baseline_id="b", bank_version=2),
        evidence=(("odds", float("inf")), ("micro", 1.5)),
    )  # fmt: skip
    assert plain(reading) == {
        "value": "clear",
        "confidence": 0.988,
        "reason": None,
        "evidence": {"odds": None, "micro": 1.5},
        "provenance": {"baseline_id": "b", "bank_version": 2, "backbone_rev": None},
    }
