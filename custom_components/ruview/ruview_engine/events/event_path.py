"""The whole window path of one link: samples in, events out at window ends."""

from dataclasses import dataclass
from enum import StrEnum

from ..links.sample import Sample
from .detectors import MotionDetector, PresenceDetector, QualityDetector
from .window import WindowBuffer, WindowStats


class EventKind(StrEnum):
    """What the window path reports (ADR-099 §1.1)."""

    PRESENCE_STARTED = "presence_started"
    PRESENCE_ENDED = "presence_ended"
    MOTION_DETECTED = "motion_detected"
    MOTION_SETTLED = "motion_settled"
    QUALITY_DROPPED = "quality_dropped"
    QUALITY_RECOVERED = "quality_recovered"
    CALIBRATION_REQUIRED = "calibration_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEvent:
    """Something changed at the end of a window."""

    kind: EventKind
    at_s: float
    stats: WindowStats


class EventPath:
    """One link. `update` per sample; mostly an empty tuple, for events exist only at window ends."""

    def __init__(self) -> None:
        self._buffer = WindowBuffer()
        self._presence = PresenceDetector()
        self._motion = MotionDetector()
        self._quality = QualityDetector()
        self.stats: WindowStats | None = None

    def reset(self) -> None:
        """Forget everything; equals new."""
        self._buffer.reset()
        self._presence.reset()
        self._motion.reset()
        self._quality.reset()
        self.stats = None

    @property
    def is_moving(self) -> bool:
        """State of the motion machine."""
        return self._motion.is_on

    @property
    def is_present(self) -> bool:
        """State of the presence machine."""
        return self._presence.is_on

    def update(self, sample: Sample) -> tuple[WindowEvent, ...]:
        """Take one sample."""
        stats = self._buffer.update(sample)
        if stats is None:
            return ()
        self.stats = stats
        kinds: list[EventKind] = []
        needed = self._quality.needs_calibration
        for change, on, off in (
            (self._presence.take(stats), EventKind.PRESENCE_STARTED, EventKind.PRESENCE_ENDED),
            (self._motion.take(stats), EventKind.MOTION_DETECTED, EventKind.MOTION_SETTLED),
            (self._quality.take(stats), EventKind.QUALITY_DROPPED, EventKind.QUALITY_RECOVERED),
        ):
            if change is not None:
                kinds.append(on if change else off)
        if self._quality.needs_calibration and not needed:
            kinds.append(EventKind.CALIBRATION_REQUIRED)
        return tuple(WindowEvent(kind=kind, at_s=stats.at_s, stats=stats) for kind in kinds)
