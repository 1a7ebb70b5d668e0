"""From the embedding to the five proxy points, and the self-refinement of ADR-071 camera-free phase 5."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import MISSHAPEN, Damaged, TrainingError
from ...shapes import Matrix, Vector
from .skeleton import PROXY_NAMES

#: Ridge of the least squares. Origin: chosen; the embedding has unit norm, so this is 1 % of a row's energy.
RIDGE: Final = 1e-2

#: Rounds, the consistency a prediction needs to be learnt from, and the rate's decay per round. Origin: spec, ADR-071
#: camera-free phase 5 ("3 rounds", "> 0.8", "decaying learning rate").
N_ROUNDS: Final = 3
MIN_CONSISTENCY: Final = 0.8
RATE: Final = 0.5
RATE_DECAY: Final = 0.5

#: Movement of a point within a second that halves the consistency, metres. Origin: derived, walking 1.4 m/s.
CONSISTENT_M: Final = 1.4

#: Rows with a proxy that a decoder needs. Origin: chosen, one per output and direction of the embedding that matters.
MIN_ROWS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoseDecoder:
    """points = embedding · weights + bias; weights (128, 10), bias (10,). A proxy of a proxy, and named so."""

    weights: Matrix
    bias: Vector

    def decode(self, embedding: Matrix) -> NDArray[np.float64]:
        """(n, 128) → (n, 5, 2) metres."""
        return np.asarray((embedding @ self.weights + self.bias).reshape(-1, len(PROXY_NAMES), 2), dtype=np.float64)

    @classmethod
    def fit(cls, embedding: Matrix, points: NDArray[np.float64], weight: Vector) -> Self:
        """Weighted ridge regression; raises TrainingError with fewer than `MIN_ROWS` rows of positive weight."""
        known = weight > 0
        if known.sum() < MIN_ROWS:
            raise TrainingError(f"pose proxy: {int(known.sum())} seconds with a proxy, {MIN_ROWS} are needed")
        x, y, w = embedding[known], points[known].reshape(known.sum(), -1), weight[known]
        share = w / w.sum()
        x_mean, y_mean = share @ x, share @ y
        centred = (x - x_mean) * share[:, None]
        gram = centred.T @ (x - x_mean) + RIDGE * np.eye(x.shape[1]) / x.shape[1]
        weights = np.linalg.solve(gram, centred.T @ (y - y_mean))
        return cls(weights=weights, bias=y_mean - x_mean @ weights)

    def to_dict(self) -> dict[str, Any]:
        """The content of `pose-decoder.json`."""
        return {
            "proxy": True,
            "points": list(PROXY_NAMES),
            "unit": "metre",
            "weights": self.weights.astype(np.float32).astype(float).tolist(),
            "bias": self.bias.astype(np.float32).astype(float).tolist(),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse of `to_dict`; raises Damaged."""
        try:
            weights, bias = np.array(stored["weights"], dtype=np.float64), np.array(stored["bias"], dtype=np.float64)
        except MISSHAPEN as error:
            raise Damaged(f"pose decoder: {error}") from error
        if weights.shape != (128, 10) or bias.shape != (10,) or not np.isfinite([*weights.ravel(), *bias]).all():
            raise Damaged(f"pose decoder: weights {weights.shape}, bias {bias.shape}, or not finite")
        return cls(weights=weights, bias=bias)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of self-refinement."""

    number: int
    rate: float
    n_kept: int
    mean_consistency: float


def consistency(points: NDArray[np.float64]) -> Vector:
    """(n,) 0–1 per second: 1 when every point moves less than it can, halved for each `CONSISTENT_M` beyond."""
    if len(points) < 2:
        return np.ones(len(points))
    step = np.linalg.norm(np.diff(points, axis=0), axis=2).max(axis=1)
    forward = 0.5 ** (step / CONSISTENT_M)
    result = np.ones(len(points))
    result[1:] = forward
    result[:-1] = np.minimum(result[:-1], forward)
    return result


def refine(
    decoder: PoseDecoder, embedding: Matrix, points: NDArray[np.float64], weight: Vector
) -> tuple[PoseDecoder, tuple[Round, ...]]:
    """Three rounds: predict everything, keep what moves as a body can, learn from it at a decaying rate.

    Pseudo-labels can only smooth what the decoder already says; they add no evidence, and the report says so.
    """
    rounds = []
    for number in range(N_ROUNDS):
        predicted = decoder.decode(embedding)
        steady = consistency(predicted)
        kept = steady > MIN_CONSISTENCY
        rate = RATE * RATE_DECAY**number
        rounds.append(Round(number=number, rate=rate, n_kept=int(kept.sum()), mean_consistency=float(steady.mean())))
        if kept.sum() < MIN_ROWS:
            break
        known = weight > 0
        target = np.where(known[:, None, None], points, predicted)
        trust = np.where(known, weight, 0.5 * steady * kept)
        again = PoseDecoder.fit(embedding, target, trust)
        decoder = PoseDecoder(
            weights=(1.0 - rate) * decoder.weights + rate * again.weights,
            bias=(1.0 - rate) * decoder.bias + rate * again.bias,
        )
    return decoder, tuple(rounds)
