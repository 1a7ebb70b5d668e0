"""The slow tick: windows in, one `RoomState` out. Pure; what must be remembered is handed back as `Memory`.

Order: evidence per link → motion → veto → presence filter → staleness → gated readings → adaptation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp
from typing import Any, Final

import numpy as np

from ..links.encoder import Encoder
from ..links.link_id import LinkId
from .adaptation import Adapted
from .bank import Bank
from .baseline import Baseline
from .continuity import associate
from .evidence import LinkEvidence, gather
from .gated import Gate, judge_anomaly, read_all
from .life import (
    MOTION_OFF_Z,
    MOTION_ON_Z,
    SURELY_EMPTY,
    follow_life,
    follow_motion,
    follow_steps,
    fused_z,
    may_be_a_thing,
    may_be_drift,
    motion_level,
)
from .link_baseline import LinkBaseline
from .memory import Memory
from .reading import Provenance, Reading, WhyNot
from .specialist import SpecialistKind
from .specialists.breathing import BreathingSpecialist
from .specialists.presence import PresenceSpecialist, Ratios
from .specialists.presence_belief import PRESENT_FROM, Situation, believe, unwatched
from .stale import StaleCause, StaleReason
from .state import Calibration, Presence, RoomState
from .watchers import SHARE, WATCHERS, Scene, Symptom, causes, follow
from .window import LinkWindow, RoomInputs

#: A hole between two ticks after which nothing may be carried on. Origin: chosen.
MAX_TICK_GAP_S: Final = 120.0
#: Presence, called from `PRESENT_FROM`, is kept down to evens, and so is clear, called below 0.12. Origin: derived,
#: nothing is said that is less likely than its contrary; from there on it is unknown.
PRESENT_TO: Final = 0.0
CLEAR_FROM: Final = -2.0
CLEAR_TO: Final = 0.0
#: Static evidence is worth nothing while one of these holds.
SPOILS_STATIC: Final = frozenset(StaleReason) - {StaleReason.BASELINE_MISMATCH, StaleReason.BANK_VERSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The room's distance from its baseline, in log units (0.04 = 4 %), worst link.

    is_judged : nobody can be there, so that all of it is the room's own; else a person may be part of it
    """

    value: float
    limit: float
    link: str
    is_judged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything one tick gives back."""

    state: RoomState
    memory: Memory
    drift: Drift | None = None
    adapted: tuple[Adapted, ...] = ()
    ratios: Ratios | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runtime:
    """What a room knows; `evaluate` may run in any thread.

    sensitivity : 0.25–4, multiplies evidence for presence against evidence for absence (1 = as learnt)
    """

    room_id: str
    baseline: Baseline | None
    bank: Bank | None = None
    encoder: Encoder | None = None
    sensitivity: float = 1.0
    access_points: Mapping[str, str] = field(default_factory=dict)

    @property
    def backbone_rev(self) -> str | None:
        """Revision of the installed encoder."""
        return None if self.encoder is None else self.encoder.revision

    def evaluate(self, inputs: RoomInputs, memory: Memory | None) -> Outcome:
        """One tick at `inputs.at_s`; ticks may be late or missing, time is taken from the inputs."""
        memory = memory or Memory.new(inputs.at_s)
        if not 0 <= inputs.at_s - memory.at_s <= MAX_TICK_GAP_S:
            memory = memory.forgotten(inputs.at_s)
        if self.baseline is None:
            return self._without_baseline(inputs, memory)
        known = {link.link: link for link in self.baseline.links}
        inputs = replace(inputs, windows=associate(inputs.windows, self.baseline))
        windows = inputs.by_link()
        gathered = (
            gather(windows[link], one, inputs.at_s, memory.adaptation.offset(link), memory.adaptation.strayed(link))
            for link, one in known.items()
            if link in windows
        )
        found = [one for one in gathered if one is not None]
        evidence, measured = tuple(one for one, _ in found), tuple(window for _, window in found)
        return self._with_baseline(inputs, memory, known, evidence, measured)

    def _with_baseline(
        self,
        inputs: RoomInputs,
        memory: Memory,
        known: Mapping[LinkId, LinkBaseline],
        evidence: tuple[LinkEvidence, ...],
        measured: tuple[LinkWindow, ...],
    ) -> Outcome:
        at_s, dt_s = inputs.at_s, inputs.at_s - memory.at_s
        fresh = tuple(one for one in evidence if one.is_fresh)
        z = fused_z(fresh)
        memory = replace(follow_steps(follow_motion(memory, inputs, z), fresh, at_s), at_s=at_s)
        breath, memory = self._look_at_breath(measured, memory)
        before = causes(memory.watched)
        specialist = self._presence(before)
        # The mean profile of a body on its way says nothing about where bodies rest.
        use_static = not memory.is_moving and not any(cause.reason in SPOILS_STATIC for cause in before)
        has_breath = breath.value is not None
        anomaly, is_vetoed, memory = judge_anomaly(None if before else self.bank, evidence, known, memory)
        # What no room can look like proves neither a person nor that nobody is there.
        is_deaf = is_vetoed and not memory.is_moving
        seen_s = max(memory.empty_s, memory.started_s)
        ages_s = {link: at_s - max(memory.adaptation.followed_s.get(link, seen_s), seen_s) for link in known}
        ratios = specialist.ratios(
            () if is_deaf else evidence,
            known,
            use_static=use_static,
            is_moving=memory.is_moving,
            has_breath=has_breath,
            ages_s=ages_s,
        )
        memory, static = self._believe(memory, ratios, dt_s, has_breath=has_breath, is_taught=bool(specialist.links))
        memory = follow_life(memory, ratios, fresh, at_s, static)
        is_alone = may_be_drift(memory, fresh, at_s)
        symptoms = self._symptoms(inputs, evidence, known, is_alone=is_alone)
        watched = follow(memory.watched, symptoms, at_s)
        stale = causes(watched)
        presence, called = self._call_presence(memory, ratios, static, stale)
        if is_deaf:
            presence = Reading.none(WhyNot.ANOMALY, provenance=self._provenance())
        memory = replace(memory, watched=watched, presence=called, at_s=at_s)
        gate = Gate(presence=called, is_stale=bool(stale), has_frames=bool(fresh), provenance=self._provenance())
        asked = (breath, anomaly)
        readings, memory = read_all(
            self.bank,
            inputs,
            measured,
            evidence,
            asked,
            gate,
            memory,
            is_vetoed=is_vetoed,
            known=known,
            encoder=self.encoder,
        )
        adapted: tuple[Adapted, ...] = ()
        if self._may_adapt(memory, fresh, static, stale):
            is_doubtful = ratios is not None and ratios.doubt > 0.0
            adaptation, adapted = memory.adaptation.follow(fresh, at_s, dt_s, is_doubtful=is_doubtful)
            memory = replace(memory, adaptation=adaptation)
        state = RoomState(
            room_id=self.room_id,
            at_s=at_s,
            calibration=self._calibration(stale),
            presence=presence,
            motion=self._motion(memory, z, bool(fresh)),
            motion_level=None if z is None else motion_level(z),
            posture=readings.posture,
            breathing=readings.breathing,
            heart_rate=readings.heart_rate,
            restlessness=readings.restlessness,
            anomaly=readings.anomaly,
            is_vetoed=readings.is_vetoed,
            stale=stale,
        )
        return Outcome(
            state=state, memory=memory, drift=_drift(fresh, is_judged=is_alone), adapted=adapted, ratios=ratios
        )

    def _look_at_breath(self, measured: tuple[LinkWindow, ...], memory: Memory) -> tuple[Reading[float], Memory]:
        """One look at the breath, whatever presence says: breath is evidence of presence."""
        trained = None if self.bank is None else self.bank.breathing
        look = (trained or BreathingSpecialist()).read(
            measured, at_s=memory.at_s, moving_at_s=memory.moving_ticks, expected_bpm=memory.breath.expected_bpm
        )
        breath, shown = memory.breath.follow(memory.at_s, look)
        return shown, replace(memory, breath=breath)

    # --- presence ---------------------------------------------------------------------------------

    def _presence(self, stale: tuple[StaleCause, ...]) -> PresenceSpecialist:
        """The trained one, unless its calibration is in doubt."""
        trained = None if self.bank is None or stale else self.bank.presence
        return trained or PresenceSpecialist(links={})

    def _believe(
        self, memory: Memory, ratios: Ratios | None, dt_s: float, *, has_breath: bool, is_taught: bool
    ) -> tuple[Memory, float]:
        """The memory with this tick's belief, and what static shift adds to it."""
        if ratios is None:
            return replace(memory, log_odds=unwatched(memory.log_odds, dt_s)), 0.0
        now = Situation(
            dt_s=dt_s,
            moved_within_s=memory.seconds_since_motion(memory.at_s),
            is_moving=memory.is_moving,
            has_breath=has_breath,
            may_be_inside=memory.may_be_inside,
            has_moved=memory.moved_s is not None,
        )
        belief = believe(memory.log_odds, ratios, now, is_taught=is_taught, sensitivity=self.sensitivity)
        return replace(memory, log_odds=belief.log_odds), belief.static

    def _is_blind(self) -> bool:
        """Enrolment showed that some still person cannot be told from the empty room."""
        if self.bank is None:
            return False
        trained = self.bank.presence
        return SpecialistKind.PRESENCE in dict(self.bank.absent) if trained is None else not trained.may_clear

    def _call_presence(
        self, memory: Memory, ratios: Ratios | None, static: float, stale: tuple[StaleCause, ...]
    ) -> tuple[Reading[Presence], Presence | None]:
        provenance = self._provenance()
        if ratios is None:
            return Reading.none(WhyNot.NO_FRAMES, provenance=provenance), None
        odds = memory.log_odds + static
        called = memory.presence
        if odds >= PRESENT_FROM or (called is Presence.PRESENT and odds >= PRESENT_TO):
            called = None if may_be_a_thing(memory) else Presence.PRESENT
        elif self._is_blind() or ratios.doubt >= PRESENT_FROM:
            # Enrolment showed that a still person looks like the empty room here; or a body seems to stand in the way
            # though nobody was seen to come in: drift, or an entry that no link saw. Neither is certainly empty.
            called = None
        elif odds <= CLEAR_FROM or (called is Presence.CLEAR and odds <= CLEAR_TO):
            called = Presence.CLEAR
        else:
            called = None
        evidence = (
            ("log_odds", odds),
            ("motion", ratios.motion),
            ("micro_motion", ratios.micro),
            ("static_shift", static),
        )
        if called is None:
            return Reading(
                value=None,
                confidence=0.0,
                why_not=WhyNot.NOT_SEPARABLE if self._is_blind() else WhyNot.AMBIGUOUS,
                provenance=provenance,
                evidence=evidence,
            ), None
        if stale and called is Presence.CLEAR:
            # Absence needs a calibration that can be believed; presence only needs a body that shows itself.
            return Reading(
                value=None, confidence=0.0, why_not=WhyNot.STALE, provenance=provenance, evidence=evidence
            ), called
        certainty = 1.0 / (1.0 + exp(-abs(odds)))
        ceiling = 1.0 if self.bank is not None and self.bank.presence is not None and not stale else UNTRAINED_CEILING
        return Reading(
            value=called, confidence=min(certainty, ceiling), provenance=provenance, evidence=evidence
        ), called

    # --- staleness and adaptation -------------------------------------------------------------------

    def _symptoms(
        self,
        inputs: RoomInputs,
        evidence: tuple[LinkEvidence, ...],
        known: Mapping[LinkId, LinkBaseline],
        *,
        is_alone: bool,
    ) -> list[Symptom]:
        assert self.baseline is not None
        fastest: dict[str, float] = {}
        for link, one in known.items():
            fastest[link.node] = max(fastest.get(link.node, 0.0), one.rate_hz)
        # A neighbour that is overheard now and then is no successor of the access point.
        strangers = tuple(
            window.link
            for window in inputs.windows
            if window.link not in known
            and _is_alive(window, inputs.at_s)
            and len(window) >= SHARE * fastest.get(window.link.node, 0.0) * window.span_s
        )
        scene = Scene(
            at_s=inputs.at_s,
            baseline=self.baseline,
            bank_baseline_id=None if self.bank is None else self.bank.baseline_id,
            bank_problem=0 if self.bank is None else self.bank.problem(self.backbone_rev),
            evidence={one.link: one for one in evidence},
            strangers=strangers,
            frequencies={w.link.node: w.frequency_mhz for w in inputs.windows if w.frequency_mhz},
            access_points={w.link.node: w.access_point for w in inputs.windows if w.access_point},
            may_be_drift=is_alone,
        )
        return [symptom for watch in WATCHERS for symptom in watch(scene)]

    def _may_adapt(
        self, memory: Memory, fresh: tuple[LinkEvidence, ...], static: float, stale: tuple[StaleCause, ...]
    ) -> bool:
        """Empty beyond doubt, quiet for a minute, and nothing else wrong."""
        return (
            not stale
            and bool(fresh)
            and not memory.may_be_inside
            and memory.log_odds + static <= SURELY_EMPTY
            and memory.seconds_since_motion(memory.at_s) >= 60.0
        )

    # --- small answers ------------------------------------------------------------------------------

    def _motion(self, memory: Memory, z: float | None, has_frames: bool) -> Reading[bool]:
        if not has_frames:
            return Reading.none(WhyNot.NO_FRAMES, provenance=self._provenance())
        if z is None:
            return Reading.none(WhyNot.WARMING_UP, provenance=self._provenance())
        middle = (MOTION_ON_Z + MOTION_OFF_Z) / 2
        certainty = 1.0 / (1.0 + exp(-2.0 * abs(z - middle)))
        return Reading(
            value=memory.is_moving, confidence=certainty, provenance=self._provenance(), evidence=(("z", z),)
        )

    def _calibration(self, stale: tuple[StaleCause, ...]) -> Calibration:
        if stale:
            return Calibration.STALE
        return Calibration.READY if self.bank is not None else Calibration.BASELINE

    def _provenance(self) -> Provenance:
        return Provenance(
            baseline_id=None if self.baseline is None else self.baseline.id,
            bank_version=None if self.bank is None else self.bank.version,
            backbone_rev=self.backbone_rev,
        )

    def _without_baseline(self, inputs: RoomInputs, memory: Memory) -> Outcome:
        """Before calibration: movement, once the links' own meters have learnt a floor, and the presence it proves."""
        alive = [window for window in inputs.windows if _is_alive(window, inputs.at_s)]
        zs = []
        for window in alive:
            if window.motion_z is not None:
                recent = window.motion_z[window.times >= inputs.at_s - 2.0]
                recent = recent[np.isfinite(recent)]
                if len(recent) >= 3:
                    zs.append(float(recent.mean()))
        z = max(zs) if zs else None
        memory = replace(follow_motion(memory, inputs, z), at_s=inputs.at_s)
        provenance = self._provenance()
        nothing: Reading[Any] = Reading.none(WhyNot.NO_BASELINE if alive else WhyNot.NO_FRAMES, provenance=provenance)
        if z is None and inputs.is_moving is not None and alive:
            motion = Reading(value=inputs.is_moving, confidence=0.5, provenance=provenance)
        else:
            motion = self._motion(memory, z, bool(alive))
        state = RoomState(
            room_id=self.room_id,
            at_s=inputs.at_s,
            calibration=Calibration.UNCALIBRATED,
            presence=_proven(motion) or nothing,
            motion=motion,
            motion_level=None if z is None else motion_level(z),
            posture=nothing,
            breathing=nothing,
            heart_rate=nothing,
            restlessness=nothing,
            anomaly=nothing,
            is_vetoed=False,
            stale=(),
        )
        return Outcome(state=state, memory=memory)


#: Without enrolment nobody has shown that these links see a still person. Origin: chosen.
UNTRAINED_CEILING: Final = 0.8


def _proven(motion: Reading[bool]) -> Reading[Presence] | None:
    """The presence that a movement proves by itself; stillness proves nothing."""
    if not motion.value:
        return None
    confidence = min(motion.confidence, UNTRAINED_CEILING)
    return Reading(value=Presence.PRESENT, confidence=confidence, evidence=motion.evidence)


def _drift(fresh: tuple[LinkEvidence, ...], *, is_judged: bool) -> Drift | None:
    """The worst link of now."""
    shifts = [(one.slow_shift, one.link) for one in fresh if one.slow_shift is not None]
    if not shifts:
        return None
    worst, link = max(shifts, key=lambda pair: pair[0].statistic)
    return Drift(value=worst.rms, limit=worst.limit_rms, link=str(link), is_judged=is_judged)


def _is_alive(window: LinkWindow, at_s: float) -> bool:
    """Enough recent frames to be a link in its own right."""
    return len(window) >= 30 and at_s - float(window.times[-1]) <= 5.0
