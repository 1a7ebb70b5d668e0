"""A real Home Assistant as a process of its own: started, waited for, read, and always ended."""

import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from .client import Client, Unreachable
from .config_folder import ConfigFolder

#: A first start compiles thousands of files. Origin: measured, 3 s warm, 26 s cold on two busy cores; ×4.
START_TIMEOUT_S = 110.0
#: Home Assistant gives its shutdown stages up after 100 s; it takes 2–4 s. Origin: measured, ×15 for a busy machine.
STOP_TIMEOUT_S = 60.0

#: Voice packages that Home Assistant imports at start and that need a compiler to install. Nothing here has a mic.
VOICE_PACKAGES = {
    "pymicro_vad": ("1.0.1", "class MicroVad:\n    def process_10ms(self, audio):\n        return 0.0\n"),
    "pyspeex_noise": ("1.0.2", "class AudioProcessor:\n    def __init__(self, *settings):\n        pass\n"),
}
#: Installed by HACS there is no top-level engine. A developer's environment has one: hide it from the process.
HIDDEN_ENGINE = 'raise ImportError("the integration must import the engine inside its own folder")\n'


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on right now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_with(text: str) -> list[int]:
    """Ids of running processes that have `text` in their command line."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(text in word for word in words):
            found.append(process.pid)
    return found


class HomeAssistantProcess:
    """Home Assistant on a prepared configuration folder; a context manager, so that it ends whatever happens."""

    def __init__(self, folder: ConfigFolder) -> None:
        self.folder = folder
        self.client = Client(folder.url, folder.owner.token)
        self.log = folder.path / "process.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it says RUNNING; the log is appended to, so a restart keeps the former one."""
        environment = dict(os.environ, PYTHONPATH=str(self._stand_ins()), PYTHONUNBUFFERED="1", OMP_NUM_THREADS="1")
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the second start reads what the first compiled
        environment.pop("PYTHONHOME", None)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "homeassistant", "--config", str(self.folder.path), "--log-no-color"],
                cwd=self.folder.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(),
            )
        try:
            self._wait_until_running()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it as a service manager would; what does not end in time is killed with everything it started."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"Home Assistant did not stop within {STOP_TIMEOUT_S} s\n{self.log_tail()}") from None
        self.kill()  # its process group, in case a child stayed behind

    def kill(self) -> None:
        """End the whole process group at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start on the same folder."""
        self.stop()
        self.start()

    def complaints(self) -> list[str]:
        """Log lines that must not be there: warnings that name us, tracebacks through us, blocked event loops."""
        return [
            line for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines() if is_complaint(line)
        ]

    def log_tail(self, lines: int = 60) -> str:
        """The end of the log, for a message that explains a failure."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _wait_until_running(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.is_alive:
                raise RuntimeError(f"Home Assistant ended during its start\n{self.log_tail()}")
            with contextlib.suppress(Unreachable):
                if self.client.get("/api/config")["state"] == "RUNNING":
                    return
            time.sleep(0.1)
        raise TimeoutError(f"Home Assistant was not running after {START_TIMEOUT_S} s\n{self.log_tail()}")

    def _stand_ins(self) -> Path:
        """A folder for the module path in front of the installed packages."""
        folder = self.folder.path.with_name(f"{self.folder.path.name}-modules")
        folder.mkdir(exist_ok=True)
        (folder / "ruview_engine.py").write_text(HIDDEN_ENGINE, encoding="utf-8")
        for name, (version, source) in VOICE_PACKAGES.items():
            if find_spec(name) is None:
                (folder / f"{name}.py").write_text(source, encoding="utf-8")
                metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
                metadata.parent.mkdir(exist_ok=True)
                metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        return folder


def is_complaint(line: str) -> bool:
    """Whether a log line is one that our integration must never cause."""
    if "which has not been tested by Home Assistant" in line:  # said of every custom integration
        return False
    return bool(
        re.search(r"\b(WARNING|ERROR|CRITICAL)\b.*ruview", line, re.IGNORECASE)
        or "Detected blocking call" in line
        or re.search(r'File ".*custom_components/ruview', line)
    )


def end_with_parent() -> Callable[[], None]:
    """For `preexec_fn`: on Linux, ask the kernel to end the child when this process is gone, even if it was killed."""
    parent = os.getpid()

    def ask() -> None:
        if sys.platform == "linux":
            set_death_signal = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>
            ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
            if os.getppid() != parent:  # it was killed between the fork and the asking
                os._exit(1)

    return ask
