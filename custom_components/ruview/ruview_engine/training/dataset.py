"""Phase 0 of ADR-071: packets in, feature rows and the boards' own reports out; refused ones are counted by name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..links.demux import Demux
from ..links.link_id import LinkId
from ..links.sample import Sample
from ..shapes import Matrix, Times, Vector
from ..wire import CsiFrame, EdgeVitals, FeatureVector, FusedVitals, Packet
from .encoder import N_FEATURES
from .feature_table import FeatureTable
from .features import N_BANDS, FeatureExtractor, FeatureSource, firmware_features

#: Nodes of one data set. Origin: spec, node_id is a byte.
MAX_NODES: Final = 256

#: A board's report describes frames this near to it in time. Origin: derived, reports come once a second.
REPORT_REACH_S: Final = 1.0


class Watcher(Protocol):
    """Somebody else who wants to see the samples and reports that pass by."""

    def see_sample(self, node: int, sample: Sample) -> None:
        """One sample of a link of this node."""

    def see_report(self, at_s: float, node: int, report: EdgeVitals | FusedVitals) -> None:
        """What a board said of itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reports:
    """What boards said of themselves, n rows in time order: (n,) times, nodes, presence, motion, rates per minute."""

    at_s: Times
    node: NDArray[np.int64]
    presence_score: Vector
    motion_energy: Vector
    breathing_bpm: Vector
    heart_bpm: Vector
    n_persons: Vector
    rssi_dbm: Vector

    def nearest(self, at_s: Times, node: NDArray[np.int64]) -> NDArray[np.intp]:
        """(m,) row of the same node's nearest report within `REPORT_REACH_S`, −1 where there is none."""
        result = np.full(len(at_s), -1, dtype=np.intp)
        for key in np.unique(node):
            rows = np.flatnonzero(self.node == key)
            mine = np.flatnonzero(node == key)
            if not len(rows) or not len(mine):
                continue
            times = self.at_s[rows]
            after = np.clip(np.searchsorted(times, at_s[mine]), 1, max(len(rows) - 1, 1)) if len(rows) > 1 else None
            if after is None:
                index = np.zeros(len(mine), dtype=np.intp)
            else:
                before = after - 1
                is_before = np.abs(at_s[mine] - times[before]) <= np.abs(at_s[mine] - times[after])
                index = np.where(is_before, before, after)
            near = np.abs(times[index] - at_s[mine]) <= REPORT_REACH_S
            result[mine[near]] = rows[index[near]]
        return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """A recording as training sees it.

    csi, firmware : feature tables of the two sources; either may be None
    counts : packets used and refused, by name
    """

    csi: FeatureTable | None
    firmware: FeatureTable | None
    reports: Reports
    nodes: tuple[int, ...]
    counts: tuple[tuple[str, int], ...]

    @classmethod
    def collect(cls, packets: Iterable[tuple[float, int, Packet]], watcher: Watcher | None = None) -> Self:
        """From (seconds, node id, packet) in time order; raises TrainingError when nothing usable is among them."""
        counts: Counter[str] = Counter()
        demuxes: dict[int, Demux] = {}
        extractor = FeatureExtractor()
        derived: list[tuple[float, int, int, Vector]] = []
        sent: list[tuple[float, int, int, Vector]] = []
        links: dict[LinkId, int] = {}
        reports: list[tuple[float, ...]] = []
        newest_s = -np.inf
        for given_s, node, packet in packets:
            # A recording whose clock steps back would break every window; its rows stay, at the newest time seen.
            at_s = newest_s = max(given_s, newest_s)
            match packet:
                case CsiFrame():
                    demux = demuxes.get(node)
                    if demux is None:
                        if len(demuxes) >= MAX_NODES:
                            counts["frames of too many nodes"] += 1
                            continue
                        demux = demuxes[node] = Demux(str(node))
                    sample = demux.feed(packet, at_s)
                    row = extractor.update(sample) if sample is not None else None
                    if watcher is not None and sample is not None:
                        watcher.see_sample(node, sample)
                    if row is None or sample is None:
                        counts["frames without features (mask, glitch, repetition, first second of a link)"] += 1
                    else:
                        counts["frames with features"] += 1
                        derived.append((at_s, node, links.setdefault(sample.link, len(links)), row))
                case FeatureVector():
                    values = firmware_features(packet.values)
                    if values is None:
                        counts["feature vectors that are not eight finite numbers"] += 1
                    else:
                        counts["feature vectors"] += 1
                        sent.append((at_s, node, node, values))
                case EdgeVitals() | FusedVitals():
                    counts["vitals"] += 1
                    if watcher is not None:
                        watcher.see_report(at_s, node, packet)
                    reports.append(
                        (
                            at_s, node, packet.presence_score, packet.motion_energy, packet.breathing_bpm,
                            packet.heart_bpm, packet.n_persons, packet.rssi_dbm,
                        )
                    )  # fmt: skip
                case _:
                    counts[f"{type(packet).__name__} (not used)"] += 1
        if not derived and not sent:
            raise TrainingError(
                f"no feature rows in {sum(counts.values())} packets: {dict(counts) or 'no packets at all'}"
            )
        columns = np.array(reports, dtype=np.float64).reshape(-1, 8)
        return cls(
            csi=_table(derived, N_BANDS),
            firmware=_table(sent, 1),
            reports=Reports(
                at_s=columns[:, 0], node=columns[:, 1].astype(np.int64), presence_score=columns[:, 2],
                motion_energy=columns[:, 3], breathing_bpm=columns[:, 4], heart_bpm=columns[:, 5],
                n_persons=columns[:, 6], rssi_dbm=columns[:, 7],
            ),
            nodes=tuple(sorted({node for _, node, _, _ in (*derived, *sent)})),
            counts=tuple(sorted(counts.items())),
        )  # fmt: skip

    def table(self, source: FeatureSource) -> FeatureTable:
        """The rows of one source; raises TrainingError when the recording has none."""
        found = self.csi if source is FeatureSource.CSI else self.firmware
        if found is None:
            raise TrainingError(f"the recording holds no rows of source {source}")
        return found


def _table(rows: list[tuple[float, int, int, Vector]], motion_column: int) -> FeatureTable | None:
    if not rows:
        return None
    features: Matrix = np.array([row for *_, row in rows]).reshape(-1, N_FEATURES)
    return FeatureTable(
        at_s=np.array([at for at, *_ in rows]),
        node=np.array([node for _, node, _, _ in rows], dtype=np.int64),
        link=np.array([link for _, _, link, _ in rows], dtype=np.int64),
        features=features,
        motion=features[:, motion_column].copy(),
    )
