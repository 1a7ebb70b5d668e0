"""Libraries survive bad files, are bounded, and know which file each signature came from."""

import json
from pathlib import Path

from ruview_engine.introspection.library import MAX_SIGNATURES, Library
from ruview_engine.introspection.signature import Role
from tests.engine.introspection.test_signature import GOOD


def test_one_bad_file_never_hides_the_good_ones():
    files = [
        ("a.sig.json", json.dumps(GOOD)),
        ("b.sig.json", "{"),
        ("c.sig.json", json.dumps(GOOD | {"id": "other"})),
        ("d.sig.json", json.dumps(GOOD)),
    ]
    library = Library.load(files)
    assert list(library.signatures) == ["walking_slow_v1", "other"]
    assert set(library.errors) == {"b.sig.json", "d.sig.json"}
    assert library.errors["d.sig.json"].field == "id"
    assert library.files == {"walking_slow_v1": "a.sig.json", "other": "c.sig.json"}


def test_a_library_is_bounded():
    library = Library.load((f"{i}", json.dumps(GOOD | {"id": f"s{i}"})) for i in range(MAX_SIGNATURES + 3))
    assert len(library) == MAX_SIGNATURES
    assert len(library.errors) == 3


def test_shipped_signatures_are_readable_and_say_where_they_come_from():
    folder = Path(__file__).resolve().parents[3] / "signatures"
    files = [(p.name, p.read_text()) for p in sorted(folder.glob("*.sig.json"))]
    library = Library.load(files)
    assert not library.errors
    assert set(library.signatures) == {"door_open", "idle_room", "walking_slow"}
    assert all(s.provenance["is_simulated"] for s in library.signatures.values())
    assert library.signatures["idle_room"].role is Role.IDLE
