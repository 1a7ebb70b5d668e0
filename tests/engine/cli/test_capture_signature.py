"""`capture-signature` from a recording: a file, or a reason and exit code 2."""

import argparse
import json

import numpy as np
import pytest

from ruview_engine.cli import capture_signature
from ruview_engine.errors import FormatError
from ruview_engine.ingest.recording import RecordingWriter
from ruview_engine.introspection.signature import parse_signature
from ruview_engine.wire import encode
from ruview_engine.wire.packet import CsiFrame


def _arguments(*words):
    parser = argparse.ArgumentParser()
    capture_signature.add_arguments(parser)
    return parser.parse_args(list(words))


@pytest.fixture
def recording(tmp_path, rng):
    """A minute of quiet, then a swing at 60, 70 and 80 s; 64 pairs at 20 Hz."""
    path = tmp_path / "swings.csi.jsonl"
    shape = 60 * (1 + 0.3 * np.sin(np.arange(64) / 7))
    with path.open("wb") as file:
        writer = RecordingWriter(file, unix_s=1_700_000_000.0, at_s=0.0)
        for i in range(90 * 20):
            t = i / 20
            since = min((t - s for s in (60.0, 70.0, 80.0) if 0 <= t - s < 1.5), default=None)
            swing = 0.0 if since is None else 0.35 * np.sin(np.pi * since / 1.5)
            amplitude = shape * (1 + 0.02 * rng.normal(size=64)) * (1 + swing * np.cos(np.arange(64) / 9))
            iq = np.zeros(128, dtype=np.int8)
            iq[1::2] = np.clip(np.round(amplitude), 0, 127)
            frame = CsiFrame(
                version=1, node_id=1, n_antennas=1, n_pairs=64, freq_mhz=2437, sequence=i, rssi_dbm=-50,
                noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
            )  # fmt: skip
            writer.write(t, "192.0.2.1", encode(frame))
    return path


def test_a_recorded_swing_becomes_a_signature(recording, tmp_path, capsys):
    out = tmp_path / "swing.sig.json"
    takes = [word for s in ("60s", "70s", "80") for word in ("--at", s)]
    words = ["--label", "Swing", "--duration", "1.5s", "--out", str(out), "--from-recording", str(recording), *takes]
    assert capture_signature.run(_arguments(*words)) == 0
    signature = parse_signature(out.read_text())
    assert (signature.id, signature.label) == ("swing", "Swing")
    assert signature.provenance["n_takes"] == 3
    assert "false matches a day" in capsys.readouterr().out


def test_where_nothing_moves_nothing_is_written(recording, tmp_path, capsys):
    out = tmp_path / "nothing.sig.json"
    words = ["--label", "x", "--duration", "2s", "--out", str(out), "--from-recording", str(recording), "--at", "50"]
    assert capture_signature.run(_arguments(*words)) == 2
    assert not out.exists()
    assert "refused" in capsys.readouterr().out


class FourTones:
    """Stands for a trained encoder."""

    revision, dims = "abc", 4

    def follow(self):
        return lambda sample: sample.profile[[8, 24, 40, 56]].astype(float)


def test_a_swing_can_be_captured_as_an_encoder_sees_it(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(capture_signature.Backbone, "fetch", lambda where: {"model": FourTones()}[where])
    out = tmp_path / "swing.sig.json"
    takes = [word for s in ("60s", "70s", "80") for word in ("--at", s)]
    words = ["--label", "Swing", "--duration", "1.5s", "--out", str(out), "--from-recording", str(recording), *takes]
    assert capture_signature.run(_arguments(*words, "--kind", "vec128", "--encoder", "model")) == 0
    signature = parse_signature(out.read_text())
    assert (signature.feature_kind.value, signature.dims, signature.backbone_rev) == ("vec128", 4, "abc")


@pytest.mark.parametrize(
    "extra",
    [
        ["--at", "3"],
        ["--from-recording", "x.csi.jsonl"],
        ["--takes", "0"],
        ["--kind", "vec128"],
        ["--encoder", "model"],
    ],
    ids=lambda e: e[0],
)
def test_contradictions_are_named(tmp_path, extra):
    with pytest.raises(FormatError):
        capture_signature.run(
            _arguments("--label", "x", "--duration", "2s", "--out", str(tmp_path / "x.sig.json"), *extra)
        )


def test_the_file_must_be_named_as_one(tmp_path):
    with pytest.raises(FormatError, match=r"sig\.json"):
        capture_signature.run(_arguments("--label", "x", "--duration", "2s", "--out", str(tmp_path / "x.json")))


def test_help_is_one_line():
    assert "\n" not in capture_signature.HELP
    assert json.dumps(capture_signature.HELP)
