"""What is known about the sender of the frames under one label."""

from dataclasses import dataclass
from typing import Final

from ..shapes import UnitShape

#: A frame is in a place within this multiple of the transmitter's usual nearest distance. Origin: measured, p99/p50 of
#: that distance is 4–10 on clean links.
RADIUS_FACTOR: Final = 8.0
#: Bounds of that radius in 1 − cosine. Origin: measured; transmitters of the two-board recording lie 0.013–0.15 apart,
#: frames of one transmitter 0.0004–0.005.
MIN_RADIUS: Final = 0.003
MAX_RADIUS: Final = 0.03
#: Share of returns among jumps above which frames come from several transmitters. Origin: measured, ≥ 0.85 interleaved,
#: ≤ 0.3 walking, ≤ 0.1 foreign frames.
INTERLEAVED_SHARE: Final = 0.6
#: Jumps that must have been seen before the share is believed, and how many it remembers. Origin: chosen; steady
#: walking is sampled stroboscopically and can alternate between two shapes for a second, hardly for two.
MIN_JUMPS: Final = 24
JUMP_MEMORY: Final = 40
#: Share by which the usual nearest distance moves per frame; its first guess. Origin: chosen; measured (median 0.0008).
SCALE_STEP: Final = 0.05
FIRST_SCALE: Final = 0.001


@dataclass(slots=True, eq=False)
class Transmitter:
    """One label's scatter, jumps and last frame; `near_s` is when it was last where it is known to be."""

    label: str
    last_s: float
    near_s: float
    scale: float = FIRST_SCALE
    jumps: float = 0.0
    returns: float = 0.0
    previous: UnitShape | None = None
    previous_distance: float = 0.0

    @property
    def radius(self) -> float:
        """How far from a member of a place a frame may be, in 1 − cosine."""
        return min(max(RADIUS_FACTOR * self.scale, MIN_RADIUS), MAX_RADIUS)

    @property
    def is_mixture(self) -> bool:
        """Do its jumps lead back so often that there must be several?"""
        return self.jumps >= MIN_JUMPS and self.returns >= INTERLEAVED_SHARE * self.jumps

    def saw_jump(self, *, is_return: bool) -> None:
        """Count a jump; the oldest of `JUMP_MEMORY` fade."""
        keep = 1.0 - 1.0 / JUMP_MEMORY if self.jumps >= JUMP_MEMORY else 1.0
        self.jumps = self.jumps * keep + 1.0
        self.returns = self.returns * keep + is_return

    def saw_distance(self, distance: float) -> None:
        """Move the usual nearest distance, the median of what it is told, a step towards this one."""
        self.scale = max(self.scale * (1.0 + SCALE_STEP if distance > self.scale else 1.0 - SCALE_STEP), 1e-6)
