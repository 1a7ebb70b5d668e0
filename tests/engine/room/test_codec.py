"""Stored bytes are what was written, or refused."""

import contextlib
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import Damaged, NewerFormat, StoreError
from ruview_engine.room import codec
from ruview_engine.room.adaptation import Adaptation
from ruview_engine.room.anchor import AnchorLabel, Fault, Verdict
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import compact
from ruview_engine.room.codec import Document, Kind
from ruview_engine.room.enrolment import AdaptedReference, AnchorRejected, AnchorSkipped, Started
from tests.engine.room.synthetic import LINK, window


@pytest.fixture
def baseline(rng):
    return judge("r", 5.0, (window(rng),))


def test_baseline_round_trip(baseline):
    again = codec.decode_baseline(codec.encode_baseline(baseline))
    assert again.id == baseline.id
    assert np.array_equal(again.links[0].block_covariance, baseline.links[0].block_covariance)


def test_equal_values_give_equal_bytes(baseline):
    assert codec.encode_baseline(baseline) == codec.encode_baseline(baseline)


def test_capture_round_trip(baseline, rng):
    windows = compact((window(rng, seconds=20),), baseline)
    (again,) = codec.decode_capture(codec.encode_capture(windows))
    assert np.allclose(again.profiles, windows[0].profiles, rtol=2e-3)
    assert np.array_equal(np.isnan(again.motion_z), np.isnan(windows[0].motion_z))


def test_adaptation_round_trip_is_bounded():
    adaptation = Adaptation(offsets={LINK: np.full(16, 0.05)})
    again = codec.decode_adaptation(codec.encode_adaptation(adaptation))
    assert np.array_equal(again.offsets[LINK], adaptation.offsets[LINK])
    with pytest.raises(Damaged):
        codec.decode_adaptation(codec.encode_adaptation(Adaptation(offsets={LINK: np.full(16, 5.0)})))


@pytest.mark.parametrize(
    "event",
    [
        Started(at_unix_s=1.0, room_id="r", baseline_id="b"),
        AnchorRejected(at_unix_s=2.0, verdict=Verdict.failed(AnchorLabel.SIT, Fault.MOVED, (("moving_share", 0.5),))),
        AnchorSkipped(at_unix_s=3.0, label=AnchorLabel.SIT),
        AdaptedReference(at_unix_s=4.0, link=str(LINK), moved_rms=0.01, total_rms=0.02),
    ],
)
def test_event_round_trip(event):
    assert codec.decode_event(codec.encode_event(event)) == event


def test_every_flipped_byte_is_refused(baseline):
    document = codec.encode_baseline(baseline)
    for field in ("text", "arrays"):
        data = getattr(document, field)
        for at in range(0, len(data), max(1, len(data) // 60)):
            bad = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
            if field == "text" and json_equal(bad, data):
                continue
            with pytest.raises((Damaged, NewerFormat)):
                codec.decode_baseline(replace(document, **{field: bad}))


def json_equal(one, other):
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


def test_every_cut_is_refused(baseline):
    document = codec.encode_baseline(baseline)
    for share in (0.0, 0.1, 0.5, 0.9):
        for field in ("text", "arrays"):
            data = getattr(document, field)
            with pytest.raises(Damaged):
                codec.decode_baseline(replace(document, **{field: data[: int(len(data) * share)]}))
    with pytest.raises(Damaged):
        codec.decode_baseline(Document(text=document.text, arrays=None))


def test_newer_schema_is_refused_as_newer(baseline):
    document = codec.encode_baseline(baseline)
    newer = json.loads(document.text) | {"schema_version": codec.SCHEMA_VERSION + 1}
    with pytest.raises(NewerFormat):
        codec.decode_baseline(replace(document, text=json.dumps(newer).encode()))


def test_a_document_of_another_kind_is_refused(baseline):
    with pytest.raises(Damaged):
        codec.decode_bank(codec.encode_baseline(baseline))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(bad):
    with pytest.raises(Damaged):
        codec.decode(Kind.STATUS, codec.encode(Kind.STATUS, {"a": np.array([1.0, bad])}))
    with pytest.raises(ValueError):
        codec.encode(Kind.STATUS, {"a": float(bad)})
    with pytest.raises(Damaged):
        codec.decode(Kind.STATUS, Document(text=b'{"schema_version": NaN}', arrays=None))


def test_pickles_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = io.BytesIO()
        np.save(member, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        archive.writestr("a0.npy", member.getvalue())
    document = codec.encode(Kind.STATUS, {"a": np.zeros(1)})
    text = json.loads(document.text) | {"arrays_sha256": codec._digest(buffer.getvalue())}
    with pytest.raises(Damaged):
        codec.decode(Kind.STATUS, Document(text=json.dumps(text).encode(), arrays=buffer.getvalue()))


def test_adversarial_but_well_formed_numbers_are_refused(baseline):
    stored = baseline.to_dict()
    for name, value in (("rate_hz", -1.0), ("micro_scale", 0.0), ("log_spread", -baseline.links[0].log_spread)):
        bad = stored | {"links": [stored["links"][0] | {name: value}]}
        with pytest.raises(Damaged):
            codec.decode_baseline(codec.encode(Kind.BASELINE, bad))


#: What a value may become in a file that somebody made; its digests fit.
HOSTILE = (float("inf"), 10**30, 10**400, "text", None, [], {}, [[1], [1, 2]], True, -1)
ROOM = Path(__file__).parents[2] / "fixtures/first_schema/room"


def places(value, path=()):
    """Every place in a document, of lists the first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, one in items:
        yield from places(one, (*path, key))


def changed(value, path, by):
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], by)
    return copy


@pytest.mark.parametrize(
    ("name", "decode"),
    [
        ("baselines/4f05845e992ad3ef", codec.decode_baseline),
        ("banks/1", codec.decode_bank),
        ("captures/sit", codec.decode_capture),
    ],
)
def test_no_value_anywhere_raises_anything_else(name, decode):
    """A room's archive may come from anybody: it is taken or refused, whatever stands in it."""
    envelope = json.loads((ROOM / f"{name}.json").read_text())
    arrays = (ROOM / f"{name}.npz").read_bytes()
    decode(Document(text=json.dumps(envelope).encode(), arrays=arrays))
    for path in places(envelope["payload"]):
        for hostile in HOSTILE:
            payload = changed(envelope["payload"], path, hostile)
            body = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
            forged = envelope | {"payload": payload, "payload_sha256": hashlib.sha256(body).hexdigest()}
            text = json.dumps(forged).replace("Infinity", "1e999").encode()
            with contextlib.suppress(StoreError):
                decode(Document(text=text, arrays=arrays))
