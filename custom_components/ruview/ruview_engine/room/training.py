"""From accepted anchors to a bank. Every specialist is trained and judged alone; the others do not notice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..errors import TrainingError
from ..links.encoder import Encoder
from ..links.link_id import LinkId
from .absence import Absence, Untaught, WhyAbsent
from .anchor import BY_LABEL, AnchorLabel, Demand
from .anchor_feature import AnchorFeature
from .bank import SPECIALISTS, Bank
from .baseline import Baseline
from .link_baseline import LinkBaseline
from .sensitivity import SensitivityReport, SpecialistReport, posture_report, presence_report, standing_report
from .specialist import Quality, SpecialistKind, SpecialistProvenance
from .specialists.anomaly import AnomalySpecialist
from .specialists.breathing import BreathingSpecialist
from .specialists.heartbeat import HeartbeatSpecialist
from .specialists.posture import PostureSpecialist, tells_standing
from .specialists.presence import BOUNDS_TRAINED, LinkSensitivity, PresenceSpecialist
from .specialists.restlessness import RestlessnessSpecialist
from .window import LinkWindow

#: The same pose another day lies this far from its prototype: log units at least, and as a share of the pose's own
#: shift. Origin: measured in simulation with placements that differ by 3 cm, docs/benchmarks/room.md.
PLACEMENT_FLOOR: Final = 0.006
PLACEMENT_SHARE: Final = 0.5
#: Log-odds that a posture which was not taught must reach, so that the room may ever say "clear". Origin: derived,
#: `presence_belief.PRESENT_FROM`.
MIN_UNTAUGHT_RATIO: Final = 2.0
#: A body without visible breath must shift some link's mean profile by more than the empty room strays after somebody
#: walked through, log units rms. Origin: see `presence.STRAY`.
MIN_BODY_SHIFT: Final = 0.03
#: Or show as much growth of slow movement. Origin: measured, empty rooms stay below 0.9.
LIFE_GROWTH: Final = 1.1
#: Spread of micro-motion growth within a person, at least. Origin: measured, see `presence.MICRO_WIDTH`.
MIN_MICRO_WIDTH: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingJob:
    """Everything training needs, frozen, so that it can run in another thread."""

    baseline: Baseline
    features: Mapping[AnchorLabel, AnchorFeature]
    captures: Mapping[AnchorLabel, tuple[LinkWindow, ...]]
    former: Bank | None
    kinds: tuple[SpecialistKind, ...]
    anchor_set_hash: str
    trained_at_s: float
    encoder: Encoder | None = None
    first_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingResult:
    """A bank, or None when not one specialist could be taught; the report says why, kind by kind."""

    bank: Bank | None
    report: SensitivityReport


def train(job: TrainingJob) -> TrainingResult:
    """Train what was asked for; keep what the former bank of the same baseline has of the rest."""
    former = job.former if job.former is not None and job.former.baseline_id == job.baseline.id else None
    kept: dict[SpecialistKind, Any] = {}
    absent = dict(former.absent) if former else {}
    reports: list[SpecialistReport] = []
    if former:
        kept = {kind: one for kind in SpecialistKind if (one := former.get(kind)) is not None}
    for kind in SpecialistKind:
        if kind not in job.kinds:
            continue
        version = 1 + (job.former.version_of(kind) if job.former else 0)
        report, specialist = _train_one(kind, job, version)
        reports.append(report)
        kept.pop(kind, None)
        absent.pop(kind, None)
        if specialist is not None:
            kept[kind] = specialist
        elif report.reason is not None:
            absent[kind] = report.reason
    report_all = SensitivityReport(specialists=tuple(reports))
    if not kept:
        return TrainingResult(bank=None, report=report_all)
    bank = Bank(
        version=max(job.first_version, 1 + (job.former.version if job.former else 0)),
        baseline_id=job.baseline.id,
        trained_at_s=job.trained_at_s,
        absent=tuple(absent.items()),
        **{kind.value: specialist for kind, specialist in kept.items()},
    )
    return TrainingResult(bank=bank, report=report_all)


def _train_one(kind: SpecialistKind, job: TrainingJob, version: int) -> tuple[SpecialistReport, Any | None]:
    """The specialist when it separates, else None; the report either way."""
    try:
        report, specialist = _TRAINERS[kind](job, version)
    except Untaught as error:
        return SpecialistReport(kind=kind, measure="none", score=0.0, n_blocks=0, reason=error.absence), None
    except TrainingError as error:
        absence = Absence(why=WhyAbsent.NOT_SEEN, detail=str(error))
        return SpecialistReport(kind=kind, measure="none", score=0.0, n_blocks=0, reason=absence), None
    return report, specialist if report.is_accepted else None


def _presence(job: TrainingJob, version: int) -> tuple[SpecialistReport, PresenceSpecialist]:
    known = _known(job)
    still = {label: feature for label, feature in job.features.items() if BY_LABEL[label].demand is Demand.STILL}
    report = presence_report(job.features, known)
    links = _presence_links(still, known)
    if _missed_anchor(still, known) is not None:
        links = {link: replace(one, may_clear=False) for link, one in links.items()}
    return report, PresenceSpecialist(links=links, provenance=_provenance(job, version, report))


def _missed_anchor(
    still: Mapping[AnchorLabel, AnchorFeature], known: Mapping[LinkId, LinkBaseline]
) -> tuple[AnchorLabel, float] | None:
    """The posture that a specialist without it takes least for a person, when that is too little or nothing is left.

    People do not come back to the very place they enrolled in; an anchor left out is the nearest thing to another day.
    """
    worst: tuple[AnchorLabel, float] | None = None
    for label, feature in still.items():
        posture = BY_LABEL[label].posture
        if posture is None:
            continue
        # The breathing anchors are left out too: people sit or lie for them, perhaps in this very place.
        others = {other: one for other, one in still.items() if BY_LABEL[other].posture not in {posture, None}}
        if not others:
            return label, 0.0
        specialist = PresenceSpecialist(links=_presence_links(others, known))
        heard = [one for one in feature.links if one.link in known and len(one.blocks)]
        if not heard:
            continue
        ratio = 0.0
        for one in heard:
            here = known[one.link]
            ratio += float(np.median([specialist.static_ratios(one.link, block, here)[0] for block in one.blocks]))
            if len(one.micro_growths):
                micro = specialist.micro_ratio(one.link, float(np.median(one.micro_growths)), here)
                ratio += float(np.clip(micro, *BOUNDS_TRAINED["micro"]))
        ratio /= len(heard) ** 0.5
        shift = max(float(np.sqrt(np.mean(one.blocks.mean(axis=0) ** 2))) for one in heard)
        life = max(float(np.median(one.micro_growths)) if len(one.micro_growths) else 0.0 for one in heard)
        if shift < MIN_BODY_SHIFT and life < LIFE_GROWTH:
            ratio = min(ratio, 0.0)  # told from this baseline, but not from tomorrow's empty room
        if worst is None or ratio < worst[1]:
            worst = label, ratio
    return worst if worst is not None and worst[1] < MIN_UNTAUGHT_RATIO else None


def _presence_links(
    still: Mapping[AnchorLabel, AnchorFeature], known: Mapping[LinkId, LinkBaseline]
) -> dict[LinkId, LinkSensitivity]:
    """What each link learnt from the still anchors; raises Untaught when none saw any long enough."""
    links = {}
    for link, here in known.items():
        seen = [found for feature in still.values() if (found := feature.link(link)) is not None]
        growths = [found.micro_growths for found in seen if len(found.micro_growths)]
        if not seen or not growths:
            continue
        prototypes = np.array([found.blocks.mean(axis=0) for found in seen])
        size = np.sqrt(np.mean((prototypes / here.fade) ** 2, axis=1))
        another_day = np.hypot(PLACEMENT_FLOOR, PLACEMENT_SHARE * size)[:, None] * here.fade
        within = np.concatenate([found.blocks - found.blocks.mean(axis=0) for found in seen])
        spread = [float(np.std(growth)) for growth in growths]
        links[link] = LinkSensitivity(
            prototypes=prototypes,
            placement=np.sqrt(within.var(axis=0) + another_day**2),
            micro_growths=tuple(float(np.median(growth)) for growth in growths),
            micro_width=max(MIN_MICRO_WIDTH, float(np.median(spread))),
        )
    if not links:
        raise Untaught(WhyAbsent.NOT_SEEN, "no link saw a still anchor long enough")
    return links


def _posture(job: TrainingJob, version: int) -> tuple[SpecialistReport, PostureSpecialist]:
    """By place, with the frozen encoder only where the held-out report is better with it, and by sway."""
    is_told = tells_standing(job.features)
    try:
        report, placed = _posture_by_place(job, version)
    except Untaught:
        if not is_told:
            raise
        return _posture_by_sway(job, version)
    if is_told and not report.is_accepted:
        return _posture_by_sway(job, version)
    return report, replace(placed, tells_standing=is_told)


def _posture_by_sway(job: TrainingJob, version: int) -> tuple[SpecialistReport, PostureSpecialist]:
    """No place of a pose repeats, but who stands is told from who does not."""
    report = standing_report(job.features)
    return report, PostureSpecialist(links={}, tells_standing=True, provenance=_provenance(job, version, report))


def _posture_by_place(job: TrainingJob, version: int) -> tuple[SpecialistReport, PostureSpecialist]:
    known, encoder = _known(job), job.encoder
    report = posture_report(job.features, known)
    if encoder is not None:
        seen = posture_report(job.features, known, encoder)
        report, encoder = (seen, encoder) if seen.is_better_than(report) else (report, None)
    provenance = _provenance(job, version, report, encoder)
    return report, PostureSpecialist.fit(job.features, known, provenance, encoder=encoder)


def _anomaly(job: TrainingJob, version: int) -> tuple[SpecialistReport, AnomalySpecialist]:
    """Judged by what it must not do: the share of enrolled seconds that it would not have vetoed."""
    known = _known(job)
    fitted = AnomalySpecialist.fit(job.features, known)
    calm, n_seconds = 0, 0
    for feature in job.features.values():
        for one in feature.links:
            n_seconds += len(one.motion_z)
            is_patterned = one.coherence >= fitted.pattern_floor.get(one.link, 0.0)
            calm += len(one.motion_z) if is_patterned else int((one.motion_z < 3.0).sum())
    score = calm / n_seconds if n_seconds else 0.0
    reason = None
    if score < 0.95:
        detail = f"would have vetoed {1 - score:.0%} of the enrolment"
        reason = Absence(why=WhyAbsent.WOULD_VETO, detail=detail)
    report = SpecialistReport(
        kind=SpecialistKind.ANOMALY, measure="specificity", score=score, n_blocks=n_seconds, reason=reason
    )
    return report, AnomalySpecialist(
        known_shifts=fitted.known_shifts,
        pattern_floor=fitted.pattern_floor,
        provenance=_provenance(job, version, report),
    )


def _breathing(job: TrainingJob, version: int) -> tuple[SpecialistReport, BreathingSpecialist]:
    fitted = BreathingSpecialist.fit(
        _by_name(job), job.captures.get(AnchorLabel.EMPTY, ()), version=version, **_origin(job)
    )
    return _report_of(SpecialistKind.BREATHING, fitted.provenance), fitted


def _heartbeat(job: TrainingJob, version: int) -> tuple[SpecialistReport, HeartbeatSpecialist]:
    reader = BreathingSpecialist()
    fitted = HeartbeatSpecialist.fit(_by_name(job), reader.read, version=version, **_origin(job))
    return _report_of(SpecialistKind.HEARTBEAT, fitted.provenance), fitted


def _restlessness(job: TrainingJob, version: int) -> tuple[SpecialistReport, RestlessnessSpecialist]:
    fitted = RestlessnessSpecialist.fit(_by_name(job), version=version, **_origin(job))
    return _report_of(SpecialistKind.RESTLESSNESS, fitted.provenance), fitted


_TRAINERS: Final[Mapping[SpecialistKind, Callable[[TrainingJob, int], tuple[SpecialistReport, Any]]]] = {
    SpecialistKind.PRESENCE: _presence,
    SpecialistKind.POSTURE: _posture,
    SpecialistKind.ANOMALY: _anomaly,
    SpecialistKind.BREATHING: _breathing,
    SpecialistKind.HEARTBEAT: _heartbeat,
    SpecialistKind.RESTLESSNESS: _restlessness,
}
assert set(_TRAINERS) == set(SPECIALISTS) == set(SpecialistKind)


def _known(job: TrainingJob) -> dict[LinkId, LinkBaseline]:
    return {link.link: link for link in job.baseline.links}


def _by_name(job: TrainingJob) -> dict[str, tuple[LinkWindow, ...]]:
    return {label.value: windows for label, windows in job.captures.items()}


def _origin(job: TrainingJob) -> dict[str, Any]:
    return {
        "trained_at_s": job.trained_at_s,
        "anchor_set_hash": job.anchor_set_hash,
        "baseline_hash": job.baseline.id,
    }


def _provenance(
    job: TrainingJob, version: int, report: SpecialistReport, encoder: Encoder | None = None
) -> SpecialistProvenance:
    return SpecialistProvenance(
        version=version,
        backbone_rev=None if encoder is None else encoder.revision,
        quality=Quality(measure=report.measure, score=report.score, n_blocks=report.n_blocks),
        **_origin(job),
    )


def _report_of(kind: SpecialistKind, provenance: SpecialistProvenance | None) -> SpecialistReport:
    assert provenance is not None
    quality = provenance.quality
    return SpecialistReport(kind=kind, measure=quality.measure, score=quality.score, n_blocks=quality.n_blocks)
