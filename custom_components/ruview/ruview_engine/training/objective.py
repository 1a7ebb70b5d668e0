"""The two contrastive losses of ADR-071 phase 1, each with its exact gradient by the embeddings."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Matrix

#: Origin: spec, ADR-071 "Loss functions".
TRIPLET_MARGIN: Final = 0.3
INFO_NCE_TEMPERATURE: Final = 0.07


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TripletLoss:
    """Mean of max(0, ‖a−p‖² − ‖a−n‖² + margin) and its gradients, each (n, d)."""

    value: float
    d_anchor: Matrix
    d_positive: Matrix
    d_negative: Matrix
    share_active: float


def triplet_loss(anchor: Matrix, positive: Matrix, negative: Matrix, margin: float = TRIPLET_MARGIN) -> TripletLoss:
    """Triplet margin loss (Schroff et al. 2015) over rows (n, d)."""
    excess = np.sum((anchor - positive) ** 2, axis=1) - np.sum((anchor - negative) ** 2, axis=1) + margin
    active = (excess > 0.0)[:, None] / len(anchor)
    return TripletLoss(
        value=float(np.maximum(excess, 0.0).mean()),
        d_anchor=2.0 * (negative - positive) * active,
        d_positive=2.0 * (positive - anchor) * active,
        d_negative=2.0 * (anchor - negative) * active,
        share_active=float((excess > 0.0).mean()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InfoNceLoss:
    """Mean cross-entropy of finding each anchor's positive in the batch, and its gradients (n, d)."""

    value: float
    d_anchor: Matrix
    d_positive: Matrix


def info_nce_loss(
    anchor: Matrix, positive: Matrix, is_negative: NDArray[np.bool_], temperature: float = INFO_NCE_TEMPERATURE
) -> InfoNceLoss:
    """InfoNCE (van den Oord et al. 2018) with in-batch negatives.

    is_negative : (n, n), True where positive j may serve as a negative of anchor i. Rows recorded within seconds of
        each other show the same room state, and pushing them apart would teach noise. The diagonal is ignored.
    """
    n = len(anchor)
    allowed = is_negative | np.eye(n, dtype=bool)
    logits = np.where(allowed, anchor @ positive.T / temperature, -np.inf)
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    total = weights.sum(axis=1, keepdims=True)
    share = weights / total
    value = float(np.mean(np.log(total[:, 0]) - np.diag(logits)))
    d_logits = (share - np.eye(n)) / (n * temperature)
    return InfoNceLoss(value=value, d_anchor=d_logits @ positive, d_positive=d_logits.T @ anchor)


def contrastive_loss(embedding: Matrix, is_negative: NDArray[np.bool_]) -> tuple[Matrix, tuple[float, float]]:
    """Triplet + InfoNCE over n triplets: gradient by `embedding` and the two values.

    embedding : (3n, d), the anchors, then their positives, then their negatives
    is_negative : as in `info_nce_loss`
    """
    anchor, positive, negative = np.split(embedding, 3)
    first, second = triplet_loss(anchor, positive, negative), info_nce_loss(anchor, positive, is_negative)
    slope = np.concatenate([first.d_anchor + second.d_anchor, first.d_positive + second.d_positive, first.d_negative])
    return slope, (first.value, second.value)
