"""One stretch of a person's day: where they go or stay, in which posture, breathing how."""

from dataclasses import dataclass
from math import hypot, inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .randomness import Times

#: Time to reach walking speed. Origin: chosen, two steps.
ACCELERATION_S: Final = 0.3
#: Time to turn to a new heading. Origin: chosen.
TURN_S: Final = 0.8
#: Corners are cut: the heading looks this far ahead and back. Origin: chosen, keeps limbs under 4 m/s.
CORNER_S: Final = 0.5
#: Limbs begin and end their movements over this time. Origin: chosen, half a step.
LIMB_S: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """Closed form over its whole length, so that any moment can be asked at any time.

    route : (n, 2) places; one row means staying there
    speed_m_s : along the route; 0 when staying
    is_loop : the route starts again when it ends
    heading_from, heading_to : radians, at the start and when settled
    posture_from, posture_to : blended over the first `blend_s` seconds
    breathing_bpm : mean rate; depth 1 is quiet breathing, 0 a held breath
    breath_turns : breaths taken since the beginning of time when the step begins
    agitation : 0 still, 1 small deliberate movements on the spot
    """

    activity: str
    start_s: float
    end_s: float = inf
    route: NDArray[np.float64]
    speed_m_s: float = 0.0
    is_loop: bool = False
    heading_from: float = 0.0
    heading_to: float = 0.0
    posture_from: str = "stand"
    posture_to: str = "stand"
    blend_s: float = 0.0
    bed_height: float = 0.0
    bed_height_from: float = 0.0
    breathing_bpm: float = 14.0
    depth_from: float = 1.0
    depth: float = 1.0
    breath_turns: float = 0.0
    agitation: float = 0.0
    is_present: bool = True

    @property
    def is_transition(self) -> bool:
        """Walking somewhere or changing posture: not to be interrupted half-way."""
        return self.end_s < inf and (self.speed_m_s > 0 or self.posture_from != self.posture_to)

    @property
    def is_moving(self) -> bool:
        """Gross movement: walking, changing posture, moving on the spot."""
        return self.is_present and (self.speed_m_s > 0 or self.blend_s > 0 or self.agitation > 0.3)

    def travelled(self, times: Times) -> NDArray[np.float64]:
        """Metres along the route since the start."""
        elapsed = np.maximum(times - self.start_s, 0.0)
        return self.speed_m_s * (elapsed - ACCELERATION_S * (1 - np.exp(-elapsed / ACCELERATION_S)))

    def place(self, times: Times) -> NDArray[np.float64]:
        """(n_times, 2) where the person is."""
        if len(self.route) == 1:
            return np.broadcast_to(self.route[0], (len(times), 2))
        route = np.vstack([self.route, self.route[:1]]) if self.is_loop else self.route
        marks = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(route, axis=0).T))])
        done = self.travelled(times)
        done = np.mod(done, marks[-1]) if self.is_loop else np.minimum(done, marks[-1])
        return np.stack([np.interp(done, marks, route[:, axis]) for axis in (0, 1)], axis=1)

    def heading(self, times: Times) -> NDArray[np.float64]:
        """(n_times,) radians; turns take `TURN_S`."""
        if self.speed_m_s > 0:
            ahead = self.place(times + CORNER_S) - self.place(np.maximum(times - CORNER_S, self.start_s))
            is_known = np.hypot(ahead[:, 0], ahead[:, 1]) > 1e-3
            target = np.where(is_known, np.arctan2(ahead[:, 1], ahead[:, 0]), self.heading_to)
        else:
            target = np.full(len(times), self.heading_to)
        turn = np.angle(np.exp(1j * (target - self.heading_from)))
        return np.asarray(self.heading_from + turn * smooth((times - self.start_s) / TURN_S))

    def limbs(self, times: Times) -> NDArray[np.float64]:
        """(n_times,) 0 at both ends of the step, 1 between: how far limb movements are developed."""
        return smooth((times - self.start_s) / LIMB_S) * smooth((self.end_s - times) / LIMB_S)

    def turns(self, times: Times) -> NDArray[np.float64]:
        """Breaths since the beginning of time, before natural variation."""
        return self.breath_turns + (times - self.start_s) * self.breathing_bpm / 60

    def depth_at(self, times: Times) -> NDArray[np.float64]:
        """(n_times,) relative depth of breathing."""
        return self.depth_from + (self.depth - self.depth_from) * smooth(times - self.start_s)

    def blend(self, times: Times) -> NDArray[np.float64]:
        """(n_times,) 0 in the old posture, 1 in the new one."""
        if self.blend_s <= 0:
            return np.ones(len(times))
        return smooth((times - self.start_s) / self.blend_s)


def smooth(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 … 1 with level ends."""
    part = np.clip(part, 0.0, 1.0)
    return np.asarray(part * part * (3 - 2 * part))


def walking_time(route: NDArray[np.float64], speed_m_s: float) -> float:
    """Seconds to walk a route from standing."""
    length = float(sum(hypot(*leg) for leg in np.diff(route, axis=0)))
    return length / speed_m_s + 2 * ACCELERATION_S
