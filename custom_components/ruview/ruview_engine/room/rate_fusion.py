"""Several links look at one chest: their evidence is added, never their data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..dsp.periodicity import Evidence, Limits, NoRhythm, Rhythm, WhyNoRhythm, confidence_of, judge
from ..links.link_id import LinkId
from .link_rhythm import LinkRhythm
from .reading import WhyNot

#: Two links see the same breath when their rates differ by less than this part. Origin: chosen; half a resolution
#: cell of 30 s at 12 /min.
SAME_RATE: Final = 0.08

#: A second rhythm at another rate within this of the strongest makes the room ambiguous: two people. Origin: chosen;
#: a quarter of the power.
RIVAL_DB: Final = 6.0

#: Links below their limit may still be counted together when each is at least this regular. Origin: chosen, the
#: limit of one link: only strength adds up.
COUNTED_REGULARITY: Final = 0.40


type LimitsOf = Callable[[LinkId, Evidence], Limits]
"""What a link's candidate has to clear: links differ in what their empty room shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRhythm:
    """What all links together say. `n_links` stand behind the rate."""

    found: Rhythm | NoRhythm | WhyNot
    n_links: int = 0


def fuse(candidates: Sequence[LinkRhythm], limits_of: LimitsOf) -> RoomRhythm:
    """Judge each link by its own limits; agreeing links add up, disagreeing ones silence the room.

    Links whose line is too weak alone are pooled when they name the same rate: signal-to-noise ratios of independent
    looks add, so two at 14 dB count as one of 17. The pooled candidate has to clear the strictest limits among them.
    """
    measured = [(one.link, one.found) for one in candidates if isinstance(one.found, Evidence)]
    judged = [(link, evidence, judge(evidence, limits_of(link, evidence))) for link, evidence in measured]
    rhythms = [rhythm for _, _, rhythm in judged if isinstance(rhythm, Rhythm)]
    if rhythms:
        return _agree(rhythms)
    pooled = _pool([(link, evidence) for link, evidence, _ in judged], limits_of)
    if pooled is not None:
        return pooled
    refusals = [verdict for _, _, verdict in judged if isinstance(verdict, NoRhythm)]
    if refusals:
        return RoomRhythm(found=max(refusals, key=lambda refusal: _strength(refusal.evidence)))
    return RoomRhythm(found=_why_nothing(candidates))


def _agree(rhythms: Sequence[Rhythm]) -> RoomRhythm:
    strongest = max(rhythms, key=lambda rhythm: _strength(rhythm.evidence))
    # A link at a blind spot sees every breath twice; half of its rate is then the others' rate.
    same = [rhythm for rhythm in rhythms if _same(rhythm.rate_bpm, strongest.rate_bpm)]
    doubled = [
        rhythm
        for rhythm in rhythms
        if _same(rhythm.rate_bpm, 2 * strongest.rate_bpm) or _same(2 * rhythm.rate_bpm, strongest.rate_bpm)
    ]
    for rival in rhythms:
        is_explained = rival in same or rival in doubled
        if not is_explained and rival.evidence.line_db > strongest.evidence.line_db - RIVAL_DB:
            return RoomRhythm(found=NoRhythm(reason=WhyNoRhythm.DISAGREEMENT, evidence=strongest.evidence))
    slower = [rhythm for rhythm in doubled if rhythm.rate_bpm < strongest.rate_bpm]
    if slower:
        return _agree(slower)
    weights = np.array([_strength(rhythm.evidence) for rhythm in same])
    rate = float(np.average([rhythm.rate_bpm for rhythm in same], weights=weights))
    return RoomRhythm(found=replace(strongest, rate_bpm=rate), n_links=len(same))


def _pool(measured: Sequence[tuple[LinkId, Evidence]], limits_of: LimitsOf) -> RoomRhythm | None:
    regular = [(link, evidence) for link, evidence in measured if evidence.regularity >= COUNTED_REGULARITY]
    if len(regular) < 2:
        return None
    _, strongest = max(regular, key=lambda pair: _strength(pair[1]))
    members = [(link, evidence) for link, evidence in regular if _same(evidence.rate_bpm, strongest.rate_bpm)]
    if len(members) < 2:
        return None
    snr = np.array([10.0 ** (evidence.line_db / 10.0) for _, evidence in members])
    together = replace(
        strongest,
        rate_bpm=float(np.average([evidence.rate_bpm for _, evidence in members], weights=snr)),
        line_db=float(10.0 * np.log10(snr.sum())),
        regularity=float(np.average([evidence.regularity for _, evidence in members], weights=snr)),
        weakest_lag=float(np.average([evidence.weakest_lag for _, evidence in members], weights=snr)),
    )
    strictest = max((limits_of(link, evidence) for link, evidence in members), key=lambda limits: limits.line_db)
    verdict = judge(together, strictest)
    if isinstance(verdict, NoRhythm):
        return None
    return RoomRhythm(
        found=Rhythm(rate_bpm=together.rate_bpm, confidence=confidence_of(together), evidence=together),
        n_links=len(members),
    )


def _same(one_bpm: float, other_bpm: float) -> bool:
    return abs(one_bpm - other_bpm) <= SAME_RATE * max(one_bpm, other_bpm)


def _strength(evidence: Evidence | None) -> float:
    return 0.0 if evidence is None else float(10.0 ** (evidence.line_db / 10.0)) * max(evidence.regularity, 0.01)


def _why_nothing(candidates: Sequence[LinkRhythm]) -> NoRhythm | WhyNot:
    """The most useful reason: one link that could have answered outweighs ten that are silent."""
    for one in candidates:
        if isinstance(one.found, NoRhythm):
            return one.found
    reasons = [one.found for one in candidates if isinstance(one.found, WhyNot)]
    order = (WhyNot.WEAK_EVIDENCE, WhyNot.WARMING_UP, WhyNot.GAP, WhyNot.RATE_TOO_LOW, WhyNot.NO_FRAMES)
    return next((reason for reason in order if reason in reasons), WhyNot.NO_FRAMES)
