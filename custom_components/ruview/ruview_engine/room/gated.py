"""The readings that depend on a person being there, after veto, staleness and presence (ADR-151 §2.5).

Rules, in this order: no frames → nothing; what was never taught says so, whatever else holds, or it would come and go
with whoever does; an impossible signal vetoes everybody; STALE silences everything that was
trained; an empty room has no breath, pulse or posture; movement has no posture and no breath.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..links.encoder import Encoder
from ..links.link_id import LinkId
from .bank import Bank
from .evidence import LinkEvidence
from .link_baseline import LinkBaseline
from .memory import Memory
from .micro_motion import GRID_HZ
from .posture_tracker import PostureTracker
from .rate_tracker import RateTracker
from .reading import Provenance, Reading, WhyNot
from .specialists.anomaly import IMPOSSIBLE_S, VETO_FROM, AnomalySpecialist
from .specialists.heartbeat import HeartbeatSpecialist
from .state import Posture, Presence
from .sway import Sway, excursion_of
from .window import LinkWindow, RoomInputs

#: Posture is not read before the body has been still this long: the 5-s mean must not contain the movement.
#: Origin: derived, `link_baseline.BLOCK_S` plus a tick.
SETTLED_S: Final = 6.0
#: Sway is looked for in this much, none of it moved. Origin: derived, the window of a breath: nobody is said to stand
#: before their breath could have been read if they sat.
SWAY_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must be known before anybody may speak about a person."""

    presence: Presence | None
    is_stale: bool
    has_frames: bool
    provenance: Provenance

    def closed(self, *, is_vetoed: bool) -> WhyNot | None:
        """Why nobody may speak; None when they may."""
        if not self.has_frames:
            return WhyNot.NO_FRAMES
        if is_vetoed:
            return WhyNot.ANOMALY
        if self.is_stale:
            return WhyNot.STALE
        if self.presence is Presence.CLEAR:
            return WhyNot.ABSENT
        if self.presence is None:
            return WhyNot.AMBIGUOUS
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Five specialists after gating."""

    posture: Reading[Posture]
    breathing: Reading[float]
    heart_rate: Reading[float]
    restlessness: Reading[float]
    anomaly: Reading[float]
    is_vetoed: bool


def judge_anomaly(
    bank: Bank | None, evidence: tuple[LinkEvidence, ...], known: Mapping[LinkId, LinkBaseline], memory: Memory
) -> tuple[Reading[float], bool, Memory]:
    """Score, veto, and since when the signal is impossible. The veto needs `IMPOSSIBLE_S` of it."""
    trained = bank.anomaly if bank is not None else None
    specialist = trained or AnomalySpecialist(known_shifts={}, pattern_floor={})
    reading = specialist.read(tuple(one for one in evidence if one.is_fresh), known)
    impossible = dict(reading.evidence).get("impossible", 0.0) >= VETO_FROM
    before = memory.impossible_since_s
    since = (memory.at_s if before is None else before) if impossible else None
    is_vetoed = since is not None and memory.at_s - since >= IMPOSSIBLE_S
    if reading.value is not None and impossible and not is_vetoed:
        reading = replace(reading, value=min(reading.value, 0.49))
    return reading, is_vetoed, replace(memory, impossible_since_s=since)


def read_all(
    bank: Bank | None,
    inputs: RoomInputs,
    measured: Sequence[LinkWindow],
    evidence: tuple[LinkEvidence, ...],
    asked: tuple[Reading[float], Reading[float]],
    gate: Gate,
    memory: Memory,
    *,
    is_vetoed: bool,
    known: Mapping[LinkId, LinkBaseline],
    encoder: Encoder | None = None,
) -> tuple[Readings, Memory]:
    """Ask everybody who may speak; breathing and anomaly have been `asked` already, they are evidence too."""
    breathing, anomaly = asked
    closed = gate.closed(is_vetoed=is_vetoed)
    if closed is not None or bank is None:

        def silent(untaught: WhyNot | None) -> Reading[Any]:
            why = closed if closed is WhyNot.NO_FRAMES else untaught or closed
            return Reading.none(why or WhyNot.NOT_TRAINED, provenance=gate.provenance)

        # Breath needs no training, only a baseline that says what the empty room looks like.
        quiet = Readings(
            posture=silent(_untaught(bank, bank and bank.posture)),
            breathing=silent(None) if closed is not None else replace(breathing, provenance=gate.provenance),
            heart_rate=silent(None if inputs.heart_rates else _untaught(bank, bank and bank.heartbeat)),
            restlessness=silent(_untaught(bank, bank and bank.restlessness)),
            anomaly=replace(anomaly, provenance=gate.provenance),
            is_vetoed=is_vetoed,
        )
        return quiet, replace(memory, heart=RateTracker(), posture=PostureTracker())
    heart, memory = _heart(bank, inputs, measured, breathing, memory)
    restlessness: Reading[float] = Reading.none(WhyNot.NOT_SEPARABLE)
    if bank.restlessness is not None:
        restlessness = bank.restlessness.read(measured, at_s=inputs.at_s)
    is_breathing = breathing.value is not None
    look = _posture(bank, evidence, known, memory, encoder, is_breathing=is_breathing)
    # Whose breath can be read comes back with it: a body that wanders as on its feet hides its chest.
    before = memory.posture.without(Posture.STANDING) if is_breathing else memory.posture
    tracker, posture = before.follow(inputs.at_s, look, memory.moved_s)
    memory = replace(memory, posture=tracker)
    readings = Readings(
        posture=replace(posture, provenance=gate.provenance),
        breathing=replace(breathing, provenance=gate.provenance),
        heart_rate=replace(heart, provenance=gate.provenance),
        restlessness=replace(restlessness, provenance=gate.provenance),
        anomaly=replace(anomaly, provenance=gate.provenance),
        is_vetoed=False,
    )
    return readings, memory


def _heart(
    bank: Bank, inputs: RoomInputs, measured: Sequence[LinkWindow], breathing: Reading[float], memory: Memory
) -> tuple[Reading[float], Memory]:
    if bank.heartbeat is None and not inputs.heart_rates:
        return Reading.none(WhyNot.NOT_SEPARABLE), memory
    specialist = bank.heartbeat or HeartbeatSpecialist()
    look = specialist.read(
        measured if bank.heartbeat is not None else (),
        at_s=inputs.at_s,
        breathing=breathing,
        moving_at_s=memory.moving_ticks,
        devices=inputs.heart_rates,
    )
    heart, shown = memory.heart.follow(inputs.at_s, look)
    return shown, replace(memory, heart=heart)


def _posture(
    bank: Bank,
    evidence: tuple[LinkEvidence, ...],
    known: Mapping[LinkId, LinkBaseline],
    memory: Memory,
    encoder: Encoder | None,
    *,
    is_breathing: bool,
) -> Reading[Posture]:
    if bank.posture is None:
        return Reading.none(WhyNot.NOT_SEPARABLE)
    # Who sways takes a step in the profile now and then, which is no movement of the room.
    still_s = memory.at_s - memory.moving_ticks[-1] if memory.moving_ticks else SWAY_S
    if memory.is_moving or still_s < SETTLED_S:
        return Reading.none(WhyNot.MOVING)
    deltas = {one.link: one.shift.delta for one in evidence if one.is_fresh and one.shift is not None}
    sway = None
    if bank.posture.tells_standing and still_s >= SWAY_S and not is_breathing:
        sway = _sway(evidence, known, memory.at_s, memory.at_s - SWAY_S)
    is_settled = memory.seconds_since_motion(memory.at_s) >= SETTLED_S
    expected = memory.posture.expected(memory.at_s, memory.moving_ticks[-1] if memory.moving_ticks else None)
    return bank.posture.read(deltas if is_settled else None, encoder, sway, expected)


def _sway(
    evidence: Sequence[LinkEvidence], known: Mapping[LinkId, LinkBaseline], at_s: float, since_s: float
) -> Sway | None:
    """Of all links together, since then and since the last second that was loud on any of them."""
    since_s = max((since_s, *(one.loud_s for one in evidence)))
    excursions = []
    for one in evidence:
        n_slots = int((at_s - one.age_s - since_s) * GRID_HZ) + 1
        if one.slots is None or n_slots < 1:
            continue
        found = excursion_of(one.slots[-n_slots:], np.diag(known[one.link].block_covariance))
        if found is not None:
            excursions.append(found)
    return Sway.of(excursions)


def _untaught(bank: Bank | None, specialist: object | None) -> WhyNot | None:
    """What holds until somebody teaches the room again: no bank, or none of this kind in it; None for neither."""
    if bank is None:
        return WhyNot.NOT_TRAINED
    return WhyNot.NOT_SEPARABLE if specialist is None else None
