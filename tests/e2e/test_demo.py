"""`script/demo` as a newcomer runs it: it comes up, it lives, it ends, and nothing stays behind."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .client import wait_for
from .config_folder import ROOT
from .homeassistant_process import free_port, processes_with

#: Longest wait for one line of output. Origin: chosen; start, dialogs and calibration take well below a minute.
PATIENCE_S = 150.0
#: Where demonstrations keep their configuration, by port.
PLACES = ROOT / ".demo"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Each test has a port of its own, and so a folder."""
    before = set(PLACES.glob("*"))
    yield
    for place in set(PLACES.glob("*")) - before:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def demonstration(port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The running command; killed if the test fails before it has ended."""
    command = [
        ROOT / "script/demo",
        "--no-browser",
        "--port",
        str(port),
        "--udp-port",
        str(free_port(socket.SOCK_DGRAM)),
    ]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Everything printed up to the line that matches."""
    assert process.stdout is not None
    text, deadline = "", time.monotonic() + PATIENCE_S
    for line in process.stdout:
        text += line
        if re.search(pattern, line):
            return text
        assert time.monotonic() < deadline, text
    raise AssertionError(f"ended without {pattern!r}:\n{text}")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def leftovers(port: int) -> list[int]:
    """Processes that still have this demonstration's folder in their command line."""
    return processes_with(f"/.demo/{port}/")


def test_lives_and_ends_by_itself() -> None:
    port = free_port()
    with demonstration(port, "--duration", "30") as process:
        assert f"http://127.0.0.1:{port}" in read_until(process, r"ready: ")
        assert is_listening(port)
        read_until(process, r"really: walk .* motion moving")
        assert process.wait(PATIENCE_S) == 0
    assert not is_listening(port)
    assert leftovers(port) == []


def test_interrupted_while_starting_leaves_nothing() -> None:
    port = free_port()
    with demonstration(port) as process:
        read_until(process, r"Home Assistant runs at")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    wait_for(lambda: not is_listening(port) and not leftovers(port), 5, "everything to be gone")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_killed_takes_its_children_along() -> None:
    port = free_port()
    with demonstration(port) as process:
        read_until(process, r"Home Assistant runs at")
        process.kill()
        wait_for(lambda: not is_listening(port), 15, "the port to be free")
    wait_for(lambda: leftovers(port) == [], 60, "Home Assistant to end")


def test_taken_port_is_said_in_words() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with demonstration(holder.getsockname()[1]) as process:
            assert "cannot be used" in read_until(process, "demo: port")
            assert process.wait(PATIENCE_S) == 1
