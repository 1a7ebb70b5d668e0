"""All links of a room as one: fused by likelihood, not by *or* (SENSING §2, the seed's open question 7.3)."""

import math
from typing import Final

from .matcher import TOP_K, merged
from .snapshot import Match, Regime, RoomSnapshot, Snapshot

#: A link that has said nothing for so long has no voice. Origin: derived, as links.sample.MAX_GAP_S.
VOICE_S: Final = 1.0
VOICE_NS: Final = int(VOICE_S * 1e9)
#: How likely each link's label (column) is if the room is in the regime (row): movement seen by one link explains
#: another link's quiet (it is elsewhere), but a quiet room almost never makes a link say movement. Origin: chosen, with
#: the false alarms of a calibrated link (seconds per day) well below 0.005; rows sum to one.
LIKELIHOOD: Final = {
    Regime.IDLE: {Regime.IDLE: 0.975, Regime.PERIODIC: 0.015, Regime.TRANSIENT: 0.005, Regime.CHAOTIC: 0.005},
    Regime.PERIODIC: {Regime.IDLE: 0.50, Regime.PERIODIC: 0.48, Regime.TRANSIENT: 0.01, Regime.CHAOTIC: 0.01},
    Regime.TRANSIENT: {Regime.IDLE: 0.35, Regime.PERIODIC: 0.05, Regime.TRANSIENT: 0.50, Regime.CHAOTIC: 0.10},
    Regime.CHAOTIC: {Regime.IDLE: 0.35, Regime.PERIODIC: 0.05, Regime.TRANSIENT: 0.15, Regime.CHAOTIC: 0.45},
}
#: Before any link has spoken. Origin: chosen; rooms are mostly empty or slept in.
PRIOR: Final = {Regime.IDLE: 0.55, Regime.PERIODIC: 0.15, Regime.TRANSIENT: 0.1, Regime.CHAOTIC: 0.2}
#: Posterior that a room regime must reach to be named. Origin: chosen.
MIN_POSTERIOR: Final = 0.5
#: Links that contradict each other so that nothing reaches it leave the room what it was for so long. Origin: measured,
#: the alarm that a run of foreign frames raises on one link of three is over after 1–3 s; the same as a link's dwell.
SPLIT_S: Final = 3.0
SPLIT_NS: Final = int(SPLIT_S * 1e9)
#: A signature may be announced again when its score has fallen below this share of its threshold. Origin: chosen.
REARM: Final = 0.5


class RoomIntrospector:
    """Takes every link's snapshots, keeps the newest of each, gives one snapshot for the room.

    regime, regime_confidence, regime_changed : of the newest sample, as in the snapshot
    new_matches : what was recognised at the newest sample
    """

    def __init__(self, room_id: str) -> None:
        self.room_id = room_id
        self.reset()

    def reset(self) -> None:
        """Forget all links; equals new."""
        self._links: dict[str, Snapshot] = {}
        #: `regime` is what the links present say now.
        self._is_said = False
        self._known = Regime.UNKNOWN
        #: Since when the links have contradicted each other.
        self._split_ns: int | None = None
        self._armed: dict[str, bool] = {}
        self._newest: Snapshot | None = None
        self._snapshot: RoomSnapshot | None = None
        self.regime = Regime.UNKNOWN
        self.regime_confidence = 0.0
        self.regime_changed = False
        self.new_matches: tuple[Match, ...] = ()

    @property
    def snapshot(self) -> RoomSnapshot | None:
        """The newest; put together when somebody looks."""
        newest = self._newest
        if self._snapshot is None and newest is not None:
            links = tuple(self._links.values())
            score = max((s.change_score for s in links if s.change_score is not None), default=None)
            self._snapshot = RoomSnapshot(
                timestamp_ns=newest.timestamp_ns,
                room_id=self.room_id,
                regime=self.regime,
                regime_confidence=self.regime_confidence,
                regime_changed=self.regime_changed,
                change_score=score,
                change_threshold=None if score is None else 1.0,
                top_k_similarity=self._matches(),
                links=links,
            )
        return self._snapshot

    def forget(self, link: str) -> None:
        """A link is gone."""
        self._links.pop(link, None)
        self._is_said = False

    def update(self, snapshot: Snapshot) -> None:
        """Take one link's snapshot: `regime_changed` and `new_matches` then tell of this very sample."""
        name, links = snapshot.link, self._links
        before = links.get(name)
        links[name] = self._newest = snapshot
        self._snapshot = None
        # links judge once a second: in between they say nothing new about the regime
        if before is None or _word(before) != _word(snapshot):
            self._is_said = False
        if len(links) > 1:
            limit = snapshot.timestamp_ns - VOICE_NS
            for gone in [n for n, s in links.items() if s.timestamp_ns < limit]:
                self.forget(gone)
        self.regime_changed = False
        if not self._is_said or self._is_long_split(snapshot.timestamp_ns):
            self._say(snapshot)
        # a link that has nothing to show shows the very same tuple again
        if before is None or before.top_k_similarity is not snapshot.top_k_similarity or self.new_matches:
            self.new_matches = self._announced(self._matches())

    def _say(self, newest: Snapshot) -> None:
        """What all links now say together, and whether that is a change."""
        self._is_said = True
        is_alone = len(self._links) == 1
        posterior = {} if is_alone else regime_posterior(tuple(self._links.values()))
        regime, confidence = _word(newest) if is_alone else most_likely(posterior)
        if posterior and regime is Regime.UNKNOWN:
            regime, confidence = self._outlast(newest.timestamp_ns, posterior)
        else:
            self._split_ns = None
        self.regime, self.regime_confidence = regime, confidence
        if regime is Regime.UNKNOWN or regime is self._known:
            return
        # a rhythm that the only link takes for a second look at the same thing is no change of the room either
        is_revision = regime is Regime.PERIODIC and is_alone and not newest.regime_changed
        self.regime_changed = self._known is not Regime.UNKNOWN and not is_revision
        self._known = regime

    def _is_long_split(self, now_ns: int) -> bool:
        """Is the room still called what it was, though its links have contradicted each other for too long?"""
        return self._split_ns is not None and self.regime is not Regime.UNKNOWN and now_ns - self._split_ns >= SPLIT_NS

    def _outlast(self, now_ns: int, posterior: dict[Regime, float]) -> tuple[Regime, float]:
        """What a room is whose links contradict each other: at first what it was."""
        if self._split_ns is None:
            self._split_ns = now_ns
        if self.regime is Regime.UNKNOWN or self._is_long_split(now_ns):
            return Regime.UNKNOWN, max(posterior.values())
        return self.regime, posterior[self.regime]

    def _matches(self) -> tuple[Match, ...]:
        links = tuple(self._links.values())
        return links[0].top_k_similarity if len(links) == 1 else fused_matches(links)

    def _announced(self, matches: tuple[Match, ...]) -> tuple[Match, ...]:
        """Each occurrence once: above its threshold after having been well below."""
        out = []
        seen = set()
        for match in matches:
            seen.add(match.signature_id)
            if match.score is None:
                continue
            if match.above_threshold and self._armed.get(match.signature_id, True):
                self._armed[match.signature_id] = False
                out.append(match)
            elif not match.above_threshold and match.score < REARM:
                self._armed[match.signature_id] = True
        for name in self._armed:
            if name not in seen:
                self._armed[name] = True
        return tuple(out)


def _word(link: Snapshot) -> tuple[Regime, float]:
    return link.regime, link.regime_confidence


def regime_posterior(links: tuple[Snapshot, ...]) -> dict[Regime, float]:
    """How likely each regime of the room is; empty when no link knows one. Links that know nothing say nothing."""
    known = [s for s in links if s.regime is not Regime.UNKNOWN]
    if not known:
        return {}
    scores: dict[Regime, float] = {}
    for room, row in LIKELIHOOD.items():
        # a link's word counts as much as it is sure of it
        words = sum(min(max(s.regime_confidence, 0.0), 1.0) * math.log(row[s.regime]) for s in known)
        scores[room] = math.log(PRIOR[room]) + words
    largest = max(scores.values())
    weights = {r: math.exp(v - largest) for r, v in scores.items()}
    total = sum(weights.values())
    return {r: w / total for r, w in weights.items()}


def most_likely(posterior: dict[Regime, float]) -> tuple[Regime, float]:
    """The regime that explains all links best, and how likely it is; unknown when that is less than `MIN_POSTERIOR`."""
    best, probability = max(posterior.items(), key=lambda item: item[1], default=(Regime.UNKNOWN, 0.0))
    return (best, probability) if probability >= MIN_POSTERIOR else (Regime.UNKNOWN, probability)


def fused_matches(links: tuple[Snapshot, ...]) -> tuple[Match, ...]:
    """Per signature the loudest link, best five."""
    by_id: dict[str, list[Match]] = {}
    for s in links:
        for match in s.top_k_similarity:
            by_id.setdefault(match.signature_id, []).append(match)
    ranked = sorted((merged(m) for m in by_id.values()), key=lambda m: -(m.score if m.score is not None else -1.0))
    return tuple(ranked[:TOP_K])
