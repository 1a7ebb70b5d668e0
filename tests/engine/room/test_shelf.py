"""Documents in a folder: two files that count as one."""

import os
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.room import codec
from ruview_engine.room.codec import Kind
from ruview_engine.room.shelf import Shelf


def document(number: float, *, has_arrays: bool = True):
    array = np.full(4, number)
    return codec.encode(Kind.CHANGE, {"x": array} if has_arrays else {"x": number})


def value(shelf: Shelf) -> float:
    found = codec.decode(Kind.CHANGE, shelf.read("changes", "one"))["x"]
    return float(np.mean(found))


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.write("changes", "one", document(1.0))
    return shelf


def test_what_was_written_is_read(shelf):
    assert value(shelf) == 1.0
    shelf.write("changes", "one", document(2.0))
    assert value(shelf) == 2.0


def test_a_document_may_lose_its_arrays(shelf, tmp_path):
    left = tmp_path / "changes" / "one.npz"
    arrays = left.read_bytes()
    shelf.write("changes", "one", document(3.0, has_arrays=False))
    assert value(shelf) == 3.0
    assert not left.exists()
    left.write_bytes(arrays)  # as a kill before they went would have left them
    assert value(shelf) == 3.0


def test_what_is_not_there_is_damaged(shelf):
    with pytest.raises(Damaged, match="cannot be read"):
        shelf.read("changes", "two")


@pytest.mark.parametrize(("n_renamings", "expected"), [(0, 1.0), (1, 1.0), (2, 2.0), (3, 2.0)])
def test_killed_between_two_renamings_it_is_the_old_or_the_new_one(shelf, monkeypatch, n_renamings, expected):
    """The arrays beside the old ones, the JSON, the arrays in their place: three renamings."""
    rename = Path.replace
    left = iter(range(n_renamings))

    def maybe(path, target):
        next(left)  # StopIteration is the kill
        return rename(path, target)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "replace", maybe)
        if n_renamings < 3:
            with pytest.raises(StopIteration):
                shelf.write("changes", "one", document(2.0))
        else:
            shelf.write("changes", "one", document(2.0))
    assert value(shelf) == expected
    shelf.settle("changes/one")
    assert value(shelf) == expected


def test_names_are_those_of_one_kind(shelf, tmp_path):
    shelf.write("changes", "two", document(2.0))
    shelf.write("banks", "3", document(2.0))
    (tmp_path / "changes" / "notes.txt").write_text("mine")
    assert shelf.names("changes") == ["one", "two"]
    assert shelf.names("captures") == []
    assert shelf.has("banks", "3")


def test_the_oldest_is_the_one_written_first(shelf, tmp_path):
    shelf.write("changes", "a", document(2.0))
    os.utime(tmp_path / "changes" / "one.json", (1.0, 1.0))
    assert shelf.oldest_first("changes") == ["one", "a"]


def test_both_files_go(shelf, tmp_path):
    shelf.drop("changes", "one")
    shelf.drop("changes", "one")
    assert not shelf.has("changes", "one")
    assert list((tmp_path / "changes").iterdir()) == []
