"""Records one anchor, and says meanwhile what its verdict would say about movement."""

from typing import Final

from .anchor import Anchor, Demand
from .anchor_feature import motion_per_second
from .baseline import Baseline
from .baseline_capture import Capture
from .continuity import associate
from .stillness import is_active, is_moved

#: "Now" for the live view: one loud second of it is a fidget, which the verdict forgives too. Origin: derived,
#: `stillness.MAX_STILL_MOTION`.
LIVE_S: Final = 4.0


class AnchorCapture(Capture):
    """A capture in a room whose quiet is known, so that the live view and the verdict go by one rule."""

    def __init__(self, anchor: Anchor, baseline: Baseline, *, at_s: float, lead_s: float) -> None:
        super().__init__(anchor.label.value, at_s=at_s, lead_s=lead_s, duration_s=anchor.duration_s)
        self._anchor = anchor
        self._baseline = baseline

    def _is_moving(self, at_s: float) -> bool:
        """By the last seconds, over the room's own quiet."""
        motion = []
        for window in associate(self.recorder.windows(since_s=at_s - LIVE_S), self._baseline):
            known = self._baseline.link(window.link)
            if known is not None and known.accepts(window) and len(window) > 2:
                motion.append(motion_per_second(known.motion.measured(window, known.bands.log(window.profiles))))
        return is_active(motion) if self._anchor.demand is Demand.MOVE else is_moved(motion)
