"""What becomes of a capture whose time is over: a baseline, a pose that was taken, or the reason for neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..links.link_id import LinkId
from .anchor import BY_LABEL, AnchorLabel, Fault, Verdict
from .anchor_feature import LinkFeature
from .baseline import Baseline, BaselineRefusal
from .baseline_capture import BaselineCapture, Capture
from .capture import compact
from .continuity import associate
from .gate import judge_anchor
from .memory import Memory
from .specialists.breathing import BreathingSpecialist
from .window import LinkWindow

#: People start to move when they read what comes next, a little before they press the button. Origin: chosen.
POSE_BEFORE_S: Final = 10.0
#: And are in it soon after the countdown. Origin: chosen, `anchor_feature.SETTLE_S` and a look.
POSE_AFTER_S: Final = 4.0
#: Ticks in motion that make somebody who takes a pose. Origin: chosen; standing up and lying down last longer.
POSE_TICKS: Final = 2
#: Verdicts that say that somebody was there, though not as asked. Origin: derived.
SOMEBODY: Final = frozenset({Fault.MOVED, Fault.NO_BREATHING, Fault.BREATHING_TOO_SLOW, Fault.BREATHING_TOO_FAST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Exactly one of `baseline` and `verdict` is there.

    baseline : what the empty room is like, or why it was not empty
    verdict, features : on a pose, and what each link can teach of it
    kept : the capture in the form that training can be repeated from; empty when it was refused
    """

    capture: Capture
    baseline: Baseline | BaselineRefusal | None = None
    verdict: Verdict | None = None
    features: tuple[LinkFeature, ...] = ()
    kept: tuple[LinkWindow, ...] = ()

    @property
    def saw_somebody(self) -> bool:
        """Whoever took this pose, well or not, was in the room."""
        return self.verdict is not None and (self.verdict.accepted or self.verdict.reason in SOMEBODY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A finished capture and what the room knew at its end; `judge` is slow and may run in any thread.

    at_unix_s : when it ended
    radios : link → frequency in MHz and access point, as the nodes say
    breathing : the trained specialist, if any
    attempt : how often this pose was asked for in the present chapter, from 1
    is_in_pose : somebody was seen to take it (`is_in_pose`)
    stood : what the links saw of the person standing
    """

    room_id: str
    capture: Capture
    at_unix_s: float
    radios: Mapping[LinkId, tuple[int | None, str | None]]
    baseline: Baseline | None
    breathing: BreathingSpecialist | None
    attempt: int
    is_in_pose: bool
    stood: tuple[LinkFeature, ...]

    def judge(self) -> Judgement:
        """A quarter of a second for an empty room, less for a pose."""
        if isinstance(self.capture, BaselineCapture):
            return self._judge_empty(self.capture)
        return self._judge_pose()

    def _judge_empty(self, capture: BaselineCapture) -> Judgement:
        found = capture.judge(self.room_id, self.at_unix_s, self.radios)
        kept = compact(capture.recorder.windows(), found) if isinstance(found, Baseline) else ()
        return Judgement(capture=capture, baseline=found, kept=kept)

    def _judge_pose(self) -> Judgement:
        windows = self.capture.recorder.windows()
        if self.baseline is not None:
            windows = associate(windows, self.baseline)
        verdict, features = judge_anchor(
            BY_LABEL[AnchorLabel(self.capture.what)],
            windows,
            self.baseline,
            self.breathing,
            attempt=self.attempt,
            may_be_inside=self.is_in_pose,
            stood=self.stood,
        )
        kept = compact(windows, self.baseline) if verdict.accepted and self.baseline is not None else ()
        return Judgement(capture=self.capture, verdict=verdict, features=features, kept=kept)


def is_in_pose(memory: Memory, capture: Capture, seen_s: float | None) -> bool:
    """Somebody moved to take the pose, or has not moved since an anchor that saw them, at `seen_s`."""
    if memory.moved_s is None:
        return False
    taken = (capture.asked_s - POSE_BEFORE_S, capture.starts_s + POSE_AFTER_S)
    moving = sum(taken[0] <= tick <= taken[1] for tick in memory.moving_ticks)
    took_it = moving >= POSE_TICKS or memory.stepped_s >= taken[0]
    return took_it or (seen_s is not None and memory.moved_s <= seen_s)
