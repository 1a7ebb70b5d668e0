"""`simulate` on loopback: real datagrams, an address per board, a person who follows prompts."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ruview_engine.cli.commands import main
from ruview_engine.wire import CsiFrame, EdgeVitals, decode

QUICK = ("simulate", "--speed", "50", "--nodes", "1", "--plain")


@contextmanager
def inbox() -> Iterator[tuple[int, list[tuple[bytes, str]]]]:
    """A port and what arrives there, with the address it came from."""
    got: list[tuple[bytes, str]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        stop = threading.Event()

        def take() -> None:
            while True:
                try:
                    data, source = sock.recvfrom(4096)
                except TimeoutError:
                    if stop.is_set():
                        return
                else:
                    got.append((data, source[0]))

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield sock.getsockname()[1], got
        finally:
            stop.set()
            thread.join()


def test_two_boards_send_from_addresses_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    with inbox() as (port, got):
        code = main(
            ["simulate", "--to", f"127.0.0.1:{port}", "--duration", "10", "--speed", "50", "--nodes", "2", "--plain"]
        )
    assert code == 0
    packets = [(decode(data), address) for data, address in got]
    assert {address for _, address in packets} == {"127.0.0.11", "127.0.0.12"}
    frames = Counter(packet.node_id for packet, _ in packets if isinstance(packet, CsiFrame))
    assert all(200 < frames[node] < 320 for node in (1, 2))
    assert sum(isinstance(packet, EdgeVitals) for packet, _ in packets) == pytest.approx(20, abs=3)
    assert "living_room, 10 of 10 s" in capsys.readouterr().out


def test_a_second_home_has_numbers_and_addresses_of_its_own() -> None:
    with inbox() as (port, got):
        assert main([*QUICK, "--to", f"127.0.0.1:{port}", "--first-node", "7", "--duration", "5"]) == 0
    frames = [(packet, source) for data, source in got if isinstance(packet := decode(data), CsiFrame)]
    assert {packet.node_id for packet, _ in frames} == {7}
    assert {source for _, source in frames} <= {"127.0.0.17", "127.0.0.1"}


def test_the_person_follows_a_file_and_the_truth_is_written(tmp_path: Path) -> None:
    prompts, truth = tmp_path / "prompts.jsonl", tmp_path / "truth.jsonl"
    prompts.write_text('{"anchor": "sit", "phase": "lead_in"}\nrubbish\n{"do": "fly"}\n{"do": "lie"')
    with inbox() as (port, _):
        code = main(
            [*QUICK, "--to", f"127.0.0.1:{port}", "--duration", "25", "--follow", str(prompts), "--truth", str(truth)]
        )
    assert code == 0
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    assert [row["t"] for row in rows] == list(range(1, 26))
    assert (rows[-1]["posture"], rows[-1]["n_people"]) == ("sit", 1)  # the cut line asks for nothing yet


def test_a_stall_is_heard_as_scripted() -> None:
    with inbox() as (port, got):
        main([*QUICK, "--to", f"127.0.0.1:{port}", "--duration", "8", "--fault", "csi_stall@0"])
    packets = [decode(data) for data, _ in got]
    assert not any(isinstance(packet, CsiFrame) for packet in packets)
    assert sum(isinstance(packet, EdgeVitals) for packet in packets) >= 7


@pytest.mark.parametrize(
    "wrong",
    [
        ["--speed", "0"],
        ["--nodes", "9"],
        ["--rate", "0"],
        ["--rate", "-5"],
        ["--rate", "nan"],
        ["--rate", "inf"],
        ["--others", "-1"],
        ["--first-node", "0"],
        ["--layout", "65"],
        ["--activity", "dance"],
        ["--fault", "earthquake@3"],
        ["--to", "nowhere"],
    ],
)
def test_what_a_person_can_mend_is_one_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--duration", "1", "--plain", *wrong]) == 1
    assert capsys.readouterr().err.count("\n") == 1
