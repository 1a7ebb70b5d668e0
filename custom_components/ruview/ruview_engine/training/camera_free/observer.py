"""Builds the per-second observation of a recording from the samples and reports that pass by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...links.link_id import LinkId
from ...links.sample import Sample
from ...shapes import Matrix, Profile, Times, Vector
from ...wire import EdgeVitals, FusedVitals
from .observation import Observation

#: Movement is resampled to this rate, and searched for rhythm over this window. Origin: chosen; two to three steps per
#: window, and twice the step rate below the Nyquist rate.
RHYTHM_HZ: Final = 10.0
RHYTHM_WINDOW_S: Final = 4.0

#: Lags of a walking person's steps. Origin: spec, Bohannon 1997: 1.3–2.5 steps per second.
STEP_LAGS_S: Final = (0.4, 0.8)

#: A link with fewer samples has no quiet of its own to compare with. Origin: chosen, some seconds of any link.
MIN_LINK_SAMPLES: Final = 20

#: Seconds of one grid. Origin: chosen, a day; more belongs into several recordings.
MAX_SECONDS: Final = 86_400

#: Added to an energy before its logarithm. Origin: as in `features`.
ENERGY_FLOOR: Final = 1e-5


@dataclass(slots=True)
class _LinkTrace:
    """Per usable sample of one link: time, and log energy of the change in all, upper and lower bins."""

    node: int
    last: Profile | None = None
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)


class Observer:
    """A `dataset.Watcher`; `observe` gives what was seen."""

    def __init__(self) -> None:
        self._links: dict[LinkId, _LinkTrace] = {}
        self._rssi: list[tuple[float, int, float]] = []
        self._reports: list[tuple[float, int, float, float, float]] = []

    def see_sample(self, node: int, sample: Sample) -> None:
        """One sample of a link; unusable ones are passed over."""
        if not sample.is_usable:
            return
        trace = self._links.setdefault(sample.link, _LinkTrace(node))
        before, trace.last = trace.last, sample.profile
        if sample.rssi_dbm is not None:
            self._rssi.append((sample.at_s, node, float(sample.rssi_dbm)))
        if before is None or before.shape != sample.profile.shape or sample.breaks_window:
            return
        change = (sample.profile - before)[sample.profile > 0] ** 2
        if len(change) < 2:
            return
        half = len(change) // 2
        whole, upper, lower = (
            float(np.log(part.mean() + ENERGY_FLOOR)) for part in (change, change[half:], change[:half])
        )
        trace.rows.append((sample.at_s, whole, upper, lower))

    def see_report(self, at_s: float, node: int, report: EdgeVitals | FusedVitals) -> None:
        """What a board said of itself."""
        self._reports.append(
            (at_s, node, float(report.presence_score), float(report.n_persons), float(report.rssi_dbm))
        )

    def observe(self) -> Observation:
        """Everything seen, per second; raises TrainingError when nothing was, or it spans more than a day."""
        times = [row[0] for trace in self._links.values() for row in trace.rows] + [row[0] for row in self._reports]
        if not times:
            raise TrainingError("no sample and no report to observe")
        first, last = int(np.floor(min(times))), int(np.floor(max(times)))
        if last - first >= MAX_SECONDS:
            raise TrainingError(f"{last - first} s of recording, at most {MAX_SECONDS} are observed at once")
        grid = np.arange(first, last + 1, dtype=np.float64)
        nodes = tuple(sorted({trace.node for trace in self._links.values()} | {row[1] for row in self._reports}))
        movement = self._movement(grid, nodes)
        reports = np.array(self._reports, dtype=np.float64).reshape(-1, 5)
        rssi = _per_second(grid, nodes, np.array(self._rssi, dtype=np.float64).reshape(-1, 3))
        reported = _per_second(grid, nodes, reports[:, [0, 1, 4]])
        return Observation(
            grid=grid,
            nodes=nodes,
            presence=_per_second(grid, nodes, reports[:, [0, 1, 2]]),
            motion=movement["motion"],
            rssi_dbm=np.where(_varies(rssi), rssi, reported),
            n_persons=_per_second(grid, nodes, reports[:, [0, 1, 3]]),
            periodicity=self._periodicity(grid, nodes),
            upper=movement["upper"],
            lower=movement["lower"],
        )

    def _movement(self, grid: Times, nodes: tuple[int, ...]) -> Mapping[str, Matrix]:
        """Each link against its own median, then averaged over a node's links: links are never compared directly."""
        result: dict[str, Matrix] = {}
        for column, name in enumerate(("motion", "upper", "lower"), start=1):
            rows = []
            for trace in self._links.values():
                if len(trace.rows) < MIN_LINK_SAMPLES:
                    continue
                values = np.array(trace.rows)
                own = values[:, column] - np.median(values[:, column])
                rows.append(np.stack([values[:, 0], np.full(len(own), trace.node), own], axis=1))
            result[name] = _per_second(grid, nodes, np.concatenate(rows) if rows else np.zeros((0, 3)))
        return result

    def _periodicity(self, grid: Times, nodes: tuple[int, ...]) -> Matrix:
        """(m, n) rhythm of each node's busiest link."""
        result = np.full((len(grid), len(nodes)), np.nan)
        for column, node in enumerate(nodes):
            traces = [trace.rows for trace in self._links.values() if trace.node == node]
            rows = np.array(max(traces, key=len, default=[])).reshape(-1, 4)
            if len(rows) >= MIN_LINK_SAMPLES:
                result[:, column] = rhythm(rows[:, 0], rows[:, 1], grid)
        return result


def rhythm(times: Times, values: Vector, grid: Times) -> Vector:
    """(m,) 0–1: highest autocorrelation at step lags in the 4 s around each second; NaN where samples are too few."""
    n_window = int(RHYTHM_WINDOW_S * RHYTHM_HZ)
    start = grid[0] - RHYTHM_WINDOW_S / 2.0 + 0.5
    fine = start + np.arange(int((grid[-1] - grid[0]) * RHYTHM_HZ) + n_window) / RHYTHM_HZ
    step = int(RHYTHM_HZ)
    windows = np.lib.stride_tricks.sliding_window_view(np.interp(fine, times, values), n_window)[::step][: len(grid)]
    count = np.searchsorted(times, grid + 0.5 + RHYTHM_WINDOW_S / 2) - np.searchsorted(
        times, grid + 0.5 - RHYTHM_WINDOW_S / 2
    )
    centred = windows - windows.mean(axis=1, keepdims=True)
    power = np.maximum((centred**2).sum(axis=1), 1e-12)
    lags = range(int(STEP_LAGS_S[0] * RHYTHM_HZ), int(STEP_LAGS_S[1] * RHYTHM_HZ) + 1)
    peaks = np.max([np.sum(centred[:, lag:] * centred[:, :-lag], axis=1) for lag in lags], axis=0)
    # Fewer samples than two per lag are mostly interpolation, which is smooth and would look rhythmic.
    enough = count >= n_window / 2
    return np.where(enough, np.clip(peaks / power, 0.0, 1.0), np.nan)


def _per_second(grid: Times, nodes: tuple[int, ...], rows: NDArray[np.float64]) -> Matrix:
    """(k, 3) of time, node, value → (m, n) mean per second and node; NaN where there is none."""
    m, n = len(grid), len(nodes)
    rows = rows[np.isfinite(rows).all(axis=1)]
    second = np.clip((np.floor(rows[:, 0]) - grid[0]).astype(np.intp), 0, m - 1)
    column = np.searchsorted(np.array(nodes), rows[:, 1].astype(np.int64))
    cell = second * n + column
    count = np.bincount(cell, minlength=m * n)
    total = np.bincount(cell, weights=rows[:, 2], minlength=m * n)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(m, n)


def _varies(values: Matrix) -> NDArray[np.bool_]:
    """(n,) columns that hold more than one value: a constant RSSI is a recorder's placeholder."""
    known = np.isfinite(values)
    high = np.where(known, values, -np.inf).max(axis=0)
    low = np.where(known, values, np.inf).min(axis=0)
    return np.asarray(high > low)
