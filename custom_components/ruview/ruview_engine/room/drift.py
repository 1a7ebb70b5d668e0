"""How far a room is from its baseline now, for people: one figure, its limit and the link that shows it."""

from dataclasses import dataclass
from typing import Self

from .evidence import LinkEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The room's distance from its baseline, in log units (0.04 = 4 %), worst link.

    is_judged : nobody can be there, so that all of it is the room's own; else a person may be part of it
    """

    value: float
    limit: float
    link: str
    is_judged: bool = True

    @classmethod
    def of(cls, fresh: tuple[LinkEvidence, ...], *, is_judged: bool) -> Self | None:
        """The worst link of now; None when none has seen its slow profile for long enough."""
        shifts = [(one.slow_shift, one.link) for one in fresh if one.slow_shift is not None]
        if not shifts:
            return None
        worst, link = max(shifts, key=lambda pair: pair[0].statistic)
        return cls(value=worst.rms, limit=worst.limit_rms, link=str(link), is_judged=is_judged)
