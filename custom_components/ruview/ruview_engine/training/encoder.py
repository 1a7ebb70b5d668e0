"""The CSI encoder of ADR-071: 8 features → 64 hidden (ReLU) → 128-dim embedding on the unit sphere."""

import math
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from ..errors import ShapeError, TrainingError
from ..shapes import Matrix, Vector

#: Widths of the three layers. Origin: spec, ADR-071 "Encoder architecture".
N_FEATURES: Final = 8
N_HIDDEN: Final = 64
N_EMBEDDING: Final = 128

#: A pre-normalisation norm below this has no direction worth following. Origin: derived, far above float64
#: rounding of a 128-term sum (1e-14) and far below any norm seen in training (> 0.1).
MIN_NORM: Final = 1e-9

#: Standardised features are clipped here. Origin: chosen, robust sigmas; a corrupt row may not dominate a batch, and no
#: real feature lives out there.
INPUT_LIMIT: Final = 8.0

#: Trainable tensors in the order in which gradients, Fisher information and exports list them.
PARAMETER_NAMES: Final = ("w1", "b1", "w2", "b2")

type Parameters = dict[str, Matrix]
"""Tensor by name; also the form of gradients and Fisher information."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activations:
    """What the backward pass needs of a forward pass. All (n, …) float64."""

    inputs: Matrix
    hidden: Matrix
    norm: Matrix
    embedding: Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoder:
    """A frozen set of weights; training makes new ones.

    w1 (8, 64), b1 (64,), w2 (64, 128), b2 (128,), float64
    centre, scale (8,) standardise the features; learnt from training data, not trained by gradient
    """

    w1: Matrix
    b1: Vector
    w2: Matrix
    b2: Vector
    centre: Vector
    scale: Vector

    def __post_init__(self) -> None:
        shapes = {
            "w1": (N_FEATURES, N_HIDDEN),
            "b1": (N_HIDDEN,),
            "w2": (N_HIDDEN, N_EMBEDDING),
            "b2": (N_EMBEDDING,),
            "centre": (N_FEATURES,),
            "scale": (N_FEATURES,),
        }
        for name, shape in shapes.items():
            found = getattr(self, name).shape
            if found != shape:
                raise ShapeError(f"encoder tensor {name} has shape {found}, expected {shape}")

    @classmethod
    def initialise(cls, features: Matrix, rng: np.random.Generator) -> Self:
        """He-initialised weights; centre and scale are the median and the scaled MAD of `features` (n, 8)."""
        if features.ndim != 2 or features.shape[1] != N_FEATURES:
            raise ShapeError(f"features have shape {features.shape}, expected (n, {N_FEATURES})")
        if not len(features):
            raise TrainingError("an encoder cannot be initialised without a single feature row")
        centre = np.median(features, axis=0)
        spread = 1.4826 * np.median(np.abs(features - centre), axis=0)
        # A feature that never changes carries nothing; scale 1 leaves it at zero instead of dividing by noise.
        scale = np.where(spread > 1e-9, spread, np.maximum(features.std(axis=0), 0.0))
        scale = np.where(scale > 1e-9, scale, 1.0)
        return cls(
            w1=rng.normal(0.0, np.sqrt(2.0 / N_FEATURES), (N_FEATURES, N_HIDDEN)),
            b1=np.zeros(N_HIDDEN),
            w2=rng.normal(0.0, np.sqrt(1.0 / N_HIDDEN), (N_HIDDEN, N_EMBEDDING)),
            b2=np.zeros(N_EMBEDDING),
            centre=centre,
            scale=scale,
        )

    def forward(self, features: Matrix) -> Activations:
        """(n, 8) features → everything of the pass; `embedding` (n, 128) has unit rows."""
        inputs = np.clip((features - self.centre) / self.scale, -INPUT_LIMIT, INPUT_LIMIT)
        hidden = np.maximum(inputs @ self.w1 + self.b1, 0.0)
        raw = hidden @ self.w2 + self.b2
        norm = np.maximum(np.sqrt(np.einsum("ij,ij->i", raw, raw)), MIN_NORM)[:, None]
        return Activations(inputs=inputs, hidden=hidden, norm=norm, embedding=raw / norm)

    def embed(self, features: Matrix) -> Matrix:
        """(n, 8) features → (n, 128) unit embeddings."""
        return self.forward(np.atleast_2d(features)).embedding

    def embed_one(self, features: Vector) -> Vector:
        """(8,) features → (128,) unit embedding; what runs per frame, without the bookkeeping of a batch."""
        inputs = (features - self.centre) / self.scale
        np.minimum(inputs, INPUT_LIMIT, out=inputs)
        np.maximum(inputs, -INPUT_LIMIT, out=inputs)
        hidden = inputs.dot(self.w1)
        hidden += self.b1
        np.maximum(hidden, 0.0, out=hidden)
        raw: Vector = hidden.dot(self.w2)
        raw += self.b2
        raw /= max(math.sqrt(raw.dot(raw)), MIN_NORM)
        return raw

    def backward(self, seen: Activations, d_embedding: Matrix) -> Parameters:
        """Exact gradient of a loss by the trainable tensors, from its gradient by the embedding (n, 128).

        Through the normalisation u = z/‖z‖: dz = (du − u (du·u)) / ‖z‖ (peers §2g).
        """
        radial = np.sum(d_embedding * seen.embedding, axis=1, keepdims=True)
        d_raw = (d_embedding - seen.embedding * radial) / seen.norm
        d_hidden = (d_raw @ self.w2.T) * (seen.hidden > 0.0)
        return {
            "w1": seen.inputs.T @ d_hidden,
            "b1": d_hidden.sum(axis=0),
            "w2": seen.hidden.T @ d_raw,
            "b2": d_raw.sum(axis=0),
        }

    @property
    def parameters(self) -> Parameters:
        """The trainable tensors by name; the arrays themselves, not copies."""
        return {name: getattr(self, name) for name in PARAMETER_NAMES}

    def with_parameters(self, parameters: Parameters) -> Self:
        """The same standardisation with other weights."""
        return replace(self, **parameters)
