"""The empty room: statistics per link, or the reason why what was captured is not an empty room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

import numpy as np

from ..errors import Damaged, TrainingError
from ..links.link_id import LinkId
from ..links.sample import MAX_GAP_S
from .emptiness import MIN_QUIET_S, MIN_RATE_HZ, breathing_line, loudest, moving, quiet_stretch
from .fingerprint import fingerprint
from .link_baseline import BLOCK_S, LinkBaseline, Shift
from .window import LinkWindow

#: Frames a link needs. Origin: peers §2a, at least 8 per band; twice the upstream gate's 60.
MIN_FRAMES: Final = 120


class Refusal(StrEnum):
    """Why a capture did not become a baseline. Closed; each has a hint for people."""

    NO_FRAMES = "no_frames"
    NO_USABLE_LINK = "no_usable_link"
    TOO_FEW_FRAMES = "too_few_frames"
    MOTION = "motion"
    BREATHING = "breathing"
    GAPS = "gaps"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRefusal:
    """No baseline, why, what to do (a key of the translations), and the numbers behind it."""

    reason: Refusal
    hint: str
    numbers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """The empty room, per link. `id` is made from the content, so equal captures are the same baseline.

    captured_at_s : Unix seconds, told by the owner
    duration_s : of the quiet stretch that was used
    """

    id: str
    room_id: str
    captured_at_s: float
    duration_s: float
    links: tuple[LinkBaseline, ...]

    @classmethod
    def of(cls, room_id: str, captured_at_s: float, links: tuple[LinkBaseline, ...]) -> Self:
        """Put link baselines together and name them by their content."""
        name = _name(room_id, [link.to_dict() for link in links])
        longest = max(link.span_s for link in links)
        return cls(id=name, room_id=room_id, captured_at_s=captured_at_s, duration_s=longest, links=links)

    def link(self, link: LinkId) -> LinkBaseline | None:
        """What is known about one link; None for a link the baseline never saw."""
        return next((known for known in self.links if known.link == link), None)

    def distance(self, windows: tuple[LinkWindow, ...]) -> dict[LinkId, Shift]:
        """How far each known link's newest `BLOCK_S` seconds are from the empty room."""
        found = {}
        for window in windows:
            known = self.link(window.link)
            if known is None or not len(window) or not known.accepts(window):
                continue
            recent = window.between(float(window.times[-1]) - BLOCK_S, float(window.times[-1]))
            mean_log = known.mean_log(recent)
            if mean_log is not None:
                found[window.link] = known.shift(mean_log, max(recent.span_s, 1.0))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays, for `codec`."""
        return {
            "id": self.id,
            "room_id": self.room_id,
            "captured_at_s": self.captured_at_s,
            "links": [link.to_dict() for link in self.links],
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged when the content as stored no longer gives the stored id.

        As stored, not as this release would write it: what a release learnt to keep besides does not make another
        empty room of an old one, and banks are bound to its id.
        """
        try:
            room_id, links = str(stored["room_id"]), stored["links"]
            built = cls.of(room_id, float(stored["captured_at_s"]), tuple(map(LinkBaseline.from_dict, links)))
            name = _name(room_id, links)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"baseline: {error}") from error
        if name != stored["id"]:
            raise Damaged(f"baseline {stored['id']} has the content of {name}")
        return replace(built, id=name)


def _name(room_id: str, links: Sequence[Mapping[str, Any]]) -> str:
    """Made from the content."""
    return fingerprint({"room_id": room_id, "links": list(links)})


def judge(room_id: str, captured_at_s: float, windows: tuple[LinkWindow, ...]) -> Baseline | BaselineRefusal:
    """Turn a capture into a baseline, or say why it is not an empty room."""
    windows = tuple(window.cleaned() for window in windows)
    if not any(len(window) for window in windows):
        return BaselineRefusal(reason=Refusal.NO_FRAMES, hint="check_node")
    fast = (window for window in windows if len(window) >= MIN_FRAMES and (window.rate_hz or 0.0) >= MIN_RATE_HZ)
    usable = tuple(window for window in fast if not _is_frozen(window))
    if not usable:
        most = max(windows, key=len)
        counts = (("frames", float(len(most))), ("needed", float(MIN_FRAMES)), ("rate_hz", most.rate_hz or 0.0))
        too_few = len(most) < MIN_FRAMES
        return BaselineRefusal(
            reason=Refusal.TOO_FEW_FRAMES if too_few else Refusal.NO_USABLE_LINK,
            hint="longer_capture" if too_few else "check_traffic",
            numbers=counts,
        )
    lively = _liveliest(usable)
    quiet = quiet_stretch(lively)
    if quiet is None:
        return BaselineRefusal(reason=Refusal.MOTION, hint="leave_the_room", numbers=loudest(lively))
    cut = tuple(window.between(*quiet).since_gap() for window in usable)
    cut = tuple(w for w in cut if len(w) >= MIN_FRAMES // 2 and w.span_s >= MIN_QUIET_S / 2)
    if not cut:
        gap = max(window.longest_gap_s for window in usable)
        if gap <= MAX_GAP_S:
            span = max(window.span_s for window in usable)
            numbers = (("seconds", span), ("needed", MIN_QUIET_S / 2))
            return BaselineRefusal(reason=Refusal.TOO_FEW_FRAMES, hint="longer_capture", numbers=numbers)
        return BaselineRefusal(reason=Refusal.GAPS, hint="check_wifi", numbers=(("longest_gap_s", gap),))
    lively = _liveliest(cut)
    if (line := breathing_line(lively)) is not None:
        return BaselineRefusal(
            reason=Refusal.BREATHING, hint="someone_is_still_there", numbers=(("line_db", line[0]), ("bpm", line[1]))
        )
    if (movement := moving(lively)) is not None:
        return BaselineRefusal(reason=Refusal.MOTION, hint="leave_the_room", numbers=movement)
    links = []
    for window in cut:
        try:
            links.append(LinkBaseline.fit(window))
        except TrainingError:
            continue  # this link is too thin; the others may do
    if not links:
        return BaselineRefusal(reason=Refusal.TOO_FEW_FRAMES, hint="longer_capture")
    return Baseline.of(room_id, captured_at_s, tuple(links))


def _liveliest(windows: tuple[LinkWindow, ...]) -> tuple[LinkWindow, ...]:
    """The links of each node that speak at least half as often as its busiest.

    A neighbour overheard three times a second has seven frames in a stretch: one wild frame among them was loud enough
    to refuse an empty room.
    """
    busiest: dict[str, int] = {}
    for window in windows:
        busiest[window.link.node] = max(busiest.get(window.link.node, 0), len(window))
    return tuple(window for window in windows if 2 * len(window) >= busiest[window.link.node])


def _is_frozen(window: LinkWindow) -> bool:
    """The same bytes again and again: a board that repeats itself, not a channel."""
    return bool(np.ptp(window.profiles[:: max(1, len(window) // 50)], axis=0).max() == 0.0)
