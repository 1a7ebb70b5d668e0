"""The motion of a taped room as the product measures it: frame by frame, link by link, fused."""

from collections.abc import Iterable
from operator import attrgetter

from ruview_engine.known_quiet import KnownQuiet
from ruview_engine.links.fusion import RoomMotion
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.motion import MotionMeter
from ruview_engine.links.sample import Sample
from ruview_engine.room.room import Room


class TapedMotion:
    """Meters on the quiet that `room` knows, and their fusion; introspection, which hastens them, is left out."""

    def __init__(self, room: Room) -> None:
        self._quiet = KnownQuiet(room)
        self._meters: dict[LinkId, MotionMeter] = {}
        self._motion = RoomMotion()

    def update(self, samples: Iterable[Sample]) -> None:
        """Take all samples of a second."""
        for sample in sorted(samples, key=attrgetter("at_s")):
            link = sample.link
            if link not in self._meters:
                self._meters[link] = MotionMeter(self._quiet.quiet_of(link))
            self._motion.update(link, self._meters[link].update(sample))

    def get(self, at_s: float) -> bool | None:
        """Is somebody moving; None when unknown."""
        return self._motion.get(at_s)
