"""From a few takes of a movement to a signature that is worth having, or the reason why not.

Takes are trimmed at their onset and averaged in warped time. What the link shows while nothing of the kind happens
decides how much evidence a match must have: the proposed calibration keeps a false-match budget, and a movement whose
own takes do not reach that evidence is refused.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np

from ..dsp.barycentre import barycentre
from ..errors import ShapeError
from ..shapes import Matrix, Vector
from .evidence import EvidenceBank
from .matcher import DEFAULT_PRIOR
from .signature import DEFAULT_THRESHOLD, FeatureKind, Signature

#: Accepted false matches of a signature. Origin: chosen, as the change detector: one per day.
FALSE_MATCHES_PER_DAY: Final = 1.0
#: Samples of background without which no rate can be extrapolated. Origin: derived, 30 s at 20 Hz: ≥ 25 independent
#: stretches of about a second.
MIN_BACKGROUND: Final = 600
#: An onset: two samples running whose squared deviation is this many times the idle's. Origin: chosen, 3 σ in energy.
ONSET_RATIO: Final = 6.0
#: A movement's least time from its first loud sample to its last. Origin: derived, more than twice the longest recorded
#: run of foreign frames (21 at 100 Hz); a wave of the hand takes longer.
MIN_MOVEMENT_S: Final = 0.5
#: Samples kept before the onset: the movement begins before it is visible. Origin: chosen.
LEAD: Final = 1
#: Nats by which a take must clear the bar. Origin: chosen, ln 10, ten in odds: the next repetition will differ.
MARGIN: Final = 2.3
#: A single take matches itself perfectly; it is charged this spread, relative to its own size. Origin: measured, takes
#: of one gesture on the recordings differ by 0.1–0.5.
SINGLE_SPREAD: Final = 0.3
#: Shortest stretch counted as one independent chance of a false match, seconds. Origin: chosen, as long as a step.
CHANCE_S: Final = 1.0
#: Upper share of the background's peaks that is extrapolated. Origin: chosen, ten of a minute's.
TAIL_SHARE: Final = 0.2
#: Least scale of that tail, nats. Origin: derived, 1 is the worst case for a true likelihood ratio; chosen, half of it:
#: evidence is tempered to fewer looks than it has.
MIN_SCALE: Final = 0.5
_SECONDS_PER_DAY: Final = 86_400.0


class CaptureProblem(StrEnum):
    """Why a capture was refused."""

    NO_TAKE = "no_take"
    NO_ONSET = "no_onset"
    TOO_LITTLE_BACKGROUND = "too_little_background"
    TAKES_DIFFER = "takes_differ"
    NOT_DISTINCT = "not_distinct"


#: What a person can do about it.
HINTS: Final = {
    CaptureProblem.NO_TAKE: "no frames arrived during the take; check that the node is sending",
    CaptureProblem.NO_ONSET: "nothing moved during the take; start after the countdown and move closer to the link",
    CaptureProblem.TOO_LITTLE_BACKGROUND: "leave the room quiet, or do other things, for at least half a minute first",
    CaptureProblem.TAKES_DIFFER: "the takes are not alike; repeat the movement in the same place and direction",
    CaptureProblem.NOT_DISTINCT: "it looks like what happens here anyway; choose a larger movement or another place",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureVerdict:
    """Accepted with a signature, or refused with a problem; the numbers behind it either way.

    evidence : nats of the weakest take against the signature made without it
    needed : nats from which a match counts, by the background and the budget
    false_matches_per_day : expected at the proposed threshold
    """

    signature: Signature | None
    problem: CaptureProblem | None
    n_takes: int
    evidence: float | None = None
    needed: float | None = None
    false_matches_per_day: float | None = None

    @property
    def merit(self) -> tuple[bool, float]:
        """Orders verdicts on the same takes: accepted before refused, then by nats to spare."""
        margin = -math.inf if self.evidence is None or self.needed is None else self.evidence - self.needed
        return self.signature is not None, margin

    @property
    def hint(self) -> str | None:
        """What to do; None when accepted."""
        return None if self.problem is None else HINTS[self.problem]


def onset(take: Matrix, idle: Matrix, fs_hz: float) -> int | None:
    """First sample of the movement in (n, dims), judged by the idle stretch (m, dims); None if there is none.

    A few foreign frames in a row are none: a movement is loud for at least `MIN_MOVEMENT_S` from first to last.
    """
    location = np.median(idle, axis=0)
    usual = float(np.median(((idle - location) ** 2).mean(axis=1)))
    above = ((take - location) ** 2).mean(axis=1) > ONSET_RATIO * max(usual, 1e-18)
    both = np.flatnonzero(above[:-1] & above[1:])
    if len(both) == 0 or np.flatnonzero(above)[-1] - both[0] < MIN_MOVEMENT_S * fs_hz:
        return None
    return max(int(both[0]) - LEAD, 0)


def evidence_trace(signature: Signature, stream: Matrix, idle: Matrix, fs_hz: float) -> Vector:
    """(n,) nats for the signature after each vector of a stream, idle learnt from the idle stretch alone."""
    bank = EvidenceBank([signature], [signature.vectors], fs_hz)
    for vector in idle:
        bank.update(vector, is_still=True)
    bank.break_window()
    out = np.empty(len(stream))
    for i, vector in enumerate(stream):
        bank.update(vector, is_still=False)
        out[i] = bank.log_odds[0]
    return out


def needed_evidence(
    signature: Signature, background: list[Matrix], idle: Matrix, fs_hz: float, per_day: float
) -> float:
    """Nats that the background reaches only `per_day` times a day, extrapolated from its best stretches."""
    peaks: list[float] = []
    size = max(int(CHANCE_S * fs_hz), 1)
    for stretch in background:
        trace = evidence_trace(signature, stretch, idle, fs_hz)
        trace[~np.isfinite(trace)] = -60.0
        peaks += [float(trace[i : i + size].max()) for i in range(0, len(trace) - size + 1, size)]
    ordered = np.sort(np.maximum(np.array(peaks), -20.0))
    n = max(round(TAIL_SHARE * len(ordered)), 5)
    begin = float(ordered[-n - 1])
    # log-likelihood ratios have exponential tails where a rival is true (Wald): no heavier law is needed
    scale = max(float((ordered[-n:] - begin).mean()), MIN_SCALE) * (1.0 + 1.0 / math.sqrt(n))
    chance = per_day * CHANCE_S / _SECONDS_PER_DAY
    # the prior of the matcher is the least that is ever asked
    return max(begin + scale * math.log(max(n / len(ordered) / chance, 1.0)), DEFAULT_PRIOR)


def make_signature(
    takes: list[Matrix],
    *,
    identifier: str,
    label: str,
    captured_at: str,
    feature_kind: FeatureKind,
    fs_hz: float,
    duration_s: float,
    layout: str | None,
    idle: Matrix,
    background: list[Matrix],
    per_day: float = FALSE_MATCHES_PER_DAY,
    backbone_rev: str | None = None,
    provenance: dict[str, Any] | None = None,
) -> CaptureVerdict:
    """Judge takes and make a signature of them.

    Parameters
    ----------
    takes : each (n, dims), the movement somewhere inside, more than `duration_s` long
    idle : (m, dims) the link at rest, m ≥ 20
    background : stretches in which the movement does *not* happen, everyday activity welcome; together ≥ 30 s
    per_day : accepted false matches
    backbone_rev : the encoder's revision, where the vectors are embeddings

    Raises
    ------
    ShapeError if widths differ or idle is too short
    """
    n_takes = len(takes)
    if not takes:
        return CaptureVerdict(signature=None, problem=CaptureProblem.NO_TAKE, n_takes=0)
    dims = takes[0].shape[1]
    if len(idle) < 20 or any(part.shape[1] != dims for part in (*takes, idle, *background)):
        raise ShapeError(f"takes, idle and background must be (n, {dims}), idle at least 20 long")
    if sum(map(len, background)) < MIN_BACKGROUND * min(fs_hz / 20.0, 1.0):
        return CaptureVerdict(signature=None, problem=CaptureProblem.TOO_LITTLE_BACKGROUND, n_takes=n_takes)
    length = max(round(duration_s * fs_hz), 2)
    trimmed = []
    for take in takes:
        start = onset(take, idle, fs_hz)
        if start is None or len(take) - start < max(length // 2, 2):
            return CaptureVerdict(signature=None, problem=CaptureProblem.NO_ONSET, n_takes=n_takes)
        trimmed.append(take[start : start + length])
    average, spread = barycentre(trimmed)
    size = float(np.sqrt(((average - np.median(idle, axis=0)) ** 2).mean()))
    signature = Signature(
        id=identifier,
        label=label,
        captured_at=captured_at,
        feature_kind=feature_kind,
        vectors=average,
        window=max(len(average) // 6, 2),
        spread=max(spread if n_takes > 1 else SINGLE_SPREAD * size, 1e-6),
        fs_hz=fs_hz,
        layout=layout,
        backbone_rev=backbone_rev,
        provenance=provenance or {},
    )
    needed = needed_evidence(signature, background, idle, fs_hz, per_day)
    reached = [
        float(evidence_trace(_without(signature, trimmed, k), take, idle, fs_hz).max()) for k, take in enumerate(takes)
    ]
    weakest = min(reached)
    numbers = {"evidence": weakest, "needed": needed, "false_matches_per_day": per_day}
    if weakest < needed + MARGIN:
        differ = n_takes > 1 and max(reached) >= needed + MARGIN
        problem = CaptureProblem.TAKES_DIFFER if differ else CaptureProblem.NOT_DISTINCT
        return CaptureVerdict(signature=None, problem=problem, n_takes=n_takes, **numbers)
    # the score reaches the threshold exactly where the evidence reaches what is needed
    prior = needed - math.log(DEFAULT_THRESHOLD / (1.0 - DEFAULT_THRESHOLD))
    finished = replace(
        signature,
        prior_log_odds=round(prior, 3),
        provenance=signature.provenance
        | {
            "n_takes": n_takes,
            "evidence_nats": round(weakest, 2),
            "needed_nats": round(needed, 2),
            "false_matches_per_day": per_day,
            "background_s": round(sum(map(len, background)) / fs_hz, 1),
        },
    )
    return CaptureVerdict(signature=finished, problem=None, n_takes=n_takes, **numbers)


def _without(signature: Signature, trimmed: list[Matrix], left_out: int) -> Signature:
    """The signature as the other takes alone would give it; a single take stands for itself."""
    others = [t for k, t in enumerate(trimmed) if k != left_out]
    return replace(signature, vectors=barycentre(others)[0]) if others else signature
