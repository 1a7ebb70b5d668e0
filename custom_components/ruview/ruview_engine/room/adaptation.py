"""Online adaptation (the seed's SONA slot): the reference follows slow drift, within bounds, and can be taken back.

Only while the room is empty beyond doubt, quiet, and still within its drift limit. How far it gets in a day and at all
is bounded; what was done is handed out as events, and `reset` undoes all of it. Nothing of the stored baseline is ever
changed; the offsets are stored beside it, so that a restart goes on from where the references were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np

from ..errors import Damaged
from ..links.link_id import LinkId
from ..shapes import Vector
from .baseline import Baseline
from .evidence import LinkEvidence

#: Time constant of following. Origin: chosen; an hour's thermal drift is followed with a lag of half an hour.
FOLLOW_TAU_S: Final = 1800.0
#: How far a reference may get in a day from where the day began, log units rms; to and fro costs nothing.
#: Origin: measured, empty rooms are 0.05–0.08 off within two hours (ialr_s3_amp), simulated ones 0.11 and then come
#: back; three quarters of the total.
DAILY_BOUND: Final = 0.15
#: How far it may be from the captured one at all; beyond, a new baseline is due. Origin: the seed's τ.
TOTAL_BOUND: Final = 0.20
#: Seconds of quiet before following begins. Origin: SENSING §3, the same minute that drift is judged on.
QUIET_S: Final = 60.0
#: An event is written when the reference moved this much since the last one. Origin: chosen.
EVENT_STEP: Final = 0.01
DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """For the record: a reference moved."""

    at_s: float
    link: str
    moved_rms: float
    total_rms: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adaptation:
    """How far each link's reference has followed. Frozen: `follow` returns the next one and what to record.

    offsets : now; recorded : at the last event; morning : when this day began, at `day_started_s`
    left : where each link's profile lay when the room was last seen empty, before the reference had got there
    followed_s : when that was
    """

    offsets: Mapping[LinkId, Vector] = field(default_factory=dict)
    recorded: Mapping[LinkId, Vector] = field(default_factory=dict)
    morning: Mapping[LinkId, Vector] = field(default_factory=dict)
    left: Mapping[LinkId, Vector] = field(default_factory=dict)
    followed_s: Mapping[LinkId, float] = field(default_factory=dict)
    day_started_s: float | None = None
    is_enabled: bool = True

    def offset(self, link: LinkId) -> Vector | None:
        """(n_bands,) what is added to the captured reference; None before anything moved."""
        return self.offsets.get(link)

    def strayed(self, link: LinkId) -> Vector | None:
        """(n_bands,) how far from the reference the empty room was when last seen; None before that."""
        left, offset = self.left.get(link), self.offsets.get(link)
        return left if left is None or offset is None else left - offset

    def follow(
        self, evidence: tuple[LinkEvidence, ...], at_s: float, dt_s: float, *, is_doubtful: bool = False
    ) -> tuple[Self, tuple[Adapted, ...]]:
        """One step towards the slow profile. The caller guarantees an empty, quiet room.

        is_doubtful : it looks a little like somebody; the reference may follow that slowly, but it is not how an empty
            room is known to look
        """
        if not self.is_enabled or dt_s <= 0:
            return self, ()
        is_new_day = self.day_started_s is None or at_s - self.day_started_s >= DAY_S
        morning = self.offsets if is_new_day else self.morning
        offsets, recorded, events = dict(self.offsets), dict(self.recorded), []
        left, followed_s = dict(self.left), dict(self.followed_s)
        for one in evidence:
            shift = one.slow_shift
            if not one.is_fresh or shift is None or one.slow_seconds < QUIET_S / 2 or shift.statistic > shift.limit:
                continue
            step = shift.delta * min(1.0, dt_s / FOLLOW_TAU_S)
            captured = np.zeros_like(step)
            followed_s[one.link] = at_s
            if not is_doubtful:
                left[one.link] = offsets.get(one.link, captured) + shift.delta
            moved = offsets.get(one.link, captured) + step
            if _rms(moved - morning.get(one.link, captured)) > DAILY_BOUND or _rms(moved) > TOTAL_BOUND:
                continue
            offsets[one.link] = moved
            since = _rms(moved - recorded.get(one.link, captured))
            if since >= EVENT_STEP:
                recorded[one.link] = moved
                events.append(Adapted(at_s=at_s, link=str(one.link), moved_rms=since, total_rms=_rms(moved)))
        day = at_s if is_new_day else self.day_started_s
        followed = replace(
            self,
            offsets=offsets,
            recorded=recorded,
            morning=morning,
            left=left,
            followed_s=followed_s,
            day_started_s=day,
        )
        return followed, tuple(events)

    def reset(self) -> Self:
        """Back to the captured reference."""
        return type(self)(is_enabled=self.is_enabled)

    def must_fit(self, baseline: Baseline) -> None:
        """Raises Damaged when this is not of that baseline's links and their bands."""
        for link, offset in self.offsets.items():
            known = baseline.link(link)
            if known is None or known.log_reference.shape != offset.shape:
                raise Damaged(f"adaptation of {link} is of another baseline")

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays; a restart begins another day."""
        return {str(link): offset for link, offset in self.offsets.items()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged beyond the bounds that following respects."""
        offsets = {LinkId.parse(name): np.asarray(offset, np.float64) for name, offset in stored.items()}
        for link, offset in offsets.items():
            if offset.ndim != 1 or not np.isfinite(offset).all() or _rms(offset) > TOTAL_BOUND * 1.01:
                raise Damaged(f"adaptation of {link} is impossible")
        return cls(offsets=offsets, recorded=dict(offsets))


def _rms(vector: Vector) -> float:
    return float(np.sqrt(np.mean(vector**2)))
