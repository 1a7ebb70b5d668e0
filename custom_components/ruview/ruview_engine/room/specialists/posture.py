"""Standing, sitting or lying? Nearest prototype in the space of static shifts, or an honest abstention.

Each still anchor of a posture is a prototype per link: the mean deviation of the log-profile from the empty room. A
live deviation is compared with all of them under a pooled covariance: what breathing and swaying spread within an
anchor, what the empty room's noise and drift add, and how far the same pose lies from its prototype another day. Two
reasons to abstain: the best is not clearly better than the second (AMBIGUOUS), or nothing known is near (NOVEL).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.encoder import Encoder
from ...links.link_id import LinkId
from ...shapes import Matrix, Vector
from ..absence import Untaught, WhyAbsent
from ..anchor import BY_LABEL, AnchorLabel
from ..anchor_feature import AnchorFeature
from ..chi_square import LOOKS, per_look_limit
from ..link_baseline import BLOCK_S, LinkBaseline
from ..reading import Reading, WhyNot
from ..specialist import SpecialistProvenance
from ..state import Posture
from .backbone_view import BackboneView

#: How far the same pose lies from its prototype another day, as a share of the pose's own shift, and at least in log
#: units. Origin: measured in simulation with placements that differ by 3 cm (docs/benchmarks/room.md).
PLACEMENT_SHARE: Final = 0.4
MIN_PLACEMENT: Final = 0.006
#: What the empty room's reference strays within a day while it is followed. Origin: see `presence.STRAY`.
STRAY: Final = 0.01
#: Log-likelihood by which the best posture must lead. Origin: chosen, e³ = 20 : 1; links are only partly independent.
MIN_MARGIN: Final = 3.0
#: Novelty limit: χ² quantile per look. Origin: SENSING §3 (q99), wider because placement is only estimated.
NOVEL_QUANTILE: Final = 0.999
#: Shifts that nobody taught: a body anywhere, or hardly seen at all, log units rms. The best posture must explain the
#: live shift better than the best of these by the margin below. Origin: `presence.GENERIC_SHIFTS`; margin chosen, e².
ANYWHERE: Final = (0.01, 0.03, 0.08, 0.16, 0.32)
MIN_OVER_ANYWHERE: Final = 2.0
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostureSpecialist:
    """Prototypes per link, fused by adding log-likelihoods divided by the root of the number of links."""

    links: Mapping[LinkId, LinkPrototypes]
    provenance: SpecialistProvenance | None = None

    @property
    def postures(self) -> tuple[Posture, ...]:
        """What can be told apart."""
        known = {posture for link in self.links.values() for posture in link.postures}
        return tuple(posture for posture in Posture if posture in known)

    @property
    def n_prototypes(self) -> int:
        """Prototypes on the link that has most."""
        return max((len(link.postures) for link in self.links.values()), default=0)

    def read(self, deltas: Mapping[LinkId, Vector], encoder: Encoder | None = None) -> Reading[Posture]:
        """Classify the deviations of the links that are heard; more than half of the trained links must be.

        encoder : the one it was fitted with, if any; with another one, or without, nothing is read (STALE)
        """
        if self.uses_backbone and (encoder is None or self._is_of_another(encoder)):
            return Reading.none(WhyNot.STALE)
        usable = {link: self._seen(link, delta, encoder) for link, delta in deltas.items() if link in self.links}
        if not usable or 2 * len(usable) < len(self.links):
            return Reading.none(WhyNot.NO_FRAMES)
        totals = dict.fromkeys(self.postures, 0.0)
        novelties, anywhere = [], 0.0
        for link, delta in usable.items():
            scores, novelty = self.links[link].scores(delta)
            novelties.append(novelty)
            anywhere += self.links[link].anywhere(delta) / len(usable) ** 0.5
            worst = min(scores.values())
            for posture in totals:
                totals[posture] += scores.get(posture, worst) / len(usable) ** 0.5
        ranked = sorted(totals.items(), key=lambda item: -item[1])
        (best, top), (_, second) = ranked[0], ranked[1]
        margin, novelty = top - second, float(np.median(novelties)) / per_look_limit(NOVEL_QUANTILE)
        evidence = (("margin", margin), ("novelty", novelty), ("n_links", float(len(usable))))
        if novelty > 1.0 or top - anywhere < MIN_OVER_ANYWHERE:
            return Reading(value=None, confidence=0.0, why_not=WhyNot.NOVEL, evidence=evidence)
        if margin < MIN_MARGIN:
            return Reading(value=None, confidence=0.0, why_not=WhyNot.AMBIGUOUS, evidence=evidence)
        return Reading(value=best, confidence=1.0 / (1.0 + exp(-min(margin, 20.0))), evidence=evidence)

    @property
    def uses_backbone(self) -> bool:
        """A frozen encoder is needed to read it."""
        return any(link.view is not None for link in self.links.values())

    def _is_of_another(self, encoder: Encoder) -> bool:
        return self.provenance is not None and self.provenance.backbone_rev != encoder.revision

    def _seen(self, link: LinkId, delta: Vector, encoder: Encoder | None) -> Vector:
        view = self.links[link].view
        return delta if view is None or encoder is None else view.see(encoder, delta[None])[0]

    @classmethod
    def fit(
        cls,
        features: Mapping[AnchorLabel, AnchorFeature],
        known: Mapping[LinkId, LinkBaseline],
        provenance: SpecialistProvenance | None = None,
        *,
        blocks: slice = slice(None),
        encoder: Encoder | None = None,
    ) -> Self:
        """Learn from the accepted anchors that name a posture; `blocks` restricts to a part of each, for testing.

        encoder : look at the deviations with its eyes

        Raises
        ------
        Untaught when fewer than two postures were enrolled, or no link saw them
        """
        links = {}
        for link, baseline in known.items():
            rows: list[tuple[Posture, Matrix]] = []
            for label, feature in features.items():
                posture, seen = BY_LABEL[label].posture, feature.link(link)
                if posture is not None and seen is not None and len(seen.blocks[blocks]):
                    rows.append((posture, seen.blocks[blocks]))
            if len({posture for posture, _ in rows}) >= MIN_POSTURES:
                links[link] = _fit_link(rows, baseline, encoder)
        if not links:
            raise Untaught(WhyAbsent.NOT_ENROLLED, f"posture needs {MIN_POSTURES} different postures on one link")
        return cls(links=links, provenance=provenance)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            str(link): {
                "postures": [posture.value for posture in one.postures],
                "prototypes": one.prototypes,
                "covariance": one.covariance,
                "placement": one.placement,
                "view": None if one.view is None else one.view.to_dict(),
            }
            for link, one in self.links.items()
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible shapes or numbers."""
        links = {}
        try:
            for name, one in stored.items():
                prototypes = np.asarray(one["prototypes"], np.float64)
                covariance = np.asarray(one["covariance"], np.float64)
                postures = tuple(map(Posture, one["postures"]))
                n_bands = covariance.shape[0]
                if prototypes.shape != (len(postures), n_bands) or covariance.shape != (n_bands, n_bands):
                    raise Damaged(f"posture specialist: shapes of {name} do not fit")
                if not (np.isfinite(prototypes).all() and np.isfinite(covariance).all()):
                    raise Damaged(f"posture specialist: a number of {name} is not finite")
                if np.linalg.eigvalsh(covariance).min() <= 0 or len(set(postures)) < MIN_POSTURES:
                    raise Damaged(f"posture specialist: {name} cannot classify")
                placement = np.asarray(one["placement"], np.float64)
                if placement.shape != (len(postures),) or not np.all(placement > 0) or not np.isfinite(placement).all():
                    raise Damaged(f"posture specialist: placement of {name} is impossible")
                view = None if one.get("view") is None else BackboneView.from_dict(one["view"])
                links[LinkId.parse(name)] = LinkPrototypes(
                    postures=postures, prototypes=prototypes, covariance=covariance, placement=placement, view=view
                )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Damaged(f"posture specialist: {error}") from error
        return cls(links=links, provenance=provenance)


def _fit_link(rows: list[tuple[Posture, Matrix]], baseline: LinkBaseline, encoder: Encoder | None) -> LinkPrototypes:
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
    return LinkPrototypes(
        postures=tuple(posture for posture, _ in rows),
        prototypes=prototypes,
        covariance=np.asarray(shrunk + noise),
        placement=np.maximum(PLACEMENT_SHARE * size, MIN_PLACEMENT),
        view=view,
    )
