"""Has the channel moved away from where it just was? One number per sample that noise and glitches cannot fake.

The whitened deviation e of a profile from the link's recent past is multiplied with the deviation of the sample
before, q = e[t] · e[t−1] / d, and weighed by how well the two agree:

    x = q / (1 + |e[t]| |e[t−1]| / d) · ln(1 + 3 |q|)

Noise is independent from sample to sample, and foreign frames do not agree with each other, so both average to zero
(large disagreeing deviations count like small ones); a body that has begun to move deviates twice in nearly the same
direction. An energy, which adds up noise as well, takes a rise of the noise for motion; this product does not.

Source: docs/algorithms/introspection.md#change; measured there against the energy of the lag difference.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..dsp.cusum import CusumLimits, fit_limits
from ..errors import ShapeError
from ..links.sample import Sample
from ..shapes import Matrix, Profiles, Vector

#: Tones used at most. Origin: measured, 24 and 48 give the same delays on the recordings; motion is coherent over ≈ 10.
MAX_TONES: Final = 24
#: Fewest quiet samples per tone for the whitening. Origin: peers §2a, 20 with shrinkage.
SAMPLES_PER_TONE: Final = 20
#: Pull of the covariance towards its diagonal. Origin: peers §2a; 0.1–1 give the same delays here.
SHRINKAGE: Final = 0.3
#: Memory of "where it just was". Origin: measured, 0.7–2 s give the same delays, shorter loses slow starts.
REFERENCE_TAU_S: Final = 1.0
#: Samples between the newest and the youngest that entered the reference. Origin: derived, the product needs two.
DELAY: Final = 2
#: A sample moves the reference by at most this many deviations, so foreign frames cannot carry it off. Origin: chosen.
MAX_PULL: Final = 3.0
#: Deviation per tone is never taken as smaller than this share of the profile. Origin: derived, int8 I/Q of
#: amplitude ≈ 30 rounds by 0.3/30.
MIN_JITTER: Final = 0.004
#: Weight inside the logarithm. Origin: measured; larger values raise quiet and motion alike.
COMPRESSION: Final = 3.0
#: Folds of the fit: each fold is judged by a whitening that has not seen it. Origin: chosen.
FOLDS: Final = 4
#: Seconds until the reference is trusted after a start or a silence. Origin: derived, one REFERENCE_TAU_S.
SETTLE_S: Final = 1.0
#: Fewest quiet samples for a model. Origin: derived, 5 s at 20 Hz, 10 s at 10 Hz: four folds of 1–2 s.
MIN_SAMPLES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShiftModel:
    """The quiet of one link, seen by `ShiftMeter`. Fitted once, stored with the baseline.

    bins : (d,) tones used · whiten : (d, d) · jitter : (d,)
    limits : the law of x in held-out quiet, and thresholds
    n_samples : quiet samples behind all this · fs_hz : their rate
    """

    bins: NDArray[np.int64]
    whiten: Matrix
    jitter: Vector
    fs_hz: float
    n_samples: int
    is_coherent: bool
    limits: CusumLimits

    @classmethod
    def fit(
        cls,
        windows: list[Profiles],
        *,
        fs_hz: float,
        frames_between_alarms: float,
        is_coherent: bool = True,
        seed: int = 0,
    ) -> Self:
        """Learn from quiet stretches without gaps, each (n, n_pairs), glitches left out.

        `is_coherent` False squares the newest deviation instead: one sample may then fire, glitches included.

        Raises
        ------
        ShapeError for fewer than `MIN_SAMPLES` samples
        """
        total = sum(len(w) for w in windows)
        if total < MIN_SAMPLES:
            raise ShapeError(f"a quiet model needs {MIN_SAMPLES} samples, found {total}")
        active = np.flatnonzero(np.median(np.concatenate(windows), axis=0) != 0.0)
        if len(active) == 0:
            raise ShapeError("no active bin in the quiet windows")
        n_tones = int(np.clip(total // SAMPLES_PER_TONE, min(8, len(active)), min(MAX_TONES, len(active))))
        bins = active[np.linspace(0, len(active) - 1, n_tones).round().astype(np.int64)]
        rows = [np.asarray(w[:, bins], dtype=np.float64) for w in windows]
        limits = fit_limits(
            _held_out(rows, fs_hz, is_coherent),
            fs=fs_hz,
            frames_between_alarms=frames_between_alarms,
            rng=np.random.default_rng(seed),
            one_sample_may_fire=True,
        )
        whiten, jitter = _whitening(rows)
        return cls(
            bins=bins,
            whiten=whiten,
            jitter=jitter,
            fs_hz=fs_hz,
            n_samples=total,
            is_coherent=is_coherent,
            limits=limits,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values and arrays for the room's codec."""
        return {
            "bins": self.bins,
            "whiten": self.whiten,
            "jitter": self.jitter,
            "fs_hz": self.fs_hz,
            "n_samples": self.n_samples,
            "is_coherent": self.is_coherent,
            "limits": self.limits.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises ShapeError for arrays that do not belong together."""
        bins = np.asarray(data["bins"], dtype=np.int64)
        whiten = np.asarray(data["whiten"], dtype=np.float64)
        jitter = np.asarray(data["jitter"], dtype=np.float64)
        if whiten.shape != (len(bins), len(bins)) or jitter.shape != bins.shape or not np.isfinite(whiten).all():
            raise ShapeError(f"whitening {whiten.shape} does not fit {len(bins)} bins")
        return cls(
            bins=bins,
            whiten=whiten,
            jitter=jitter,
            fs_hz=float(data["fs_hz"]),
            n_samples=int(data["n_samples"]),
            is_coherent=bool(data["is_coherent"]),
            limits=CusumLimits.from_dict(data["limits"]),
        )


class ShiftMeter:
    """Shift x of one link, sample by sample; what it means on this link is in `model.limits`."""

    def __init__(self, model: ShiftModel) -> None:
        self.model = model
        self._core = _Core(model.whiten, model.jitter, model.fs_hz, is_coherent=model.is_coherent)

    def reset(self) -> None:
        """Forget the past; equals new."""
        self._core.reset()

    def update(self, sample: Sample) -> float | None:
        """None until the recent past is known (1 s), and for samples that must not be used."""
        if not sample.is_usable:
            return None
        if sample.breaks_window:
            self._core.reset()
        return self._core.update(sample.profile[self.model.bins].astype(np.float64))


class _Core:
    """The recursion behind meter and fit."""

    __slots__ = (
        "_before",
        "_energy",
        "_follow",
        "_least",
        "_limit",
        "_n",
        "_queue",
        "_reference",
        "_settle",
        "is_coherent",
        "whiten",
    )

    def __init__(self, whiten: Matrix, jitter: Vector, fs_hz: float, *, is_coherent: bool) -> None:
        self.whiten = whiten
        self.is_coherent = is_coherent
        self._limit = MAX_PULL * jitter
        self._least = -self._limit
        self._follow = np.array(1.0 - np.exp(-1.0 / (REFERENCE_TAU_S * fs_hz)))
        self._settle = max(int(SETTLE_S * fs_hz), 3)
        self.reset()

    def reset(self) -> None:
        self._n = 0
        self._reference = np.zeros(len(self._limit))
        self._before: Vector | None = None
        self._energy = 0.0
        self._queue: list[NDArray[np.floating]] = []

    def update(self, row: NDArray[np.floating]) -> float | None:
        queue = self._queue
        queue.append(row)
        if len(queue) <= DELAY:
            if len(queue) == 1 and self._n == 0:
                self._reference[:] = row
            return None
        old = queue.pop(0)
        self._n += 1
        pull = old - self._reference
        if self._n > self._settle:
            np.minimum(pull, self._limit, out=pull)
            np.maximum(pull, self._least, out=pull)
            np.multiply(pull, self._follow, out=pull)
        else:
            pull *= max(1.0 / (self._n + 1), float(self._follow))
        np.add(self._reference, pull, out=self._reference)
        deviation = (row - self._reference).dot(self.whiten)
        energy = float(deviation.dot(deviation)) / len(deviation)
        before, before_energy = self._before, self._energy
        self._before, self._energy = deviation, energy
        if self._n <= self._settle or before is None:
            return None
        if not self.is_coherent:
            return math.log1p(COMPRESSION * energy)
        q = float(deviation.dot(before)) / len(deviation)
        return q / (1.0 + math.sqrt(energy * before_energy)) * math.log1p(COMPRESSION * abs(q))


def _whitening(rows: list[Matrix]) -> tuple[Matrix, Vector]:
    """(d, d) inverse square root of the noise covariance, and (d,) deviation per tone, both from sample differences."""
    steps = np.concatenate([np.diff(r, axis=0) for r in rows if len(r) > 1]) / np.sqrt(2.0)
    level = np.abs(np.concatenate(rows)).mean(axis=0)
    jitter = np.maximum(1.4826 * np.median(np.abs(steps), axis=0), MIN_JITTER * level + 1e-12)
    unit = np.clip(steps / jitter, -4.0, 4.0)
    covariance = unit.T @ unit / len(unit)
    covariance = (1.0 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.maximum(np.diag(covariance), 1e-3))
    values, vectors = np.linalg.eigh(covariance)
    whiten = vectors / np.sqrt(np.maximum(values, 1e-3)) @ vectors.T
    return np.ascontiguousarray(whiten / jitter[:, None]), np.asarray(jitter)


def _held_out(rows: list[Matrix], fs_hz: float, is_coherent: bool) -> list[Vector]:
    """X of every fold under the whitening of the other folds; the reference settles on the samples before the fold."""
    settle = int(SETTLE_S * fs_hz) + DELAY + 1
    out: list[Vector] = []
    for fold in range(FOLDS):
        rest = [part for r in rows for part in (r[: len(r) * fold // FOLDS], r[len(r) * (fold + 1) // FOLDS :])]
        whiten, jitter = _whitening([r for r in rest if len(r)])
        for r in rows:
            start, stop = len(r) * fold // FOLDS, len(r) * (fold + 1) // FOLDS
            core = _Core(whiten, jitter, fs_hz, is_coherent=is_coherent)
            values = [core.update(row) for row in r[max(start - settle, 0) : stop]]
            out.append(np.array([v for v in values if v is not None]))
    return [o for o in out if len(o)]
