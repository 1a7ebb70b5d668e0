"""A room's archive: what may travel, what is left out, what refuses it."""

import zipfile

import pytest

from ruview_engine.errors import FormatError
from ruview_engine.room import exchange
from ruview_engine.room.exchange import pack, unpack

ROOM = {
    "room.json": b"{}",
    "enrollment.jsonl": b"\n",
    "baselines/0a1b.json": b"b",
    "baselines/0a1b.npz": b"\x00n",
    "banks/3.json": b"k",
    "changes/0a1b.json": b"c",
    "captures/lie_down.npz": b"l",
    "backbone/model.safetensors": b"m",
    "signatures/door.sig.json": b"d",
    "signatures/Tür von Hand 2.json": b"t",
}


def archive(path, members):
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return path


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "home"
    for name, data in ROOM.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    return home


def test_packed_and_unpacked_is_the_same(folder, tmp_path):
    pack(folder, [*ROOM, "banks/4.json"], tmp_path / "room.zip")
    assert unpack(tmp_path / "room.zip") == ROOM
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["room.zip"]


@pytest.mark.parametrize(
    "name", [".room.json.7.part", "notes/diary.txt", "signatures/.hidden.json", "signatures/a.exe"]
)
def test_what_is_not_known_does_not_travel(folder, tmp_path, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"mine")
    pack(folder, [*ROOM, name], tmp_path / "room.zip")
    with zipfile.ZipFile(tmp_path / "room.zip") as packed:
        assert set(packed.namelist()) == set(ROOM)


def test_members_of_a_later_release_are_left_out(tmp_path):
    later = {"room.json": b"{}", "maps/floor.json": b"f", "banks/deep/1.json": b"d", "signatures/README.md": b"r"}
    assert unpack(archive(tmp_path / "later.zip", later)) == {"room.json": b"{}"}


@pytest.mark.parametrize(
    "name", ["../up.json", "banks/../../up.json", "/etc/passwd", "banks//x.json", "signatures/..", "C:/x", "a\\..\\b"]
)
def test_a_way_out_of_the_folder_refuses_the_archive(tmp_path, name):
    with pytest.raises(FormatError, match="does not belong"):
        unpack(archive(tmp_path / "bad.zip", {"room.json": b"{}", name: b"x"}))


def test_an_archive_needs_a_room(tmp_path):
    with pytest.raises(FormatError, match=r"no room\.json"):
        unpack(archive(tmp_path / "empty.zip", {"banks/1.json": b"k"}))


def test_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_EXCHANGE_BYTES", 10)
    bomb = archive(tmp_path / "bomb.zip", {"room.json": b"{}", "banks/1.json": b"0" * 9})
    monkeypatch.setattr(zipfile.ZipFile, "read", pytest.fail)
    with pytest.raises(FormatError, match="larger"):
        unpack(bomb)


@pytest.mark.parametrize("data", [b"", b"PK nonsense", b"x" * 1000])
def test_what_is_no_archive_is_refused(tmp_path, data):
    (tmp_path / "bad.zip").write_bytes(data)
    with pytest.raises(FormatError, match="not a room's archive"):
        unpack(tmp_path / "bad.zip")
    with pytest.raises(FormatError, match="not a room's archive"):
        unpack(tmp_path / "missing.zip")


@pytest.mark.parametrize("damage", ["locked", "method", "content"])
def test_members_that_cannot_be_unpacked_refuse_the_archive(tmp_path, damage):
    path = archive(tmp_path / "odd.zip", {"room.json": b"{}" * 50})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    if damage == "locked":
        data[6] |= 1
        data[central + 8] |= 1
    elif damage == "method":
        data[8], data[central + 10] = 99, 99
    else:
        data[8], data[central + 10] = 8, 8
    path.write_bytes(data)
    with pytest.raises(FormatError, match="not a room's archive"):
        unpack(path)
