"""A person who does what they are told: a list of steps that grows, and the body at any moment of it."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from math import atan2, hypot, inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .body import POSTURES, Blocker, Scatter
from .movement import Movement
from .randomness import Streams, Times
from .scene import Place, Scene
from .step import Step, walking_time

#: Strolling about, and going somewhere. Origin: chosen, indoors (outdoors people walk 1.4 m/s).
WALKING_M_S: Final = 0.9
GOING_M_S: Final = 1.15
#: Turning on the spot; sitting down or standing up; lying down. Origin: measured by others, sit-to-stand 1.5–2.5 s.
TURN_S: Final = 1.0
SIT_S: Final = 2.0
LIE_S: Final = 3.0
#: Slower breaths are deeper: depth goes with rate to this negative power, 1 at `RESTING_BPM`. Origin: derived,
#: ventilation per minute falls less than the rate (constant ventilation would be 1).
SLOW_IS_DEEP: Final = 0.6
RESTING_BPM: Final = 14.0

#: What people can be told. Spots of the scene may be named besides.
ACTIVITIES: Final = (
    "absent", "enter", "walk", "stand", "sit", "lie", "sleep", "breathe", "hold_breath", "small_move", "still", "leave",
)  # fmt: skip


class Person:
    """One body with habits of its own.

    Parameters
    ----------
    scene : where; the door and the spots are taken from it
    seed : everything random about this person
    size : 1 for an adult; 0.35 for a dog (lengths, and cross-section with the square)
    placement_m : how differently they take a spot from time to time (standard deviation per axis)
    fidgets_per_min : unconscious small movements of a still person
    heart_bpm : resting pulse
    """

    def __init__(
        self,
        scene: Scene,
        seed: int = 0,
        *,
        size: float = 1.0,
        placement_m: float = 0.0,
        fidgets_per_min: float = 0.5,
        heart_bpm: float = 66.0,
        breathing_bpm: float = 14.0,
    ) -> None:
        self._scene = scene
        self._streams = Streams(seed)
        self._placement_m = placement_m
        self._breathing_bpm = breathing_bpm
        self.heart_bpm = heart_bpm
        self._movement = Movement(
            self._streams, scene.room, size=size, fidgets_per_min=fidgets_per_min, heart_bpm=heart_bpm
        )
        outside = np.array([scene.door.outside], float)
        self.steps: list[Step] = [
            Step(activity="absent", start_s=-inf, route=outside, breathing_bpm=breathing_bpm, is_present=False)
        ]

    # --- being told -----------------------------------------------------------------------------------------------

    def do(
        self,
        activity: str,
        at_s: float,
        *,
        posture: str | None = None,
        spot: str | None = None,
        rate_bpm: float | None = None,
    ) -> float:
        """Begin `activity` at `at_s` or when the present walk or posture change ends; later plans are dropped.

        Parameters
        ----------
        posture : get into it first, at `spot` (by default the spot of that name)
        rate_bpm : breathe at this rate meanwhile
        Returns
        -------
        the moment from which the activity itself, not the way there, is going on
        Raises
        ------
        ValueError for an activity, posture or spot nobody knows
        """
        posture = activity if activity in POSTURES else posture
        if spot is not None and posture is None:
            posture = "stand"
        self._check(activity, posture, spot)
        last = self._interrupt(at_s)
        begin = max(at_s, last.end_s) if last.end_s < inf else at_s
        if activity in ("absent", "leave"):
            return self._go_out(begin) if last.is_present else self._hold(begin, "absent", is_present=False)
        if not last.is_present:
            begin = self._come_in(begin)
        if activity == "enter":
            return self._hold(begin, "stand")
        if activity == "walk":
            return self._wander(self._to_feet(begin))
        if posture is not None:
            begin = self._take_up(begin, posture, spot or posture)
        depth = 0.0 if activity == "hold_breath" else 1.0
        if rate_bpm:
            depth = (RESTING_BPM / rate_bpm) ** SLOW_IS_DEEP
        agitation = 1.0 if activity == "small_move" else 0.0
        return self._hold(begin, activity, rate_bpm=rate_bpm, depth=depth, agitation=agitation)

    def follow(self, plan: Iterable[tuple[float, str]]) -> Person:
        """Do each (moment, text) in turn and return self.

        Text is `[posture+]activity[:rate]`: "walk", "sit", "sit:7.5", "lie+small_move", "sit+breathe:16".
        """
        for at_s, text in plan:
            self.obey(text, at_s)
        return self

    def obey(self, text: str, at_s: float) -> float:
        """`do`, with the text of `follow`."""
        words, _, rate = text.partition(":")
        posture, plus, activity = words.partition("+")
        return self.do(
            activity if plus else words,
            at_s,
            posture=posture if plus else None,
            rate_bpm=float(rate) if rate else None,
        )

    def _check(self, activity: str, posture: str | None, spot: str | None) -> None:
        if activity not in ACTIVITIES:
            raise ValueError(f"nobody knows how to {activity!r}; known: {', '.join(ACTIVITIES)}")
        if posture is not None and posture not in POSTURES:
            raise ValueError(f"no posture {posture!r}; known: {', '.join(POSTURES)}")
        if posture is not None and (spot or posture) not in self._scene.spots:
            raise ValueError(f"no spot {spot or posture!r} in this scene; there are {', '.join(self._scene.spots)}")

    def body(self, times: Times) -> tuple[Scatter, Blocker] | None:
        """The body at some ascending moments; None when it is gone all the while."""
        first, last = self.step_at(times[0]), self.step_at(times[-1])
        if first is last and first.activity == "absent":
            return None
        return self._movement.at(self.steps, times)

    def breathing_bpm(self, at_s: float, window_s: float = 30.0) -> float:
        """Mean rate over the last `window_s`, or since the present step began."""
        step = self.step_at(at_s)
        begin = max(at_s - window_s, step.start_s)
        if at_s - begin < 5:
            return step.breathing_bpm
        breaths = self._movement.breaths(step, np.array([begin, at_s]))
        return float(60 * (breaths[1] - breaths[0]) / (at_s - begin))

    def place_at(self, at_s: float) -> Place:
        """Where the person is."""
        x, y = self._place(self.step_at(at_s), at_s)
        return float(x), float(y)

    def step_at(self, at_s: float) -> Step:
        """What is going on at one moment."""
        return self.steps[max(0, bisect_right(self.steps, at_s, key=lambda step: step.start_s) - 1)]

    def _interrupt(self, at_s: float) -> Step:
        """Cut the plan at `at_s`, but let a walk or posture change end."""
        keep = max(1, bisect_right(self.steps, at_s, key=lambda step: step.start_s))
        del self.steps[keep:]
        last = self.steps[-1]
        if not last.is_transition:
            last = self.steps[-1] = replace(last, end_s=at_s)
        return last

    def _hold(
        self,
        begin: float,
        activity: str,
        *,
        rate_bpm: float | None = None,
        depth: float = 1.0,
        agitation: float = 0.0,
        is_present: bool = True,
    ) -> float:
        """Stay as one is, doing `activity`, until told otherwise."""
        last = self._end_last(begin)
        self._add(
            last,
            activity=activity,
            start_s=begin,
            route=self._place(last, begin)[None],
            breathing_bpm=rate_bpm or (self._breathing_bpm if activity != "still" else last.breathing_bpm),
            depth=depth,
            agitation=agitation,
            is_present=is_present,
        )
        return begin

    def _go(self, begin: float, places: list[Place], activity: str = "walk") -> float:
        """Walk over `places`, on one's feet."""
        begin = self._to_feet(begin)
        last = self._end_last(begin)
        route = np.vstack([self._place(last, begin)[None], np.array(places, float)])
        end = begin + walking_time(route, GOING_M_S)
        self._add(last, activity=activity, start_s=begin, end_s=end, route=route, speed_m_s=GOING_M_S)
        return end

    def _come_in(self, begin: float) -> float:
        door = self._scene.door
        last = self._end_last(begin)
        route = np.array([door.outside, door.inside], float)
        end = begin + walking_time(route, GOING_M_S)
        self._add(last, activity="enter", start_s=begin, end_s=end, route=route, speed_m_s=GOING_M_S, is_present=True)
        return end

    def _go_out(self, begin: float) -> float:
        end = self._go(begin, [self._scene.door.inside, self._scene.door.outside], "leave")
        return self._hold(end, "absent", is_present=False)

    def _wander(self, begin: float) -> float:
        """Walk about the room until told otherwise."""
        last = self._end_last(begin)
        room = self._scene.room
        rng = self._streams.generator("wander", len(self.steps))
        n = 14
        low, high = 0.15, 0.85
        places = rng.uniform(low, high, (n, 2)) * (room.width, room.depth)
        start = self._place(last, begin)
        route = np.vstack([start[None], places])
        self._add(last, activity="walk", start_s=begin, route=route, speed_m_s=WALKING_M_S, is_loop=True)
        return begin

    def _to_feet(self, begin: float) -> float:
        last = self._end_last(begin)
        if last.posture_to == "stand":
            return begin
        return self._change(begin, "stand", last.heading_to, 0.0, "get up")

    def _take_up(self, begin: float, posture: str, spot_name: str) -> float:
        """Get into a posture at a spot; nothing happens when one is there already."""
        last = self._end_last(begin)
        spot = self._scene.spots[spot_name]
        here = self._place(last, begin)
        near = hypot(here[0] - spot.place[0], here[1] - spot.place[1]) < 0.35
        if near and last.posture_to == posture and last.speed_m_s == 0:
            return begin
        rng = self._streams.generator("place", len(self.steps))
        if not near:
            offset = self._placement_m * rng.standard_normal(2)
            begin = self._go(begin, [(spot.place[0] + offset[0], spot.place[1] + offset[1])])
        heading = spot.heading + 2 * self._placement_m * float(rng.standard_normal())
        on_bed = POSTURES[posture].is_on_bed
        return self._change(begin, posture, heading, spot.height if on_bed else 0.0, f"{posture} down")

    def _change(self, begin: float, posture: str, heading: float, bed_height: float, activity: str) -> float:
        last = self._end_last(begin)
        blend = LIE_S if POSTURES[posture].is_on_bed or POSTURES[last.posture_to].is_on_bed else SIT_S
        blend = TURN_S if posture == last.posture_to else blend
        self._add(
            last,
            activity=activity,
            start_s=begin,
            end_s=begin + blend,
            route=self._place(last, begin)[None],
            heading_to=heading,
            posture_to=posture,
            blend_s=blend,
            bed_height=bed_height,
        )
        return begin + blend

    def _end_last(self, begin: float) -> Step:
        if self.steps[-1].end_s > begin:
            self.steps[-1] = replace(self.steps[-1], end_s=begin)
        return self.steps[-1]

    def _place(self, step: Step, at_s: float) -> NDArray[np.float64]:
        return np.array(step.place(np.array([max(at_s, -1e9)]))[0])

    def _add(self, last: Step, **fields: object) -> None:
        """Append a step that starts where `last` ends."""
        begin = float(fields["start_s"])  # type: ignore[arg-type]
        moment = np.array([begin])
        heading = float(last.heading(moment)[0]) if last.start_s > -inf else self._entry_heading()
        carried: dict[str, object] = {
            "heading_from": heading,
            "heading_to": heading,
            "posture_from": last.posture_to,
            "posture_to": last.posture_to,
            "bed_height": last.bed_height,
            "bed_height_from": last.bed_height,
            "breathing_bpm": last.breathing_bpm,
            "depth_from": last.depth,
            "breath_turns": float(last.turns(moment)[0]) if last.start_s > -inf else 0.0,
            "is_present": last.is_present,
        }
        self.steps.append(Step(**(carried | fields)))  # type: ignore[arg-type]

    def _entry_heading(self) -> float:
        door = self._scene.door
        return atan2(door.inside[1] - door.outside[1], door.inside[0] - door.outside[0])
