"""How well each specialist separates, on blocks it was not fitted on; what cannot separate does not enter the bank.

An acceptance test with an empty room alone is passed by a detector that always says "absent" (upstream I#1952), so
every figure here has both sides: the empty baseline and the occupied anchors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..links.encoder import Encoder
from ..links.link_id import LinkId
from ..shapes import Matrix, Vector
from .absence import Absence, WhyAbsent
from .anchor import BY_LABEL, AnchorLabel, Demand
from .anchor_feature import AnchorFeature, sway_of
from .link_baseline import LinkBaseline
from .reading import WhyNot
from .specialist import SpecialistKind
from .specialists.posture import PostureSpecialist
from .specialists.presence import LEAST_STATIC, MICRO, PresenceSpecialist
from .state import Posture

#: Presence enters the bank when every still anchor exceeds this AUC. Origin: chosen; a chair on which one disappears
#: makes every "clear" a guess.
MIN_PRESENCE_AUC: Final = 0.95
#: Posture enters above this balanced accuracy over all held-out blocks, abstentions counted as wrong. Origin: chosen,
#: the accuracy that is promised for later days; halves of one anchor are the easiest case there is.
MIN_POSTURE_ACCURACY: Final = 0.9
#: Lying taken a second time may lie this far from the first, as a share of their shifts. Origin: derived: two
#: unrelated shifts of one size differ by √2 of it; above half of that the place says more than the posture.
MAX_VISIT_SCATTER: Final = 0.7
#: A posture taken a second time may be called another one in this share of blocks. Origin: chosen; the accuracy that is
#: promised for later days is 90 %.
MAX_SELF_CONFUSION: Final = 0.1
#: A frozen encoder is used where it gains as much. Origin: derived, one held-out block of the about fifty of a room.
MIN_BACKBONE_GAIN: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistReport:
    """One specialist's separability.

    score : in `measure`; d_prime where two distributions were compared
    confusion : rows of (true, called, count)
    reason : why it is not in the bank; None when it is
    """

    kind: SpecialistKind
    measure: str
    score: float
    n_blocks: int
    d_prime: float | None = None
    confusion: tuple[tuple[str, str, int], ...] = ()
    reason: Absence | None = None

    @property
    def is_accepted(self) -> bool:
        """It is in the bank."""
        return self.reason is None

    def is_better_than(self, other: SpecialistReport) -> bool:
        """Worth an encoder that `other` does without."""
        return self.is_accepted and (not other.is_accepted or self.score >= other.score + MIN_BACKBONE_GAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityReport:
    """All of them, in the seed's order."""

    specialists: tuple[SpecialistReport, ...] = ()

    def of(self, kind: SpecialistKind) -> SpecialistReport | None:
        """One of them."""
        return next((one for one in self.specialists if one.kind is kind), None)


def auc(negative: Vector, positive: Vector) -> float:
    """Chance that a positive outranks a negative; ties count half."""
    if not len(negative) or not len(positive):
        return 0.5
    apart = positive[:, None] - negative[None, :]
    return float((apart > 0).mean() + 0.5 * (apart == 0).mean())


def d_prime(negative: Vector, positive: Vector) -> float:
    """Distance of the means in pooled standard deviations."""
    if len(negative) < 2 or len(positive) < 2:
        return 0.0
    pooled = np.sqrt((np.var(negative, ddof=1) + np.var(positive, ddof=1)) / 2)
    return float((positive.mean() - negative.mean()) / max(float(pooled), 1e-9))


def presence_report(
    features: Mapping[AnchorLabel, AnchorFeature], known: Mapping[LinkId, LinkBaseline]
) -> SpecialistReport:
    """Empty blocks against blocks of still anchors, by the statistics that presence stands on.

    The empty blocks are judged against a reference without them: each block's deviation is enlarged by the
    share it had in the median (n / (n − 1)).
    """
    still = [feature for label, feature in features.items() if BY_LABEL[label].demand is Demand.STILL]
    empty: list[Vector] = []
    occupied: list[list[Vector]] = []
    for link, one in known.items():
        n_empty = len(one.blocks)
        if n_empty < 2:
            continue
        enlarged = (one.blocks - one.log_reference) * n_empty / (n_empty - 1)
        empty.append(_odds(enlarged, one.micro_ratios - one.micro_location, one))
        seen = [found for feature in still if (found := feature.link(link)) is not None]
        occupied.append([_odds(found.blocks, found.micro_growths, one) for found in seen])
    if not empty or not any(occupied):
        why = Absence(why=WhyAbsent.NOT_ENROLLED, detail="no still anchor was enrolled")
        return SpecialistReport(kind=SpecialistKind.PRESENCE, measure="auc", score=0.0, n_blocks=0, reason=why)
    negative = _together(empty)
    positives = [_together([link[anchor] for link in occupied]) for anchor in range(min(map(len, occupied)))]
    positive = np.concatenate(positives) if positives else np.empty(0)
    score = min((auc(negative, one) for one in positives), default=0.5)
    reason = None
    if score < MIN_PRESENCE_AUC:
        detail = f"AUC {score:.2f} of one still anchor against the empty room"
        reason = Absence(why=WhyAbsent.LIKE_EMPTY, detail=detail)
    return SpecialistReport(
        kind=SpecialistKind.PRESENCE,
        measure="auc",
        score=score,
        n_blocks=len(negative) + len(positive),
        d_prime=d_prime(negative, positive),
        reason=reason,
    )


def posture_report(
    features: Mapping[AnchorLabel, AnchorFeature],
    known: Mapping[LinkId, LinkBaseline],
    encoder: Encoder | None = None,
) -> SpecialistReport:
    """Fitted on the first half of every anchor, asked about the second; confusion with abstentions."""
    n_shortest = min((len(link.blocks) for feature in features.values() for link in feature.links), default=0)
    half = max(1, n_shortest // 2)
    fitted = PostureSpecialist.fit(features, known, blocks=slice(0, half), encoder=encoder)
    counts: dict[tuple[str, str], int] = {}
    for label, feature in features.items():
        posture = BY_LABEL[label].posture
        if posture is None:
            continue
        for block in range(half, n_shortest):
            deltas = {one.link: one.blocks[block] for one in feature.links}
            reading = fitted.read(deltas, encoder)
            called = reading.value.value if reading.value else (reading.why_not or WhyNot.AMBIGUOUS).value
            counts[posture.value, called] = counts.get((posture.value, called), 0) + 1
    recalls = []
    for true in sorted({true for true, _ in counts}):
        total = sum(count for (label, _), count in counts.items() if label == true)
        recalls.append(counts.get((true, true), 0) / total)
    score = float(np.mean(recalls)) if recalls else 0.0
    missing = sorted({posture.value for posture in Posture} - {true for true, _ in counts})
    return SpecialistReport(
        kind=SpecialistKind.POSTURE,
        measure="balanced_accuracy",
        score=score,
        n_blocks=sum(counts.values()),
        confusion=tuple((true, called, count) for (true, called), count in sorted(counts.items())),
        reason=_posture_absence(score, missing, features, known, encoder),
    )


def standing_report(features: Mapping[AnchorLabel, AnchorFeature]) -> SpecialistReport:
    """Still anchors whose sway was told rightly, among those that could be looked at; nothing is fitted to them."""
    counts: dict[tuple[str, str], int] = {}
    for label, feature in features.items():
        anchor, sway = BY_LABEL[label], sway_of(feature.links)
        if anchor.demand is not Demand.STILL or sway is None:
            continue
        true = "standing" if anchor.posture is Posture.STANDING else "resting"
        called = "standing" if sway.wanders else "resting"
        counts[true, called] = counts.get((true, called), 0) + 1
    n_anchors = sum(counts.values())
    n_right = sum(count for (true, called), count in counts.items() if true == called)
    return SpecialistReport(
        kind=SpecialistKind.POSTURE,
        measure="standing_told",
        score=n_right / n_anchors if n_anchors else 0.0,
        n_blocks=n_anchors,
        confusion=tuple((true, called, count) for (true, called), count in sorted(counts.items())),
    )


def _posture_absence(
    score: float,
    missing: list[str],
    features: Mapping[AnchorLabel, AnchorFeature],
    known: Mapping[LinkId, LinkBaseline],
    encoder: Encoder | None,
) -> Absence | None:
    """What speaks against telling postures in this room; None when nothing does."""
    if score < MIN_POSTURE_ACCURACY:
        return Absence(why=WhyAbsent.ALIKE, detail=f"balanced accuracy {score:.2f} on held-out blocks")
    scatter = visit_scatter(features)
    if scatter is None:
        detail = "no posture was taken twice, so nothing says that it repeats"
        return Absence(why=WhyAbsent.TAKEN_ONCE, detail=detail)
    if scatter > MAX_VISIT_SCATTER:
        detail = f"lying down twice differed by {scatter:.0%} of what lying changes"
        return Absence(why=WhyAbsent.NOT_REPEATED, detail=detail)
    wrong = _confused_with_itself(features, known, encoder)
    if wrong > MAX_SELF_CONFUSION:
        detail = f"the same posture, taken twice, was called another one in {wrong:.0%} of the blocks"
        return Absence(why=WhyAbsent.NOT_REPEATED, detail=detail)
    if missing:
        return Absence(why=WhyAbsent.NOT_ENROLLED, detail=f"{', '.join(missing)} was not enrolled")
    return None


def visit_scatter(features: Mapping[AnchorLabel, AnchorFeature]) -> float | None:
    """Distance between the two anchors of lying, over the size of their shifts, all links together; None without."""
    first, second = features.get(AnchorLabel.LIE_DOWN), features.get(AnchorLabel.SLEEP_POSTURE)
    if first is None or second is None:
        return None
    apart = size = 0.0
    for one in first.links:
        other = second.link(one.link)
        if other is None or not len(one.blocks) or not len(other.blocks):
            continue
        here, there = one.blocks.mean(axis=0), other.blocks.mean(axis=0)
        apart += float(((here - there) ** 2).sum())
        size += float((here**2).sum() + (there**2).sum()) / 2
    return float(np.sqrt(apart / size)) if size > 0 else None


def _confused_with_itself(
    features: Mapping[AnchorLabel, AnchorFeature], known: Mapping[LinkId, LinkBaseline], encoder: Encoder | None
) -> float:
    """Share of blocks of a posture's second anchor that a model without it calls another posture.

    Halves of one anchor share the very place of the body; two anchors of one posture do not. Lying is enrolled twice,
    and nobody stands for the breathing anchors, which teach no posture themselves.
    """
    n_wrong = n_blocks = 0
    for label, feature in features.items():
        is_breathing = BY_LABEL[label].breath_hz is not None
        right = {Posture.SITTING, Posture.LYING} if is_breathing else {BY_LABEL[label].posture}
        others = {other: one for other, one in features.items() if other is not label}
        if None in right or not right & {BY_LABEL[other].posture for other in others}:
            continue
        fitted = PostureSpecialist.fit(others, known, encoder=encoder)
        for block in range(min(len(one.blocks) for one in feature.links)):
            value = fitted.read({one.link: one.blocks[block] for one in feature.links}, encoder).value
            n_blocks += 1
            n_wrong += value is not None and value not in right
    return n_wrong / n_blocks if n_blocks else 0.0


def _odds(deltas: Matrix, growths: Vector, known: LinkBaseline) -> Vector:
    """Per block: log-odds of somebody still, by the same likelihoods as at runtime, nobody's poses being known."""
    generic = PresenceSpecialist(links={})
    static = np.array(
        [max(LEAST_STATIC, generic.shift_ratio(known.link, delta, known, is_fresh=True)) for delta in deltas]
    )
    if not len(growths):
        return static
    micro = np.array([np.clip(generic.micro_ratio(known.link, growth, known), *MICRO) for growth in growths.tolist()])
    # Micro windows overlap the blocks; each block takes the window that ends nearest to it.
    nearest = np.linspace(len(growths) - 1, 0, len(deltas)).round().astype(int)[::-1]
    return np.asarray(static + micro[nearest])


def _together(parts: list[Vector]) -> Vector:
    """Links add up, divided by the root of their number; as many blocks as the link that has fewest."""
    n_blocks = min(map(len, parts))
    return np.asarray(np.sum([part[:n_blocks] for part in parts], axis=0) / len(parts) ** 0.5)
