"""`record`, `listen` and `replay` against each other on loopback, in short."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.cli.commands import main
from ruview_engine.ingest.recording import RecordingWriter, read_recording
from ruview_engine.wire import CsiFrame, decode
from tests.engine.ingest.packets import csi, mesh, vitals


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "home.csi.jsonl"
    with path.open("wb") as file:
        writer = RecordingWriter(file, unix_s=1.7e9, at_s=0.0)
        for i in range(40):
            writer.write(i * 0.02, "10.0.0.1", csi(1, i))
            writer.write(i * 0.02, "10.0.0.2", csi(2, i))
        writer.write(0.8, "10.0.0.1", mesh())
    return path


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def _inbox() -> Iterator[tuple[int, list[tuple[float, bytes]]]]:
    """A port and what arrives there."""
    got: list[tuple[float, bytes]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.2)
        stop = threading.Event()

        def take() -> None:
            while True:
                try:
                    data = sock.recv(65535)
                except TimeoutError:
                    if stop.is_set():
                        return
                    continue
                got.append((time.monotonic(), data))

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield sock.getsockname()[1], got
        finally:
            stop.set()
            thread.join()


def test_everything_is_sent_in_order(recording: Path) -> None:
    with _inbox() as (port, got):
        assert main(["replay", str(recording), "--to", f"127.0.0.1:{port}", "--speed", "0"]) == 0
    assert [data for _, data in got] == [item.datagram for item in read_recording(recording)]


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_the_timing_is_the_recordings(recording: Path, speed: float) -> None:
    with _inbox() as (port, got):
        main(["replay", str(recording), "--to", f"127.0.0.1:{port}", "--speed", str(speed)])
    took_s = got[-1][0] - got[0][0]
    assert took_s >= 0.8 / speed - 0.02
    assert took_s < 0.8 / speed + 1.0  # a busy machine may be late, never early


def test_silences_can_be_shortened(tmp_path: Path) -> None:
    t = np.tile(np.arange(5) * 0.01, 3)
    np.savez(tmp_path / "clips.npz", t=t, amp=np.ones((15, 8)), rec=np.repeat(np.arange(3), 5))
    with _inbox() as (port, got):
        began_s = time.monotonic()
        main(["replay", str(tmp_path / "clips.npz"), "--to", f"127.0.0.1:{port}", "--max-gap", "0.1"])
        assert time.monotonic() - began_s < 3
    assert len(got) == 15


def test_everything_can_be_sent_as_another_node(recording: Path) -> None:
    with _inbox() as (port, got):
        main(["replay", str(recording), "--to", f"127.0.0.1:{port}", "--speed", "0", "--node", "77"])
    packets = [decode(data) for _, data in got]
    assert {packet.node_id for packet in packets if isinstance(packet, CsiFrame)} == {77}
    assert got[-1][1] == mesh()  # names no node


@pytest.mark.parametrize(
    "arguments",
    [
        ["--to", "nowhere"],
        ["--to", "127.0.0.1:0"],
        ["--speed", "-1"],
        ["--speed", "nan"],
        ["--max-gap", "-1"],
        ["--max-gap", "nan"],
        ["--node", "256"],
    ],
)
def test_wrong_options_are_one_line(recording: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(recording), *arguments]) == 1
    assert capsys.readouterr().err.startswith("ruview_engine: --")


def test_nobody_listening_is_no_error(recording: Path) -> None:
    assert main(["replay", str(recording), "--to", f"127.0.0.1:{_free_port()}", "--speed", "0"]) == 0


@contextmanager
def _sending(port: int) -> Iterator[None]:
    """A board and a stranger, for as long as somebody listens."""
    is_over = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for i in count():
                sock.sendto(csi(3, i), ("127.0.0.1", port))
                if i % 10 == 0:
                    sock.sendto(vitals(3, i * 10), ("127.0.0.1", port))
                    sock.sendto(b"garbage", ("127.0.0.1", port))
                if is_over.wait(0.01):
                    return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_record_keeps_what_is_a_packet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, port = tmp_path / "new.csi.jsonl", _free_port()
    words = ["record", str(path), "--port", str(port), "--host", "127.0.0.1", "--duration", "1", "--label", "x"]
    with _sending(port):
        assert main(words) == 0
    got = list(read_recording(path))
    assert len(got) > 30
    assert {source for _, source, _ in got} == {"127.0.0.1"}
    assert all(not isinstance(decode(data), Exception) and data != b"garbage" for _, _, data in got)
    meta = json.loads((tmp_path / "new.csi.meta.json").read_text())
    assert (meta["label"], meta["nodes"], meta["frame_count"]) == ("x", [3], len(got))
    assert "packets in" in capsys.readouterr().out


def test_record_does_not_overwrite(recording: Path) -> None:
    before = recording.read_bytes()
    assert main(["record", str(recording), "--port", "0", "--host", "127.0.0.1", "--duration", "0"]) == 1
    assert recording.read_bytes() == before


def test_record_leaves_no_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "silence.csi.jsonl"
    assert main(["record", str(path), "--port", "0", "--host", "127.0.0.1", "--duration", "0.1"]) == 2
    assert list(tmp_path.iterdir()) == []


def test_record_leaves_no_empty_file_when_the_port_is_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "never.csi.jsonl"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        words = ["record", str(path), "--port", str(other.getsockname()[1]), "--host", "127.0.0.1", "--duration", "1"]
        assert main(words) == 1
    assert "in use" in capsys.readouterr().err
    assert not path.exists()


def test_record_insists_on_the_ending(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(tmp_path / "x.json"), "--port", "0", "--duration", "0"]) == 1
    assert ".csi.jsonl" in capsys.readouterr().err


def test_listen_shows_nodes_and_drops(capsys: pytest.CaptureFixture[str]) -> None:
    port = _free_port()
    with _sending(port):
        assert main(["listen", "--port", str(port), "--host", "127.0.0.1", "--duration", "1.6", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "1 node(s)" in out
    assert "unknown magic" in out
    assert "3:100%" in out


def test_listen_says_when_nothing_came(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", "--port", "0", "--host", "127.0.0.1", "--duration", "0.05", "--plain"]) == 2
    assert "nothing heard yet" in capsys.readouterr().out
