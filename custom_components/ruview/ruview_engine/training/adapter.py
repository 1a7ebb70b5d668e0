"""Phase 3 of ADR-071: a low-rank adapter per node on the frozen encoder (LoRA, Hu et al. 2021)."""

import math
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from ..shapes import Matrix, Vector
from .encoder import MIN_NORM, N_EMBEDDING, Activations, Encoder, Parameters

#: Origin: spec, ADR-071 phase 3.
RANK: Final = 4
ALPHA: Final = 8.0
DROPOUT: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adapter:
    """u' = normalise(u + (α/r) · dropout(u) A B) on the 128-dim embedding u.

    a (128, r) random, b (r, 128) zero at the start: a new adapter changes nothing. 2 × 128 × 4 float16 = 2 KB.
    """

    a: Matrix
    b: Matrix

    @classmethod
    def initialise(cls, rng: np.random.Generator, rank: int = RANK) -> Self:
        """A new adapter, which changes nothing until it is trained."""
        return cls(a=rng.normal(0.0, 1.0 / np.sqrt(N_EMBEDDING), (N_EMBEDDING, rank)), b=np.zeros((rank, N_EMBEDDING)))

    @property
    def scaling(self) -> float:
        """α / r."""
        return ALPHA / float(self.a.shape[1])

    @property
    def parameters(self) -> Parameters:
        """The trainable tensors by name."""
        return {"a": self.a, "b": self.b}

    def with_parameters(self, parameters: Parameters) -> Self:
        """The same adapter with other weights."""
        return replace(self, **parameters)

    def forward(self, embedding: Matrix, kept: Matrix | None = None) -> Activations:
        """(n, 128) unit embeddings → adapted ones. `kept` (n, 128) is the scaled dropout mask while training."""
        inputs = embedding if kept is None else embedding * kept
        hidden = inputs @ self.a
        raw = embedding + self.scaling * (hidden @ self.b)
        norm = np.maximum(np.sqrt(np.einsum("ij,ij->i", raw, raw)), MIN_NORM)[:, None]
        return Activations(inputs=inputs, hidden=hidden, norm=norm, embedding=raw / norm)

    def embed(self, encoder: Encoder, features: Matrix) -> Matrix:
        """(n, 8) features → (n, 128) embeddings of this node."""
        return self.forward(encoder.embed(features)).embedding

    def backward(self, seen: Activations, d_embedding: Matrix) -> Parameters:
        """Exact gradient by a and b from the gradient by the adapted embedding."""
        radial = np.einsum("ij,ij->i", d_embedding, seen.embedding)[:, None]
        d_raw = self.scaling * (d_embedding - seen.embedding * radial) / seen.norm
        return {"a": seen.inputs.T @ (d_raw @ self.b.T), "b": seen.hidden.T @ d_raw}

    def step_one(self, embedding: Vector, d_embedding: Vector, rate: float) -> Self:
        """One plain gradient step on one row: (128,) unit embedding, (128,) slope by the adapted embedding.

        What the seed calls SONA adaptation: cheap enough for every frame. Same slope as `backward`.
        """
        hidden = embedding.dot(self.a)
        adapted: Vector = hidden.dot(self.b)
        adapted *= self.scaling
        adapted += embedding
        norm = max(math.sqrt(adapted.dot(adapted)), MIN_NORM)
        adapted /= norm
        slope: Vector = d_embedding - adapted * float(d_embedding.dot(adapted))
        slope *= rate * self.scaling / norm
        return type(self)(a=self.a - embedding[:, None] * self.b.dot(slope), b=self.b - hidden[:, None] * slope)


def dropout_mask(shape: tuple[int, int], rng: np.random.Generator, share: float = DROPOUT) -> Matrix:
    """Zero with probability `share`, else 1/(1 − share), so that the expectation stays."""
    return (rng.random(shape) >= share) / (1.0 - share)
