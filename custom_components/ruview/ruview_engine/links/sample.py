"""One frame of one link after mask and gain removal: what everything downstream consumes."""

from dataclasses import field
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
    is_usable : neither a glitch nor a repetition
    breaks_window : the silence before this sample was too long to look across
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
    is_usable: bool = field(init=False)
    breaks_window: bool = field(init=False)

    def __post_init__(self) -> None:
        # slots, not properties: half a dozen meters ask for both at every frame
        self.is_usable = not (self.is_glitch or self.is_duplicate)  # type: ignore[misc]
        self.breaks_window = self.gap_s is None or self.gap_s > MAX_GAP_S  # type: ignore[misc]
