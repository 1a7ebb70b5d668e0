"""The events of an enrolment in their file: one a line, appended, never changed.

A process killed while it writes leaves half a line. That is no event: who reads leaves it out, who writes next cuts it
off. A bad line within ends what can be believed.
"""

import os
from pathlib import Path
from typing import BinaryIO

from ..atomic_file import sync_folder
from ..errors import StoreError
from . import codec
from .enrolment import EnrolmentEvent


class EventLog:
    """One file; it need not exist. Not for two processes at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, event: EnrolmentEvent) -> None:
        """Add one event, on the disk when this returns. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as stream:
            end = stream.seek(0, os.SEEK_END)
            if end and _last_byte(stream) != b"\n":
                stream.seek(0)
                whole = stream.read()
                stream.truncate(whole.rfind(b"\n") + 1)
            stream.write(codec.encode_event(event))
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(self._path.parent)

    def read(self) -> tuple[tuple[EnrolmentEvent, ...], list[tuple[str, str]]]:
        """(all events up to the first bad line, where that is and what is wrong with it)."""
        if not self._path.is_file():
            return (), []
        lines = self._path.read_bytes().split(b"\n")
        events: list[EnrolmentEvent] = []
        for number, line in enumerate(lines[:-1], 1):
            try:
                events.append(codec.decode_event(line))
            except StoreError as error:
                return tuple(events), [(f"{self._path.name}:{number}", str(error))]
        return tuple(events), []


def _last_byte(stream: BinaryIO) -> bytes:
    stream.seek(-1, os.SEEK_END)
    return stream.read(1)
