"""The five room commands from recorded frames, files and all."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.room_lab import Lab
from ruview_engine import change_models
from ruview_engine.cli.commands import main
from ruview_engine.cli.room_status import drift_text
from ruview_engine.ingest.recording import RecordingWriter
from ruview_engine.room.repository import RoomRepository
from ruview_engine.room.room import Room
from ruview_engine.simulate.plans import ANCHORS
from ruview_engine.simulate.prompt import parse_prompt
from ruview_engine.training.backbone import Backbone


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """An empty minute and a minute with a walker, as the recorder writes them."""
    folder = tmp_path_factory.mktemp("recordings")
    lab = Lab(seed=2, version=2, n_others=0)
    for name, activity in (("empty", None), ("walk", "walk")):
        if activity:
            lab.act(activity)
        with (folder / f"{name}.csi.jsonl").open("wb") as file:
            writer = RecordingWriter(file, unix_s=1.78e9, at_s=lab.at_s)
            for _ in range(75):
                for at_s, source, datagram in lab.simulator.second():
                    writer.write(at_s, source[0], datagram)
                lab.at_s += 1
    return folder


def test_calibrate_and_status(recordings, tmp_path, capsys):
    where = ["--room", "study", "--data-dir", str(tmp_path)]
    assert main(["room-status", *where]) == 3
    assert "run calibrate" in capsys.readouterr().out
    frames = ["--from-recording", str(recordings / "empty.csi.jsonl")]
    assert main(["calibrate", *where, *frames, "--duration", "60s", "--json"]) == 0
    taken = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert taken["links"]
    kept = RoomRepository(tmp_path, "study").load_change(taken["baseline"])
    assert kept is not None
    assert change_models.from_dict(kept)
    assert main(["room-status", *where, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["baseline"]["id"] == taken["baseline"]
    assert status["verdict"] == "fresh"
    assert main(["room-watch", *where, *frames, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["calibration"] == "baseline"
    assert lines[-1]["readings"]["motion"]["value"] is False
    assert main(["room-status", *where]) == 0
    shown = capsys.readouterr().out
    assert "baseline: fresh (drift 0.0" in shown
    assert "backbone: none" in shown
    assert main(["train-room", *where]) == 1
    assert "anchor" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "is_judged", "text"),
    [
        (0.02, False, "drift 0.02 < 0.08"),
        (0.28, False, "drift 0.28, not judged while somebody may be there"),
        (0.28, True, "drift 0.28 ≥ 0.08"),
    ],
)
def test_what_a_person_adds_is_no_drift(value, is_judged, text):
    assert drift_text({"value": value, "limit": 0.08, "link": "1/64/a", "is_judged": is_judged}) == text


def test_a_room_uses_the_encoder_in_its_folder(recordings, tmp_path, capsys):
    where = ["--room", "study", "--data-dir", str(tmp_path)]
    frames = ["--from-recording", str(recordings / "empty.csi.jsonl")]
    place = tmp_path / "study" / "backbone"
    walk = str(recordings / "walk.csi.jsonl")
    assert main(["train", "--plain", "--epochs", "1", "--data", walk, "--output", str(place)]) == 0
    revision = json.loads((place / "config.json").read_text())["version"]
    assert main(["calibrate", *where, *frames, "--duration", "60s", "--json"]) == 0
    capsys.readouterr()
    assert main(["room-watch", *where, *frames, "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["readings"]["motion"]["provenance"]["backbone_rev"] == revision
    (place / "model.safetensors").write_bytes(b"nothing of ours")
    assert main(["room-watch", *where, *frames, "--json"]) == 1
    assert f"encoder in {place}: not a safetensors file" in capsys.readouterr().err


def test_a_walker_is_refused_with_a_hint(recordings, tmp_path, capsys):
    where = ["--room", "study", "--data-dir", str(tmp_path)]
    frames = ["--from-recording", str(recordings / "walk.csi.jsonl")]
    assert main(["calibrate", *where, *frames, "--duration", "60s", "--plain"]) == 3
    assert "Something moved" in capsys.readouterr().out


def test_enroll_needs_a_baseline(tmp_path, capsys, recordings):
    frames = ["--from-recording", str(recordings / "walk.csi.jsonl")]
    assert main(["enroll", "--room", "study", "--data-dir", str(tmp_path), *frames]) == 1
    assert "calibrate first" in capsys.readouterr().err


def test_enroll_announces_what_simulate_can_follow(recordings, tmp_path, capsys):
    where = ["--room", "study", "--data-dir", str(tmp_path)]
    assert main(["calibrate", *where, "--from-recording", str(recordings / "empty.csi.jsonl"), "--json"]) == 0
    prompts = tmp_path / "prompts.jsonl"
    frames = ["--from-recording", str(recordings / "empty.csi.jsonl")]
    capsys.readouterr()
    words = ["enroll", *where, *frames, "--anchor", "sit", "--attempts", "1", "--announce", str(prompts), "--json"]
    assert main(words) == 3
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    announced = [json.loads(line)["phase"] for line in prompts.read_text().splitlines()]
    assert announced[:2] == ["lead_in", "capturing"]
    assert any(line.get("reason") == "absent" for line in said)
    assert said[0]["lead_s"] > 0
    prompts.unlink()
    assert main([*words, "--lead", "0"]) == 3
    told = [parse_prompt(line) for line in prompts.read_text().splitlines()]
    assert told[0] == ANCHORS["sit"], "whoever follows sits down, though without a countdown"
    assert set(told[1:]) == {None}
    assert json.loads(capsys.readouterr().out.splitlines()[0])["lead_s"] == 0, "what was asked for, not what is usual"


@pytest.fixture
def taught(tmp_path):
    """A room that was taught by an earlier release: baseline, poses, one bank."""
    shutil.copytree(Path(__file__).parents[2] / "fixtures/first_schema/room", tmp_path / "room")
    return ["--room", "room", "--data-dir", str(tmp_path)]


def test_a_taught_room_is_trained_anew_and_taken_back(taught, tmp_path, capsys):
    repository = RoomRepository(tmp_path, "room")
    assert main(["train-room", *taught]) == 0
    out = capsys.readouterr().out
    assert out.startswith("bank 2\n")
    assert "presence     ✓" in out
    assert "posture      ✗ standing was not enrolled" in out
    assert repository.banks() == (1, 2)
    assert main(["room-status", *taught]) == 0
    assert "bank: 2 of [1, 2]" in capsys.readouterr().out
    assert main(["train-room", *taught, "--rollback", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bank"] == 1
    assert repository.load().bank.version == 1
    assert main(["train-room", *taught, "--rollback", "9"]) == 1
    assert "has no bank 9; there are (1, 2)" in capsys.readouterr().err


def test_one_specialist_is_trained_alone(taught, tmp_path, capsys):
    assert main(["train-room", *taught, "--specialists", "presence, ", "--keep", "0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["bank"], [one["kind"] for one in told["specialists"]]) == (2, ["presence"])
    assert RoomRepository(tmp_path, "room").banks() == (2,), "one is always kept"
    with pytest.raises(SystemExit):
        main(["train-room", *taught, "--specialists", "presence,nope"])
    assert "'nope' is not a valid SpecialistKind" in capsys.readouterr().err


def test_training_looks_through_the_rooms_encoder(taught, tmp_path, monkeypatch):
    """The room commands find it in the room's folder; training must not teach a bank that knows none."""
    seen = []
    monkeypatch.setattr(Room, "train", lambda self, *_, **__: seen.append(self.encoder) or ())
    assert main(["train-room", *taught]) == 3
    (encoder,) = seen
    assert encoder is not None
    assert encoder.revision == Backbone.of_room(tmp_path / "room").revision


def test_a_room_nobody_measured_cannot_be_trained(tmp_path, capsys):
    assert main(["train-room", "--room", "none", "--data-dir", str(tmp_path)]) == 1
    assert "baseline" in capsys.readouterr().err


def test_a_watch_at_a_terminal_says_value_confidence_and_why_not(recordings, taught, capsys):
    frames = ["--from-recording", str(recordings / "walk.csi.jsonl")]
    assert main(["room-watch", *taught, *frames, "--duration", "8s", "--plain"]) == 0
    shown = capsys.readouterr().out
    assert "room: " in shown
    assert "why not" in shown
    for name in ("presence", "motion", "posture", "breathing", "heart rate", "restlessness", "anomaly"):
        assert f"\n{name} " in shown, name
