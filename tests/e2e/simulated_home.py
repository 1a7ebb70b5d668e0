"""The other side of the air: `python -m ruview_engine simulate` as a process, its person doing what a test says."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .config_folder import ROOT
from .homeassistant_process import end_with_parent

#: It ends at once when terminated. Origin: measured, 0.1 s; ×50.
STOP_TIMEOUT_S = 5.0
#: The last line of the truth is shorter. Origin: measured, 170 bytes.
LAST_LINE_BYTES = 1024


class SimulatedHome:
    """Boards that send to a UDP port from now on; a context manager.

    Parameters
    ----------
    udp_port : on this machine
    truth : file that gets what is really going on; its folder must exist
    nodes, layout, seed, scene, first_node, version, skip, placement : as the command's options; version is its --format
    """

    def __init__(
        self,
        udp_port: int,
        truth: Path,
        *,
        nodes: int = 2,
        layout: str = "64",
        seed: int = 1,
        scene: str = "living_room",
        first_node: int = 1,
        version: int = 1,
        skip: int = 0,
        placement: float = 0.0,
    ) -> None:
        self._truth = truth
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [sys.executable, "-m", "ruview_engine", "simulate", "--follow", "-", "--plain"]
        options = {"to": f"127.0.0.1:{udp_port}", "truth": truth, "nodes": nodes, "layout": layout, "seed": seed}
        options |= {"scene": scene, "first-node": first_node, "format": version, "skip": skip, "placement": placement}
        for name, value in options.items():
            self._command += [f"--{name}", str(value)]

    def __enter__(self) -> Self:
        self._truth.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def is_alive(self) -> bool:
        """Whether the boards send."""
        return self._process is not None and self._process.poll() is None

    @property
    def truth(self) -> dict[str, Any]:
        """What is really going on, as of the last second; empty before the first."""
        with contextlib.suppress(FileNotFoundError), self._truth.open("rb") as file:
            file.seek(max(0, self._truth.stat().st_size - LAST_LINE_BYTES))
            lines = [line for line in file.read().split(b"\n")[:-1] if line.startswith(b"{")]
            return dict(json.loads(lines[-1])) if lines else {}
        return {}

    def tell(self, activity: str) -> None:
        """Ask the person to do something from the next second on: "enter", "walk", "sit", "sit+breathe:12", "leave"."""
        self._prompt({"do": activity})

    def announce(self, anchor: str) -> None:
        """Say that an anchor begins; the person takes up its pose."""
        self._prompt({"anchor": anchor, "phase": "lead_in"})

    def _prompt(self, what: dict[str, str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()
