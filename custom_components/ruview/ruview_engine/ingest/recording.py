"""Recordings as a socket would have delivered them: `(at_s, source, datagram)`.

`.csi.jsonl` is read and written (rows: `rows.py`), `.npz` with a matrix of I/Q or amplitudes is read (`arrays.py`).
Large files are streamed. Bad rows are counted by name and skipped; they never end a recording.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from ..errors import FormatError
from .arrays import ArrayRecording, Truth
from .read_report import ReadReport
from .rows import BadRow, RecordedDatagram, RowReader, encode_row

#: A line is not longer. Origin: derived: the longest datagram we accept (8 220 bytes) as hex, twice over for the rest.
MAX_LINE: Final = 40_000

#: How an `.npz` file begins. Origin: spec, zip: signature of the first local file.
ARCHIVE: Final = b"PK\x03\x04"

#: A file that begins with so many bad rows is no recording. Origin: chosen; keeps us from searching a disk image.
MAX_BAD_START: Final = 1000


class Recording(Protocol):
    """A recording of either form. Iterating reads it again from the start.

    path : where it is
    meta : what the file or its sidecar says about itself; untrusted text
    started_unix_s : wall clock at `at_s` = 0, None when unknown
    truth : labels and measured references, None when there are none
    report : of the present or last iteration
    """

    path: Path
    meta: Mapping[str, Any]
    started_unix_s: float | None
    truth: Truth | None
    report: ReadReport

    def __iter__(self) -> Iterator[RecordedDatagram]:
        """Datagrams in the order of arrival, `at_s` not decreasing."""


class LineRecording:
    """A `.csi.jsonl` file, with the `.csi.meta.json` beside it if there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.truth: Truth | None = None
        self.report = ReadReport()
        self.meta = _sidecar(path)
        self.started_unix_s = next((unix_s for unix_s, _, _ in self._rows()), None)
        self.report = ReadReport()

    def __iter__(self) -> Iterator[RecordedDatagram]:
        """Datagrams in file order; a clock that steps back is held at the newest time seen."""
        self.report = report = ReadReport()
        start_s = self.started_unix_s
        newest_s = 0.0
        for unix_s, source, datagram in self._rows():
            at_s = unix_s - (unix_s if start_s is None else start_s)
            if at_s < newest_s:
                report.n_backward += 1
                at_s = newest_s
            newest_s = at_s
            report.n_datagrams += 1
            yield RecordedDatagram(at_s, source, datagram)

    def _rows(self) -> Iterator[tuple[float, str, bytes]]:
        reader = RowReader()
        report = self.report
        with self.path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                if not line.endswith(b"\n"):
                    if len(line) < MAX_LINE:
                        report.is_cut = not _is_whole(line)
                    else:
                        report.n_rows += 1
                        report.bad["too_long"] += 1
                        _skip_line(file)
                        continue
                if not line.strip() or report.is_cut:
                    continue
                report.n_rows += 1
                try:
                    yield reader.read(line)
                except BadRow as bad:
                    report.bad[str(bad)] += 1
                if report.n_rows > MAX_BAD_START and report.bad.total() >= report.n_rows:
                    return


def read_recording(path: Path | str) -> Recording:
    """Open a recording of either form, whatever it is called.

    Raises
    ------
    FormatError when it is none, OSError when it cannot be read
    """
    path = Path(path)
    with path.open("rb") as file:
        is_archive = file.read(len(ARCHIVE)) == ARCHIVE
    if is_archive or path.suffix == ".npz":
        return ArrayRecording(path)
    recording = LineRecording(path)
    if recording.started_unix_s is None:
        raise FormatError(f"{path.name} holds no row that is a datagram; recordings are .csi.jsonl or .npz")
    return recording


class RecordingWriter:
    """Appends datagrams to an open `.csi.jsonl` file, a whole line per write, so a crash costs at most the last.

    `unix_s` is the wall clock at monotonic `at_s`; both are told once, rows follow the monotonic clock.
    """

    def __init__(self, file: BinaryIO, *, unix_s: float, at_s: float) -> None:
        self.n_written = 0
        self.n_refused = 0
        self.n_bytes = 0
        self.nodes: Counter[int] = Counter()
        self._file = file
        self._offset_s = unix_s - at_s

    def write(self, at_s: float, source: str, datagram: bytes) -> bool:
        """Write one datagram; False when it is no packet of ours (counted)."""
        line = encode_row(at_s + self._offset_s, source, datagram)
        if line is None:
            self.n_refused += 1
            return False
        data = line.encode() + b"\n"
        self._file.write(data)
        self.n_written += 1
        self.n_bytes += len(data)
        self.nodes[datagram[4]] += 1
        return True


def _sidecar(path: Path) -> Mapping[str, Any]:
    """What `name.csi.meta.json` says; nothing when it is absent or broken."""
    name = path.name.removesuffix(".jsonl").removesuffix(".csi")
    try:
        with path.with_name(f"{name}.csi.meta.json").open("rb") as file:
            meta = json.loads(file.read(MAX_LINE))
    except OSError, ValueError, RecursionError:
        return {}
    return meta if isinstance(meta, dict) else {}


def _skip_line(file: BinaryIO) -> None:
    """To the end of a line too long to be one of ours."""
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass


def _is_whole(line: bytes) -> bool:
    """Does a last line without its end hold a complete object? Editors leave such; a crash leaves half a line."""
    try:
        json.loads(line)
    except ValueError, RecursionError:
        return False
    return True
