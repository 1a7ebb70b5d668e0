"""Motion energy of a link over a whole window at once: what the per-frame meter measures, for captures and slow ticks.

Two statistics of the same changes. Energy compares their size with the quiet's; it must allow for a receiver that is
now and then noisier, so movement has to be twice as loud as the noise. Shared energy is the part that neighbouring
bands have in common: noise, independent from band to band, averages out of it whatever its size, so that a second of
movement shows from about a third of the noise upwards. It can only raise what energy says.

Before a baseline exists there is nothing to compare with. Two facts need no reference: receiver noise is as different
after one frame as after a second, movement is not (`lag_ratio`); and a room where somebody moves now and then has
stretches that are far louder than its quietest ones (`loudness`).
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from ..dsp.robust import column_medians, median, quantile
from ..errors import Damaged, TrainingError
from ..shapes import Matrix, Times, Vector
from .log_profile import Bands, block_means, mean_square
from .window import LinkWindow

#: Time over which differences are taken. Origin: peers §2a, 100–150 ms separates best on ten real pairs.
LAG_S: Final = 0.15
#: Scale of the log energy is never taken below this. Origin: derived, log of a χ² with 4 degrees of freedom has σ 0.8.
MIN_SCALE: Final = 0.35
#: A window whose second differs no more than this from its frame is noise. Origin: measured, see `emptiness`.
WHITE_LAG_RATIO: Final = 1.3
#: How far the floor may be followed, z. Origin: chosen; more is another gain regime and has its own watcher.
MAX_FLOOR_RISE: Final = 4.0
#: What the loudest second of the quiet may reach, z. Origin: chosen, just below `life.MOTION_ON_Z`.
QUIET_TOP: Final = 1.8
#: Shared energy is averaged over this long. Origin: chosen, the second that everything else is counted in.
SHARED_S: Final = 1.0
#: And over at least so many frames: two of a slow link scatter as much as faint movement. Origin: derived, see below.
SHARED_FRAMES: Final = 8
#: The quiet's loudest second of it, at least, in units of noise. Origin: derived: fifteen pairs of bands and seven
#: independent frames scatter by 0.1; three of that.
MIN_SHARED_TOP: Final = 0.3
#: One frame counts no more than this. Origin: derived: one foreign frame is in two differences of a second's twenty
#: and may not reach the least top; movement is in all of them.
MAX_SHARED: Final = 1.0
#: Nor is one frame's energy louder than somebody walking by. Origin: measured in simulation, seconds of walking reach
#: 7.8; a foreign frame alone would have 15 and more, and make its second a loud one.
MAX_Z: Final = 8.0
#: From and up to where shared energy raises z. Origin: chosen; below it is noise, above it energy itself is loud.
SHARED_Z: Final = (1.0, 4.0)
#: A frame is compared with as many as are heard within this, and at most so many. Origin: derived: of two equally busy
#: transmitters none of four frames is of the same in one of sixteen; a walker leaves a place within a quarter second.
NEAREST_S: Final = 0.2
MAX_NEAREST: Final = 4
#: A second differs so little more than a frame by nearest changes: noise. Origin: measured: noise and mixtures
#: 0.84–1.07, movement that `lag_ratio` tells 1.16 and more, in simulation and on recordings.
MIXED_BELOW: Final = 1.1
#: Samples the meter's models need at least.
MIN_SAMPLES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MotionEnergy:
    """Quiet of one link: variance of the lag difference per band, location and scale of its log energy.

    variance : (n_bands,) of the lag difference in the quiet
    location, scale : of the log of the normalised energy in the quiet (median, 1.4826·MAD)
    shared_location, shared_top : median and loudest of the quiet seconds' shared energy; ∞ when it was not learnt
    """

    variance: Vector
    location: float
    scale: float
    shared_location: float = 0.0
    shared_top: float = np.inf

    @classmethod
    def fit(cls, window: LinkWindow, bands: Bands) -> Self:
        """Learn from a quiet window; raises TrainingError below `MIN_SAMPLES` differences."""
        times, change = lag_difference(window.times, bands.log(window.profiles))
        if len(change) < MIN_SAMPLES:
            raise TrainingError(f"{len(change)} differences, {MIN_SAMPLES} needed")
        # Median of squares: a single disturbance must not raise the floor (upstream PR #1917).
        variance = np.maximum(column_medians(change**2) / 0.455, 1e-8)
        scaled = change / np.sqrt(variance)
        logs = log_energy(scaled)
        location = float(np.median(logs))
        scale = max(float(1.4826 * np.median(np.abs(logs - location))), MIN_SCALE)
        # A robust scale does not know the tails; the loudest quiet second may not look like movement.
        _, seconds = block_means(times, ((logs - location) / scale)[:, None], 1.0)
        loudest = float(seconds.max()) if len(seconds) else 0.0
        _, shared = block_means(times, shared_energy(scaled)[:, None], SHARED_S)
        middle = float(np.median(shared)) if len(shared) else 0.0
        return cls(
            variance=variance,
            location=location,
            scale=scale * max(1.0, loudest / QUIET_TOP),
            shared_location=middle,
            shared_top=max(float(shared.max(initial=0.0)), middle + MIN_SHARED_TOP),
        )

    def z(self, times: Times, band_logs: Matrix) -> tuple[Times, Vector]:
        """Times and standardised log energies, one per sample that has a predecessor at the lag."""
        times, change = lag_difference(times, band_logs)
        return times, self._energy_z(change / np.sqrt(self.variance))

    def _energy_z(self, scaled: Matrix) -> Vector:
        return np.asarray((log_energy(scaled) - self.location) / self.scale)

    def _shared_z(self, times: Times, scaled: Matrix) -> Vector:
        """Shared energy of the last `SHARED_S`, or frames, in the units of `z`: the quiet's loudest is `QUIET_TOP`."""
        total = np.concatenate(([0.0], np.cumsum(shared_energy(scaled))))
        upto = np.arange(1, len(times) + 1)
        first = np.searchsorted(times, times - SHARED_S, side="right")
        first = np.maximum(np.minimum(first, upto - SHARED_FRAMES), 0)
        mean = (total[upto] - total[first]) / (upto - first)
        return np.asarray(QUIET_TOP * (mean - self.shared_location) / (self.shared_top - self.shared_location))

    def measured(self, window: LinkWindow, band_logs: Matrix) -> LinkWindow:
        """The window, whose log-profiles are `band_logs`, with `motion_z` of this model; NaN without predecessor.

        The noise floor is followed: when even the calmer part of the window is above the model and nothing in it is
        smoother than noise, the receiver hears worse than on the day of the baseline, and that is not movement.
        """
        times, change = lag_difference(window.times, band_logs)
        scaled = change / np.sqrt(self.variance)
        z, rise = self._energy_z(scaled), 0.0
        if len(z) >= MIN_SAMPLES and lag_ratio(window.times, band_logs) < WHITE_LAG_RATIO:
            rise = float(np.clip(quantile(z, 0.25) + 0.6, 0.0, MAX_FLOOR_RISE))
        z = z - rise
        shared = self._shared_z(times, scaled * np.exp(-0.5 * rise * self.scale))
        low, high = SHARED_Z
        z = np.minimum(np.where(shared > low, np.maximum(z, np.minimum(shared, high)), z), MAX_Z)
        filled = np.full(len(window), np.nan)
        filled[np.searchsorted(window.times, times)] = z
        return replace(window, motion_z=filled)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            "variance": self.variance,
            "location": self.location,
            "scale": self.scale,
            "shared_location": self.shared_location,
            "shared_top": self.shared_top,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged on numbers that cannot be."""
        model = cls(
            variance=stored["variance"],
            location=float(stored["location"]),
            scale=float(stored["scale"]),
            shared_location=float(stored.get("shared_location", 0.0)),
            shared_top=float(stored.get("shared_top", np.inf)),
        )
        if not (np.isfinite(model.shared_location) and model.shared_top > model.shared_location):
            raise Damaged("motion energy model with impossible numbers")
        if not (np.all(model.variance > 0) and np.isfinite(model.location) and model.scale >= MIN_SCALE / 2):
            raise Damaged("motion energy model with impossible numbers")
        return model


def lag_difference(times: Times, logs: Matrix, lag_s: float = LAG_S) -> tuple[Times, Matrix]:
    """Change of each band over about `lag_s`; pairs that are more than twice as far apart are left out."""
    if len(times) < 3:
        return np.empty(0), np.empty((0, logs.shape[1]))
    interval_s = max(median(np.diff(times)), 1e-3)
    lag = max(1, round(lag_s / interval_s))
    if len(times) <= lag:
        return np.empty(0), np.empty((0, logs.shape[1]))
    apart = times[lag:] - times[:-lag]
    near = apart <= max(2.0 * lag_s, 1.5 * lag * interval_s)
    return times[lag:][near], (logs[lag:] - logs[:-lag])[near]


def log_energy(scaled: Matrix) -> Vector:
    """(n,) log of the mean square of (n, n_bands) changes in units of the quiet's."""
    return np.asarray(np.log(np.maximum(mean_square(scaled), 1e-9)))


def shared_energy(scaled: Matrix) -> Vector:
    """(n,) mean product of neighbouring bands' changes in units of noise, within ±`MAX_SHARED`; about zero in noise."""
    n_pairs = scaled.shape[1] - 1
    if n_pairs < 1:
        return np.zeros(len(scaled))
    product = np.einsum("tb,tb->t", scaled[:, :-1], scaled[:, 1:]) / n_pairs
    return np.asarray(np.clip(product, -MAX_SHARED, MAX_SHARED))


def lag_ratio(times: Times, logs: Matrix, *, long_s: float = 1.0) -> float:
    """Mean square change over a second by that over one frame: 1 for noise, several for movement."""
    short = np.diff(logs, axis=0)
    far = lag_difference(times, logs, long_s)[1]
    if not len(short) or not len(far):
        return 1.0
    return median(mean_square(far)) / max(median(mean_square(short)), 1e-12)


def nearest_change(times: Times, logs: Matrix, lag_s: float = LAG_S) -> tuple[Times, Matrix]:
    """`lag_difference`, but to the nearest of the frames within `NEAREST_S` before the lag.

    Where one label holds several transmitters, one of those frames is nearly always of the same one. Noise is smaller
    by a third so, movement hardly: a body does not come back to where it was within 0.2 s.
    """
    if len(times) < 3:
        return np.empty(0), np.empty((0, logs.shape[1]))
    interval_s = max(median(np.diff(times)), 1e-3)
    first = max(1, round(lag_s / interval_s))
    last = first + min(max(1, round(NEAREST_S / interval_s)), MAX_NEAREST) - 1
    if len(times) <= last:
        return np.empty(0), np.empty((0, logs.shape[1]))
    now = slice(last, None)
    nearest, least = np.empty_like(logs[now]), np.full(len(times) - last, np.inf)
    for lag in range(first, last + 1):
        before = slice(last - lag, len(times) - lag)
        change = logs[now] - logs[before]
        is_near = times[now] - times[before] <= max(2.0 * lag_s, 1.5 * lag * interval_s)
        energy = np.where(is_near, (change**2).mean(axis=1), np.inf)
        is_less = energy < least
        nearest[is_less], least[is_less] = change[is_less], energy[is_less]
    found = np.isfinite(least)
    return times[now][found], nearest[found]


def smoothness(times: Times, logs: Matrix) -> float:
    """`lag_ratio`, or 1 where it is chance: where which of several transmitters was heard decides about it.

    Half of the changes are then small and half large, and their median is either; nearest changes know no such halves.
    """
    short, far = (nearest_change(times, logs, lag_s)[1] for lag_s in (0.0, 1.0))
    if len(short) and len(far):
        nearest = median((far**2).mean(axis=1)) / max(median((short**2).mean(axis=1)), 1e-12)
        if nearest < MIXED_BELOW:
            return 1.0
    return lag_ratio(times, logs)


def neighbour_coherence(change: Matrix) -> float:
    """Correlation of neighbouring bands' changes, −1…1: movement is smooth over frequency, interference is not."""
    if len(change) < 3 or change.shape[1] < 3:
        return 0.0
    left, right = change[:, :-1], change[:, 1:]
    energy = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum() / energy) if energy > 0 else 0.0
