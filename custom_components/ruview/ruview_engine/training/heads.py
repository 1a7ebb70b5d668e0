"""Phase 2 of ADR-071: small supervised heads on the frozen embedding."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Matrix, Vector
from .encoder import Parameters
from .optimiser import Adam

#: Origin: spec, ADR-071 "early stopping (patience=5)".
PATIENCE: Final = 5

#: Origin: chosen; heads are linear, so more epochs only follow the cosine schedule further.
N_EPOCHS: Final = 60
BATCH_SIZE: Final = 256
LEARNING_RATE: Final = 1e-2

#: Batches per epoch at least. Origin: derived; `N_EPOCHS` × 8 steps of Adam at a cosine rate travel 2.4, enough for
#: weights of the size that unit embeddings ask for; with fewer, a short recording would leave its head at the start.
MIN_BATCHES: Final = 8

#: Ridge on the weights. Origin: chosen; 128 inputs against a few thousand correlated rows overfit without it.
WEIGHT_DECAY: Final = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """Linear layer (128, k) + (k,) over embeddings; `classes` names a classifier's columns, () for a regression."""

    name: str
    weights: Matrix
    bias: Vector
    classes: tuple[str, ...]

    def scores(self, embedding: Matrix) -> Matrix:
        """(n, k): class probabilities of a classifier, values of a regression."""
        raw = embedding @ self.weights + self.bias
        return _softmax(raw) if self.classes else raw

    def predict(self, embedding: Matrix) -> NDArray[np.intp]:
        """(n,) index of the most probable class."""
        return np.asarray(np.argmax(self.scores(embedding), axis=1), dtype=np.intp)

    @classmethod
    def initialise(cls, name: str, n_inputs: int, classes: tuple[str, ...], n_outputs: int = 1) -> Self:
        """All zeros: a linear head has one optimum and needs no random start."""
        k = len(classes) or n_outputs
        return cls(name=name, weights=np.zeros((n_inputs, k)), bias=np.zeros(k), classes=classes)


def train_classifier(
    name: str,
    embedding: Matrix,
    label: NDArray[np.intp],
    quality: Vector,
    classes: tuple[str, ...],
    is_training: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Head, list[float]]:
    """Class-balanced, quality-weighted cross-entropy with early stopping on the last tenth of the training rows.

    embedding (n, d), label (n,) class index, quality (n,) ≥ 0, is_training (n,). Returns the head and a loss per epoch.
    Raises TrainingError when a class has no training row: a head that knows one answer is not a head.
    """
    rows = np.flatnonzero(is_training)
    counts = np.bincount(label[rows], minlength=len(classes))
    missing = [classes[k] for k in np.flatnonzero(counts == 0)]
    if missing:
        raise TrainingError(f"no training rows for {', '.join(missing)} (of {len(rows)} rows)")
    weight = quality * (len(rows) / (len(classes) * counts))[label]
    target = np.eye(len(classes))[label]

    def loss_and_slope(head: Head, batch: NDArray[np.intp]) -> tuple[float, Parameters]:
        probability = head.scores(embedding[batch])
        share = weight[batch] / max(float(weight[batch].sum()), 1e-12)
        value = -float(np.sum(share * np.log(np.maximum(probability[np.arange(len(batch)), label[batch]], 1e-12))))
        d_raw = (probability - target[batch]) * share[:, None]
        return value, {"weights": embedding[batch].T @ d_raw, "bias": d_raw.sum(axis=0)}

    return _descend(Head.initialise(name, embedding.shape[1], classes), rows, loss_and_slope, rng)


def train_on_scores(
    name: str,
    embedding: Matrix,
    target: Matrix,
    classes: tuple[str, ...],
    is_training: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Head, list[float]]:
    """Cross-entropy against class probabilities (n, k) that somebody else gives: the student's half of distillation."""
    rows = np.flatnonzero(is_training)
    if len(rows) < 2 or target.shape != (len(embedding), len(classes)):
        raise TrainingError(f"{len(rows)} training rows, targets {target.shape} for {len(classes)} classes")

    def loss_and_slope(head: Head, batch: NDArray[np.intp]) -> tuple[float, Parameters]:
        probability = head.scores(embedding[batch])
        value = -float(np.mean(np.sum(target[batch] * np.log(np.maximum(probability, 1e-12)), axis=1)))
        d_raw = (probability - target[batch]) / len(batch)
        return value, {"weights": embedding[batch].T @ d_raw, "bias": d_raw.sum(axis=0)}

    return _descend(Head.initialise(name, embedding.shape[1], classes), rows, loss_and_slope, rng)


def train_regression(
    name: str,
    embedding: Matrix,
    target: Matrix,
    quality: Vector,
    is_training: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Head, list[float]]:
    """Quality-weighted mean squared error; target (n, k) already scaled to about 0–1."""
    rows = np.flatnonzero(is_training & (quality > 0.0))
    if len(rows) < 2 * embedding.shape[1] // 8:
        raise TrainingError(f"{len(rows)} labelled training rows are too few")

    def loss_and_slope(head: Head, batch: NDArray[np.intp]) -> tuple[float, Parameters]:
        residual = head.scores(embedding[batch]) - target[batch]
        share = quality[batch] / max(float(quality[batch].sum()), 1e-12)
        value = float(np.sum(share[:, None] * residual**2))
        d_raw = 2.0 * residual * share[:, None]
        return value, {"weights": embedding[batch].T @ d_raw, "bias": d_raw.sum(axis=0)}

    # From the constant answer on: a few rows must not have to spend their steps on finding the mean.
    mean = quality[rows] @ target[rows] / quality[rows].sum()
    start = replace(Head.initialise(name, embedding.shape[1], (), target.shape[1]), bias=mean)
    return _descend(start, rows, loss_and_slope, rng)


def _softmax(raw: Matrix) -> Matrix:
    weights = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def _descend(
    head: Head,
    rows: NDArray[np.intp],
    loss_and_slope: Callable[[Head, NDArray[np.intp]], tuple[float, Parameters]],
    rng: np.random.Generator,
) -> tuple[Head, list[float]]:
    # The check rows are the latest in time, not a random tenth: random rows have near-copies among the others.
    n_check = max(len(rows) // 10, 1)
    learn, check = rows[:-n_check], rows[-n_check:]
    n_batches = min(max(len(learn) // BATCH_SIZE, MIN_BATCHES), max(len(learn), 1))
    adam = Adam(LEARNING_RATE, N_EPOCHS * n_batches, WEIGHT_DECAY)
    best, best_loss, waited = head, np.inf, 0
    losses: list[float] = []
    for _ in range(N_EPOCHS):
        for batch in np.array_split(rng.permutation(learn), n_batches):
            _value, slope = loss_and_slope(head, batch)
            new = adam.update({"weights": head.weights, "bias": head.bias}, slope)
            head = replace(head, weights=new["weights"], bias=new["bias"])
        value, _slope = loss_and_slope(head, check)
        losses.append(value)
        if value < best_loss - 1e-6:
            best, best_loss, waited = head, value, 0
        else:
            waited += 1
            if waited >= PATIENCE:
                break
    return best, losses
