"""Is this still the signal of a room? A score, and a veto over everything that would speak about a person.

What vetoes is what no body can do: change the channel without pattern over frequency (interference, a failing board),
or not change it at all (repeated or frozen frames). What is merely new — another person, another day, moved furniture —
raises the score but never reaches the veto: walking and a second session are ordinary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ...errors import Damaged
from ...links.link_id import LinkId
from ...shapes import Matrix
from ..anchor import AnchorLabel
from ..anchor_feature import AnchorFeature
from ..evidence import LinkEvidence
from ..link_baseline import BLOCK_S, LinkBaseline
from ..reading import Reading, WhyNot
from ..specialist import SpecialistProvenance

#: Score from which the veto holds. Origin: seed/upstream §3.4 (0.5).
VETO_FROM: Final = 0.5
#: How long the impossible must last before it vetoes. Origin: chosen; one burst of a microwave is shorter.
IMPOSSIBLE_S: Final = 3.0
#: Loudness without pattern. Origin: z as in `presence`; coherence measured: moving people ≥ 0.49 on recordings.
LOUD_Z: Final = 3.0
PATTERN_FLOOR: Final = 0.15
#: How far below the coherence of movement during enrolment it is no movement any more, as a share of it: where
#: neighbouring bands move against each other, movement has a negative one. Origin: chosen.
BELOW_ENROLLED: Final = 0.6
#: Quieter than receiver noise can be. Origin: derived, the log energy of χ²₄ is below −6 scales once in 10⁵ frames,
#: and this is a mean over 1.5 s.
FROZEN_Z: Final = -5.0
#: The most that novelty alone may score. Origin: chosen, below the veto.
NOVELTY_CEILING: Final = 0.45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnomalySpecialist:
    """Untrained it knows physics; trained it also knows every static shift of the anchors.

    known_shifts : link → (n, n_bands) deviations seen during enrolment, the empty room's zero included
    pattern_floor : link → neighbour coherence below which loudness has no pattern
    """

    known_shifts: Mapping[LinkId, Matrix]
    pattern_floor: Mapping[LinkId, float]
    provenance: SpecialistProvenance | None = None

    def read(self, fresh: tuple[LinkEvidence, ...], known: Mapping[LinkId, LinkBaseline]) -> Reading[float]:
        """0–1 now, without memory; the evidence says how much of it is `impossible` and how much `novelty`."""
        if not fresh:
            return Reading.none(WhyNot.NO_FRAMES)
        impossible = [self._impossible(one) for one in fresh]
        share = sum(impossible) / len(impossible)
        novelty = float(np.median([self._novelty(one, known[one.link]) for one in fresh]))
        score = max(share, NOVELTY_CEILING * novelty)
        return Reading(
            value=score, confidence=max(score, 1.0 - score), evidence=(("impossible", share), ("novelty", novelty))
        )

    def _impossible(self, one: LinkEvidence) -> bool:
        if one.motion_z is None:
            return False
        floor = self.pattern_floor.get(one.link, PATTERN_FLOOR)
        return one.motion_z <= FROZEN_Z or (one.motion_z >= LOUD_Z and one.coherence < floor)

    def _novelty(self, one: LinkEvidence, known: LinkBaseline) -> float:
        """0 near anything known, towards 1 far from all of it."""
        if one.shift is None:
            return 0.0
        shifts = self.known_shifts.get(one.link)
        apart = one.shift.delta - (np.zeros((1, len(one.shift.delta))) if shifts is None else shifts)
        squared = np.einsum("ij,ij->i", apart, np.linalg.solve(known.noise(BLOCK_S), apart.T).T)
        nearest = float(squared.min()) / apart.shape[1] / one.shift.limit
        return float(1.0 - np.exp(-max(0.0, nearest - 1.0) / 4.0))

    @classmethod
    def fit(
        cls,
        features: Mapping[AnchorLabel, AnchorFeature],
        known: Mapping[LinkId, LinkBaseline],
        provenance: SpecialistProvenance | None = None,
    ) -> Self:
        """Remember every block of every anchor, and how patterned this link's movement is."""
        shifts, floors = {}, {}
        for link, baseline in known.items():
            seen = [one for feature in features.values() if (one := feature.link(link)) is not None]
            zero = np.zeros((1, len(baseline.bands)))
            shifts[link] = np.concatenate([zero, *(one.blocks for one in seen)])
            moving = [
                one.coherence
                for label, feature in features.items()
                if label is AnchorLabel.SMALL_MOVE and (one := feature.link(link)) is not None
            ]
            least = min(moving, default=1.0)
            floors[link] = max(-1.0, min(PATTERN_FLOOR, least - BELOW_ENROLLED * abs(least)))
        return cls(known_shifts=shifts, pattern_floor=floors, provenance=provenance)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            str(link): {"known_shifts": shifts, "pattern_floor": self.pattern_floor.get(link, PATTERN_FLOOR)}
            for link, shifts in self.known_shifts.items()
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible numbers."""
        try:
            shifts = {LinkId.parse(name): np.asarray(one["known_shifts"], np.float64) for name, one in stored.items()}
            floors = {LinkId.parse(name): float(one["pattern_floor"]) for name, one in stored.items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"anomaly specialist: {error}") from error
        for link, array in shifts.items():
            if array.ndim != 2 or not len(array) or not np.isfinite(array).all() or not -1 <= floors[link] <= 1:
                raise Damaged(f"anomaly specialist: impossible numbers for {link}")
        return cls(known_shifts=shifts, pattern_floor=floors, provenance=provenance)
