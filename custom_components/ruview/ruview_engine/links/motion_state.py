"""Motion as a state that people can live with: hysteresis and hold on a score."""

from typing import Final

#: Score at which motion begins and ends. Origin: measured, quiet seconds: 98 % below 0.9 (fast links) and 2.0 (slow
#: links); walking seconds: 95 % above 3.2 and 2.4.
ON: Final = 2.3
OFF: Final = 1.6
#: Motion lasts at least this long after the score has fallen. Origin: chosen; people pause between steps.
HOLD_S: Final = 2.0
#: The score must be above `ON` this long. Origin: chosen; glitches pass in 0.2 s.
ENTER_S: Final = 0.2
#: After this long without a frame nothing is known. Origin: chosen, ARCHITECTURE "Honest or silent".
SILENT_S: Final = 3.0


class MotionState:
    """True, False or None (unknown) from a score about every frame.

    `update` takes the newest value of one link or of a room; None means "no value from this frame".
    """

    def __init__(
        self,
        *,
        on: float = ON,
        off: float = OFF,
        enter_s: float = ENTER_S,
        hold_s: float = HOLD_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self.on = on
        self.off = off
        self.enter_s = enter_s
        self.hold_s = hold_s
        self.silent_s = silent_s
        self.reset()

    def reset(self) -> None:
        """Unknown again."""
        self._is_moving: bool | None = None
        self._above_since_s: float | None = None
        self._above_s: float | None = None
        self._last_s: float | None = None

    def update(self, at_s: float, score: float | None) -> bool | None:
        """Take a value and return the state now."""
        if score is None:
            return self.get(at_s)
        if self._last_s is not None and at_s - self._last_s > self.silent_s:
            self.reset()
        self._last_s = at_s
        if score >= self.on:
            if self._above_since_s is None:
                self._above_since_s = at_s
            if self._is_moving or at_s - self._above_since_s >= self.enter_s:
                self._is_moving = True
        else:
            self._above_since_s = None
        if score >= self.off:
            self._above_s = at_s
        is_over = self._above_s is None or at_s - self._above_s > self.hold_s
        if self._is_moving is None or (self._is_moving and is_over):
            self._is_moving = False
        return self._is_moving

    def get(self, at_s: float) -> bool | None:
        """The state at a time; None once nothing has been heard for `silent_s`."""
        if self._last_s is None or at_s - self._last_s > self.silent_s:
            return None
        return self._is_moving
