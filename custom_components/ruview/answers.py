"""What the entities of a room answer: each takes what the room knows and gives a reading, or why there is none."""

from collections.abc import Callable
from typing import Any

from .ruview_engine.introspection.snapshot import Regime, Snapshot
from .ruview_engine.room.reading import Reading, WhyNot
from .ruview_engine.room.state import Presence, RoomState
from .view import RoomView

type Answer[T] = Callable[[RoomView], Reading[T]]


def _told_as[T](reading: Reading[Any], value: T | None) -> Reading[T]:
    """The same reading in other words."""
    return Reading(
        value=value,
        confidence=reading.confidence,
        why_not=reading.why_not,
        provenance=reading.provenance,
        evidence=reading.evidence,
    )


def occupancy(view: RoomView) -> Reading[bool]:
    """Somebody is there, nobody is, or we cannot tell."""
    presence = view.state.presence
    return _told_as(presence, None if presence.value is None else presence.value is Presence.PRESENT)


def motion(view: RoomView) -> Reading[bool]:
    """Something moves now."""
    return view.state.motion


def is_anomalous(view: RoomView) -> Reading[bool]:
    """Something physically impossible or never seen: the other readings are being held back."""
    anomaly = view.state.anomaly
    return _told_as(anomaly, None if anomaly.value is None else view.state.is_vetoed)


def is_stale(view: RoomView) -> Reading[bool]:
    """The calibration is not to be believed any more."""
    return Reading(value=bool(view.state.stale), confidence=1.0)


def calibration(view: RoomView) -> Reading[str]:
    """Where the room is between unboxing and trusted readings."""
    return Reading(value=view.calibration.value, confidence=1.0)


def motion_level(view: RoomView) -> Reading[float]:
    """Strength of movement in percent."""
    if view.state.motion_level is None:
        return Reading.none(WhyNot.WARMING_UP)
    return Reading(value=100.0 * view.state.motion_level, confidence=1.0)


def restlessness(view: RoomView) -> Reading[float]:
    """Of a resting person, in percent."""
    found = view.state.restlessness
    return _told_as(found, None if found.value is None else 100.0 * found.value)


def regime(view: RoomView) -> Reading[str]:
    """The kind of dynamics, as `settled_regime` tells it."""
    if view.snapshot is None:
        return Reading.none(WhyNot.WARMING_UP)
    if view.snapshot.regime is Regime.UNKNOWN:
        return Reading.none(WhyNot.WEAK_EVIDENCE)
    return Reading(value=view.snapshot.regime.value, confidence=view.snapshot.regime_confidence)


def confidence_of(part: Callable[[RoomState], Reading[Any]]) -> Answer[float]:
    """How sure one part of the room state is, in percent."""

    def answer(view: RoomView) -> Reading[float]:
        found = part(view.state)
        if found.value is None:
            return Reading.none(found.why_not or WhyNot.WEAK_EVIDENCE)
        return Reading(value=100.0 * found.confidence, confidence=1.0)

    return answer


def of_best_link(part: Callable[[Snapshot], float | None]) -> Answer[float]:
    """A number of the link whose regime is surest, of those that have it: the panel shows all of them."""

    def answer(view: RoomView) -> Reading[float]:
        links = view.snapshot.links if view.snapshot else ()
        known = [(link.regime_confidence, value) for link in links if (value := part(link)) is not None]
        if not known:
            return Reading.none(WhyNot.WEAK_EVIDENCE if links else WhyNot.WARMING_UP)
        confidence, value = max(known, key=lambda one: one[0])
        return Reading(value=value, confidence=confidence)

    return answer
