"""`.csi.jsonl` as files: written, cut short, damaged, far too long, and the public recording of the real firmware."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import FormatError
from ruview_engine.ingest import Receiver
from ruview_engine.ingest.recording import MAX_BAD_START, MAX_LINE, RecordingWriter, read_recording
from ruview_engine.wire import PacketKind
from tests.engine.ingest.packets import csi, vitals
from tests.engine.wire.golden import GOLDEN


def _written(path: Path) -> list[tuple[float, str, bytes]]:
    sent = [(100.0 + i * 0.5, f"10.0.0.{i % 3}", data) for i, (data, _) in enumerate(GOLDEN.values())]
    with path.open("ab") as file:
        writer = RecordingWriter(file, unix_s=1.7e9, at_s=100.0)
        for at_s, source, data in sent:
            assert writer.write(at_s, source, data)
        assert not writer.write(101.0, "10.0.0.9", b"garbage")
    assert (writer.n_written, writer.n_refused, writer.n_bytes) == (len(sent), 1, path.stat().st_size)
    return sent


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    sent = _written(path)
    recording = read_recording(path)
    got = list(recording)
    assert [(source, data) for _, source, data in got] == [(source, data) for _, source, data in sent]
    assert [at_s for at_s, _, _ in got] == pytest.approx([at_s - 100.0 for at_s, _, _ in sent], abs=1e-5)
    assert recording.started_unix_s == 1.7e9
    assert recording.truth is None
    assert (recording.report.n_rows, recording.report.n_datagrams) == (len(sent), len(sent))


def test_a_recording_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    _written(path)
    recording = read_recording(path)
    assert list(recording) == list(recording)
    assert recording.report.n_rows == len(GOLDEN)


def test_a_crash_costs_only_the_last_line(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    sent = _written(path)
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for end in (last + 1, last + 50, len(whole) - 2):
        path.write_bytes(whole[:end])
        recording = read_recording(path)
        assert len(list(recording)) == len(sent) - 1
        assert recording.report.is_cut
        assert not recording.report.bad


def test_a_last_line_without_its_end_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    sent = _written(path)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    recording = read_recording(path)
    assert len(list(recording)) == len(sent)
    assert not recording.report.is_cut


def test_writing_goes_on_where_a_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    sent = _written(path)
    _written_again = _append(path)
    assert len(list(read_recording(path))) == len(sent) + _written_again


def _append(path: Path) -> int:
    with path.open("ab") as file:
        writer = RecordingWriter(file, unix_s=1.8e9, at_s=0.0)
        writer.write(0.0, "10.0.0.1", csi(1, 1))
    return writer.n_written


def test_bad_rows_are_counted_and_end_nothing(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    sent = _written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3:3] = [b"nonsense\n", b"\n", b"   \n", b'{"timestamp": 1}\n', b"x" * (3 * MAX_LINE) + b"\n", b"\x00\xff\n"]
    path.write_bytes(b"".join(lines))
    recording = read_recording(path)
    assert len(list(recording)) == len(sent)
    assert dict(recording.report.bad) == {"not_json": 2, "no_payload": 1, "too_long": 1}


def test_a_clock_that_steps_back_is_held_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    with path.open("wb") as file:
        for unix_s in (100.0, 101.0, 99.0, 100.5, 102.0):
            RecordingWriter(file, unix_s=unix_s, at_s=0.0).write(0.0, "a", vitals(1))
    recording = read_recording(path)
    assert [at_s for at_s, _, _ in recording] == [0.0, 1.0, 1.0, 1.0, 2.0]
    assert recording.report.n_backward == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{}\n", b"PK\x03\x04 not really", b"x" * 100_000])
def test_a_file_without_datagrams_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "home.csi.jsonl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"home\.csi\.jsonl"):
        read_recording(path)


def test_the_search_for_a_first_datagram_ends(tmp_path: Path) -> None:
    path = tmp_path / "home.csi.jsonl"
    with path.open("wb") as file:
        file.write(b"nonsense\n" * (MAX_BAD_START + 1))
        RecordingWriter(file, unix_s=0.0, at_s=0.0).write(0.0, "a", csi(1, 1))
    with pytest.raises(FormatError):
        read_recording(path)


def test_the_form_is_seen_from_the_content(tmp_path: Path) -> None:
    path = tmp_path / "walk.dat"
    with path.open("wb") as file:
        np.savez(file, t=np.arange(50) / 20, amp=np.ones((50, 64)))
    assert len(list(read_recording(path))) == 50


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_recording(tmp_path / "nothing.csi.jsonl")


@pytest.mark.parametrize("content", ['{"label": "empty"}', "[1]", "{", '{"label": NaN'])
def test_the_sidecar_is_read_when_it_is_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "home.csi.jsonl"
    _written(path)
    (tmp_path / "home.csi.meta.json").write_text(content)
    assert read_recording(path).meta == ({"label": "empty"} if content == '{"label": "empty"}' else {})


def test_every_line_is_one_write(tmp_path: Path) -> None:
    writes: list[bytes] = []

    class Watched(io.BytesIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            writes.append(data)
            return len(data)

    RecordingWriter(Watched(), unix_s=0.0, at_s=0.0).write(0.0, "a", csi(1, 1))
    assert len(writes) == 1
    assert writes[0].endswith(b"\n")
    assert json.loads(writes[0])["node_id"] == 1


def test_the_public_recording_of_the_real_firmware(data_dir: Path) -> None:
    recording = read_recording(data_dir / "ruview_pretrain" / "pretrain-1775182186.csi.jsonl")
    receiver = Receiver()
    at_s = 0.0
    for at_s, source, datagram in recording:
        assert receiver.feed(datagram, source, at_s) is not None
    assert dict(receiver.counters.accepted) == {
        PacketKind.CSI: 5309,
        PacketKind.VITALS: 236,
        PacketKind.FEATURE_VECTOR: 236,
    }
    assert dict(recording.report.bad) == {"no_payload": 2}  # compressed CSI was recorded without its bytes
    assert recording.started_unix_s == 1775182186.9577758
    assert at_s == pytest.approx(120.02, abs=0.01)
    for status in (node.status(at_s) for node in receiver.nodes.values()):
        assert status.csi_rate_hz == pytest.approx(22, abs=1)
        assert status.loss == 0.0
        assert status.n_reboots == status.n_clock_stalls == status.n_conflicts == 0
        assert status.rssi_dbm is None
        assert {kind.n_pairs for kind, _ in status.frame_mix} == {64, 128, 192}
        assert status.frame_mix[0][1] == pytest.approx(0.78, abs=0.03)
