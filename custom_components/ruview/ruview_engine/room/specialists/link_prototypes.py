"""What one link has seen of each posture: mean deviations from the empty room, and how far they may lie off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.encoder import Encoder
from ...shapes import Matrix, Vector
from ..chi_square import LOOKS
from ..link_baseline import BLOCK_S, LinkBaseline
from ..state import Posture
from .backbone_view import BackboneView

#: How far the same pose lies from its prototype another day, as a share of the pose's own shift, and at least in log
#: units. Origin: measured in simulation with placements that differ by 3 cm (docs/benchmarks/room.md).
PLACEMENT_SHARE: Final = 0.4
MIN_PLACEMENT: Final = 0.006
#: What the empty room's reference strays within a day while it is followed. Origin: see `presence.STRAY`.
STRAY: Final = 0.01
#: Shifts that nobody taught: a body anywhere, or hardly seen at all, log units rms.
#: Origin: `presence.GENERIC_SHIFTS`.
ANYWHERE: Final = (0.01, 0.03, 0.08, 0.16, 0.32)
#: Postures needed to be a classifier at all. Origin: derived.
MIN_POSTURES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkPrototypes:
    """One link's view.

    postures, prototypes : (n,), (n, n_bands) mean deviations and whose they are
    covariance : (n_bands, n_bands) what all have in common: sway, noise
    placement : (n,) how far the same pose may lie from each prototype another day, log units
    view : a frozen encoder's coordinates, which then take the place of the bands
    """

    postures: tuple[Posture, ...]
    prototypes: Matrix
    covariance: Matrix
    placement: Vector
    view: BackboneView | None = None

    def anywhere(self, delta: Vector) -> float:
        """Log-likelihood of the best hypothesis that no anchor taught."""
        weight = min(1.0, LOOKS / len(delta))
        eigenvalues, axes = np.linalg.eigh(self.covariance)
        along = (delta @ axes) ** 2
        spreads = [eigenvalues + size**2 for size in ANYWHERE]
        return max(-0.5 * float((along / spread + np.log(spread)).sum()) * weight for spread in spreads)

    def scores(self, delta: Vector) -> tuple[dict[Posture, float], float]:
        """Log-likelihood per posture (best prototype of each), and the least mean squared deviation of all."""
        weight = min(1.0, LOOKS / len(delta))
        eigenvalues, axes = np.linalg.eigh(self.covariance)
        found: dict[Posture, float] = {}
        nearest = np.inf
        for posture, prototype, placement in zip(self.postures, self.prototypes, self.placement, strict=True):
            variances = eigenvalues + placement**2
            squared = float((((delta - prototype) @ axes) ** 2 / variances).sum())
            score = -0.5 * (squared + float(np.log(variances).sum())) * weight
            found[posture] = max(found.get(posture, -np.inf), score)
            nearest = min(nearest, squared / len(delta))
        return found, nearest

    @classmethod
    def fit(cls, rows: Sequence[tuple[Posture, Matrix]], baseline: LinkBaseline, encoder: Encoder | None) -> Self:
        """Means per anchor; pooled, shrunk covariance of blocks within anchors, plus noise, drift and placement."""
        noise, view = baseline.noise(BLOCK_S, STRAY), None
        if encoder is not None:
            view = BackboneView.fit(encoder, np.concatenate([blocks for _, blocks in rows]))
            rows = [(posture, view.see(encoder, blocks)) for posture, blocks in rows]
            noise = view.noise(encoder, baseline.blocks - baseline.log_reference)
        prototypes = np.array([blocks.mean(axis=0) for _, blocks in rows])
        within = np.concatenate([blocks - blocks.mean(axis=0) for _, blocks in rows])
        degrees = max(len(within) - len(rows), 1)
        scatter = within.T @ within / degrees
        shrunk = 0.5 * scatter + 0.5 * np.diag(np.diag(scatter))
        size = np.sqrt(np.mean(prototypes**2, axis=1))
        return cls(
            postures=tuple(posture for posture, _ in rows),
            prototypes=prototypes,
            covariance=np.asarray(shrunk + noise),
            placement=np.maximum(PLACEMENT_SHARE * size, MIN_PLACEMENT),
            view=view,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            "postures": [posture.value for posture in self.postures],
            "prototypes": self.prototypes,
            "covariance": self.covariance,
            "placement": self.placement,
            "view": None if self.view is None else self.view.to_dict(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse; raises Damaged on impossible shapes or numbers, KeyError and the like on missing ones."""
        prototypes = np.asarray(stored["prototypes"], np.float64)
        covariance = np.asarray(stored["covariance"], np.float64)
        placement = np.asarray(stored["placement"], np.float64)
        postures = tuple(map(Posture, stored["postures"]))
        n_bands = covariance.shape[0]
        if prototypes.shape != (len(postures), n_bands) or covariance.shape != (n_bands, n_bands):
            raise Damaged("posture prototypes: shapes do not fit")
        if not (np.isfinite(prototypes).all() and np.isfinite(covariance).all()):
            raise Damaged("posture prototypes: a number is not finite")
        if np.linalg.eigvalsh(covariance).min() <= 0 or len(set(postures)) < MIN_POSTURES:
            raise Damaged("posture prototypes: they cannot classify")
        if placement.shape != (len(postures),) or not np.all(placement > 0) or not np.isfinite(placement).all():
            raise Damaged("posture prototypes: a placement is impossible")
        view = None if stored.get("view") is None else BackboneView.from_dict(stored["view"])
        return cls(postures=postures, prototypes=prototypes, covariance=covariance, placement=placement, view=view)
