"""Standing, sitting or lying? Sway, nearest prototype in the space of static shifts, or an honest abstention.

Sway tells who stands from who does not, wherever they are (see `sway`); it cannot tell sitting from lying.

Each still anchor of a posture is a prototype per link: the mean deviation of the log-profile from the empty room. A
live deviation is compared with all of them under a pooled covariance: what breathing and swaying spread within an
anchor, what the empty room's noise and drift add, and how far the same pose lies from its prototype another day. Two
reasons to abstain: the best is not clearly better than the second (AMBIGUOUS), or nothing known is near (NOVEL).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.encoder import Encoder
from ...links.link_id import LinkId
from ...shapes import Matrix, Vector
from ..absence import Untaught, WhyAbsent
from ..anchor import BY_LABEL, AnchorLabel, Demand
from ..anchor_feature import AnchorFeature, sway_of
from ..chi_square import per_look_limit
from ..link_baseline import LinkBaseline
from ..reading import Reading, WhyNot
from ..specialist import SpecialistProvenance
from ..state import Posture
from ..sway import Sway
from .link_prototypes import MIN_POSTURES, LinkPrototypes

#: Log-likelihood by which the best posture must lead. Origin: chosen, e³ = 20 : 1; links are only partly independent.
MIN_MARGIN: Final = 3.0
#: Novelty limit: χ² quantile per look. Origin: SENSING §3 (q99), wider because placement is only estimated.
NOVEL_QUANTILE: Final = 0.999
#: The best posture must explain the live shift better than a shift that nobody taught by this. Origin: chosen, e².
MIN_OVER_ANYWHERE: Final = 2.0
#: Where the stored form keeps what sway may say, beside the links. Origin: chosen; no link is named so.
TELLS_STANDING: Final = "tells_standing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostureSpecialist:
    """Prototypes per link, fused by adding log-likelihoods divided by the root of the number of links.

    links : empty where no place of a pose repeats
    tells_standing : the enrolment's own anchors were told by sway
    """

    links: Mapping[LinkId, LinkPrototypes]
    tells_standing: bool = False
    provenance: SpecialistProvenance | None = None

    @property
    def postures(self) -> tuple[Posture, ...]:
        """What can be told apart."""
        known = {posture for link in self.links.values() for posture in link.postures}
        known |= {Posture.STANDING} if self.tells_standing else set()
        return tuple(posture for posture in Posture if posture in known)

    @property
    def n_prototypes(self) -> int:
        """Prototypes on the link that has most."""
        return max((len(link.postures) for link in self.links.values()), default=0)

    def read(
        self,
        deltas: Mapping[LinkId, Vector] | None,
        encoder: Encoder | None = None,
        sway: Sway | None = None,
        expected: Posture | None = None,
    ) -> Reading[Posture]:
        """What the body's place and its sway say, when they do not contradict each other.

        deltas : deviations of the links that are heard; more than half of the trained links must be. None while they
            may contain the way into the pose
        encoder : the one it was fitted with, if any; with another one, or without, nothing is read (STALE)
        sway : of all links together since the last movement
        expected : what was certain and no movement has ended; to go on standing takes less sway than to begin
        """
        if not self.links:
            placed = Reading[Posture].none(WhyNot.AMBIGUOUS)
        elif deltas is None:
            placed = Reading[Posture].none(WhyNot.MOVING)
        else:
            placed = self._by_place(deltas, encoder)
        if sway is None or not self.tells_standing:
            return placed
        evidence = (*placed.evidence, ("sway_db", sway.level_db), ("unreturned", sway.unreturned))
        stands = sway.is_standing or (expected is Posture.STANDING and sway.wanders)
        rests = placed.value not in {None, Posture.STANDING}
        if (stands and rests) or (sway.is_resting and placed.value is Posture.STANDING):
            return Reading(value=None, confidence=0.0, why_not=WhyNot.AMBIGUOUS, evidence=evidence)
        if not stands:
            return replace(placed, evidence=evidence)
        confidence = max(placed.confidence, sway.unreturned)
        return Reading(value=Posture.STANDING, confidence=confidence, evidence=evidence)

    def _by_place(self, deltas: Mapping[LinkId, Vector], encoder: Encoder | None) -> Reading[Posture]:
        """Nearest prototype of the static shifts."""
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
                links[link] = LinkPrototypes.fit(rows, baseline, encoder)
        if not links:
            raise Untaught(WhyAbsent.NOT_ENROLLED, f"posture needs {MIN_POSTURES} different postures on one link")
        return cls(links=links, provenance=provenance)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays: one entry per link, and what sway may say."""
        places = {str(link): one.to_dict() for link, one in self.links.items()}
        return {**places, TELLS_STANDING: self.tells_standing}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible shapes or numbers."""
        places = {name: one for name, one in stored.items() if name != TELLS_STANDING}
        try:
            links = {LinkId.parse(name): LinkPrototypes.from_dict(one) for name, one in places.items()}
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Damaged(f"posture specialist: {error}") from error
        # Banks stored before sway was looked at do not say.
        return cls(links=links, tells_standing=bool(stored.get(TELLS_STANDING, False)), provenance=provenance)


def tells_standing(features: Mapping[AnchorLabel, AnchorFeature]) -> bool:
    """Sway was visible while standing was asked for, and in no anchor that asked for sitting or lying."""
    stood = False
    for label, feature in features.items():
        anchor, sway = BY_LABEL[label], sway_of(feature.links)
        wanders = sway is not None and sway.wanders
        if anchor.posture is Posture.STANDING:
            stood = wanders
        elif anchor.demand is Demand.STILL and wanders:
            return False
    return stood
