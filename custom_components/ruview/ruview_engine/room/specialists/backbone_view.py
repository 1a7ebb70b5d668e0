"""A link's deviation through the eyes of a frozen encoder: few coordinates instead of many bands (ADR-151, "backbone").

They say nothing that the deviation does not say; they are another yardstick for it, learnt from the house. A specialist
has a view only where its own held-out report was better with it, and then names the encoder's revision.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.encoder import Encoder
from ...shapes import Matrix

#: Coordinates kept. Origin: derived, `chi_square.LOOKS`: a link gives 3.5 independent looks, whatever is made of them.
N_AXES: Final = 4
#: Spread of a coordinate that no room undercuts, in the units of the deviations. Origin: `posture.STRAY`.
MIN_SPREAD: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackboneView:
    """One link's coordinates.

    axes : (dims, k) directions in which the anchors' embeddings differ, scaled so that a coordinate is as large as a
        deviation
    """

    axes: Matrix

    @classmethod
    def fit(cls, encoder: Encoder, deltas: Matrix) -> Self:
        """From all anchors' deviations (n, n_bands) of one link."""
        embedded = encoder.embed_deviations(deltas) - _origin(encoder, deltas)
        _, strengths, directions = np.linalg.svd(embedded, full_matrices=False)
        axes = directions[:N_AXES].T
        size = float(strengths[:N_AXES] @ strengths[:N_AXES]) / axes.shape[1]
        scale = np.sqrt(np.mean(deltas**2) * len(deltas) / size) if size > 0 else 0.0
        return cls(axes=axes * scale)

    def see(self, encoder: Encoder, deltas: Matrix) -> Matrix:
        """(n, n_bands) → (n, k)."""
        return np.asarray((encoder.embed_deviations(deltas) - _origin(encoder, deltas)) @ self.axes)

    def noise(self, encoder: Encoder, quiet: Matrix) -> Matrix:
        """(k, k) covariance of the coordinates over the empty room's own deviations (n, n_bands)."""
        spread = np.atleast_2d(np.cov(self.see(encoder, quiet).T)) if len(quiet) > 1 else 0.0
        return np.asarray(spread + np.eye(self.axes.shape[1]) * MIN_SPREAD**2)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {"axes": self.axes}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged."""
        axes = np.asarray(stored["axes"], np.float64)
        if axes.ndim != 2 or not 1 <= axes.shape[1] <= N_AXES or not np.isfinite(axes).all():
            raise Damaged("posture specialist: a backbone view is impossible")
        return cls(axes=axes)


def _origin(encoder: Encoder, deltas: Matrix) -> Matrix:
    """(1, dims) embedding of no deviation at all."""
    return encoder.embed_deviations(np.zeros((1, deltas.shape[1])))
