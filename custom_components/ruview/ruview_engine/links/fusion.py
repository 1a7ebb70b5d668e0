"""Several links of a room, one motion score."""

from dataclasses import dataclass
from typing import Final

from .link_id import LinkId
from .motion import MotionSample
from .motion_state import OFF, ON, MotionState

#: The score at which a link says nothing either way. Origin: derived, the middle of the hysteresis.
NEUTRAL: Final = 0.5 * (ON + OFF)
#: A link's say for and against motion. Origin: chosen; a person may be where a link does not look, so one quiet link
#: must not outvote one that sees motion, while two that are nearly sure may be sure together.
FOR: Final = 4.0
AGAINST: Final = 0.4
#: A link's last word counts for this long. Origin: chosen, three intervals of the slowest useful link (2 Hz).
WORD_S: Final = 1.5
#: Links considered. Origin: derived, 4 nodes × 3 links, twice over.
MAX_LINKS: Final = 24


@dataclass(slots=True)
class _Word:
    at_s: float
    score: float
    weight: float


class RoomMotion:
    """Fuses the scores of links by adding their evidence; `state` is the room's motion with hysteresis and hold.

    Scores are treated as log likelihood ratios around `NEUTRAL`: noise is independent between links, motion is not
    seen by all.
    """

    def __init__(self) -> None:
        self._words: dict[LinkId, _Word] = {}
        self.state = MotionState()

    def reset(self) -> None:
        """Forget everything."""
        self._words.clear()
        self.state.reset()

    def update(self, link: LinkId, motion: MotionSample | None, weight: float = 1.0) -> float | None:
        """Take a link's newest motion and return the room's score; None if the link has not said anything new.

        Parameters
        ----------
        link : whose it is
        motion : as `MotionMeter.update` returned it last; a board that repeats its frames repeats that, too
        weight : 0–1, the link's quality against the best link's
        """
        if motion is None or motion.score is None:
            return None
        at_s = motion.at_s
        before = self._words.get(link)
        if before is not None and (at_s, motion.score) == (before.at_s, before.score):
            return None
        self._words[link] = _Word(at_s, motion.score, min(max(weight, 0.0), 1.0))
        score = self.score(at_s)
        # one word of a slow link lasts while others speak: motion begins when a link that sees it says so again
        self.state.update(at_s, score, may_begin=motion.score > NEUTRAL)
        return score

    def score(self, at_s: float) -> float | None:
        """Evidence of all links heard within `WORD_S`, on the scale of a single link's score.

        One link alone is given back as it is. Where any link sees motion, quiet ones weigh against it by at most half
        of what is seen; where none does, the least quiet one speaks for the room and the others agree.
        """
        seen = quiet = 0.0
        calmest: float | None = None
        if len(self._words) > MAX_LINKS:
            self._words = {link: word for link, word in self._words.items() if at_s - word.at_s <= WORD_S}
        for word in self._words.values():
            if at_s - word.at_s > WORD_S:
                continue
            say = word.weight * min(word.score - NEUTRAL, FOR)
            calmest = say if calmest is None else max(calmest, say)
            if say > 0.0:
                seen += say
            else:
                quiet += min(-say, AGAINST)
        if calmest is None:
            return None
        if seen > 0.0:
            return NEUTRAL + seen - min(quiet, seen / 2.0)
        return NEUTRAL + calmest - (quiet - min(-calmest, AGAINST))

    def get(self, at_s: float) -> bool | None:
        """Is somebody moving; None when unknown."""
        return self.state.get(at_s)

    def forget(self, link: LinkId) -> None:
        """A link that is no longer used."""
        self._words.pop(link, None)
