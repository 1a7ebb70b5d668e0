"""Recorded CSI as samples of links: the same path as live frames, at a chosen rate.

Recordings stay outside the repository (`RUVIEW_DATA`, else ../shared/data); see docs/benchmarks/introspection.md.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ruview_engine.links.demux import Demux
from ruview_engine.links.sample import Sample
from ruview_engine.wire.packet import CsiFrame

ROOT = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """The folder of recordings; leaves with a message where there is none."""
    path = Path(os.environ.get("RUVIEW_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        raise SystemExit(f"no recordings at {path}; set RUVIEW_DATA")
    return path


def newest_at(times: NDArray[np.float64], rate_hz: float, phase: float = 0.0) -> NDArray[np.bool_]:
    """(n,) True for the newest frame before each tick of 1/rate s; the first tick is `phase` of one after the start."""
    ticks = np.arange(times[0] + phase / rate_hz, times[-1], 1.0 / rate_hz)
    chosen = np.zeros(len(times), dtype=np.bool_)
    chosen[np.clip(np.searchsorted(times, ticks, side="right") - 1, 0, len(times) - 1)] = True
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """Frames in time order. `iq` is (n, 2·n_pairs) int8, imaginary part first; `clip` numbers separate takes."""

    name: str
    times: NDArray[np.float64]
    iq: NDArray[np.int8]
    labels: NDArray[np.str_]
    rssi: NDArray[np.int16]
    clip: NDArray[np.int32]

    def select(self, chosen: NDArray[np.bool_]) -> Recording:
        """The frames where `chosen` is True."""
        return Recording(
            name=self.name,
            times=self.times[chosen],
            iq=self.iq[chosen],
            labels=self.labels[chosen],
            rssi=self.rssi[chosen],
            clip=self.clip[chosen],
        )

    def at_rate(self, rate_hz: float, phase: float = 0.0) -> Recording:
        """One frame per 1/rate s (the newest before each tick), as a board with a send gate would report."""
        if len(self.times) < 2:
            return self
        return self.select(newest_at(self.times, rate_hz, phase))

    @property
    def seconds(self) -> float:
        """Time covered, pauses over 1 s left out."""
        steps = np.diff(self.times)
        return float(steps[(steps > 0) & (steps < 1.0)].sum())


def load(path: Path) -> Recording:
    """Any of the `.npz` recordings."""
    with np.load(path, allow_pickle=False) as z:
        times = z["t"].astype(np.float64)
        if "csi" in z.files:
            csi = z["csi"]
            parts = np.stack([csi.imag, csi.real], axis=-1).reshape(len(csi), -1)
        else:
            amplitude = z["amp"]
            parts = np.stack([np.zeros_like(amplitude), amplitude], axis=-1).reshape(len(amplitude), -1)
            # fractional amplitudes of small size would lose their motion in an int8
            peak = float(np.percentile(parts, 99.9))
            if peak > 127.0 or not np.array_equal(parts, np.round(parts)):
                parts = parts * (120.0 / peak)
        iq = np.clip(np.round(parts), -128, 127).astype(np.int8)
        n = len(times)
        labels = np.broadcast_to(z["labels"], (n,)).astype(np.str_)
        if "settling" in z.files:
            labels = np.where(z["settling"] != 0, "settling", labels).astype(np.str_)
        rssi = z["rssi"] if "rssi" in z.files else np.full(n, -50, dtype=np.int16)
        clip = z["rec"] if "rec" in z.files else np.zeros(n, dtype=np.int32)
        name = f"{path.parent.name}/{path.stem}"
        return Recording(name=name, times=times, iq=iq, labels=labels, rssi=rssi, clip=clip)


class Player:
    """Feeds recordings into one node's demux on one continuous clock."""

    def __init__(self, node: str = "1") -> None:
        self.demux = Demux(node)
        self.now_s = 1000.0
        self._sequence = 0

    def play(self, recording: Recording, *, gap_s: float = 0.05) -> Iterator[Sample | None]:
        """One item per frame; the recording starts `gap_s` after whatever was played before."""
        if len(recording.times) == 0:
            return
        offset = self.now_s + gap_s - recording.times[0]
        n_pairs = recording.iq.shape[1] // 2
        for time, iq, rssi in zip(recording.times, recording.iq, recording.rssi, strict=True):
            self.now_s = float(time + offset)
            self._sequence += 1
            frame = CsiFrame(
                version=1,
                node_id=1,
                n_antennas=1,
                n_pairs=n_pairs,
                freq_mhz=2437,
                sequence=self._sequence,
                rssi_dbm=int(rssi),
                noise_floor_dbm=-95,
                ppdu=0,
                flags=0,
                iq=iq.tobytes(),
            )
            yield self.demux.feed(frame, self.now_s)


def espectre_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """(quiet, movement) of the same chip and session: the movement file nearest after each quiet file."""
    quiet = [p for p in sorted(folder.glob("baseline_*.npz")) if "noisy" not in p.name]
    moving = sorted(folder.glob("movement_*.npz"))
    pairs = []
    for q in quiet:
        chip, stamp = q.stem.split("_")[1], _stamp(q)
        same = [m for m in moving if m.stem.split("_")[1] == chip and _stamp(m)[0] == stamp[0]]
        if same:
            pairs.append((q, min(same, key=lambda m: abs(_stamp(m)[1] - stamp[1]))))
    return pairs


def _stamp(path: Path) -> tuple[str, int]:
    found = re.search(r"(\d{8})_(\d{6})", path.stem)
    return (found.group(1), int(found.group(2))) if found else ("001", 0)
