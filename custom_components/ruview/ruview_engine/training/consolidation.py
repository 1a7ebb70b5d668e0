"""Phase 5 of ADR-071: elastic weight consolidation (Kirkpatrick et al. 2017): a new room does not erase the last."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from .contrastive import BATCH_SIZE, batch_gradient
from .encoder import Encoder, Parameters
from .feature_table import FeatureTable
from .triplets import Triplets

#: Strength of the pull back to a task's weights. Origin: spec, ADR-071 phase 5.
LAMBDA_BASE: Final = 2000.0
LAMBDA_NODE: Final = 3000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What was learnt once: the weights, and how much each mattered (Fisher information, diagonal)."""

    name: str
    strength: float
    weights: Parameters
    fisher: Parameters

    @classmethod
    def register(cls, name: str, strength: float, encoder: Encoder, table: FeatureTable, triplets: Triplets) -> Self:
        """F = E[g²] per triplet, at the encoder's weights, from batches: a mean of B gradients varies B times less."""
        squares: Parameters = {key: np.zeros_like(value) for key, value in encoder.parameters.items()}
        batches = np.array_split(np.arange(len(triplets)), max(len(triplets) // BATCH_SIZE, 1))
        for batch in batches:
            gradient, _values = batch_gradient(encoder, table, triplets, batch)
            for key in squares:
                squares[key] += len(batch) * gradient[key] ** 2 / len(batches)
        copies = {key: value.copy() for key, value in encoder.parameters.items()}
        return cls(name=name, strength=strength, weights=copies, fisher=squares)

    def loss(self, parameters: Parameters) -> float:
        """(λ/2) Σ F (θ − θ*)²."""
        return (
            0.5
            * self.strength
            * float(sum(np.sum(self.fisher[k] * (parameters[k] - self.weights[k]) ** 2) for k in self.weights))
        )

    def gradient(self, parameters: Parameters) -> Parameters:
        """λ F (θ − θ*)."""
        return {k: self.strength * self.fisher[k] * (parameters[k] - self.weights[k]) for k in self.weights}


class Consolidation:
    """All tasks registered so far; `penalty` plugs into `contrastive.train_encoder`."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def register(self, task: Task) -> None:
        """Protect one more task; a task of the same name is replaced."""
        self.tasks = [known for known in self.tasks if known.name != task.name] + [task]

    def penalty(self, parameters: Parameters) -> Parameters:
        """Sum of all tasks' gradients."""
        total: Parameters = {key: np.zeros_like(value) for key, value in parameters.items()}
        for task in self.tasks:
            for key, slope in task.gradient(parameters).items():
                total[key] += slope
        return total
