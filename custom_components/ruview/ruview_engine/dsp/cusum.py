"""Sequential change detection with a stated false-alarm budget.

Page's statistic S ← max(0, S + u − k) alarms at S > h, where u is the surprise of a sample in the link's own quiet
(`surprise.py`). The reference k decides which change is found fastest, and its size is not known beforehand, so a few
statistics with different k run side by side, each with its own share of the false-alarm budget. One more share lets a
single sample fire (Shewhart's limit, combined with CUSUM as in Lucas 1982): there the law alone decides, so that a
restless baseline, which raises every h, cannot hide what is beyond all doubt.

h comes from quiet data: a stationary block bootstrap (Politis and Romano 1994) keeps the dependence from frame to
frame, the law's own tail stands in for the values that a short quiet time cannot have shown, and the excursions of S,
whose maxima have an exponential tail (Cramér), are extrapolated to the budget.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ..errors import ShapeError
from ..shapes import Matrix, Vector
from .surprise import Surprise

#: References in nats. Origin: measured, see benchmarks/onset_delay.py; quiet has mean 1, so both drift down.
REFERENCES: Final = (2.0, 3.5)
#: Nats one sample may bring. Origin: chosen; e^−25 is beyond any budget, more would only delay the end of an alarm.
CLIP: Final = 25.0
#: Where the tail of the quiet begins. Origin: derived, −ln of the largest tenth.
TAIL_NATS: Final = 2.303
#: Nats a sample of the baseline counts for at most. Origin: derived, once in a hundred; what is beyond that in a short
#: baseline is somebody who passed, or a state of the channel that comes back, and says nothing of noise.
TRUSTED_NATS: Final = 4.605

#: Frames simulated per threshold. Origin: chosen, gives ≥ 100 excursions at 1e-3 per frame in about 40 ms.
N_SIMULATED: Final = 240_000
#: Parallel bootstrap chains. Origin: chosen, vector length against chain length.
N_CHAINS: Final = 240
#: Mean length of a bootstrap block in seconds. Origin: chosen, longer than the correlation of the lag
#: difference (0.1–0.3 s) and short enough to leave ≥ 10 blocks in 10 s.
BLOCK_S: Final = 0.75
#: Strange samples within this time are one and the same event. Origin: measured, what `links.motion` and novelty see of
#: quiet depends over 0.15–0.2 s; longer stretches of a baseline are states of the channel, not noise.
ALIKE_S: Final = 0.1
#: Standard errors by which the mean of the quiet is assumed worse than seen. Origin: derived, one-sided 95 %.
MEAN_MARGIN: Final = 1.645
#: Excursions used for the slope of the log rate. Origin: chosen, relative error of the slope ≈ 1/√n = 10 %.
N_EXCURSIONS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CusumLimits:
    """References and thresholds that together keep the budget.

    surprise : the quiet law that turns the statistic into nats
    references : k of each statistic, nats
    thresholds : h of each, nats
    frames_between_alarms : the average run length in quiet that the thresholds were set for
    """

    surprise: Surprise
    references: tuple[float, ...]
    thresholds: tuple[float, ...]
    frames_between_alarms: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "surprise": self.surprise.to_dict(),
            "references": list(self.references),
            "thresholds": list(self.thresholds),
            "frames_between_alarms": self.frames_between_alarms,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises ShapeError where a threshold is missing or not positive."""
        references = tuple(float(k) for k in data["references"])
        thresholds = tuple(float(h) for h in data["thresholds"])
        if len(references) != len(thresholds) or not references or min(thresholds) <= 0.0:
            raise ShapeError(f"{len(references)} references need as many positive thresholds, found {thresholds}")
        return cls(
            surprise=Surprise.from_dict(data["surprise"]),
            references=references,
            thresholds=thresholds,
            frames_between_alarms=float(data["frames_between_alarms"]),
        )


class Cusum:
    """Page's statistic for several references at once."""

    __slots__ = ("_beyond_doubt", "_is_raised", "_least_reference", "_pairs", "_sums", "_surprise", "nats")

    def __init__(self, limits: CusumLimits) -> None:
        self._surprise = limits.surprise
        self._least_reference = min(limits.references)
        self._pairs = tuple(zip(limits.references, limits.thresholds, strict=True))
        self._beyond_doubt = min(math.log(limits.frames_between_alarms * (len(limits.references) + 1)), CLIP)
        self.reset()

    def reset(self) -> None:
        """Back to no evidence; equals new."""
        self._sums = [0.0] * len(self._pairs)
        self._is_raised = False
        #: Surprise of the newest sample.
        self.nats = 0.0

    def update(self, x: float) -> float:
        """Largest S/h over the references, and this sample's own share; 1 = threshold. ShapeError for NaN."""
        if x != x:
            raise ShapeError("CUSUM cannot take NaN")
        self.nats = nats = min(self._surprise.of(x), CLIP)
        # beyond doubt: counts only when it is, since half of it is no evidence that adds up
        largest = nats / self._beyond_doubt if nats >= self._beyond_doubt else 0.0
        if nats <= self._least_reference and not self._is_raised:
            return largest
        self._is_raised = False
        for i, (reference, threshold) in enumerate(self._pairs):
            s = self._sums[i] + nats - reference
            if s <= 0.0:
                self._sums[i] = 0.0
                continue
            # beyond twice the threshold more evidence says nothing new and would only delay the end
            self._sums[i] = s = min(s, 2.0 * threshold)
            self._is_raised = True
            largest = max(largest, s / threshold)
        return largest


def bootstrap_chains(
    blocks: list[Vector], rng: np.random.Generator, *, mean_block: float, n_frames: int, n_chains: int
) -> Matrix:
    """(n_frames, n_chains) stationary bootstrap of the blocks; no resampled stretch spans two blocks' seam."""
    series = np.concatenate(blocks)
    ends_block = np.zeros(len(series), dtype=np.bool_)
    ends_block[np.cumsum([len(b) for b in blocks]) - 1] = True
    jump = rng.random((n_frames, n_chains)) < 1.0 / max(mean_block, 1.0)
    fresh = rng.integers(0, len(series), (n_frames, n_chains))
    index = np.empty((n_frames, n_chains), dtype=np.int64)
    index[0] = fresh[0]
    for t in range(1, n_frames):
        jumps = jump[t] | ends_block[index[t - 1]]
        index[t] = np.where(jumps, fresh[t], index[t - 1] + 1)
    return np.asarray(series[index])


def excursion_maxima(x: Matrix, reference: float) -> Vector:
    """The largest S of every excursion from zero, all chains together, in no order."""
    path = np.cumsum(x - reference, axis=0)
    path -= np.minimum(np.minimum.accumulate(path, axis=0), 0.0)
    flat = np.vstack([path, np.zeros((1, path.shape[1]))]).T.reshape(-1)
    starts = np.flatnonzero((flat > 0.0) & (np.concatenate([[0.0], flat[:-1]]) <= 0.0))
    if len(starts) == 0:
        return np.zeros(0)
    return np.asarray(np.maximum.reduceat(flat, starts))


def threshold_from_maxima(maxima: Vector, n_frames: int, target_rate: float, floor: float) -> float:
    """H at which excursions above it are as rare as `target_rate` per frame, with a margin for the slope's error."""
    ordered = np.sort(maxima)[::-1]
    if len(ordered) < 20:
        return floor
    n = min(N_EXCURSIONS, len(ordered) - 1)
    base = float(ordered[n])
    mean = float((ordered[:n] - base).mean())
    mean *= 1.0 + 1.0 / np.sqrt(n)
    return float(max(base + mean * np.log(max(n / n_frames / target_rate, 1.0)), floor))


def fit_limits(
    blocks: list[Vector],
    surprise: Surprise,
    *,
    fs: float,
    frames_between_alarms: float,
    references: tuple[float, ...] = REFERENCES,
    rng: np.random.Generator,
) -> CusumLimits:
    """Thresholds from held-out quiet.

    Parameters
    ----------
    blocks : stretches without gaps of the statistic in quiet, each (n,), together ≥ 40 samples; *not* the samples
        that its location and scale were fitted on
    surprise : the law of those samples
    fs : samples per second
    frames_between_alarms : wanted average run length in quiet, in samples

    Raises
    ------
    ShapeError for too little or non-finite material
    """
    series = np.concatenate(blocks) if blocks else np.zeros(0)
    if len(series) < 40 or not np.isfinite(series).all():
        raise ShapeError(f"threshold needs at least 40 finite quiet samples, found {len(series)}")
    mean_block = max(BLOCK_S * fs, 3.0)
    nats = [np.minimum([surprise.of(v) for v in block.tolist()], TRUSTED_NATS) for block in blocks]
    shift = _mean_margin(nats, mean_block)
    n_frames = N_SIMULATED // N_CHAINS
    x = bootstrap_chains(nats, rng, mean_block=mean_block, n_frames=n_frames, n_chains=N_CHAINS)
    # beyond the tail's beginning the surprise is exponential by construction: redraw it, so that what the short quiet
    # cannot have shown occurs as often as its law says, and a second state of the channel no oftener
    x = np.minimum(_tails_redrawn(x, rng, max(round(ALIKE_S * fs), 1)) + shift, CLIP)
    target = 1.0 / (frames_between_alarms * (len(references) + 1))
    thresholds = tuple(threshold_from_maxima(excursion_maxima(x, k), x.size, target, floor=2.0) for k in references)
    return CusumLimits(
        surprise=surprise,
        references=references,
        thresholds=thresholds,
        frames_between_alarms=frames_between_alarms,
    )


def _tails_redrawn(x: Matrix, rng: np.random.Generator, n_alike: int) -> Matrix:
    """Values beyond the beginning of the tail replaced by draws of its law; `n_alike` successive ones share a draw."""
    above = x > TAIL_NATS
    draws = np.empty_like(x)
    age = np.zeros(x.shape[1], dtype=np.int64)
    draw = np.empty(x.shape[1])
    for t in range(len(x)):
        fresh = age % n_alike == 0
        draw[fresh] = rng.standard_exponential(int(fresh.sum()))
        draws[t] = draw
        age = np.where(above[t], age + 1, 0)
    return np.where(above, TAIL_NATS + draws, x)


def _mean_margin(blocks: list[Vector], mean_block: float) -> float:
    size = max(int(mean_block), 1)
    means = [b[i : i + size].mean() for b in blocks for i in range(0, len(b) - size + 1, size)]
    if len(means) < 4:
        return 0.5
    return float(MEAN_MARGIN * np.std(means, ddof=1) / np.sqrt(len(means)))
