"""`train` from the terminal: whole folders or none, the same bytes twice, clear words for what cannot be used."""

import json
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest

from ruview_engine.cli import train as command
from ruview_engine.cli.commands import main
from ruview_engine.training.loading import load_folder

from .seed_server import TOKEN, running, self_signed

#: Rows of the recording used here: about 30 s, three held-out seconds of every ten included.
N_ROWS = 1500


@pytest.fixture(scope="module")
def recording(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = next((data_dir / "ruview_pretrain").glob("*.csi.jsonl"))
    path = tmp_path_factory.mktemp("recording") / "short.csi.jsonl"
    with source.open() as lines:
        path.write_text("".join(line for line, _ in zip(lines, range(N_ROWS), strict=False)))
    return path


@pytest.fixture(scope="module")
def started(recording: Path) -> float:
    from ruview_engine.ingest.recording import read_recording

    return float(read_recording(recording).started_unix_s or 0.0)


def run(output: Path, recording: Path, *words: str) -> int:
    return main(
        ["train", "--plain", "--epochs", "1", "--data", str(recording), "--output", str(output), *map(str, words)]
    )


@pytest.fixture(scope="module")
def base(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that one run wrote; for reading only."""
    folder = tmp_path_factory.mktemp("base") / "a"
    assert run(folder, recording) == 0
    return folder


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_gives_the_same_bytes_and_everything_loads(recording: Path, base: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "b", recording) == 0
    assert contents(base) == contents(tmp_path / "b")
    loaded = load_folder(contents(base))
    assert set(loaded.quantised) == {2, 4, 8}
    assert "report.html" in contents(base)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_sensors_of_the_house_make_it_full(recording: Path, started: float, tmp_path: Path) -> None:
    sensors = tmp_path / "history.csv"
    sensors.write_text(
        "entity_id,state,last_changed\n"
        + "".join(f"binary_sensor.hall_motion,{'on' if k % 2 else 'off'},{started + 5 * k}\n" for k in range(10))
        + f"light.hall,on,{started}\n"
    )
    assert run(tmp_path / "m", recording, "--camera-free", "--sensors", sensors) == 0
    found = json.loads((tmp_path / "m" / "training-metrics.json").read_text())["camera_free_supervision"]
    assert found["mode"] == "full"
    assert found["signals"]["pir"]["source"] == "sensors"
    assert found["notes"] == ["history.csv: no signal known for light.hall: 1 skipped"]


def test_nodes_alone(recording: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "m", recording, "--camera-free", "--no-seed", "--benchmark") == 0
    loaded = load_folder(contents(tmp_path / "m"))
    assert loaded.manifest[-1]["mode"] == "csi_only"
    assert loaded.metrics["camera_free_supervision"]["pose_proxy"].get("skeleton_violations", 0) == 0
    timing = json.loads((tmp_path / "m" / "benchmark.json").read_text())
    assert timing["embed_one_us"]["p50"] > 0


def test_an_unreachable_seed_is_a_note(recording: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "m", recording, "--camera-free", "--seed-url", "https://127.0.0.1:9") == 0
    found = json.loads((tmp_path / "m" / "training-metrics.json").read_text())["camera_free_supervision"]
    assert found["mode"] == "csi_only"
    assert "not reached" in found["notes"][0]


def test_a_seed_that_was_there_at_the_time_teaches(recording: Path, started: float, tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="cryptography makes the test certificate")
    context: ssl.SSLContext
    context, fingerprint = self_signed(tmp_path)
    with running(context) as server:
        for k in range(50):
            embedding = [float((k + j) % 7) for j in range(45)]
            reading = {"timestamp": started + k, "pir": k // 10 % 2, "temperature": 20.0, "embedding": embedding}
            server.events.append(b"data: " + json.dumps(reading).encode() + b"\n\n")
        words = ("--seed-url", f"https://127.0.0.1:{server.port}", "--seed-token", TOKEN)
        assert run(tmp_path / "m", recording, "--camera-free", *words, "--seed-fingerprint", fingerprint) == 0
    found = json.loads((tmp_path / "m" / "training-metrics.json").read_text())["camera_free_supervision"]
    assert found["mode"] == "full"
    assert found["cross_modal"]["columns"] == 45
    assert "50 readings" in found["notes"][0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--sensors", "x.csv"), "need --camera-free"),
        (("--camera-free", "--no-seed", "--seed-url", "https://seed"), "contradict"),
        (("--camera-free", "--entity", "a=b"), "expected ID=SIGNAL"),
        (("--camera-free", "--sensors", "missing.csv"), "missing.csv"),
        (("--camera-free", "--seed-url", "seed"), "not an address"),
        (("--encoder", "x", "--camera-free"), "--encoder keeps"),
        (("--encoder", "nowhere"), "nowhere"),
    ],
)
def test_words_that_do_not_fit(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert run(tmp_path / "m", recording, *words) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("content", ["", "no recording\n" * 5, '{"type": "raw_csi"}\n'])
def test_recordings_that_are_none_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = tmp_path / "bad.csi.jsonl"
    path.write_text(content)
    assert run(tmp_path / "m", path) == 1
    assert capsys.readouterr().err.startswith("ruview_engine: ")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bad.csi.jsonl"]


def test_a_truncated_recording_still_trains_and_says_so(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cut.csi.jsonl"
    path.write_text(recording.read_text()[:-150] + '\n{"type": "what"}\n')
    assert run(tmp_path / "m", path) == 0
    counts = json.loads((tmp_path / "m" / "training-metrics.json").read_text())["counts"]
    refused = {name: n for name, n in counts.items() if name.startswith("refused: ")}
    assert refused["refused: not_json"] == refused["refused: no_timestamp"] == 1
    shown = capsys.readouterr().out
    assert all(f"{name}: {n}" in shown for name, n in refused.items())


def test_an_entity_that_no_file_knows_is_named(recording: Path, started: float, tmp_path: Path) -> None:
    table = tmp_path / "house.csv"
    table.write_text(f"time,hall\n{started},1\n{started + 5},0\n")
    words = ("--camera-free", "--sensors", str(table), "--entity", "hall=pir", "--entity", "cellar=door")
    assert run(tmp_path / "m", recording, *words) == 0
    found = json.loads((tmp_path / "m" / "training-metrics.json").read_text())["camera_free_supervision"]
    assert found["notes"] == ["--entity cellar: no sensor file has a report of it"]


def test_heads_are_trained_on_an_encoder_that_is_kept(recording: Path, base: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "m", recording, "--encoder", str(base)) == 0
    first, second = (json.loads((folder / "config.json").read_text()) for folder in (base, tmp_path / "m"))
    assert first["version"] == second["version"]
    load_folder(contents(tmp_path / "m"))


def test_an_output_that_cannot_be_is_refused_before_training(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "diary.txt").write_text("mine")
    monkeypatch.setattr(command, "read_recording", pytest.fail)
    assert run(tmp_path / "m", recording) == 1
    assert "not a model folder" in capsys.readouterr().err
