"""`evaluate`: recordings in, a table for people and JSON for programs out."""

import json
from pathlib import Path

import pytest

from ruview_engine.cli.commands import main
from ruview_engine.ingest.recording import RecordingWriter
from ruview_engine.simulate import Person, Simulator, Timeline, scenes


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same room empty and walked in, and one whose file ends in the middle of a row."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, text, seconds in (("empty", "absent", 40), ("walk", "walk", 8)):
        scene = scenes.living_room(1)
        simulator = Simulator(scene, Timeline([Person(scene, 1).follow([(0.0, text)])]), 1)
        with (folder / f"{name}.csi.jsonl").open("wb") as file:
            writer = RecordingWriter(file, unix_s=1.78e9, at_s=0.0)
            for at_s, source, datagram in simulator.datagrams(float(seconds)):
                writer.write(at_s, source[0], datagram)
    whole = (folder / "walk.csi.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "odd.csi.jsonl").write_bytes(b"".join([*whole[:40], b'{"timestamp": "soon"}\n', *whole[40:80]]))
    return folder


def test_a_table_for_people_and_json_for_programs(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(recordings / f"{name}.csi.jsonl") for name in ("walk", "odd")]
    out = tmp_path / "deep" / "out.json"
    words = ["--baseline", str(recordings / "empty.csi.jsonl"), "--json", str(out), "--plain"]
    assert main(["evaluate", *files, *words]) == 0
    shown, said = capsys.readouterr()
    assert "empty room learnt on 1/64/" in said
    assert "2 recordings" in shown
    table = shown[shown.rindex("2 recordings") :]
    (walk,) = [line for line in table.splitlines() if line.startswith("walk.csi.jsonl")]
    assert walk.split()[1] == "8"
    assert " Hz" in walk
    report, odd = json.loads(out.read_text())
    assert report["file"] == files[0]
    assert len(report["seconds"]) == 8
    assert "bad_rows" not in report
    assert odd["bad_rows"] == {"no_timestamp": 1}


@pytest.mark.parametrize(("name", "why"), [("walk", "motion"), ("odd", "no frames")])
def test_an_empty_room_that_teaches_nothing_is_said(
    recordings: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    files = [str(recordings / f"{file}.csi.jsonl") for file in ("walk", name)]
    assert main(["evaluate", files[0], "--baseline", files[1], "--plain"]) == 0
    assert f"teach nothing about quiet: {why}; the recordings are judged untaught" in capsys.readouterr().err


def test_a_file_that_is_no_recording_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.csi.jsonl"
    path.write_text("nothing\n")
    assert main(["evaluate", str(path), "--plain"]) == 1
    assert capsys.readouterr().err.startswith("ruview_engine: none.csi.jsonl holds no row")


def test_what_cannot_be_read_does_not_cost_the_others(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none, out = tmp_path / "none.csi.jsonl", tmp_path / "out.json"
    none.write_text("nothing\n")
    walk = recordings / "walk.csi.jsonl"
    assert main(["evaluate", str(none), str(walk), "--json", str(out), "--plain"]) == 1
    assert "1 recordings, 1 not read" in capsys.readouterr().out
    assert [report["file"] for report in json.loads(out.read_text())] == [str(walk)]


def test_a_mistyped_name_is_said_before_anything_is_played(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mistyped = tmp_path / "wlak.csi.jsonl"
    assert main(["evaluate", str(recordings / "walk.csi.jsonl"), str(mistyped), "--plain"]) == 1
    shown, said = capsys.readouterr()
    assert shown == ""
    assert said == f"ruview_engine: {mistyped}: no such file or directory\n"
