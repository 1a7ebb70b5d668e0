"""State machines over windows: presence, motion, quality. Each answers only when its state changes."""

from typing import Final

from .window import WindowStats

#: Presence switches on and off at these scores, after so many windows. Origin: spec, rvcsi PresenceDetector.
PRESENCE_ON: Final = 0.70
PRESENCE_OFF: Final = 0.45
ENTER_WINDOWS: Final = 2
EXIT_WINDOWS: Final = 3
#: Motion switches at these energies after two windows either way. Origin: spec, rvcsi MotionDetector.
MOTION_ON: Final = 0.05
MOTION_OFF: Final = 0.02
DEBOUNCE_WINDOWS: Final = 2
#: Quality counts as dropped below this; calibration is called for after so many bad windows. Origin: spec, rvcsi.
QUALITY_DROP: Final = 0.4
RECALIBRATE_WINDOWS: Final = 4


class _Hysteresis:
    """On above `on` for `enter` windows running, off below `off` for `leave` windows running."""

    def __init__(self, on: float, off: float, enter: int, leave: int) -> None:
        self._on, self._off, self._enter, self._leave = on, off, enter, leave
        self.reset()

    def reset(self) -> None:
        """Off, nothing counted; equals new."""
        self.is_on = False
        self._run = 0

    def update(self, value: float) -> bool | None:
        """The new state if this window changes it."""
        agrees = value < self._off if self.is_on else value >= self._on
        self._run = self._run + 1 if agrees else 0
        if self._run < (self._leave if self.is_on else self._enter):
            return None
        self.is_on = not self.is_on
        self._run = 0
        return self.is_on


class PresenceDetector(_Hysteresis):
    """Somebody is there: presence score with 0.70 / 0.45, two windows in, three out."""

    def __init__(self) -> None:
        super().__init__(PRESENCE_ON, PRESENCE_OFF, ENTER_WINDOWS, EXIT_WINDOWS)

    def take(self, stats: WindowStats) -> bool | None:
        """Present or absent, when that changes."""
        return self.update(stats.presence_score)


class MotionDetector(_Hysteresis):
    """Somebody moves: motion energy with 0.05 / 0.02, two windows either way."""

    def __init__(self) -> None:
        super().__init__(MOTION_ON, MOTION_OFF, DEBOUNCE_WINDOWS, DEBOUNCE_WINDOWS)

    def take(self, stats: WindowStats) -> bool | None:
        """Moving or settled, when that changes."""
        return self.update(stats.motion_energy)


class QualityDetector:
    """The signal is too bad to judge. `needs_calibration` after four bad windows."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Good until shown otherwise; equals new."""
        self._machine = _Hysteresis(-QUALITY_DROP, -QUALITY_DROP, DEBOUNCE_WINDOWS, DEBOUNCE_WINDOWS)
        self.n_bad = 0

    @property
    def needs_calibration(self) -> bool:
        """Bad for so long that new thresholds are called for."""
        return self.n_bad >= RECALIBRATE_WINDOWS

    def take(self, stats: WindowStats) -> bool | None:
        """True when quality has dropped, False when it has recovered, None while nothing changes."""
        self.n_bad = self.n_bad + 1 if stats.quality < QUALITY_DROP else 0
        return self._machine.update(-stats.quality)
