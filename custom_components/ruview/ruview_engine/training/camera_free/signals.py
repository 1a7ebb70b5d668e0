"""The ten supervision signals of ADR-071, and which mode the available ones allow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import ShapeError
from ...shapes import Times, Vector


class Signal(StrEnum):
    """The seed's table "10 Supervision Signals (No Camera)", in its order."""

    PIR = "pir"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    CROSS_NODE_RSSI = "cross_node_rssi"
    VITALS_STABILITY = "vitals_stability"
    TEMPORAL_CSI = "temporal_csi"
    CLUSTER_LABELS = "cluster_labels"
    FRAGILITY = "fragility"
    DOOR = "door"
    VIBRATION = "vibration"


#: Signals that come from the nodes themselves; the others need a sensor hub (Home Assistant, or a Cognitum Seed).
CSI_SIGNALS: Final = frozenset({Signal.CROSS_NODE_RSSI, Signal.VITALS_STABILITY, Signal.TEMPORAL_CSI})

#: Signals that hold their value until the next report; the rest are interpolated. Origin: spec, what the sensors send.
STEP_SIGNALS: Final = frozenset({Signal.PIR, Signal.DOOR, Signal.CLUSTER_LABELS})

#: A value older than this says nothing about now. Origin: chosen; battery sensors report a slow quantity every few
#: minutes and a binary one on change, so a step signal is believed for an hour and a continuous one for ten minutes.
STEP_LIFE_S: Final = 3600.0
CONTINUOUS_LIFE_S: Final = 600.0


class Mode(StrEnum):
    """The seed's table "Graceful Degradation"; computed, never configured."""

    FULL = "full"
    CSI_ONLY = "csi_only"
    SINGLE_NODE = "single_node"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """Reports of one signal: times (n,) seconds, increasing; values (n,) float, binary ones as 0 and 1.

    NaN is a report too: from there on nobody knows (a sensor that became unavailable).
    """

    signal: Signal
    times: Times
    values: Vector

    def __post_init__(self) -> None:
        if self.times.shape != self.values.shape or self.times.ndim != 1:
            raise ShapeError(f"{self.signal}: times {self.times.shape}, values {self.values.shape}")

    @classmethod
    def from_reports(cls, signal: Signal, reports: Iterable[tuple[float, float]]) -> Self:
        """Sort reports by time, drop infinities and times that are none, keep the last of equal times."""
        finite = {at: value for at, value in reports if np.isfinite(at) and not np.isinf(value)}
        times = np.array(sorted(finite), dtype=np.float64)
        return cls(signal=signal, times=times, values=np.array([finite[at] for at in times], dtype=np.float64))

    def at(self, grid: Times) -> Vector:
        """(m,) the value at each time of the grid; NaN before the first report and when the last one is too old."""
        if not len(self.times):
            return np.full(len(grid), np.nan)
        index = np.searchsorted(self.times, grid, side="right") - 1
        known = index >= 0
        last = np.maximum(index, 0)
        life = STEP_LIFE_S if self.signal in STEP_SIGNALS else CONTINUOUS_LIFE_S
        fresh = known & (grid - self.times[last] <= life)
        values = self.values[last] if self.signal in STEP_SIGNALS else np.interp(grid, self.times, self.values)
        return np.asarray(np.where(fresh, values, np.nan), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorHistory:
    """All tracks of a recording, by signal."""

    tracks: Mapping[Signal, Track]

    @property
    def available(self) -> tuple[Signal, ...]:
        """Signals with at least one value, in the table's order."""
        return tuple(
            signal for signal in Signal if signal in self.tracks and np.isfinite(self.tracks[signal].values).any()
        )

    def at(self, signal: Signal, grid: Times) -> Vector:
        """(m,) the signal on the grid; all NaN when nobody measured it."""
        track = self.tracks.get(signal)
        return np.full(len(grid), np.nan) if track is None else track.at(grid)

    def mode(self, n_nodes: int) -> Mode:
        """What the available signals allow; a hub signal makes it full only with two nodes, as in the seed's table."""
        if n_nodes < 2:
            return Mode.SINGLE_NODE
        return Mode.FULL if set(self.available) - CSI_SIGNALS else Mode.CSI_ONLY


def rising(values: Vector) -> NDArray[np.bool_]:
    """(n,) True where a binary signal goes from 0 to 1; NaN counts as no change."""
    on = values > 0.5
    result = np.zeros(len(values), dtype=bool)
    result[1:] = on[1:] & ~on[:-1] & np.isfinite(values[:-1])
    return result
