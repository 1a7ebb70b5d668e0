"""What gives a second person away while one is taught to keep still.

Two still bodies add their fields, and no link can take the sum apart. But each moves in its own way: who stands beside
somebody sitting sways and does not come back, and who sits beside them breathes at another rate, or elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..links.link_id import LinkId
from .anchor_feature import SETTLE_S, LinkFeature, sway_of
from .link_baseline import LinkBaseline
from .second_breath import breath_beneath, breath_beside
from .sway import LONG_WAITS, RESTING_TO, Sway, excursion, lasting_db
from .window import LinkWindow

type Numbers = list[tuple[str, float]]

#: Wandering that nothing takes back, over noise and the empty room, from which a body beside the sitting one is on its
#: feet. Origin: chosen, twice as much; measured in simulation, twenty homes: of 240 looks at one person who sits or
#: lies seven above it, all in three homes whose links see so much that the next limit holds.
LASTING_DB: Final = 3.0
#: And no further than this below what standing looked like in this home. Origin: derived: who sits sways a seventh of
#: who stands (posturography), 16 dB; where they stand makes a few dB.
BELOW_STANDING_DB: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPerson:
    """Who is being taught.

    is_standing : was asked to stand, and sways at every rate
    is_restless : fidgets, and does not come back either
    asked_bpm : band in which they were asked to breathe
    read_bpm, faint_bpm : the rate of their breath, and where it cannot be read unasked, of the faint line in its place
    """

    is_standing: bool
    is_restless: bool
    asked_bpm: tuple[float, float] | None
    read_bpm: float | None
    faint_bpm: float | None

    @property
    def breath_bpm(self) -> float | None:
        """The best that is known."""
        return self.read_bpm if self.read_bpm is not None else self.faint_bpm


def second_person(
    first: FirstPerson,
    windows: Sequence[LinkWindow],
    features: Sequence[LinkFeature],
    known: Mapping[LinkId, LinkBaseline],
    *,
    at_s: float,
    stood: Sequence[LinkFeature] = (),
) -> Numbers | None:
    """The numbers by which somebody beside the first is seen; None without any.

    stood : what the links showed of this home's accepted `stand_still`, when there is one
    """
    rate = first.breath_bpm
    if rate is not None and (beneath := breath_beneath(windows, rate, at_s=at_s)) is not None:
        return [("first_bpm", rate), ("second_bpm", beneath)]
    if first.is_standing:
        return None
    settled = [window.between(float(window.times[0]) + SETTLE_S, float(window.times[-1])) for window in windows]
    if (beside := breath_beside(settled, first.read_bpm, first.asked_bpm)) is not None:
        return [("first_bpm", beside[0]), ("second_bpm", beside[1])]
    if (standing := _somebody_stands(features)) is not None or first.is_restless:
        return standing
    return _somebody_sways(settled, known, stood)


def _somebody_stands(features: Sequence[LinkFeature]) -> Numbers | None:
    """On some link, or on all together, hardly anything but sway is seen."""
    alone = [sway for one in features if (sway := sway_of([one])) is not None]
    together = sway_of(features)
    if together is None:
        return None
    most = max((*alone, together), key=lambda sway: (sway.is_standing, sway.level_db))
    return [("sway_db", most.level_db), ("unreturned", most.unreturned)] if most.is_standing else None


def _somebody_sways(
    windows: Sequence[LinkWindow], known: Mapping[LinkId, LinkBaseline], stood: Sequence[LinkFeature]
) -> Numbers | None:
    """Beside a breath that returns something does not, about as much as while somebody stood here."""
    found = wandering(windows, known)
    if found is None or found[0].unreturned <= RESTING_TO:
        return None
    sway, lasting = found
    seen = [one.excursion for one in stood if len(one.excursion)]
    least = max(LASTING_DB, lasting_db(seen) - BELOW_STANDING_DB) if seen else LASTING_DB
    return [("lasting_db", lasting), ("unreturned", sway.unreturned)] if lasting >= least else None


def wandering(windows: Sequence[LinkWindow], known: Mapping[LinkId, LinkBaseline]) -> tuple[Sway, float] | None:
    """All links together over long waits: their sway, and what of it lasts, dB; None where none can say."""
    excursions = []
    for window in windows:
        here = known.get(window.link)
        if here is None or not here.accepts(window):
            continue
        logs = here.bands.log(window.profiles)
        found = excursion(window.times, logs, np.diag(here.block_covariance), LONG_WAITS)
        if found is not None:
            excursions.append(found)
    sway = Sway.of(excursions, LONG_WAITS)
    return None if sway is None else (sway, lasting_db(excursions, LONG_WAITS))
