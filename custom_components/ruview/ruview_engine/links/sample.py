"""One frame of one link after mask and gain removal: what everything downstream consumes."""

from typing import Final

from ..frame_value import frame_value
from ..shapes import Profile
from .link_id import LinkId

#: A longer silence breaks every window that spans it (origin: chosen, ARCHITECTURE "Time and threads";
#: breathing windows survive 1 s of interpolation with < 0.1 /min error, more invents phase).
MAX_GAP_S: Final = 1.0


@frame_value(eq=False)
class Sample:
    """A comparable measurement.

    link : whose it is
    at_s : arrival, monotonic seconds
    index : running number within the link, from 0, glitches included
    profile : (n_pairs,) float32, mean 1 over the link's active bins, 0 elsewhere; read-only
    level : mean amplitude over the active bins, chip units at unknown gain
    rssi_dbm : as reported by the board; None when the report is known to be useless
    gap_s : seconds since the link's previous sample; None for the first
    is_glitch : far from the link's recent past *and* from its neighbours; kept for counting, never for sensing
    is_duplicate : the very bytes of the previous frame; adds no evidence
    """

    link: LinkId
    at_s: float
    index: int
    profile: Profile
    level: float
    rssi_dbm: int | None
    gap_s: float | None
    is_glitch: bool = False
    is_duplicate: bool = False

    @property
    def breaks_window(self) -> bool:
        """The silence before this sample was too long to look across."""
        return self.gap_s is None or self.gap_s > MAX_GAP_S

    @property
    def is_usable(self) -> bool:
        """Neither a glitch nor a repetition."""
        return not (self.is_glitch or self.is_duplicate)
