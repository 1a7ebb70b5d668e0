"""One small watcher per reason of staleness, and the fold that turns symptoms into causes.

A watcher looks at one moment and says what is wrong *now*. `follow` remembers since when, and a cause is declared only
after its symptom lasted `PATIENCE_S`; it is cured when the symptom stayed away for `CURE_S`, at once where ids
differed. Drift is the delicate one: a person who sits still also shifts the profile. Who decides that nobody is there
is `life.may_be_drift`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..links.link_id import LinkId
from .baseline import Baseline
from .emptiness import MIN_RATE_HZ
from .evidence import LinkEvidence
from .stale import StaleCause, StaleReason

#: How long a symptom must last. Origin: SENSING §3 (drift 60 s); the others chosen: longer than a person's passing
#: shadow (RSSI, gain), than a roaming handshake (links), at once where ids differ.
PATIENCE_S: Final[Mapping[StaleReason, float]] = {
    StaleReason.BASELINE_MISMATCH: 0.0,
    StaleReason.DRIFT: 60.0,
    StaleReason.LINK_GONE: 30.0,
    StaleReason.CHANNEL_CHANGED: 5.0,
    StaleReason.LAYOUT_CHANGED: 30.0,
    StaleReason.ACCESS_POINT_CHANGED: 10.0,
    StaleReason.RSSI_STEP: 60.0,
    StaleReason.GAIN_REGIME: 60.0,
    StaleReason.RATE_TOO_LOW: 30.0,
    StaleReason.BANK_VERSION: 0.0,
}
#: A cause is over when its symptom stayed away this long. Origin: chosen; a limit must not be crossed twice a minute.
#: Where ids differ there is no limit: what is believed at once is also cured at once.
CURE_S: Final = 30.0
#: Silence after which a link counts as gone, at least; at slow rates twenty frames. Origin: peers §4.2, ×3.
GONE_S: Final = 10.0
#: A link matters when it carries this share of its node's frames. Origin: chosen; rare phones come and go.
SHARE: Final = 0.3
#: Change of the median RSSI that is news: more than somebody near the line explains. Origin: upstream §3.9: lying in
#: the line of sight costs 4.4 dB.
RSSI_STEP_DB: Final = 8.0
#: What a body that sits in the line of sight takes at most; where paths cancel it gives as much back by shading one of
#: them. Origin: measured by others at 2.4 GHz, 6–15 dB.
BODY_SHADE_DB: Final = 15.0
#: Change of the level (factor 2.5) that per-frame gain control (±30 %) and a body (−40 %) do not explain.
#: Origin: upstream §1.13.
GAIN_STEP_LOG: Final = 0.92
#: A link slower than this share of its calibrated rate cannot fill the windows it was calibrated on. Origin: chosen.
RATE_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """Something is wrong at this moment: how far, against which limit, on which link if on one."""

    reason: StaleReason
    value: float
    limit: float
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What watchers may look at.

    evidence : per known link with frames in the slow window
    strangers : links that are heard now but that the baseline does not know, by node
    may_be_drift : the runtime is sure enough that a shifted profile is not a person
    bank_problem : 0 when the bank may be used, else the number of the rule it breaks (see `bank.problem`)
    """

    at_s: float
    baseline: Baseline
    bank_baseline_id: str | None
    bank_problem: int
    evidence: Mapping[LinkId, LinkEvidence]
    strangers: tuple[LinkId, ...] = ()
    frequencies: Mapping[str, int] = field(default_factory=dict)
    access_points: Mapping[str, str] = field(default_factory=dict)
    may_be_drift: bool = False


def watch_baseline_id(scene: Scene) -> list[Symptom]:
    """The bank was trained on another baseline (the seed's invalidation contract)."""
    if scene.bank_baseline_id is None or scene.bank_baseline_id == scene.baseline.id:
        return []
    return [Symptom(reason=StaleReason.BASELINE_MISMATCH, value=1.0, limit=0.0)]


def watch_bank_version(scene: Scene) -> list[Symptom]:
    """The bank follows rules this release does not."""
    if not scene.bank_problem:
        return []
    return [Symptom(reason=StaleReason.BANK_VERSION, value=float(scene.bank_problem), limit=0.0)]


def watch_drift(scene: Scene) -> list[Symptom]:
    """The slow profile of an empty, quiet room left its limits on a link that matters."""
    if not scene.may_be_drift:
        return []
    found = []
    for link, one in scene.evidence.items():
        shift = one.slow_shift
        if shift is not None and one.is_fresh and shift.statistic > shift.limit and _matters(scene, link):
            found.append(
                Symptom(
                    reason=StaleReason.DRIFT, value=shift.rms, limit=min(shift.limit_rms, shift.rms), link=str(link)
                )
            )
    return found


def watch_links(scene: Scene) -> list[Symptom]:
    """Links of the baseline that are silent: gone, or replaced by another layout or another transmitter."""
    found = []
    for known in scene.baseline.links:
        limit = max(GONE_S, 20.0 / known.rate_hz)
        one = scene.evidence.get(known.link)
        silent_s = one.age_s if one is not None else GONE_LONG_S
        if silent_s <= limit or not _matters(scene, known.link):
            continue
        reason = StaleReason.LINK_GONE
        strangers = [link for link in scene.strangers if link.node == known.link.node]
        if strangers:
            same_layout = any(link.layout == known.link.layout for link in strangers)
            reason = StaleReason.ACCESS_POINT_CHANGED if same_layout else StaleReason.LAYOUT_CHANGED
        found.append(Symptom(reason=reason, value=silent_s, limit=limit, link=str(known.link)))
    return found


def watch_channel(scene: Scene) -> list[Symptom]:
    """The node listens on another frequency than during the baseline."""
    found = []
    for known in scene.baseline.links:
        now = scene.frequencies.get(known.link.node)
        if known.frequency_mhz and now and now != known.frequency_mhz:
            found.append(
                Symptom(
                    reason=StaleReason.CHANNEL_CHANGED,
                    value=float(now),
                    limit=float(known.frequency_mhz),
                    link=str(known.link),
                )
            )
    return found


def watch_access_point(scene: Scene) -> list[Symptom]:
    """The node says that it is associated with another access point (packet 0xC511A111)."""
    return [
        Symptom(reason=StaleReason.ACCESS_POINT_CHANGED, value=1.0, limit=0.0, link=str(known.link))
        for known in scene.baseline.links
        if known.access_point
        and (now := scene.access_points.get(known.link.node)) is not None
        and now != known.access_point
    ]


def watch_rssi(scene: Scene) -> list[Symptom]:
    """A lasting step of the signal strength: an antenna, a transmitter or its power changed.

    Whoever stays in the line shades it for hours; while somebody may be there, what a body explains is theirs.
    """
    found = []
    limit = RSSI_STEP_DB if scene.may_be_drift else BODY_SHADE_DB
    for known in scene.baseline.links:
        one = scene.evidence.get(known.link)
        if one is None or one.rssi_dbm is None or known.rssi_dbm is None or not one.is_fresh:
            continue
        step = abs(one.rssi_dbm - known.rssi_dbm)
        if step > limit and _matters(scene, known.link):
            found.append(Symptom(reason=StaleReason.RSSI_STEP, value=step, limit=limit, link=str(known.link)))
    return found


def watch_gain(scene: Scene) -> list[Symptom]:
    """The receiver works at another gain: quantisation and noise are not those of the baseline."""
    found = []
    for known in scene.baseline.links:
        one = scene.evidence.get(known.link)
        if one is None or one.level_log is None or known.level <= 0 or not one.is_fresh:
            continue
        step = abs(one.level_log - known.level_log)
        limit = max(GAIN_STEP_LOG, 4.0 * known.level_spread)
        if step > limit and _matters(scene, known.link):
            found.append(Symptom(reason=StaleReason.GAIN_REGIME, value=step, limit=limit, link=str(known.link)))
    return found


def watch_rate(scene: Scene) -> list[Symptom]:
    """Frames still come, but too few for what was calibrated."""
    found = []
    for known in scene.baseline.links:
        one = scene.evidence.get(known.link)
        if one is None or one.rate_hz is None or not one.is_fresh or not _matters(scene, known.link):
            continue
        need = max(min(MIN_RATE_HZ, known.rate_hz), RATE_SHARE * known.rate_hz)
        if one.rate_hz < need * 0.95:
            found.append(Symptom(reason=StaleReason.RATE_TOO_LOW, value=one.rate_hz, limit=need, link=str(known.link)))
    return found


#: Every watcher; a test checks that together they can name every reason.
WATCHERS: Final[tuple[Callable[[Scene], list[Symptom]], ...]] = (
    watch_baseline_id,
    watch_bank_version,
    watch_drift,
    watch_links,
    watch_channel,
    watch_access_point,
    watch_rssi,
    watch_gain,
    watch_rate,
)
#: Stands for "longer than the slow window". Origin: derived, the window is 60 s.
GONE_LONG_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A symptom with its history."""

    symptom: Symptom
    first_s: float
    last_s: float

    @property
    def key(self) -> tuple[StaleReason, str | None]:
        """One history per reason and link."""
        return self.symptom.reason, self.symptom.link


def follow(before: tuple[Watched, ...], symptoms: list[Symptom], at_s: float) -> tuple[Watched, ...]:
    """Carry histories on: new symptoms start one, absent ones are forgotten after `CURE_S` (at once when young)."""
    now = {(symptom.reason, symptom.link): symptom for symptom in symptoms}
    kept = {}
    for old in before:
        symptom = now.pop(old.key, None)
        if symptom is not None:
            kept[old.key] = Watched(symptom=symptom, first_s=old.first_s, last_s=at_s)
        elif _is_declared(old) and at_s - old.last_s < (CURE_S if PATIENCE_S[old.symptom.reason] else 0.0):
            kept[old.key] = old
        elif not _is_declared(old) and at_s - old.last_s < 2.5:
            kept[old.key] = old  # one tick without it is not a cure
    kept.update({key: Watched(symptom=symptom, first_s=at_s, last_s=at_s) for key, symptom in now.items()})
    return tuple(kept.values())


def causes(watched: tuple[Watched, ...]) -> tuple[StaleCause, ...]:
    """What has lasted long enough to be believed, oldest first."""
    declared = sorted((one for one in watched if _is_declared(one)), key=lambda one: one.first_s)
    return tuple(
        StaleCause(
            reason=one.symptom.reason,
            since_s=one.first_s,
            value=one.symptom.value,
            limit=one.symptom.limit,
            link=one.symptom.link,
        )
        for one in declared
    )


def _is_declared(one: Watched) -> bool:
    return one.last_s - one.first_s >= PATIENCE_S[one.symptom.reason]


def _matters(scene: Scene, link: LinkId) -> bool:
    """The link carries a fair share of its node's calibrated frames."""
    known = scene.baseline.link(link)
    if known is None:
        return False
    rates = [other.rate_hz for other in scene.baseline.links if other.link.node == link.node]
    return known.rate_hz >= SHARE * max(rates)
