"""The other side of the air: simulated boards in their own process, and a person in front of them who does as told."""

import contextlib
import json
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any, Self

from .config_folder import ROOT
from .homeassistant_process import end_with_parent

#: It ends within a second of its input ending. Origin: measured; ×5.
STOP_TIMEOUT_S = 5.0


class SimulatedHome:
    """Boards that send to a UDP port from now on; a context manager."""

    def __init__(
        self, udp_port: int, *, nodes: int = 2, seed: int = 1, layout: str = "mix", rate_hz: float = 20.0
    ) -> None:
        options = {"nodes": nodes, "seed": seed, "layout": layout, "rate": rate_hz}
        arguments = [argument for name, value in options.items() for argument in (f"--{name}", str(value))]
        self._command = [sys.executable, "-m", "tests.e2e.simulated_boards", str(udp_port), *arguments]
        self._process: subprocess.Popen[str] | None = None
        self.truth: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def is_alive(self) -> bool:
        """Whether the boards send."""
        return self._process is not None and self._process.poll() is None

    def tell(self, activity: str) -> None:
        """Ask the person to do something, from the next second on: "enter", "walk", "sit", "breathe:12", "leave", …"""
        assert self._process is not None
        assert self._process.stdin is not None
        print(activity, file=self._process.stdin, flush=True)

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.truth = json.loads(line)
