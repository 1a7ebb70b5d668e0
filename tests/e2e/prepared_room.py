"""Teach a room the whole protocol in simulated time, with the engine Home Assistant runs, and export what it learnt.

`python -m tests.e2e.prepared_room FILE` writes the archive that the action `ruview.import_room` takes. Nothing is made
up: the boards, room and person are those of `simulate` with the same options, frames go through `Engine.feed`, every
anchor is judged, and one that is not accepted is repeated, then skipped, as a person would.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from .config_folder import COMPONENT, ROOT
from .homeassistant_process import end_with_parent

#: Before anything is captured, so that links have names and rates. Origin: chosen.
WARM_UP_S = 15
#: An anchor that fails this often is left out. Origin: chosen; people give up, too.
ATTEMPTS = 3
#: From the prompt until the person has walked over and taken the pose. Origin: measured, 4–9 s in this room.
POSE_S = 12


class PreparedRoom:
    """The archive for these options, taught in a process of its own, and only when the engine has changed."""

    def __init__(
        self,
        cache: Path,
        *,
        scene: str = "living_room",
        nodes: int = 2,
        layout: str = "64",
        seed: int = 1,
        version: int = 1,
        placement: float = 0.0,
    ) -> None:
        options = ["--nodes", str(nodes), "--layout", layout, "--seed", str(seed), "--format", str(version)]
        options += ["--scene", scene, "--placement", str(placement)]
        digest = hashlib.sha256(" ".join(options).encode())
        for path in (*sorted((COMPONENT / "ruview_engine").rglob("*.py")), Path(__file__)):
            digest.update(path.read_bytes())
        self.archive = cache / f"room-{digest.hexdigest()[:16]}.zip"
        self._command = [sys.executable, "-m", "tests.e2e.prepared_room", str(self.archive), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not self.archive.exists():
            self.archive.parent.mkdir(parents=True, exist_ok=True)
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_parent()
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wait(self) -> Path:
        """Until it has been taught; the archive's path."""
        if self._process is not None and (code := self._process.wait()) != 0:
            raise RuntimeError(f"the room could not be taught (exit code {code})")
        return self.archive


def teach(
    archive: Path,
    *,
    nodes: int,
    layout: str,
    seed: int,
    version: int = 1,
    geometry: str = "living_room",
    placement_m: float = 0.0,
) -> list[str]:
    """Run the protocol and write the archive; what became of each part."""
    from ruview_engine import change_models
    from ruview_engine.engine import Engine
    from ruview_engine.live_room import ChangeModelsFitted
    from ruview_engine.room.anchor import ANCHORS, AnchorLabel
    from ruview_engine.room.changes import AnchorJudged, BankTrained, BaselineCaptured
    from ruview_engine.room.repository import RoomRepository
    from ruview_engine.settings import RoomSettings
    from ruview_engine.simulate import Person, Simulator, Timeline, plans, scenes

    scene = scenes.living_room(nodes, layout, version=version, geometry=geometry)
    person = Person(scene, seed, placement_m=placement_m)
    simulator = Simulator(scene, Timeline.home(scene, person), seed)
    engine = Engine()
    live = engine.add_room(RoomSettings(room_id="prepared", nodes=None), 0.0)
    told: list[str] = []
    second = 0

    def advance(seconds: float) -> None:
        nonlocal second
        for _ in range(int(seconds)):
            for at_s, source, datagram in simulator.second():
                engine.feed(datagram, source, at_s)
            second += 1
            engine.tick(float(second))

    def conclude() -> Iterable[object]:
        """The slow tick that judges a capture that is over."""
        changes, _ = live.apply(live.slow_job(float(second))())
        repository.save(changes)
        for change in changes:
            if isinstance(change, ChangeModelsFitted):
                repository.save_change(change.baseline_id, change_models.to_dict(change.models))
        return changes

    with tempfile.TemporaryDirectory() as folder:
        repository = RoomRepository(Path(folder), "prepared")
        advance(WARM_UP_S)
        live.room.start_baseline(float(second), lead_s=0.0)
        while live.room.progress(float(second)) is not None:
            advance(5)
            changes = conclude()
        if not any(isinstance(change, BaselineCaptured) for change in changes):
            raise RuntimeError(f"the simulated empty room was refused: {changes}")
        told.append("baseline captured")
        for anchor in ANCHORS:
            if anchor.label is AnchorLabel.EMPTY:
                continue
            verdict = None
            for _ in range(ATTEMPTS):
                person.obey(plans.ANCHORS[anchor.label.value], float(second))
                advance(POSE_S)
                live.room.start_anchor(anchor.label.value, float(second), lead_s=0.0)
                advance(anchor.duration_s)
                judged: list[AnchorJudged] = []
                while not judged:
                    advance(1)
                    judged = [change for change in conclude() if isinstance(change, AnchorJudged)]
                verdict = judged[0].verdict
                if verdict.accepted:
                    break
            assert verdict is not None
            if not verdict.accepted:
                repository.save(live.room.skip_anchor(anchor.label.value, float(second)))
            told.append(f"{anchor.label.value}: {'accepted' if verdict.accepted else f'skipped ({verdict.reason})'}")
        changes = live.room.train(float(second))
        repository.save(changes)
        if not any(isinstance(change, BankTrained) for change in changes):
            raise RuntimeError(f"nothing was learnt: {changes}")
        repository.export(archive)
    return told


def main() -> None:
    """Teach and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--scene", default="living_room")
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--layout", default="64")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", type=int, default=1)
    parser.add_argument("--placement", type=float, default=0.0)
    options = parser.parse_args()
    told = teach(
        options.archive,
        nodes=options.nodes,
        layout=options.layout,
        seed=options.seed,
        version=options.format,
        geometry=options.scene,
        placement_m=options.placement,
    )
    print(*told, sep="\n")


if __name__ == "__main__":
    main()
