"""The eight weak labels of ADR-071 camera-free phase 1, one function each.

A weak label comes with a weight 0–1: how much the signals behind it are worth. Weight 0 means "nobody knows", and such
rows teach nothing. A head may only learn from labels whose sources are another physics than the encoder's inputs.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...shapes import Vector
from .observation import Observation, mean_over_nodes, rank
from .signals import SensorHistory, Signal, rising

#: Origin: spec, ADR-071 "Presence: PIR || CSI_presence > 0.3 || temp_rising > 0.1 °C/min".
TEMPERATURE_RISE_C_PER_MIN: Final = 0.1

#: The board's score is unbounded, so the seed's absolute 0.3 would be always true; its rank in the recording takes its
#: place: the upper 70 %. Origin: derived from the seed's 0.3.
CSI_PRESENCE_RANK: Final = 0.3

#: A PIR sees nobody who sits still; its silence is evidence of absence only after this long. Origin: chosen; common PIR
#: sensors hold for 30–90 s, and a reader moves within a few minutes.
PIR_SILENCE_S: Final = 300.0

#: Origin: spec, ADR-071 "5×5 grid (25 zones)".
N_ZONES_PER_SIDE: Final = 5

#: RSSI difference that moves the estimate from the middle to a node's side. Origin: derived, free-space loss over a
#: path twice as long is 6 dB.
RSSI_SPAN_DB: Final = 6.0

#: Autocorrelation of movement at walking cadence above which it counts as walking. Origin: chosen; half of
#: the variance of the movement series must repeat with the step.
WALKING_PERIODICITY: Final = 0.5

#: Ranks of movement that part empty/stationary/moving when no other signal says so. Origin: chosen, thirds.
STILL_RANK: Final = 1.0 / 3.0
MOVING_RANK: Final = 2.0 / 3.0

#: A fragility above its own median by this many scaled MADs is a spike. Origin: chosen, about one
#: false spike in 700 for Gauss noise.
FRAGILITY_SPIKE: Final = 3.0

#: Humidity change that counts as breath in a zone. Origin: chosen; a person adds 30–60 g of water per hour, which in
#: 30 m³ is about 1–2 % relative humidity per hour without exchange of air, i.e. 0.02 %/min.
HUMIDITY_RISE_PER_MIN: Final = 0.02

#: Trust in each source of presence. Origin: chosen; PIR and door are measurements by another physics, temperature is
#: slow, the board's own score has been no better than chance in the field (upstream §5.2, pain 3).
TRUST_PIR: Final = 0.95
TRUST_TEMPERATURE: Final = 0.6
TRUST_CSI: Final = 0.3


class Activity(StrEnum):
    """Classes of the activity label."""

    EMPTY = "empty"
    STATIONARY = "stationary"
    WALKING = "walking"
    GESTURE = "gesture"


class BodyRegion(StrEnum):
    """Which half of the bins moved more."""

    NONE = "none"
    UPPER = "upper"
    LOWER = "lower"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeakLabel:
    """values (m,) codes or numbers, −1 or NaN where unknown; weight (m,) 0–1; `sources` names the signals used."""

    values: Vector
    weight: Vector
    sources: tuple[Signal, ...]

    @property
    def share_known(self) -> float:
        """Share of seconds with any weight."""
        return float(np.mean(self.weight > 0)) if len(self.weight) else 0.0


def presence(seen: Observation, history: SensorHistory) -> WeakLabel:
    """1 present, 0 absent. PIR, then rising temperature, then the upper ranks of the boards' own score."""
    m = len(seen)
    values, weight = np.full(m, -1.0), np.zeros(m)
    sources: list[Signal] = []
    csi = mean_over_nodes(rank(seen.presence))
    if np.isfinite(csi).any():
        sources.append(Signal.TEMPORAL_CSI)
        _claim(values, weight, np.isfinite(csi), (csi > CSI_PRESENCE_RANK).astype(float), TRUST_CSI)
    temperature = history.at(Signal.TEMPERATURE, seen.grid)
    if np.isfinite(temperature).any():
        sources.append(Signal.TEMPERATURE)
        _claim(values, weight, _slope_per_min(temperature) > TEMPERATURE_RISE_C_PER_MIN, np.ones(m), TRUST_TEMPERATURE)
    pir = history.at(Signal.PIR, seen.grid)
    if np.isfinite(pir).any():
        sources.append(Signal.PIR)
        _claim(values, weight, pir > 0.5, np.ones(m), TRUST_PIR)
        silent = np.isfinite(pir) & ~_recently(pir > 0.5, int(PIR_SILENCE_S))
        _claim(values, weight, silent, np.zeros(m), TRUST_PIR)
    return WeakLabel(values=values, weight=weight, sources=tuple(sources))


def position(seen: Observation) -> WeakLabel:
    """Zone 0…24 on a 5×5 grid: column from the RSSI difference of two nodes, row from their sum; −1 with one node."""
    m = len(seen)
    if len(seen.nodes) < 2:
        return WeakLabel(values=np.full(m, -1.0), weight=np.zeros(m), sources=())
    first, second = seen.rssi_dbm[:, 0], seen.rssi_dbm[:, 1]
    across, along = (first - second), (first + second) / 2.0
    known = np.isfinite(across)
    if not known.any():
        return WeakLabel(values=np.full(m, -1.0), weight=np.zeros(m), sources=())
    column = _cell((across - np.nanmedian(across)) / (2 * RSSI_SPAN_DB) + 0.5)
    row = _cell((along - np.nanmedian(along)) / (2 * RSSI_SPAN_DB) + 0.5)
    values = np.where(known, row * N_ZONES_PER_SIDE + column, -1.0)
    return WeakLabel(values=values, weight=np.where(known, 0.3, 0.0), sources=(Signal.CROSS_NODE_RSSI,))


def activity(seen: Observation, present: WeakLabel) -> WeakLabel:
    """Index into `Activity`: empty by the presence label, else by rank and rhythm of movement."""
    motion, rhythm = mean_over_nodes(rank(seen.motion)), mean_over_nodes(seen.periodicity)
    kinds = list(Activity)
    values = np.full(len(seen), float(kinds.index(Activity.GESTURE)))
    values[motion < MOVING_RANK] = kinds.index(Activity.STATIONARY)
    values[(motion >= STILL_RANK) & (rhythm > WALKING_PERIODICITY)] = kinds.index(Activity.WALKING)
    is_empty = (present.values == 0) & (present.weight > TRUST_CSI)
    values[is_empty] = kinds.index(Activity.EMPTY)
    known = np.isfinite(motion)
    weight = np.where(known, 0.3 + 0.5 * np.abs(np.nan_to_num(motion, nan=0.5) - 0.5), 0.0)
    weight[is_empty] = present.weight[is_empty]
    return WeakLabel(values=np.where(known | is_empty, values, -1.0), weight=weight, sources=(Signal.TEMPORAL_CSI,))


def occupancy(seen: Observation, history: SensorHistory) -> WeakLabel:
    """Number of persons: the largest count of any board, halved in trust unless the temperature rises with it."""
    counts = (
        np.where(np.isfinite(seen.n_persons), seen.n_persons, -1.0).max(axis=1)
        if seen.nodes
        else np.full(len(seen), -1.0)
    )
    slope = _slope_per_min(history.at(Signal.TEMPERATURE, seen.grid))
    confirmed = (counts > 0) & (slope > 0)
    weight = np.where(counts < 0, 0.0, np.where(confirmed, 0.2, 0.1))
    return WeakLabel(values=counts, weight=weight, sources=(Signal.TEMPORAL_CSI, Signal.TEMPERATURE))


def body_region(seen: Observation) -> WeakLabel:
    """Index into `BodyRegion` from the movement in the two halves of the bins."""
    upper, lower = mean_over_nodes(rank(seen.upper)), mean_over_nodes(rank(seen.lower))
    kinds = list(BodyRegion)
    values = np.full(len(seen), float(kinds.index(BodyRegion.NONE)))
    values[(upper > MOVING_RANK) & (lower > MOVING_RANK)] = kinds.index(BodyRegion.BOTH)
    values[(upper > MOVING_RANK) & (lower <= MOVING_RANK)] = kinds.index(BodyRegion.UPPER)
    values[(lower > MOVING_RANK) & (upper <= MOVING_RANK)] = kinds.index(BodyRegion.LOWER)
    known = np.isfinite(upper) & np.isfinite(lower)
    return WeakLabel(
        values=np.where(known, values, -1.0), weight=np.where(known, 0.2, 0.0), sources=(Signal.TEMPORAL_CSI,)
    )


def entry_exit(seen: Observation, history: SensorHistory) -> WeakLabel:
    """1 in seconds in which at least two of door, PIR change and fragility spike fall together, else 0."""
    votes = np.zeros(len(seen))
    sources: list[Signal] = []
    door = history.at(Signal.DOOR, seen.grid)
    if np.isfinite(door).any():
        sources.append(Signal.DOOR)
        votes += _recently(rising(door) | rising(1.0 - door), 5)
    pir = history.at(Signal.PIR, seen.grid)
    if np.isfinite(pir).any():
        sources.append(Signal.PIR)
        votes += _recently(rising(pir) | rising(1.0 - pir), 5)
    fragility = history.at(Signal.FRAGILITY, seen.grid)
    if np.isfinite(fragility).any():
        sources.append(Signal.FRAGILITY)
        middle = np.nanmedian(fragility)
        spread = 1.4826 * np.nanmedian(np.abs(fragility - middle))
        votes += _recently(np.nan_to_num(fragility, nan=-np.inf) > middle + FRAGILITY_SPIKE * max(spread, 1e-9), 5)
    weight = np.full(len(seen), 0.8 if len(sources) >= 2 else 0.0)
    return WeakLabel(values=(votes >= 2).astype(float), weight=weight, sources=tuple(sources))


def breathing_zone(seen: Observation, history: SensorHistory, present: WeakLabel) -> WeakLabel:
    """1 where humidity rises while somebody is present: the person is in the sensor's zone."""
    slope = _slope_per_min(history.at(Signal.HUMIDITY, seen.grid))
    known = np.isfinite(slope) & (present.values >= 0)
    near = known & (slope > HUMIDITY_RISE_PER_MIN) & (present.values == 1)
    return WeakLabel(
        values=np.where(known, near.astype(float), -1.0), weight=np.where(known, 0.3, 0.0), sources=(Signal.HUMIDITY,)
    )


def footsteps(seen: Observation, history: SensorHistory) -> NDArray[np.bool_]:
    """(m,) True in seconds in which the vibration sensor felt a step; the feet of the pose proxy stand on this."""
    return np.nan_to_num(history.at(Signal.VIBRATION, seen.grid), nan=0.0) > 0.5


def _claim(values: Vector, weight: Vector, where: NDArray[np.bool_], answer: Vector, trust: float) -> None:
    """Let a more trusted source overrule, in place."""
    rows = where & (weight < trust)
    values[rows] = answer[rows]
    weight[rows] = trust


def _slope_per_min(values: Vector, window: int = 120) -> Vector:
    """(m,) change per minute over the last `window` seconds; NaN until that much is known."""
    result = np.full(len(values), np.nan)
    if len(values) > window:
        result[window:] = (values[window:] - values[:-window]) * 60.0 / window
    return result


def _recently(events: NDArray[np.bool_], seconds: int) -> NDArray[np.bool_]:
    """(m,) True if any of the last `seconds` seconds, this one included, holds an event."""
    total = np.concatenate([[0], np.cumsum(events)])
    first = np.maximum(np.arange(len(events)) + 1 - seconds, 0)
    return np.asarray(total[1:] - total[first] > 0)


def _cell(position_share: Vector) -> Vector:
    """0…1 across the room → 0…4."""
    return np.clip(np.floor(position_share * N_ZONES_PER_SIDE), 0, N_ZONES_PER_SIDE - 1)
