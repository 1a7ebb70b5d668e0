"""Phase 1 of ADR-071: train the encoder so that one room state stays together and different ones part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from .encoder import Encoder, Parameters
from .feature_table import FeatureTable
from .objective import contrastive_loss
from .optimiser import Adam
from .triplets import NEGATIVE_BEYOND_S, Triplets, mine

#: Origin: spec, ADR-071 "Hyperparameters".
N_EPOCHS: Final = 20
BATCH_SIZE: Final = 32

#: Origin: spec, the rate of the seed's own script (upstream §4.1).
LEARNING_RATE: Final = 1e-3

#: Origin: chosen, keeps σ(w) near its initial value so that quantisation error stays comparable (peers §2g).
WEIGHT_DECAY: Final = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochLoss:
    """Means over one epoch's batches."""

    epoch: int
    triplet: float
    info_nce: float

    @property
    def total(self) -> float:
        """The quantity that is minimised."""
        return self.triplet + self.info_nce


type Penalty = Callable[[Parameters], Parameters]
"""Adds to the gradient, e.g. elastic weight consolidation (`consolidation.py`)."""

type Miner = Callable[[FeatureTable, np.random.Generator], Triplets]
"""Draws fresh triplets for an epoch; row numbers are those of the given table."""

type ExtraLoss = Callable[[Encoder, np.random.Generator], Parameters]
"""One batch of another loss: its gradient by the encoder's tensors."""


def train_encoder(
    encoder: Encoder,
    table: FeatureTable,
    rng: np.random.Generator,
    *,
    n_epochs: int = N_EPOCHS,
    rate: float = LEARNING_RATE,
    penalty: Penalty | None = None,
    miner: Miner = mine,
    extra: ExtraLoss | None = None,
    on_epoch: Callable[[EpochLoss], None] | None = None,
) -> tuple[Encoder, Triplets, list[EpochLoss]]:
    """Minimise triplet + InfoNCE with fresh triplets every epoch; returns the encoder, the last triplets, the losses.

    Raises TrainingError when the table cannot yield triplets (see `triplets.mine`).
    """
    triplets = miner(table, rng)
    n_batches = max(len(triplets) // BATCH_SIZE, 1)
    adam = Adam(rate, n_epochs * n_batches, WEIGHT_DECAY)
    losses: list[EpochLoss] = []
    for epoch in range(n_epochs):
        if epoch:
            triplets = miner(table, rng)
        order = rng.permutation(len(triplets))
        sums = np.zeros(2)
        batches = np.array_split(order, max(len(order) // BATCH_SIZE, 1))
        for batch in batches:
            gradient, values = batch_gradient(encoder, table, triplets, batch)
            if penalty is not None:
                gradient = _sum(gradient, penalty(encoder.parameters))
            if extra is not None:
                gradient = _sum(gradient, extra(encoder, rng))
            encoder = encoder.with_parameters(adam.update(encoder.parameters, gradient))
            sums += values
        losses.append(EpochLoss(epoch=epoch, triplet=sums[0] / len(batches), info_nce=sums[1] / len(batches)))
        if on_epoch is not None:
            on_epoch(losses[-1])
    return encoder, triplets, losses


def _sum(one: Parameters, other: Parameters) -> Parameters:
    return {name: value + other[name] if name in other else value for name, value in one.items()}


def batch_gradient(
    encoder: Encoder, table: FeatureTable, triplets: Triplets, batch: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> tuple[Parameters, tuple[float, float]]:
    """Gradient of triplet + InfoNCE over one batch, by every trainable tensor, and the two loss values."""
    rows = np.concatenate([triplets.anchor[batch], triplets.positive[batch], triplets.negative[batch]])
    seen = encoder.forward(table.features[rows])
    at_anchor, at_positive = table.at_s[triplets.anchor[batch]], table.at_s[triplets.positive[batch]]
    far = np.abs(at_anchor[:, None] - at_positive[None, :]) > NEGATIVE_BEYOND_S
    slope, values = contrastive_loss(seen.embedding, far)
    return encoder.backward(seen, slope), values


def triplet_accuracy(embedding: np.ndarray[tuple[int, int], np.dtype[np.float64]], triplets: Triplets) -> float:
    """Share of triplets whose positive is nearer to the anchor than the negative; 0.5 is chance."""
    near = np.sum((embedding[triplets.anchor] - embedding[triplets.positive]) ** 2, axis=1)
    far = np.sum((embedding[triplets.anchor] - embedding[triplets.negative]) ** 2, axis=1)
    return float(np.mean(near < far) + 0.5 * np.mean(near == far))
