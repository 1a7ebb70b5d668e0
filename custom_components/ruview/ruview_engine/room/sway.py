"""Sway: does the body come back to where it was? Breath does after every breath; whoever stands wanders.

Upright people sway by millimetres without rhythm (posturography: 3–6 mm, mostly below 0.3 Hz), people who sit or lie by
tenths of one, and their breath returns. So in the one case the shape of the channel is the farther from what it was the
longer one waits, in the other it is back after a period. That is a ratio of a link with itself: neither the place, nor
the way the chest looks, nor the strength of the link changes it. Medians over time leave a fidget out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..dsp.robust import column_medians, median
from ..links.sample import MAX_GAP_S
from ..shapes import Matrix, Times, Vector
from .log_profile import mean_square, resample
from .micro_motion import GRID_HZ

#: Slots that are averaged first: breath of 30 /min survives, noise falls by 5 dB. Origin: derived.
SMOOTH: Final = 3
#: Waits, in slots: 0.4 s … 8.8 s, a breath of 7 /min, near enough to catch one of 30. Origin: derived.
WAITS: Final = np.arange(2, 46, 3)
#: The same up to 11 s, where there is time to wait: a breath of 6 /min has come back by then.
LONG_WAITS: Final = np.arange(2, 57, 3)
#: From here on "back again" is looked for. Origin: derived, a breath of 30 /min.
BACK_FROM: Final = 10
#: And from here on whether anything ever is. Origin: derived: between 3.4 and 11 s every breath of 6–30 /min comes back
#: at least once, and a body on its feet has gone as far as a sitting one never does.
LASTING_FROM: Final = 17
#: Shorter stretches hold too few pairs of the longest wait. Origin: chosen.
MIN_SWAY_S: Final = 16.0
#: Excursion over the empty room's own from which something can be seen, dB. Origin: chosen, three times as much.
VISIBLE_DB: Final = 5.0
#: And from which a body unasked is said to stand. Origin: chosen, ten times as much; measured in simulation: in two of
#: twenty homes somebody who had sat down wandered by 5–10 dB for half a minute.
STANDING_DB: Final = 10.0
#: Standing from, resting up to this unreturned part. Origin: measured in simulation, five rooms: of 90 looks at people
#: who sit or lie none visible above 0.4, of 25 at people who stand 17; recorded breath of somebody lying 0.07–0.34.
STANDING_FROM: Final = 0.45
RESTING_TO: Final = 0.25

type Waits = NDArray[np.int_]
"""(n,) slots of the grid, increasing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """What one link, or several together, show of wandering.

    level_db : largest excursion over what noise and the empty room do
    unreturned : 0–1, the part of it that no later moment takes back; near 1 somebody stands, near 0 somebody breathes
    """

    level_db: float
    unreturned: float

    @property
    def is_standing(self) -> bool:
        """Somebody wanders as only people on their feet do, beyond doubt."""
        return self.wanders and self.level_db >= STANDING_DB

    @property
    def wanders(self) -> bool:
        """Somebody moves and does not come back: enough where standing was asked for."""
        return self.level_db >= VISIBLE_DB and self.unreturned >= STANDING_FROM

    @property
    def is_resting(self) -> bool:
        """Somebody moves and comes back, as people do who sit or lie."""
        return self.level_db >= VISIBLE_DB and self.unreturned <= RESTING_TO

    @classmethod
    def of(cls, excursions: Sequence[Vector], waits: Waits = WAITS) -> Sway | None:
        """Several links together: the louder ones weigh more. None without any."""
        if not excursions:
            return None
        total = np.sum(excursions, axis=0)
        farthest = np.maximum.accumulate(total)
        back = waits >= BACK_FROM
        largest = float(total.max())
        unreturned = float((total[back] / np.maximum(farthest[back], 1e-9)).min()) if largest > 0 else 0.0
        return cls(level_db=float(10 * np.log10(max(largest, 0.01))), unreturned=unreturned)


def lasting_db(excursions: Sequence[Vector], waits: Waits = WAITS) -> float:
    """What of several links' excursions no moment takes back, dB over noise and the empty room; −20 for nothing."""
    lasting = np.sum(excursions, axis=0)[waits >= LASTING_FROM].min()
    return float(10 * np.log10(max(lasting, 0.01)))


def excursion(times: Times, logs: Matrix, empty_variance: Vector, waits: Waits = WAITS) -> Vector | None:
    """(len(waits),) typical square distance of the log-profile from itself after each wait, over the empty room's.

    Parameters
    ----------
    empty_variance : (n_bands,) of the empty room's 5-s means

    Returns
    -------
    0 where noise and the empty room explain everything; None where the stretch is too short, too sparse or has gaps
    """
    if len(times) < 2 or times[-1] - times[0] < MIN_SWAY_S or np.diff(times).max() > MAX_GAP_S:
        return None
    if (len(times) - 1) / (times[-1] - times[0]) < GRID_HZ * 0.9:
        return None
    return excursion_of(resample(times, logs, GRID_HZ), empty_variance, waits)


def excursion_of(slots: Matrix, empty_variance: Vector, waits: Waits = WAITS) -> Vector | None:
    """The same of (n_slots, n_bands) means on the `GRID_HZ` grid; None where they are too few."""
    if len(slots) <= MIN_SWAY_S * GRID_HZ:
        return None
    quick = np.diff(slots, axis=0)
    noise = (1.4826 * column_medians(np.abs(quick - column_medians(quick)))) ** 2 / 2
    scaled = slots / np.sqrt(np.maximum(noise / SMOOTH + empty_variance, 1e-9))
    summed = np.cumsum(np.vstack((np.zeros(scaled.shape[1]), scaled)), axis=0)
    smooth = (summed[SMOOTH:] - summed[:-SMOOTH]) / SMOOTH
    apart = [median(mean_square(smooth[wait:] - smooth[:-wait])) for wait in waits]
    return np.maximum(np.array(apart) / 2.0 - 1.0, 0.0)
