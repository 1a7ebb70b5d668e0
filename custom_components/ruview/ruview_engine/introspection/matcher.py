"""All signatures of the library against one link: scores, progress, the best few."""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from ..dsp.spring import MAX_TEMPLATE
from ..links.encoder import Encoder
from ..links.sample import Sample
from ..shapes import ActiveMask, Matrix, Vector
from .evidence import EvidenceBank
from .features import FeatureExtractor
from .library import Library
from .signature import FeatureKind, Role, Signature
from .snapshot import Match
from .why_unknown import WhyUnknown

#: How many matches a snapshot lists. Origin: spec, ADR-099 D3.
TOP_K: Final = 5
#: Evidence, in nats, before a score reaches one half, for files without a calibration of their own. Origin: derived,
#: ln 64: an event may begin at any sample of the 64 that ADR-099 D4 keeps.
DEFAULT_PRIOR: Final = math.log(64.0)
#: Largest factor between the rates of signature and link that resampling bridges. Origin: chosen, beyond it the
#: signature's own detail is lost.
MAX_RATE_RATIO: Final = 4.0
#: Rates closer than this are the same. Origin: chosen, well inside what warping absorbs.
SAME_RATE: Final = 1.1
#: More nats over the prior are not told apart. Origin: chosen, a score then differs from 1 by 1e-26.
MAX_EVIDENCE: Final = 60.0
_MAX_EVIDENCE: Final = np.array(MAX_EVIDENCE)
#: Scores below are shown as zero and cost nothing. Origin: chosen, far below any useful threshold; a prefix of one
#: sample that looks like idle scores about 0.02 all the time.
_NEGLIGIBLE: Final = 0.05
#: The same in nats over the prior. Origin: derived, logit(0.05).
_NEGLIGIBLE_NATS: Final = math.log(0.05 / 0.95)


def resampled(signature: Signature, fs_hz: float) -> Matrix | WhyUnknown:
    """The signature's vectors at the link's rate, or why they cannot be had."""
    vectors = signature.vectors
    if signature.fs_hz is None or 1.0 / SAME_RATE < fs_hz / signature.fs_hz < SAME_RATE:
        return vectors
    ratio = fs_hz / signature.fs_hz
    if not 1.0 / MAX_RATE_RATIO <= ratio <= MAX_RATE_RATIO:
        return WhyUnknown.OTHER_RATE
    length = round((len(vectors) - 1) * ratio) + 1
    if not 2 <= length <= MAX_TEMPLATE:
        return WhyUnknown.TOO_LONG
    old, new = np.linspace(0.0, 1.0, len(vectors)), np.linspace(0.0, 1.0, length)
    return np.stack([np.interp(new, old, column) for column in vectors.T], axis=1)


def why_not_embedded(signature: Signature, encoder: Encoder | None) -> WhyUnknown | None:
    """Why a `vec128` signature means nothing to this encoder; None when it was made with it."""
    if encoder is None:
        return WhyUnknown.NO_ENCODER
    is_same = (signature.backbone_rev, signature.dims) == (encoder.revision, encoder.dims)
    return None if is_same else WhyUnknown.OTHER_ENCODER


class SignatureMatcher:
    """Scores of one link.

    A score is the posterior of a signature among all of its kind, *idle* and *something else*. Signatures that this
    link cannot be compared with are listed with `score` None and the reason.
    """

    def __init__(
        self, library: Library, *, layout: str, active: ActiveMask, fs_hz: float, encoder: Encoder | None = None
    ) -> None:
        self._not_comparable: list[Match] = []
        groups: dict[tuple[FeatureKind, int], list[tuple[Signature, Matrix]]] = {}
        for signature in library.signatures.values():
            reason: WhyUnknown | None = None
            vectors = resampled(signature, fs_hz)
            if signature.layout is not None and signature.layout != layout:
                reason = WhyUnknown.OTHER_LAYOUT
            elif signature.feature_kind is FeatureKind.EMBEDDING:
                reason = why_not_embedded(signature, encoder)
            elif signature.dims > int(active.sum()):
                reason = WhyUnknown.TOO_FEW_BINS
            if reason is None and isinstance(vectors, WhyUnknown):
                reason = vectors
            if reason is not None:
                self._not_comparable.append(_match(signature, None, 0.0, reason))
            else:
                assert not isinstance(vectors, WhyUnknown)
                groups.setdefault((signature.feature_kind, signature.dims), []).append((signature, vectors))
        self._parts = [
            self._part(kind, dims, active, fs_hz, encoder, members) for (kind, dims), members in groups.items()
        ]
        #: What is shown before the first sample and while idle is being learnt.
        self.rest = self._rest(WhyUnknown.LEARNING_IDLE)
        self._quiet = self._rest(None)

    @staticmethod
    def _part(
        kind: FeatureKind,
        dims: int,
        active: ActiveMask,
        fs_hz: float,
        encoder: Encoder | None,
        members: list[tuple[Signature, Matrix]],
    ) -> tuple[FeatureExtractor, EvidenceBank, Vector]:
        """What computes, compares and weighs the signatures of one kind and width."""
        signatures = [s for s, _ in members]
        priors = np.array([DEFAULT_PRIOR if s.prior_log_odds is None else s.prior_log_odds for s in signatures])
        bank = EvidenceBank(signatures, [v for _, v in members], fs_hz, priors + _NEGLIGIBLE_NATS)
        return FeatureExtractor(kind, dims, active, fs_hz, encoder), bank, priors

    def _rest(self, why_not: WhyUnknown | None) -> tuple[Match, ...]:
        score = 0.0 if why_not is None else None
        known = [_match(s, score, 0.0, why_not) for _, bank, _ in self._parts for s in bank.signatures]
        return tuple((known + self._not_comparable)[:TOP_K])

    def reset(self) -> None:
        """Forget everything heard; equals new."""
        for extractor, bank, _ in self._parts:
            extractor.reset()
            bank.reset()

    def update(self, sample: Sample, *, is_still: bool) -> tuple[Match, ...]:
        """Best first, at most five. `is_still`: idle may be learnt from this sample."""
        if not self._parts:
            return self._quiet
        breaks = sample.breaks_window
        is_ready = is_loud = False
        for extractor, bank, _ in self._parts:
            if breaks:
                extractor.break_window()
                bank.break_window()
            vector = extractor.update(sample, is_still=is_still)
            if vector is None:
                continue
            is_loud |= bank.update(vector, is_still=is_still)
            is_ready |= bank.is_ready
        if not is_ready:
            return self.rest
        return self._ranked() if is_loud else self._quiet

    def _ranked(self) -> tuple[Match, ...]:
        found: list[tuple[float, str, Signature, float]] = []
        for _, bank, priors in self._parts:
            if not bank.is_ready:
                continue
            evidence = bank.log_odds - priors
            odds = np.exp(np.minimum(evidence, _MAX_EVIDENCE))
            # an idle signature is the background itself: it is no rival of the events, nor they of it
            total = 1.0 + float(odds.dot(bank.event_weights))
            for k, nats in enumerate(evidence.tolist()):
                if nats > _NEGLIGIBLE_NATS:
                    signature, odd = bank.signatures[k], odds.item(k)
                    score = odd / (total if signature.role is Role.EVENT else 1.0 + odd)
                    if score > _NEGLIGIBLE:
                        found.append((-score, signature.id, signature, bank.progress(k)))
        if not found:
            return self._quiet
        found.sort()
        ranked = [_match(s, -score, progress, None) for score, _, s, progress in found[:TOP_K]]
        if len(ranked) < TOP_K:
            shown = {m.signature_id for m in ranked}
            ranked += [m for m in self._quiet if m.signature_id not in shown][: TOP_K - len(ranked)]
        return tuple(ranked)


def _match(signature: Signature, score: float | None, progress: float, why_not: WhyUnknown | None) -> Match:
    is_above = score is not None and score >= signature.promotion_threshold
    return Match(signature.id, signature.label, score, progress, is_above, why_not)


def merged(matches: list[Match]) -> Match:
    """Of one signature on several links, the link that speaks loudest; the threshold stays the signature's own."""
    loudest = max(matches, key=lambda m: (m.score is not None, m.score or 0.0, m.progress))
    return replace(loudest, above_threshold=any(m.above_threshold for m in matches))
