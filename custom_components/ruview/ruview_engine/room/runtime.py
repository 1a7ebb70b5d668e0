"""The slow tick: windows in, one `RoomState` out. Pure; what must be remembered is handed back as `Memory`.

Order: evidence per link → motion → veto → presence filter → staleness → gated readings → adaptation.
"""

from dataclasses import dataclass, replace
from typing import Final

from ..links.encoder import Encoder
from .adaptation import QUIET_S, Adapted
from .bank import Bank
from .baseline import Baseline
from .drift import Drift
from .gated import Gate, judge_anomaly, read_all
from .last_known import MAX_PAUSE_S
from .life import (
    SURELY_EMPTY,
    follow_life,
    follow_motion,
    follow_steps,
    fused_z,
    may_be_drift,
    motion_level,
    read_motion,
)
from .memory import Memory
from .presence_call import call_presence
from .reading import Provenance, Reading
from .specialists.breathing import HOLD_S, BreathingSpecialist
from .specialists.presence import PresenceSpecialist, Ratios
from .specialists.presence_belief import Situation, believe, unwatched
from .stale import StaleCause, StaleReason
from .state import Calibration, RoomState
from .tick import Tick
from .uncalibrated import evaluate_uncalibrated
from .watchers import SHARE, WATCHERS, Scene, Symptom, causes, follow
from .window import LinkWindow, RoomInputs

#: Static evidence is worth nothing while one of these holds.
SPOILS_STATIC: Final = frozenset(StaleReason) - {StaleReason.BASELINE_MISMATCH, StaleReason.BANK_VERSION}


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
    may_clear : False when somebody stood, sat or lay here whom no link saw: nothing that is not seen is absence then
    """

    room_id: str
    baseline: Baseline | None
    bank: Bank | None = None
    encoder: Encoder | None = None
    sensitivity: float = 1.0
    may_clear: bool = True

    @property
    def backbone_rev(self) -> str | None:
        """Revision of the installed encoder."""
        return None if self.encoder is None else self.encoder.revision

    @property
    def provenance(self) -> Provenance:
        """What every reading of this room rests on."""
        return Provenance(
            baseline_id=None if self.baseline is None else self.baseline.id,
            bank_version=None if self.bank is None else self.bank.version,
            backbone_rev=self.backbone_rev,
        )

    def evaluate(self, inputs: RoomInputs, memory: Memory | None) -> Outcome:
        """One tick at `inputs.at_s`; ticks may be late or missing, time is taken from the inputs."""
        memory = memory or Memory.new(inputs.at_s)
        if not 0 <= inputs.at_s - memory.at_s <= MAX_PAUSE_S:
            memory = memory.forgotten(inputs.at_s)
        if self.baseline is None:
            state, memory = evaluate_uncalibrated(self.room_id, inputs, memory, self.provenance)
            return Outcome(state=state, memory=memory)
        tick = Tick.of(inputs, self.baseline, memory.adaptation)
        return self._evaluate(tick, tick.at_s - memory.at_s, replace(memory, at_s=tick.at_s), self.baseline)

    def _evaluate(self, tick: Tick, dt_s: float, memory: Memory, baseline: Baseline) -> Outcome:
        """`memory` is that of `dt_s` ago, its clock put forward."""
        at_s, fresh = tick.at_s, tick.fresh
        z = fused_z(fresh)
        memory = follow_steps(follow_motion(memory, tick.inputs, z), fresh, at_s)
        breath, memory = self._look_at_breath(tick, memory)
        has_breath = memory.breath.is_told(at_s)  # a rate that is only held proves nobody
        before = causes(memory.watched)
        anomaly, is_vetoed, memory = judge_anomaly(None if before else self.bank, tick.evidence, tick.known, memory)
        # What no room can look like proves neither a person nor that nobody is there.
        is_deaf = is_vetoed and not memory.is_moving
        ratios, static, memory = self._believe(tick, dt_s, memory, before, has_breath=has_breath, is_deaf=is_deaf)
        memory = follow_life(memory, ratios, fresh, at_s, static)
        is_alone = may_be_drift(memory, fresh, at_s)
        watched = follow(memory.watched, self._symptoms(tick, baseline, is_alone=is_alone), at_s)
        stale = causes(watched)
        presence, called = call_presence(
            memory,
            ratios,
            static,
            self.bank,
            self.provenance,
            is_stale=bool(stale),
            is_deaf=is_deaf,
            may_clear=self.may_clear,
        )
        memory = replace(memory, watched=watched, presence=called)
        gate = Gate(presence=called, is_stale=bool(stale), has_frames=bool(fresh), provenance=self.provenance)
        readings, memory = read_all(
            self.bank,
            tick.inputs,
            tick.measured,
            tick.evidence,
            (breath, anomaly),
            gate,
            memory,
            is_vetoed=is_vetoed,
            known=tick.known,
            encoder=self.encoder,
        )
        adapted: tuple[Adapted, ...] = ()
        if not stale and _may_adapt(memory, tick, static):
            is_doubtful = ratios is not None and ratios.doubt > 0.0
            adaptation, adapted = memory.adaptation.follow(fresh, at_s, dt_s, is_doubtful=is_doubtful)
            memory = replace(memory, adaptation=adaptation)
        state = RoomState(
            room_id=self.room_id,
            at_s=at_s,
            calibration=self._calibration(stale),
            presence=presence,
            motion=read_motion(memory, z, self.provenance, has_frames=bool(fresh)),
            motion_level=None if z is None else motion_level(z),
            posture=readings.posture,
            breathing=readings.breathing,
            heart_rate=readings.heart_rate,
            restlessness=readings.restlessness,
            anomaly=readings.anomaly,
            is_vetoed=readings.is_vetoed,
            stale=stale,
        )
        drift = Drift.of(fresh, is_judged=is_alone)
        return Outcome(state=state, memory=memory, drift=drift, adapted=adapted, ratios=ratios)

    def _look_at_breath(self, tick: Tick, memory: Memory) -> tuple[Reading[float], Memory]:
        """One look at the breath, whatever presence says: breath is evidence of presence."""
        trained = None if self.bank is None else self.bank.breathing
        at_s, hold_s = memory.at_s, min(HOLD_S, memory.seconds_since_motion(memory.at_s))
        look = (trained or BreathingSpecialist()).read(
            tick.measured,
            at_s=at_s,
            moving_at_s=memory.moving_ticks,
            expected_bpm=memory.breath.expected_bpm(at_s, hold_s),
        )
        breath, shown = memory.breath.follow(at_s, look, hold_s)
        return shown, replace(memory, breath=breath)

    def _believe(
        self,
        tick: Tick,
        dt_s: float,
        memory: Memory,
        stale: tuple[StaleCause, ...],
        *,
        has_breath: bool,
        is_deaf: bool,
    ) -> tuple[Ratios | None, float, Memory]:
        """What the links say of presence, what static shift adds to the belief, and the memory with that belief."""
        # A calibration in doubt teaches nothing.
        trained = None if self.bank is None or stale else self.bank.presence
        specialist = trained or PresenceSpecialist(links={})
        # The mean profile of a body on its way says nothing about where bodies rest.
        use_static = not memory.is_moving and not any(cause.reason in SPOILS_STATIC for cause in stale)
        seen_s = max(memory.empty_s, memory.started_s)
        followed_s = memory.adaptation.followed_s
        ratios = specialist.ratios(
            () if is_deaf else tick.evidence,
            tick.known,
            use_static=use_static,
            is_moving=memory.is_moving,
            has_breath=has_breath,
            ages_s={link: tick.at_s - max(followed_s.get(link, seen_s), seen_s) for link in tick.known},
        )
        if ratios is None:
            return None, 0.0, replace(memory, log_odds=unwatched(memory.log_odds, dt_s))
        now = Situation(
            dt_s=dt_s,
            moved_within_s=memory.seconds_since_motion(tick.at_s),
            is_moving=memory.is_moving,
            has_breath=has_breath,
            may_be_inside=memory.may_be_inside,
            has_moved=memory.moved_s is not None,
        )
        is_taught = bool(specialist.links)
        belief = believe(memory.log_odds, ratios, now, is_taught=is_taught, sensitivity=self.sensitivity)
        return ratios, belief.static, replace(memory, log_odds=belief.log_odds)

    def _symptoms(self, tick: Tick, baseline: Baseline, *, is_alone: bool) -> list[Symptom]:
        windows = tick.inputs.windows
        scene = Scene(
            at_s=tick.at_s,
            baseline=baseline,
            bank_baseline_id=None if self.bank is None else self.bank.baseline_id,
            bank_problem=0 if self.bank is None else self.bank.problem(self.backbone_rev),
            evidence={one.link: one for one in tick.evidence},
            strangers=tuple(window.link for window in windows if _is_successor(window, tick)),
            frequencies={w.link.node: w.frequency_mhz for w in windows if w.frequency_mhz},
            access_points={w.link.node: w.access_point for w in windows if w.access_point},
            may_be_drift=is_alone,
        )
        return [symptom for watch in WATCHERS for symptom in watch(scene)]

    def _calibration(self, stale: tuple[StaleCause, ...]) -> Calibration:
        if stale:
            return Calibration.STALE
        return Calibration.READY if self.bank is not None else Calibration.BASELINE


def _may_adapt(memory: Memory, tick: Tick, static: float) -> bool:
    """Empty beyond doubt, and quiet for long enough."""
    return (
        bool(tick.fresh)
        and not memory.may_be_inside
        and memory.log_odds + static <= SURELY_EMPTY
        and memory.seconds_since_motion(memory.at_s) >= QUIET_S
    )


def _is_successor(window: LinkWindow, tick: Tick) -> bool:
    """Unknown to the baseline, but no neighbour that is overheard now and then: it may be the new access point."""
    if window.link in tick.known or not window.is_alive(tick.at_s):
        return False
    fastest = max((one.rate_hz for link, one in tick.known.items() if link.node == window.link.node), default=0.0)
    return len(window) >= SHARE * fastest * window.span_s
