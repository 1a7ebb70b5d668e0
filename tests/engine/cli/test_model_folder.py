"""A model folder is the former one or the whole new one, and nobody else's."""

from pathlib import Path

import pytest

from ruview_engine.cli.model_folder import must_be_replaceable, write_folder
from ruview_engine.errors import FormatError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_run_replaces_the_former_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "m"
    write_folder(target, {"config.json": b"old", "lora/node-1.json": b"old"})
    write_folder(target, {"config.json": b"new"})
    assert contents(target) == {"config.json": b"new"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir])
def test_nothing_and_an_empty_folder_may_be_replaced(tmp_path: Path, make: object) -> None:
    make(tmp_path / "m")  # type: ignore[operator]
    must_be_replaceable(tmp_path / "m")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("mine")
    with pytest.raises(FormatError):
        must_be_replaceable(tmp_path / "m")


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "diary.txt").write_text("mine")
    with pytest.raises(FormatError, match="not a model folder"):
        write_folder(tmp_path / "m", {"config.json": b"{}"})
    assert (tmp_path / "m" / "diary.txt").read_text() == "mine"


def test_a_failed_write_leaves_the_former_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "m"
    write_folder(target, {"config.json": b"old"})
    rename = Path.rename

    def fail(self: Path, to: Path) -> Path:
        if self.name.endswith(".part"):
            raise OSError("disk full")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="disk full"):
        write_folder(target, {"config.json": b"new", "lora/node-1.json": b"new"})
    assert contents(target) == {"config.json": b"old"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]
