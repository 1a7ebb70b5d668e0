"""A name made from content: equal data, equal name; one changed bit, another name."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def fingerprint(value: Any) -> str:
    """16 hex digits over nested mappings, sequences, numbers, texts and arrays; order of keys does not matter."""
    digest = hashlib.sha256()
    for piece in _pieces(value):
        digest.update(len(piece).to_bytes(8, "little"))
        digest.update(piece)
    return digest.hexdigest()[:16]


def _pieces(value: Any) -> Iterator[bytes]:
    """Length-framed by the caller, so that ("ab", "c") and ("a", "bc") differ."""
    if isinstance(value, Mapping):
        yield b"{"
        for key in sorted(value):
            yield str(key).encode()
            yield from _pieces(value[key])
        yield b"}"
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, (list, tuple)):
        yield b"["
        for item in value:
            yield from _pieces(item)
        yield b"]"
    elif isinstance(value, float):
        yield b"f" + value.hex().encode()
    else:
        yield f"{type(value).__name__}:{value}".encode()
