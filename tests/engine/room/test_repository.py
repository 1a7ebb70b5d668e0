"""Files of a room: atomic, kept, and loadable after a kill at any moment."""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.errors import FormatError
from ruview_engine.room import codec
from ruview_engine.room.adaptation import Adaptation
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.bank import Bank
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import compact
from ruview_engine.room.codec import Kind
from ruview_engine.room.enrolment import Started
from ruview_engine.room.repository import RoomRepository
from ruview_engine.room.specialists.anomaly import AnomalySpecialist
from tests.engine.room.synthetic import LINK, window

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def stored(tmp_path, rng):
    one = window(rng)
    baseline = judge("study", 5.0, (one,))
    repository = RoomRepository(tmp_path, "study")
    repository.save_baseline(baseline, compact((one,), baseline))
    repository.events.append(Started(at_unix_s=1.0, room_id="study", baseline_id=baseline.id))
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


@pytest.mark.parametrize(
    "pointers",
    [
        {"baseline": "../../other/baselines/1"},
        {"baseline": 7},
        {"baseline": ""},
        {"bank": "1"},
        {"bank": "../1"},
        {"bank": 1.5},
        {"bank": True},
        {"bank": [1]},
    ],
)
def test_pointers_that_are_none_are_a_problem_of_their_own(stored, pointers):
    """They may come with an archive from anybody, and become names of files."""
    repository, _ = stored
    text = codec.encode(Kind.ROOM, {"room_id": "study", **pointers}).text
    (repository.folder / "room.json").write_bytes(text)
    found = repository.load()
    assert (found.baseline, found.bank) == (None, None)
    assert [name for name, _ in found.problems] == ["room.json"]


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


def adaptation(baseline, by=0.03):
    """Every reference has followed drift by so much in every band."""
    return Adaptation(offsets={one.link: np.full(one.log_reference.shape, by) for one in baseline.links})


def test_a_restart_goes_on_from_where_the_references_were(stored, tmp_path):
    repository, baseline = stored
    assert repository.load().adaptation.offset(LINK) is None
    repository.save_adaptation(baseline.id, adaptation(baseline))
    assert repository.load().adaptation.offset(LINK) == pytest.approx(0.03)
    repository.export(tmp_path / "study.zip")
    other = RoomRepository(tmp_path / "elsewhere", "copy")
    other.import_(tmp_path / "study.zip")
    assert other.load().adaptation.offset(LINK) == pytest.approx(0.03)


def test_what_followed_another_baseline_is_not_used(stored):
    repository, baseline = stored
    repository.save_adaptation(baseline.id, Adaptation(offsets={LINK: np.full(3, 0.03)}))
    found = repository.load()
    assert found.baseline.id == baseline.id
    assert found.adaptation.offset(LINK) is None
    assert found.problems == ((f"adaptations/{baseline.id}", f"adaptation of {LINK} is of another baseline"),)


def test_what_followed_a_baseline_goes_with_it(stored):
    repository, baseline = stored
    repository.save_adaptation(baseline.id, adaptation(baseline))
    for number in range(3):
        another = judge("study", 6.0 + number, (window(np.random.default_rng(50 + number)),))
        repository.save_baseline(another, ())
    repository.prune(keep=2)
    assert not list((repository.folder / "adaptations").iterdir())


def test_signatures_go_along_whatever_is_in_them(stored, tmp_path):
    repository, _ = stored
    place = repository.folder / "signatures"
    place.mkdir()
    (place / "door.json").write_text("good or bad is for whoever reads it")
    repository.export(tmp_path / "study.zip")
    other = RoomRepository(tmp_path / "elsewhere", "copy")
    other.import_(tmp_path / "study.zip")
    assert (other.folder / "signatures" / "door.json").read_bytes() == (place / "door.json").read_bytes()
    assert other.load().problems == ()


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


class Killed(Exception):
    """The process ends here."""


@pytest.fixture
def dying(monkeypatch):
    """`dying(n)`: the n-th renaming from now on, and all after it, do not happen any more."""
    rename = Path.replace

    def die_at(n):
        left = itertools.count(n - 1, -1)

        def maybe(path, target):
            if next(left) <= 0:
                raise Killed
            return rename(path, target)

        monkeypatch.setattr(Path, "replace", maybe)

    yield die_at
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("first", "second"), [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (3, 4)]
)
def test_two_crashes_while_one_capture_is_replaced(stored, rng, dying, monkeypatch, first, second):
    """Arrays, JSON and the arrays' final name are three renamings; the next write makes up for a missed one."""
    repository, baseline = stored
    minutes = [compact((window(rng, seconds=40),), baseline) for _ in range(2)]
    for death, minute in zip((first, second), minutes, strict=True):
        dying(death)
        with pytest.raises(Killed):
            repository.save_capture(AnchorLabel.EMPTY, minute)
        monkeypatch.undo()
        found = repository.load()
        assert found.problems == ()
        assert AnchorLabel.EMPTY in found.captures


def test_an_export_after_a_crash_is_whole(stored, rng, dying, monkeypatch, tmp_path):
    repository, baseline = stored
    dying(3)
    with pytest.raises(Killed):
        repository.save_capture(AnchorLabel.EMPTY, compact((window(rng, seconds=40),), baseline))
    monkeypatch.undo()
    repository.export(tmp_path / "study.zip")
    other = RoomRepository(tmp_path / "elsewhere", "copy")
    other.import_(tmp_path / "study.zip")
    assert other.load().problems == ()


#: Prepares once; then, for every line it is sent, a forked process that saves until it is killed.
SAVER = """
import itertools, os, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.engine.room.test_repository import bank
from tests.engine.room.synthetic import window
from ruview_engine.room.anchor import AnchorLabel
from ruview_engine.room.baseline import judge
from ruview_engine.room.capture import compact
from ruview_engine.room.codec import Kind
from ruview_engine.room.enrolment import AnchorSkipped
from ruview_engine.room.repository import RoomRepository
rng = np.random.default_rng()
minutes = [window(rng, seconds=40) for _ in range(2)]
baselines = [judge("study", 5.0, (minute,)) for minute in minutes]
captures = [compact((minute,), found) for minute, found in zip(minutes, baselines)]

def save():
    repository = RoomRepository(Path(sys.argv[1]), "study")
    print(os.getpid(), flush=True)
    for turn in itertools.count():
        which = turn % 2
        repository.save_baseline(baselines[which], captures[which])
        repository.events.append(AnchorSkipped(at_unix_s=float(turn), label=AnchorLabel.SIT))
        version = max(repository.banks(), default=0) + 1
        repository.save_bank(bank(baselines[which], version))
        repository.use_bank(max(1, version - 1))
        repository.prune(keep=3)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        save()
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@pytest.mark.parametrize("n_kills", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_leaves_a_loadable_room(stored, n_kills):
    """A real process saves, appends, rolls back and prunes in a loop and is killed with SIGKILL at random moments."""
    repository, _ = stored
    chance = random.Random(5)
    n_events = 1
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SAVER, str(repository.folder.parent), str(ROOT)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=ROOT, text=True, bufsize=1,
    ) as saver:  # fmt: skip
        assert saver.stdin is not None
        assert saver.stdout is not None
        for _ in range(n_kills):
            saver.stdin.write("\n")
            process = int(saver.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.15))
            os.kill(process, signal.SIGKILL)
            assert saver.stdout.readline() == "gone\n"
            found = repository.load()
            assert found.problems == (), found.problems
            assert found.baseline is not None
            assert found.bank is not None
            assert len(found.events) >= n_events
            n_events = len(found.events)
        saver.stdin.close()
    assert n_events > 1, "no process was alive long enough to save"
