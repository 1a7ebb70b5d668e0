"""How one particular body moves: gait, sway, breathing, pulse, fidgets. A moment always gets the same answer."""

from bisect import bisect_right
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .body import (
    ABDOMEN,
    BACK,
    CHEST,
    CROSS_SECTION,
    HEAD,
    LEFT_ARM,
    LEFT_SHIN,
    LEFT_THIGH,
    LIMBS,
    PARTS,
    POSTURES,
    RIGHT_ARM,
    RIGHT_SHIN,
    RIGHT_THIGH,
    Blocker,
    Scatter,
)  # fmt: skip
from .randomness import Streams, Times, Wobble
from .scene import Room
from .step import Step

#: Length of one stride (two steps). Origin: derived, cadence 1.4 steps/s at 0.9 m/s.
STRIDE_M: Final = 1.3

#: Chest and abdomen, peak to peak, in quiet breathing. Origin: measured by others, 4–5 mm and 5–8 mm (peers report §2b
#: computes with 5 mm).
CHEST_M: Final = 0.0045
ABDOMEN_M: Final = 0.006
#: The flanks and arms go outwards by this share of the chest's movement. Origin: measured by others, lateral
#: expansion of the rib cage is 25–40 % of the sagittal one.
LATERAL_SHARE: Final = 0.3
#: Chest movement by the heart, peak to peak. Origin: measured by others, 0.2–0.5 mm (peers report §2c: 0.3 mm).
HEART_M: Final = 0.0003
#: Variation of the breathing phase, turns. Origin: derived, 3–4 % wander of the rate within a minute.
BREATH_WANDER_TURNS: Final = 0.035
#: Share of the second harmonic: breathing out takes longer than in. Origin: chosen, gives 40 : 60.
BREATH_HARMONIC: Final = 0.18
#: Fidgets are drawn per stretch of this length. Origin: chosen, bounds the events to look at.
FIDGET_STRETCH_S: Final = 20.0
#: Someone who has gone through the door keeps this part of their echo per metre beyond it. Origin: chosen, one
#: inner wall costs 5–8 dB each way.
BEYOND_DOOR_PER_M: Final = 0.25
#: This far from the room nothing of them is left. Origin: chosen; must not exceed the distance of `Door.outside`.
VANISH_M: Final = 2.0


class Movement:
    """The habits of one body.

    Parameters
    ----------
    streams : everything random about it
    room : whoever is outside it fades away
    size : 1 for an adult
    fidgets_per_min : unconscious small movements while still
    heart_bpm : resting pulse
    """

    def __init__(self, streams: Streams, room: Room, *, size: float, fidgets_per_min: float, heart_bpm: float) -> None:
        rng = streams.generator("body")
        self._streams = streams
        self._size = size
        self._fidget_chance = 1 - np.exp(-fidgets_per_min * FIDGET_STRETCH_S / 60)
        self._heart_hz = heart_bpm / 60
        self._build = size * (1 + 0.04 * rng.standard_normal((len(PARTS), 1)))
        self._root_section = size * np.sqrt(CROSS_SECTION)
        self._sway = Wobble(rng, 3, 0.02, 1.2, tilt=2.0)
        self._limb_sway = Wobble(rng, 3 * len(PARTS), 0.02, 1.5, tilt=2.0)
        self._small = Wobble(rng, 3 * len(PARTS), 0.25, 1.6, tilt=0.5)
        self._small_pace = Wobble(rng, 1, 0.05, 0.3, tilt=0.5)
        self._breath_wander = Wobble(rng, 1, 0.01, 0.08)
        self._breath_depth = Wobble(rng, 1, 0.02, 0.15)
        self._heart_wander = Wobble(rng, 1, 0.01, 0.3)
        self._floor = (room.width, room.depth)

    def at(self, steps: list[Step], times: Times) -> tuple[Scatter, Blocker]:
        """The body of a plan at some moments, in room coordinates; `times` ascending."""
        starts = [step.start_s for step in steps]
        index = np.array([max(0, bisect_right(starts, at) - 1) for at in (times[0], times[-1])])
        if index[0] == index[1]:
            return self._during(steps[int(index[0])], times)
        which = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
        pieces = [self._during(steps[i], times[which == i]) for i in np.unique(which)]
        scatters, blockers = [piece[0] for piece in pieces], [piece[1] for piece in pieces]
        return (
            Scatter(
                position=np.concatenate([piece.position for piece in scatters], axis=1),
                normal=np.concatenate([piece.normal for piece in scatters], axis=1),
                root_section=np.concatenate([piece.root_section for piece in scatters], axis=1),
            ),
            Blocker(
                **{name: np.concatenate([getattr(piece, name) for piece in blockers]) for name in Blocker.__slots__}
            ),
        )

    def breaths(self, step: Step, times: Times) -> NDArray[np.float64]:
        """(n_times,) breaths since the beginning of time, natural variation included."""
        return np.asarray(step.turns(times) + BREATH_WANDER_TURNS * self._breath_wander.at(times)[0])

    def breath(self, step: Step, times: Times) -> NDArray[np.float64]:
        """(n_times,) −½ … ½, breathed out … in, at depth 1."""
        turn = 2 * np.pi * self.breaths(step, times)
        shape = (np.cos(turn) + BREATH_HARMONIC * np.cos(2 * turn + 0.6)) / 2
        return np.asarray(shape * step.depth_at(times) * (1 + 0.12 * self._breath_depth.at(times)[0]))

    def pulse(self, times: Times) -> NDArray[np.float64]:
        """(n_times,) about −½ … ½: the chest wall's answer to the heart."""
        turn = 2 * np.pi * (self._heart_hz * times + 0.25 * self._heart_wander.at(times)[0])
        return np.asarray((np.cos(turn) + 0.5 * np.cos(2 * turn + 0.9) + 0.25 * np.cos(3 * turn + 1.7)) / 2.2)

    def _during(self, step: Step, times: Times) -> tuple[Scatter, Blocker]:
        blend = step.blend(times)
        old, new = POSTURES[step.posture_from], POSTURES[step.posture_to]
        bed = step.bed_height_from + (step.bed_height - step.bed_height_from) * blend
        parts = self._build[:, None] * (old.parts[:, None] + (new.parts - old.parts)[:, None] * blend[None, :, None])
        front = np.array(old.front) + (np.array(new.front) - np.array(old.front)) * blend[:, None]
        front /= np.linalg.norm(front, axis=1, keepdims=True)
        breath = self._size * self.breath(step, times)
        self._move(parts, front, breath, step, times, old.sway_m + (new.sway_m - old.sway_m) * blend)
        heading, place = step.heading(times), step.place(times)
        position = _turned(parts, heading)
        position[..., :2] += place
        position[..., 2] += bed
        normal = np.zeros_like(position)
        facing = _turned(front[None], heading)[0]
        normal[CHEST] = normal[ABDOMEN] = facing
        normal[BACK] = -facing
        strength = self._strength(step, times)
        depth = 0.5 * (CHEST_M + ABDOMEN_M) * breath
        ahead, upward = depth * np.abs(front[:, 0]), depth * front[:, 2]
        aside = depth * np.maximum(np.abs(front[:, 1]) / 2, LATERAL_SHARE)
        blocker = Blocker(
            centre=place,
            half_length=self._size * (old.half_length + (new.half_length - old.half_length) * blend) + ahead / 2,
            half_width=self._size * (old.half_width + (new.half_width - old.half_width) * blend) + aside,
            heading=heading,
            bottom=bed + self._size * (old.bottom + (new.bottom - old.bottom) * blend),
            top=bed + self._size * (old.top + (new.top - old.top) * blend) + upward,
            strength=strength,
        )
        return Scatter(position=position, normal=normal, root_section=self._root_section[:, None] * strength), blocker

    def _move(
        self,
        parts: NDArray[np.float64],
        front: NDArray[np.float64],
        breath: NDArray[np.float64],
        step: Step,
        times: Times,
        sway_m: NDArray[np.float64],
    ) -> None:
        """Everything that moves within the body frame, in place."""
        trunk_sway = (self._sway.at(times) * sway_m).T
        parts += trunk_sway[None]
        limbs = self._limb_sway.at(times).reshape(len(PARTS), 3, -1)
        parts += 0.4 * (limbs * sway_m).transpose(0, 2, 1)
        pulse = self._size * HEART_M * self.pulse(times)
        parts[CHEST] += front * (CHEST_M * breath + pulse)[:, None]
        parts[ABDOMEN] += front * (ABDOMEN_M * breath + 0.3 * pulse)[:, None]
        parts[HEAD, :, 2] += 0.1 * CHEST_M * breath
        parts[LEFT_ARM, :, 1] += LATERAL_SHARE * CHEST_M * breath
        parts[RIGHT_ARM, :, 1] -= LATERAL_SHARE * CHEST_M * breath
        if step.speed_m_s > 0:
            self._walk(parts, step, times)
        if step.agitation > 0:
            self._agitate(parts, step, times)
        elif step.is_present and step.speed_m_s == 0:
            self._fidget(parts, step, times)

    def _walk(self, parts: NDArray[np.float64], step: Step, times: Times) -> None:
        """Legs and arms swing against each other; the trunk bobs twice a stride."""
        turn = 2 * np.pi * step.travelled(times) / STRIDE_M
        amount = self._size * step.limbs(times)
        swing = amount * np.sin(turn)
        late = amount * np.sin(turn - 0.5)
        for part, reach, sign, wave in (
            (LEFT_THIGH, 0.16, 1, swing),
            (RIGHT_THIGH, 0.16, -1, swing),
            (LEFT_SHIN, 0.3, 1, late),
            (RIGHT_SHIN, 0.3, -1, late),
            (LEFT_ARM, 0.2, -1, swing),
            (RIGHT_ARM, 0.2, 1, swing),
        ):
            parts[part, :, 0] += sign * reach * wave
        parts[: BACK + 1, :, 2] += 0.02 * amount * np.cos(2 * turn)

    def _agitate(self, parts: NDArray[np.float64], step: Step, times: Times) -> None:
        """Small deliberate movements: hands most, head and trunk a little, now more, now less."""
        pace = np.clip(0.8 + 0.5 * self._small_pace.at(times)[0], 0.15, 1.5)
        size = np.full(len(PARTS), 0.012)
        size[[LEFT_ARM, RIGHT_ARM]] = 0.09
        size[HEAD] = 0.025
        waves = self._small.at(times).reshape(len(PARTS), 3, -1)
        amount = self._size * step.agitation * pace * step.limbs(times)
        parts += (waves * size[:, None, None] * amount).transpose(0, 2, 1)

    def _fidget(self, parts: NDArray[np.float64], step: Step, times: Times) -> None:
        """A hand goes somewhere and comes back, rarely; the trunk follows by millimetres."""
        first, last = int(times[0] // FIDGET_STRETCH_S), int(times[-1] // FIDGET_STRETCH_S)
        for stretch in range(first, last + 1):
            event = self._drawn(stretch)
            if event is None:
                continue
            begin, length, limb, reach = event
            part = np.clip((times - begin) / length, 0.0, 1.0)
            pulse = (self._size * 0.5 * step.limbs(times) * (1 - np.cos(2 * np.pi * part)))[:, None]
            parts[limb] += pulse * reach
            parts[[HEAD, CHEST, ABDOMEN, BACK]] += 0.08 * pulse * reach

    def _drawn(self, stretch: int) -> tuple[float, float, int, NDArray[np.float64]] | None:
        """The fidget of a stretch of time, if there is one: begin, length, limb, reach (3,)."""
        rng = self._streams.generator("fidget", stretch)
        if stretch < 0 or rng.random() >= self._fidget_chance:
            return None
        length = float(rng.uniform(0.8, 2.2))
        begin = stretch * FIDGET_STRETCH_S + float(rng.uniform(0, FIDGET_STRETCH_S - length))
        direction = rng.standard_normal(3)
        return begin, length, int(rng.choice(LIMBS)), rng.uniform(0.04, 0.15) * direction / np.linalg.norm(direction)

    def _strength(self, step: Step, times: Times) -> NDArray[np.float64]:
        """1 in the room; fades beyond the door; 0 when gone."""
        if step.activity == "absent":
            return np.zeros(len(times))
        if step.activity not in ("enter", "leave"):
            return np.ones(len(times))
        place = step.place(times)
        beyond = np.maximum(np.maximum(-place, place - self._floor), 0.0).max(axis=1)
        return np.asarray(np.clip((VANISH_M - beyond) / 0.5, 0.0, 1.0) * BEYOND_DOOR_PER_M**beyond)


def _turned(vectors: NDArray[np.float64], heading: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, n_times, 3) body frame → room frame, without the place."""
    cos, sin = np.cos(heading), np.sin(heading)
    turned = np.empty_like(vectors)
    turned[..., 0] = cos * vectors[..., 0] - sin * vectors[..., 1]
    turned[..., 1] = sin * vectors[..., 0] + cos * vectors[..., 1]
    turned[..., 2] = vectors[..., 2]
    return turned
