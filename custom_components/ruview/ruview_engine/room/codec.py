"""Values ⇄ bytes, versioned, digested, validated. No files: the CLI's repository and the integration's store write.

A document is two byte strings: JSON with everything but arrays, and an `.npz` with the arrays, tied together by
SHA-256. Reading refuses what it cannot trust: another digest, a newer schema, pickles, numbers that are not finite,
arrays larger than any room needs. Values then check shapes and ranges themselves (`from_dict`).
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, UNREADABLE, Damaged, NewerFormat, RuviewError, StoreError
from . import capture
from .adaptation import Adaptation
from .bank import Bank
from .baseline import Baseline
from .enrolment import EnrolmentEvent, event_from_dict, event_to_dict
from .window import LinkWindow

#: Version of the envelope and of what the kinds hold. Add a migration when it grows.
SCHEMA_VERSION: Final = 1
#: Most that the arrays of one document may unpack to. Origin: derived, 32 links × 2 min × 50 Hz × 16 pools × 2 B is
#: 6 MB, a baseline of 32 links × 306 bins with its quiet models 10 MB; ×5.
MAX_ARRAY_BYTES: Final = 64 * 1024 * 1024
#: Arrays in one document at most. Origin: derived, 32 links × 40.
MAX_ARRAYS: Final = 4096
#: Key that stands for an array in the JSON part.
_REF: Final = "$array"


class Kind(StrEnum):
    """What a document holds."""

    BASELINE = "baseline"
    BANK = "bank"
    CAPTURE = "capture"
    ADAPTATION = "adaptation"
    ROOM = "room"
    STATUS = "status"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`text` is UTF-8 JSON; `arrays` is an .npz, None when there are no arrays. Write arrays first, text last."""

    text: bytes
    arrays: bytes | None


#: From an older payload to the next version's: {(kind, version): function}. Empty while there is one version.
MIGRATIONS: Final[dict[tuple[Kind, int], Callable[[dict[str, Any]], dict[str, Any]]]] = {}


def encode(kind: Kind, payload: Mapping[str, Any]) -> Document:
    """Put a value's `to_dict` into an envelope."""
    arrays: dict[str, NDArray[Any]] = {}
    plain = _take_arrays(payload, arrays)
    packed = _pack(arrays) if arrays else None
    body = json.dumps(plain, allow_nan=False, sort_keys=True, separators=(",", ":"))
    envelope = {
        "schema_version": SCHEMA_VERSION,
        "kind": kind.value,
        "payload_sha256": _digest(body.encode()),
        "arrays_sha256": None if packed is None else _digest(packed),
        "payload": plain,
    }
    text = json.dumps(envelope, allow_nan=False, sort_keys=True, indent=1).encode() + b"\n"
    return Document(text=text, arrays=packed)


def decode(kind: Kind, document: Document) -> dict[str, Any]:
    """The payload of a document of this kind.

    Raises
    ------
    NewerFormat for a schema this release does not know; Damaged for everything else that is wrong
    """
    envelope = _json(document.text)
    version = envelope.get("schema_version")
    if not isinstance(version, int) or version < 1:
        raise Damaged(f"{kind}: no schema version")
    if version > SCHEMA_VERSION:
        raise NewerFormat(f"{kind}: schema {version}, this release knows {SCHEMA_VERSION}")
    if envelope.get("kind") != kind.value:
        raise Damaged(f"expected a {kind}, found a {envelope.get('kind')!r}")
    plain = envelope.get("payload")
    if not isinstance(plain, dict):
        raise Damaged(f"{kind}: no payload")
    body = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    if envelope.get("payload_sha256") != _digest(body.encode()):
        raise Damaged(f"{kind}: the payload is not what was written")
    expected = envelope.get("arrays_sha256")
    if (expected is None) != (document.arrays is None):
        raise Damaged(f"{kind}: the arrays are missing or do not belong here")
    arrays: dict[str, NDArray[Any]] = {}
    if document.arrays is not None:
        if expected != _digest(document.arrays):
            raise Damaged(f"{kind}: the arrays are not what was written")
        arrays = _unpack(document.arrays)
    payload: dict[str, Any] = _give_arrays(plain, arrays)
    for older in range(version, SCHEMA_VERSION):
        payload = MIGRATIONS[kind, older](payload)
    return payload


def has_arrays(document: Document) -> bool:
    """The arrays are the ones that the text names."""
    expected = _json(document.text).get("arrays_sha256")
    return expected is None if document.arrays is None else expected == _digest(document.arrays)


# --- one pair per kind ------------------------------------------------------------------------------


def encode_baseline(baseline: Baseline) -> Document:
    """See `decode_baseline`."""
    return encode(Kind.BASELINE, baseline.to_dict())


def decode_baseline(document: Document) -> Baseline:
    """Raises Damaged or NewerFormat."""
    return _made(Baseline.from_dict, decode(Kind.BASELINE, document))


def encode_bank(bank: Bank) -> Document:
    """See `decode_bank`."""
    return encode(Kind.BANK, bank.to_dict())


def decode_bank(document: Document) -> Bank:
    """Raises Damaged or NewerFormat."""
    return _made(Bank.from_dict, decode(Kind.BANK, document))


def encode_capture(windows: tuple[LinkWindow, ...]) -> Document:
    """See `decode_capture`; `windows` come from `capture.compact`."""
    return encode(Kind.CAPTURE, capture.to_dict(windows))


def decode_capture(document: Document) -> tuple[LinkWindow, ...]:
    """Raises Damaged or NewerFormat."""
    return _made(capture.from_dict, decode(Kind.CAPTURE, document))


def encode_adaptation(adaptation: Adaptation) -> Document:
    """See `decode_adaptation`."""
    return encode(Kind.ADAPTATION, adaptation.to_dict())


def decode_adaptation(document: Document) -> Adaptation:
    """Raises Damaged or NewerFormat."""
    return _made(Adaptation.from_dict, decode(Kind.ADAPTATION, document))


def encode_event(event: EnrolmentEvent) -> bytes:
    """One line of `enrollment.jsonl`, newline included; arrays become lists."""
    body = json.dumps(_lists(event_to_dict(event)), allow_nan=False, sort_keys=True, separators=(",", ":"))
    line = {"schema_version": SCHEMA_VERSION, "sha256": _digest(body.encode()), "event": json.loads(body)}
    return json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def decode_event(line: bytes) -> EnrolmentEvent:
    """Raises Damaged or NewerFormat."""
    stored = _json(line)
    version = stored.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise NewerFormat(f"event: schema {version}, this release knows {SCHEMA_VERSION}")
    body = json.dumps(stored.get("event"), sort_keys=True, separators=(",", ":"))
    if stored.get("sha256") != _digest(body.encode()):
        raise Damaged("event: not what was written")
    return _made(event_from_dict, stored["event"])


def _made[T](make: Callable[[dict[str, Any]], T], payload: dict[str, Any]) -> T:
    """A digest only says that nothing has changed since; whoever makes a file can put anything into it."""
    try:
        return make(payload)
    except StoreError:
        raise
    except (RuviewError, *MISSHAPEN) as error:
        raise Damaged(f"misshapen: {error!r}") from error


# --- inside -----------------------------------------------------------------------------------------


def _json(text: bytes) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise Damaged(f"{name} is not a number")

    try:
        value = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Damaged("not a JSON object")
    return value


def _take_arrays(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Replace every array by a reference; everything else becomes plain JSON types."""
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {_REF: name}
    if isinstance(value, Mapping):
        return {str(key): _take_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_take_arrays(item, arrays) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _give_arrays(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, dict):
        if set(value) == {_REF}:
            try:
                return arrays[value[_REF]]
            except (KeyError, TypeError) as error:
                raise Damaged(f"array {value[_REF]!r} is missing") from error
        return {key: _give_arrays(item, arrays) for key, item in value.items()}
    return [_give_arrays(item, arrays) for item in value] if isinstance(value, list) else value


def _lists(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _lists(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Uncompressed and with fixed dates: equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)), member.getvalue())
    return buffer.getvalue()


def _unpack(packed: bytes) -> dict[str, NDArray[Any]]:
    arrays = {}
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS or sum(member.file_size for member in members) > MAX_ARRAY_BYTES:
                raise Damaged("more or larger arrays than any room has")
            for member in members:
                with archive.open(member) as stream:
                    array: NDArray[Any] = np.load(io.BytesIO(stream.read()), allow_pickle=False)
                if array.dtype.kind == "f" and not np.isfinite(array).all():
                    raise Damaged(f"{member.filename}: a number is not finite")
                arrays[member.filename.removesuffix(".npy")] = array
    except StoreError:
        raise
    except (OSError, *UNREADABLE) as error:
        raise Damaged(f"arrays: {error}") from error
    return arrays


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
