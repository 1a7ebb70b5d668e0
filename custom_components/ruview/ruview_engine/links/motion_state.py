"""Motion as a state that people can live with: hysteresis and hold on a score."""

from typing import Final

#: Score at which motion begins and ends. Origin: measured over all recordings at 10, 20 and 100 Hz: quiet seconds 95
#: % below 1.9 (most links 1.2), walking seconds 95 % above 3.1.
ON: Final = 2.8
OFF: Final = 1.9
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
        self._on_since_s: float | None = None
        self._first_s: float | None = None
        self._above_s: float | None = None
        self._last_s: float | None = None

    def update(self, at_s: float, score: float | None, *, may_begin: bool = True) -> bool | None:
        """Take a value and return the state now.

        Parameters
        ----------
        may_begin : False where the value stands on what was heard before: motion then goes on, or begins with the next
        """
        if score is None:
            return self.get(at_s)
        if self._last_s is not None and at_s - self._last_s > self.silent_s:
            self.reset()
        self._last_s = at_s
        if self._first_s is None:
            self._first_s = at_s
        if score >= self.off:
            self._above_s = at_s
        if score < self.on:
            self._on_since_s = None
        elif self._on_since_s is None:
            self._on_since_s = at_s
        has_entered = may_begin and self._on_since_s is not None and at_s - self._on_since_s >= self.enter_s
        is_over = self._above_s is None or at_s - self._above_s > self.hold_s
        if has_entered:
            self._is_moving = True
        elif (self._is_moving and is_over) or (self._is_moving is None and at_s - self._first_s >= self.enter_s):
            self._is_moving = False
        return self._is_moving

    def get(self, at_s: float) -> bool | None:
        """The state at a time; None once nothing has been heard for `silent_s`."""
        if self._last_s is None or at_s - self._last_s > self.silent_s:
            return None
        return self._is_moving
