"""Files of a room: atomic, kept, and loadable after a kill at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ruview_engine.errors import FormatError
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.bank import Bank
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import compact
from ruview_engine.room.enrolment import AnchorSkipped, Started
from ruview_engine.room.repository import RoomRepository
from ruview_engine.room.specialists.anomaly import AnomalySpecialist
from tests.engine.room.synthetic import window

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def stored(tmp_path, rng):
    one = window(rng)
    baseline = judge("study", 5.0, (one,))
    repository = RoomRepository(tmp_path, "study")
    repository.save_baseline(baseline, compact((one,), baseline))
    repository.append(Started(at_unix_s=1.0, room_id="study", baseline_id=baseline.id))
    repository.save_bank(bank(baseline, 1))
    return repository, baseline


def bank(baseline, version):
    specialist = AnomalySpecialist.fit({}, {link.link: link for link in baseline.links})
    return Bank(version=version, baseline_id=baseline.id, trained_at_s=1.0, anomaly=specialist)


def test_what_was_stored_is_loaded(stored):
    repository, baseline = stored
    found = repository.load()
    assert found.problems == ()
    assert found.baseline.id == baseline.id
    assert found.bank.version == 1
    assert len(found.events) == 1
    assert set(found.captures) == {AnchorLabel.EMPTY}


def test_a_damaged_bank_is_refused_and_the_former_one_used(stored):
    repository, baseline = stored
    repository.save_bank(bank(baseline, 2))
    path = repository.folder / "banks" / "2.json"
    path.write_bytes(path.read_bytes().replace(b'"version": 2', b'"version": 3'))
    found = repository.load()
    assert found.bank.version == 1
    assert found.problems[0][0] == "banks/2"
    assert path.exists()


def test_a_bank_is_never_overwritten(stored):
    repository, baseline = stored
    with pytest.raises(FormatError):
        repository.save_bank(bank(baseline, 1))


def test_rollback_and_prune(stored):
    repository, baseline = stored
    for version in range(2, 9):
        repository.save_bank(bank(baseline, version))
    assert repository.use_bank(3).version == 3
    assert repository.load().bank.version == 3
    gone = repository.prune(keep=4)
    assert 3 in repository.banks()
    assert len(gone) == 4
    assert repository.load().problems == ()


def test_a_torn_event_is_cut_off(stored):
    repository, _ = stored
    path = repository.folder / "enrollment.jsonl"
    with path.open("ab") as stream:
        stream.write(b'{"schema_version":1,"sha')
    assert len(repository.load().events) == 1
    repository.append(AnchorSkipped(at_unix_s=2.0, label=AnchorLabel.SIT))
    events, problems = repository.events()
    assert len(events) == 2
    assert not problems


def test_a_bad_line_within_is_reported(stored):
    repository, _ = stored
    repository.append(AnchorSkipped(at_unix_s=2.0, label=AnchorLabel.SIT))
    path = repository.folder / "enrollment.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"sit"', b'"lie"'))
    events, problems = repository.events()
    assert len(events) == 1
    assert problems[0][0] == "enrollment.jsonl:2"


def test_export_and_import(stored, tmp_path):
    repository, baseline = stored
    repository.export(tmp_path / "study.zip")
    other = RoomRepository(tmp_path / "elsewhere", "copy")
    other.import_(tmp_path / "study.zip")
    assert other.load().baseline.id == baseline.id
    with pytest.raises(FormatError):
        other.import_(tmp_path / "study.zip")
    (tmp_path / "bad.zip").write_bytes(b"PK nonsense")
    with pytest.raises(FormatError):
        RoomRepository(tmp_path / "third", "copy").import_(tmp_path / "bad.zip")


def test_the_encoder_goes_along_but_nothing_it_was_trained_on(stored, tmp_path):
    repository, _ = stored
    place = repository.folder / "backbone"
    (place / "contrastive").mkdir(parents=True)
    for name in ("model.safetensors", "config.json", "training-metrics.json", "contrastive/embeddings.json"):
        (place / name).write_bytes(name.encode())
    repository.export(tmp_path / "study.zip")
    other = RoomRepository(tmp_path / "elsewhere", "copy")
    other.import_(tmp_path / "study.zip")
    arrived = sorted(path.name for path in (other.folder / "backbone").rglob("*") if path.is_file())
    assert arrived == ["config.json", "model.safetensors"]
    assert (other.folder / "backbone" / "config.json").read_bytes() == b"config.json"


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 65, "a\n"])
def test_room_names_stay_inside_the_folder(tmp_path, name):
    with pytest.raises(FormatError):
        RoomRepository(tmp_path, name)


CHILD = """
import sys, itertools
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.engine.room.test_repository import bank
from tests.engine.room.synthetic import window
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import compact
from ruview_engine.room.enrolment import AnchorSkipped
from ruview_engine.room.repository import RoomRepository
repository = RoomRepository(Path(sys.argv[1]), "study")
first = repository.load()
rng = np.random.default_rng()
minutes = [window(rng, seconds=40) for _ in range(2)]
baselines = [judge("study", 5.0, (minute,)) for minute in minutes]
captures = [compact((minute,), found) for minute, found in zip(minutes, baselines)]
print("ready", flush=True)
for turn in itertools.count():
    which = turn % 2
    repository.save_baseline(baselines[which], captures[which])
    repository.append(AnchorSkipped(at_unix_s=float(turn), label=AnchorLabel.SIT))
    version = max(repository.banks(), default=0) + 1
    repository.save_bank(bank(baselines[which], version))
    repository.use_bank(max(1, version - 1))
    repository.prune(keep=3)
    print(turn, flush=True)
"""


@pytest.mark.parametrize("n_kills", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_leaves_a_loadable_room(stored, n_kills):
    """A real process saves, appends, rolls back and prunes in a loop and is killed with SIGKILL at random moments."""
    repository, _ = stored
    chance = random.Random(5)
    n_events = 1
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for _ in range(n_kills):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(repository.folder.parent), str(ROOT)],
            stdout=subprocess.PIPE, env=environment, cwd=ROOT,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 0.15))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        found = repository.load()
        assert found.problems == (), found.problems
        assert found.baseline is not None
        assert found.bank is not None
        assert len(found.events) >= n_events
        n_events = len(found.events)
