"""What somebody outside asks the simulated person to do, line by line."""

import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..simulate.prompt import parse_prompt


class Prompts:
    """Lines appended to a file, or typed on stdin; asked once a simulated second."""

    def __init__(self, path: str | None) -> None:
        self.note = ""
        self._path = path
        self._file: Any = None
        self._rest = ""
        self._is_stdin = path == "-"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None and not self._is_stdin:
            self._file.close()

    def new(self) -> Iterator[str]:
        """What was asked for since the last call. A file that is not there yet is waited for."""
        lines = (self._rest + self._read()).split("\n")
        self._rest = lines.pop()
        for line in lines:
            text = parse_prompt(line)
            if text is not None:
                self.note = f"told: {text}"
                yield text

    def _read(self) -> str:
        if self._path is None:
            return ""
        if self._is_stdin:
            return _read_ready_stdin()
        if self._file is None:
            path = Path(self._path)
            if not path.exists():
                return ""
            self._file = path.open()
        return str(self._file.read())


def _read_ready_stdin() -> str:
    """What can be read from stdin without waiting."""
    text = b""
    while select.select([sys.stdin], [], [], 0)[0]:
        chunk = os.read(sys.stdin.fileno(), 4096)
        if not chunk:
            break
        text += chunk
    return text.decode(errors="replace")
