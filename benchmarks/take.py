"""A recording as datagrams in memory, each with what is true while it is heard."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ruview_engine.ingest.recording import read_recording
from ruview_engine.ingest.rows import RecordedDatagram


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    """A recording as datagrams, with the label of each."""

    name: str
    room: str
    datagrams: tuple[RecordedDatagram, ...]
    labels: NDArray[np.str_]

    @classmethod
    def read(cls, path: Path, room: str) -> Self:
        """A recording with its labels; while somebody walks in or out it is `settling`."""
        datagrams = tuple(read_recording(path))
        with np.load(path, allow_pickle=False) as file:
            labels = np.broadcast_to(file["labels"], (len(datagrams),)).astype(np.str_)
            if "settling" in file.files:
                labels = np.where(file["settling"].astype(bool), "settling", labels)
        return cls(name=path.stem, room=room, datagrams=datagrams, labels=labels)

    @property
    def times(self) -> NDArray[np.float64]:
        """(n,) seconds."""
        return np.array([datagram.at_s for datagram in self.datagrams])

    def part(self, chosen: NDArray[np.bool_], name: str) -> Self:
        """Some of it, on a clock that starts at 0."""
        rows = np.flatnonzero(chosen)
        start_s = self.datagrams[rows[0]].at_s
        picked = (self.datagrams[i] for i in rows)
        return type(self)(
            name=name,
            room=self.room,
            datagrams=tuple(d._replace(at_s=d.at_s - start_s) for d in picked),
            labels=self.labels[rows],
        )
