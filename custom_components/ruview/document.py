"""Plain JSON forms of the engine's values, for actions, panel, card, REST and diagnostics."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from math import isfinite
from typing import Any

import numpy as np

from .ruview_engine.room.reading import Reading


def plain(value: Any) -> Any:
    """Frozen values, enums, arrays and numbers as JSON types; what is not finite becomes null."""
    if value is None or isinstance(value, bool | int | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, float | np.floating):
        return float(value) if isfinite(value) else None
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, Reading):
        return reading(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key) if isinstance(key, Enum) else key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


def reading(value: Reading[Any]) -> dict[str, Any]:
    """A reading with its reason and what it rests on."""
    return {
        "value": plain(value.value),
        "confidence": round(float(value.confidence), 3),
        "reason": plain(value.why_not),
        "evidence": {name: plain(number) for name, number in value.evidence},
        "provenance": plain(value.provenance),
    }
