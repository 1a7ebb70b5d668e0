"""Train one node's adapter on that node's rows, the encoder frozen (ADR-071 phase 3)."""

from collections.abc import Callable
from typing import Final

import numpy as np

from .adapter import Adapter, dropout_mask
from .contrastive import BATCH_SIZE, LEARNING_RATE, EpochLoss
from .encoder import N_EMBEDDING, Encoder
from .feature_table import FeatureTable
from .objective import contrastive_loss
from .optimiser import Adam
from .triplets import NEGATIVE_BEYOND_S, mine

#: Origin: spec, ADR-071 "reduced learning rate (0.5x base)".
NODE_RATE: Final = 0.5 * LEARNING_RATE

#: Origin: chosen; an adapter has an eighth of the encoder's weights and starts from a trained embedding.
N_EPOCHS: Final = 5


def train_adapter(
    encoder: Encoder,
    table: FeatureTable,
    rng: np.random.Generator,
    *,
    n_epochs: int = N_EPOCHS,
    on_epoch: Callable[[EpochLoss], None] | None = None,
) -> tuple[Adapter, list[EpochLoss]]:
    """Rows of one node → its adapter and the loss per epoch; raises TrainingError when no triplets can be mined."""
    embedding = encoder.embed(table.features)
    adapter = Adapter.initialise(rng)
    triplets = mine(table, rng)
    batches_per_epoch = max(len(triplets) // BATCH_SIZE, 1)
    adam = Adam(NODE_RATE, n_epochs * batches_per_epoch)
    losses: list[EpochLoss] = []
    for epoch in range(n_epochs):
        sums = np.zeros(2)
        batches = np.array_split(rng.permutation(len(triplets)), batches_per_epoch)
        for batch in batches:
            rows = np.concatenate([triplets.anchor[batch], triplets.positive[batch], triplets.negative[batch]])
            seen = adapter.forward(embedding[rows], dropout_mask((len(rows), N_EMBEDDING), rng))
            apart = np.abs(table.at_s[triplets.anchor[batch]][:, None] - table.at_s[triplets.positive[batch]][None, :])
            slope, values = contrastive_loss(seen.embedding, apart > NEGATIVE_BEYOND_S)
            adapter = adapter.with_parameters(adam.update(adapter.parameters, adapter.backward(seen, slope)))
            sums += values
        losses.append(EpochLoss(epoch=epoch, triplet=sums[0] / len(batches), info_nce=sums[1] / len(batches)))
        if on_epoch is not None:
            on_epoch(losses[-1])
    return adapter, losses
