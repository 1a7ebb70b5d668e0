"""`capture-signature` on a live port, with the simulator's board sending to it."""

import argparse
import socket
import threading
import time

import numpy as np
import pytest

from ruview_engine.cli import capture_signature
from ruview_engine.introspection.signature import parse_signature
from ruview_engine.simulate import scenes
from ruview_engine.simulate.simulator import Simulator
from ruview_engine.wire import encode
from ruview_engine.wire.packet import CsiFrame


def _free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sender(threading.Thread):
    """Sends datagrams of (seconds, bytes) in real time until told to stop."""

    def __init__(self, port, datagrams):
        super().__init__(daemon=True)
        self.port, self.datagrams, self.is_over = port, datagrams, threading.Event()

    def run(self):
        began = time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for at_s, data in self.datagrams:
                if self.is_over.wait(max(began + at_s - time.monotonic(), 0.0)):
                    return
                sock.sendto(data, ("127.0.0.1", self.port))


def _run(tmp_path, datagrams, *, background_s, takes):
    port = _free_port()
    parser = argparse.ArgumentParser()
    capture_signature.add_arguments(parser)
    out = tmp_path / "door.sig.json"
    words = ["--label", "Door", "--duration", "0.6s", "--out", str(out), "--host", "127.0.0.1", "--port", str(port)]
    words += ["--takes", str(takes), "--background", str(background_s), "--false-matches", "50"]
    sender = Sender(port, datagrams)
    sender.start()
    try:
        return capture_signature.run(parser.parse_args(words)), out
    finally:
        sender.is_over.set()
        sender.join()


@pytest.fixture
def hurried(monkeypatch):
    """Less time to get ready; the frames are faster instead."""
    monkeypatch.setattr(capture_signature, "COUNTDOWN_S", 1)
    monkeypatch.setattr(capture_signature, "REST_S", 2.1)


def test_the_simulators_empty_room_has_no_door_to_show(tmp_path, hurried, capsys):
    simulator = Simulator(scenes.living_room(nodes=1, rate_hz=50.0), None, 3)
    datagrams = [(at_s, datagram) for at_s, _source, datagram in simulator.datagrams(8.0)]
    code, out = _run(tmp_path, datagrams, background_s=1.0, takes=1)
    assert (code, out.exists()) == (2, False)
    assert "refused" in capsys.readouterr().out


@pytest.mark.slow
def test_a_door_shown_twice_becomes_a_file(tmp_path, hurried, rng):
    """Takes begin after background and countdown; the door moves a quarter of a second into each."""
    fs_hz, background_s = 100.0, 9.0
    shape = 60 * (1 + 0.3 * np.sin(np.arange(64) / 7))
    pattern = np.cos(np.arange(64) / 9)
    # one take is 0.6 s, kept for 1.5 s more, then rest and countdown: the second begins 5.2 s after the first
    starts = [background_s + 1.0 + 0.25, background_s + 1.0 + 5.2 + 0.25]
    datagrams = []
    for i in range(int(24 * fs_hz)):
        at_s = i / fs_hz
        swing = sum(0.4 * np.sin(np.pi * (at_s - s) / 0.8) for s in starts if 0 <= at_s - s < 0.8)
        amplitude = shape * (1 + 0.02 * rng.normal(size=64)) * (1 + swing * pattern)
        iq = np.zeros(128, dtype=np.int8)
        iq[1::2] = np.clip(np.round(amplitude), 0, 127)
        frame = CsiFrame(
            version=1, node_id=1, n_antennas=1, n_pairs=64, freq_mhz=2437, sequence=i, rssi_dbm=-50,
            noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
        )  # fmt: skip
        datagrams.append((at_s, encode(frame)))
    code, out = _run(tmp_path, datagrams, background_s=background_s, takes=2)
    assert code == 0
    signature = parse_signature(out.read_text())
    assert (signature.id, signature.label, signature.provenance["n_takes"]) == ("door", "Door", 2)
    assert signature.provenance["recording"] is None
