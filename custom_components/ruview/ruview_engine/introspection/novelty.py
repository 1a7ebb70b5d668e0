"""Has this shape of the channel been seen before? One number per sample that noise and foreign frames cannot fake.

A sample is compared with everything the link is known to look like when nobody moves: shapes of its baseline, of the
last seconds and of the last quarter of a minute. Novelty is the distance to the nearest of them over what the smooth
part of the spectrum shows, in units of noise, divided by the distance over the ripples if that is more than noise:

    x = ln √( |smooth(y − s)|² / max(1, |ripple(y − s)|²) ),        s the nearest known shape

A body that begins to move gives shapes that were never there, over many neighbouring tones at once. A channel that
switches between states, drifts or breathes comes back to what is known; more noise, interference and foreign frames
ripple as much as they deviate. x is kept over two samples, the smaller counts, so that a lone frame never fires.

Source: docs/algorithms/introspection.md#change; measured in docs/benchmarks/introspection.md.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..dsp.cusum import CusumLimits, fit_limits
from ..dsp.surprise import Surprise
from ..errors import ShapeError
from ..links.projection import ripples, waves
from ..links.sample import Sample
from ..shapes import Matrix, Profiles, Vector

#: Half-waves of the smooth part are at least so many bins long. Origin: measured, motion is coherent over ≈ 10 bins;
#: 4 to 9 give the same delays on the recordings.
HALF_WAVE_BINS: Final = 6.5
#: Waves used at most. Origin: chosen, 40 MHz have 17; more would cost time and see nothing else.
MAX_WAVES: Final = 24
#: Below this many active bins every bin is looked at for itself and nothing is called ripple. Origin: derived, scalar
#: streams; 16 bins have two waves.
FEW_BINS: Final = 16
#: Shapes kept of the baseline. Origin: measured, 32 to 128 give the same delays; a state seen in a tenth of the time is
#: among 64 six times.
N_BASELINE: Final = 64
#: Shapes of the last seconds, their spacing, and how young the youngest may be. Origin: chosen; younger than 0.2 s they
#: would already be part of the onset.
N_RECENT: Final = 40
RECENT_S: Final = 0.05
AGE_S: Final = 0.2
#: Shapes of the last quarter of a minute and their spacing. Origin: chosen, four breaths.
N_SPACED: Final = 32
SPACED_S: Final = 0.5
#: The smallest novelty within this time counts, and never of less than two samples. Origin: derived, as
#: `links.lag_energy.AVERAGE_S`: foreign frames come in short runs at a high rate.
CONFIRM_S: Final = 0.045
#: Deviation per wave is never taken as smaller than this share of the profile. Origin: derived, int8 I/Q of amplitude
#: ≈ 30 rounds by 0.3/30; half of that where waves average.
MIN_JITTER: Final = 0.004
#: Nearer than this is the same shape. Origin: chosen, keeps the logarithm finite.
NEAREST: Final = 0.05
#: Bounds of the standard deviation of x in quiet, in units of what white noise has: that of ½ ln χ²/n, about
#: √(½ / (n − 1)). Origin: measured, 0.9–1.3 on every quiet recording of five chips. Less is luck of a short baseline,
#: more a mixture of states.
MIN_SCALE: Final = 1.2
MAX_SCALE: Final = 1.6
#: Folds of the fit: each fold is judged by shapes and noise of the others. Origin: chosen.
FOLDS: Final = 4
#: Seconds until the recent past is believed after a start or a silence. Origin: derived, a fifth of it is `AGE_S`.
SETTLE_S: Final = 1.0
#: Fewest quiet samples for a model. Origin: derived, 5 s at 20 Hz, 10 s at 10 Hz: four folds of 1–2 s.
MIN_SAMPLES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoveltyModel:
    """The quiet of one link, seen by `NoveltyMeter`. Fitted once, stored with the baseline.

    projection : (n_waves + n_ripples, n_pairs) profile → waves and ripples; for a difference of two samples of quiet
    the mean square of each part is 1
    known : (n, n_waves + n_ripples) shapes of the baseline
    n_waves : how many of the rows are smooth · n_confirm : samples of which the smallest counts
    limits : the law of x in held-out quiet, and thresholds
    n_samples : quiet samples behind all this · fs_hz : their rate
    """

    projection: NDArray[np.float32]
    known: Matrix
    n_waves: int
    n_confirm: int
    fs_hz: float
    n_samples: int
    limits: CusumLimits

    @classmethod
    def fit(
        cls,
        windows: list[Profiles],
        *,
        fs_hz: float,
        frames_between_alarms: float,
        is_guarded: bool = True,
        seed: int = 0,
    ) -> Self:
        """Learn from quiet stretches without gaps, each (n, n_pairs), glitches left out.

        `is_guarded` False lets a single sample fire, foreign frames included.

        Raises
        ------
        ShapeError for fewer than `MIN_SAMPLES` samples
        """
        total = sum(len(w) for w in windows)
        if total < MIN_SAMPLES:
            raise ShapeError(f"a quiet model needs {MIN_SAMPLES} samples, found {total}")
        level = np.median(np.concatenate(windows), axis=0)
        if not level.any():
            raise ShapeError("no active bin in the quiet windows")
        basis, n_waves = _basis(level != 0.0)
        rows = [np.asarray(w, dtype=np.float64) @ basis.T for w in windows]
        floor = MIN_JITTER * float(np.abs(level[level != 0.0]).mean()) + 1e-12
        n_confirm = max(round(CONFIRM_S * fs_hz), 2) if is_guarded else 1
        white = math.sqrt(0.5 / max(n_waves - 1, 0.5))
        held_out = _held_out(rows, n_waves, n_confirm, fs_hz, floor)
        limits = fit_limits(
            held_out,
            Surprise.fit(np.concatenate(held_out), MIN_SCALE * white, MAX_SCALE * white),
            fs=fs_hz,
            frames_between_alarms=frames_between_alarms,
            rng=np.random.default_rng(seed),
        )
        unit = _unit(rows, n_waves, floor)
        return cls(
            projection=(basis * unit[:, None]).astype(np.float32),
            known=_spread(np.concatenate(rows) * unit),
            n_waves=n_waves,
            n_confirm=n_confirm,
            fs_hz=fs_hz,
            n_samples=total,
            limits=limits,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values and arrays for the room's codec."""
        return {name: getattr(self, name) for name in self.__slots__} | {"limits": self.limits.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises ShapeError for arrays that do not belong together."""
        projection = np.asarray(data["projection"], dtype=np.float32)
        known = np.asarray(data["known"], dtype=np.float64)
        n_waves = int(data["n_waves"])
        fits = projection.ndim == known.ndim == 2 and known.shape[1] == len(projection) >= n_waves > 0
        if not fits or not (np.isfinite(projection).all() and np.isfinite(known).all()):
            raise ShapeError(f"shapes {known.shape} do not fit a projection {projection.shape} with {n_waves} waves")
        return cls(
            projection=projection,
            known=known,
            n_waves=n_waves,
            n_confirm=max(int(data["n_confirm"]), 1),
            fs_hz=float(data["fs_hz"]),
            n_samples=int(data["n_samples"]),
            limits=CusumLimits.from_dict(data["limits"]),
        )


class NoveltyMeter:
    """Novelty x of one link, sample by sample; what it means on this link is in `model.limits`.

    Times are counted in samples at the rate of the baseline: a link that has become slower or faster remembers a longer
    or shorter past, and needs no new start.
    """

    def __init__(self, model: NoveltyModel) -> None:
        self.model = model
        self._projection = model.projection
        # single precision is enough for distances from the middle of what is known, not from the origin
        middle = model.known.mean(axis=0)
        self._middle: NDArray[np.float32] = middle.astype(np.float32)
        known = (model.known - middle).astype(np.float32)
        self._memory = _Memory(known, model.n_waves, model.n_confirm, model.fs_hz)

    def reset(self) -> None:
        """Forget everything but the baseline; equals new."""
        self._memory.reset()

    def update(self, sample: Sample) -> float | None:
        """None until the recent past is known (1 s), and for samples that must not be used."""
        if not sample.is_usable:
            return None
        if sample.breaks_window:
            self._memory.reset()
        return self._memory.update(self._projection.dot(sample.profile) - self._middle)


class _Memory:
    """Known shapes and the recursion behind meter and fit."""

    __slots__ = (
        "_confirm",
        "_half_norms",
        "_n",
        "_n_age",
        "_n_confirm",
        "_n_known",
        "_n_ripples",
        "_n_waves",
        "_queue",
        "_settle",
        "_shapes",
        "_smooth",
        "_spaced",
        "_stride",
    )

    def __init__(self, known: NDArray[np.floating], n_waves: int, n_confirm: int, fs_hz: float) -> None:
        self._n_known = len(known)
        self._n_waves = n_waves
        self._n_ripples = max(known.shape[1] - n_waves, 1)
        self._stride = max(round(RECENT_S * fs_hz), 1)
        self._spaced = max(round(SPACED_S * fs_hz / self._stride), 1)
        self._settle = max(int(SETTLE_S * fs_hz), 3)
        self._shapes = np.zeros((len(known) + N_RECENT + N_SPACED, known.shape[1]), dtype=known.dtype)
        self._shapes[: len(known)] = known
        # a copy, because a product with a part of each row takes twice the time
        self._smooth = np.ascontiguousarray(self._shapes[:, :n_waves])
        self._half_norms = np.full(len(self._shapes), np.inf, dtype=known.dtype)
        self._half_norms[: len(known)] = 0.5 * (known[:, :n_waves] ** 2).sum(axis=1)
        self._n_age = max(round(AGE_S * fs_hz), n_confirm)
        self._n_confirm = n_confirm
        self._queue: deque[NDArray[np.floating]] = deque(maxlen=self._n_age)
        self._confirm: deque[float] = deque(maxlen=n_confirm)
        self._n = 0

    def reset(self) -> None:
        self._half_norms[self._n_known :] = np.inf
        self._queue.clear()
        self._confirm.clear()
        self._n = 0

    def update(self, row: NDArray[np.floating]) -> float | None:
        """Take one projected sample, (n_waves + n_ripples,)."""
        n, queue, n_waves = self._n, self._queue, self._n_waves
        self._n = n + 1
        if n % self._stride == 0 and len(queue) == self._n_age:
            self._remember(queue[0], n // self._stride)
        queue.append(row)
        likeness = self._smooth.dot(row[:n_waves])
        likeness -= self._half_norms
        away = row - self._shapes[likeness.argmax()]
        smooth, ripple = away[:n_waves], away[n_waves:]
        far = float(smooth.dot(smooth)) / n_waves
        rough = float(ripple.dot(ripple)) / self._n_ripples
        confirm = self._confirm
        confirm.append(far / rough if rough > 1.0 else far)
        if n < self._settle or len(confirm) < self._n_confirm:
            return None
        return 0.5 * math.log(max(min(confirm), NEAREST * NEAREST))

    def _remember(self, row: NDArray[np.floating], turn: int) -> None:
        self._keep(self._n_known + turn % N_RECENT, row)
        if turn % self._spaced == 0:
            self._keep(self._n_known + N_RECENT + turn // self._spaced % N_SPACED, row)

    def _keep(self, at: int, row: NDArray[np.floating]) -> None:
        self._shapes[at] = row
        self._smooth[at] = smooth = row[: self._n_waves]
        self._half_norms[at] = 0.5 * float(smooth.dot(smooth))


def _basis(active: NDArray[np.bool_]) -> tuple[Matrix, int]:
    """(n_waves + n_ripples, n_pairs) orthonormal rows, and how many of them are smooth."""
    n = int(active.sum())
    if n < FEW_BINS:
        return np.eye(len(active))[active], n
    n_waves = min(int(n / HALF_WAVE_BINS), MAX_WAVES) + 1
    return np.vstack((waves(active, np.arange(float(n_waves))), ripples(active))), n_waves


def _unit(rows: list[Matrix], n_waves: int, floor: float) -> Vector:
    """What every row of the basis is multiplied with, so that a difference of two quiet samples has mean square 1."""
    steps = np.concatenate([np.diff(r, axis=0) for r in rows if len(r) > 1])
    energy = (steps**2).mean(axis=1)
    steps = steps[energy <= 4.0 * np.median(energy)]
    deviation = np.sqrt((steps**2).mean(axis=0))
    rough = max(float(np.sqrt((deviation[n_waves:] ** 2).mean())) if len(deviation) > n_waves else 0.0, floor)
    return 1.0 / np.where(np.arange(len(deviation)) < n_waves, np.maximum(deviation, rough), rough)


def _spread(rows: Matrix) -> Matrix:
    """At most `N_BASELINE` of them, evenly over the time."""
    return np.asarray(rows[np.unique(np.linspace(0, len(rows) - 1, N_BASELINE).round().astype(np.int64))])


def _held_out(rows: list[Matrix], n_waves: int, n_confirm: int, fs_hz: float, floor: float) -> list[Vector]:
    """X of every fold under shapes and noise of the other folds; the memory settles on the samples before the fold."""
    settle = int(SETTLE_S * fs_hz) + n_confirm
    out: list[Vector] = []
    for fold in range(FOLDS):
        rest = [part for r in rows for part in (r[: len(r) * fold // FOLDS], r[len(r) * (fold + 1) // FOLDS :])]
        rest = [r for r in rest if len(r)]
        unit = _unit(rest, n_waves, floor)
        known = _spread(np.concatenate(rest) * unit)
        for r in rows:
            start, stop = len(r) * fold // FOLDS, len(r) * (fold + 1) // FOLDS
            memory = _Memory(known, n_waves, n_confirm, fs_hz)
            values = [memory.update(row) for row in r[max(start - settle, 0) : stop] * unit]
            out.append(np.array([v for v in values if v is not None]))
    return [o for o in out if len(o)]
