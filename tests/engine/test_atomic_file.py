"""A file is the former one or the whole new one."""

import os

import pytest

from ruview_engine import atomic_file
from ruview_engine.atomic_file import write_atomically


def test_writes_replaces_and_makes_folders(tmp_path):
    path = tmp_path / "deep" / "er" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [child.name for child in path.parent.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_former_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"one")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_the_folder_is_synced_after_the_renaming(tmp_path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(atomic_file.os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle)))
    write_atomically(tmp_path / "file", b"one")
    assert synced[-1] == tmp_path.stat().st_ino
