"""The complex channel from one transmitter to one node over the tones, while things move.

H(f, t) = Σ static images · shadows + Σ scattered paths, each a·exp(−j2πfτ). Moving points are reached directly and by
one reflection on one leg, those with a front (chest, abdomen, back) by one reflection on each. Only the carrier phase
needs double precision: the phase over the tones is split into a coarse and a fine factor, so that a path costs about
2·√tones exponentials.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .body import Blocker, Scatter
from .multipath import SPEED_OF_LIGHT, STATIC_ORDER, clutter_arrays, free_space, mirror, scattered
from .randomness import Streams, Times, Wobble
from .scene import Point, Scene
from .shadow import transmission

#: Reflections that a body can shade and over which moving points are seen. Origin: chosen, the second adds below
#: −20 dB.
MOVING_ORDER: Final = 1
#: What a part with a front scatters sideways and backwards, relative to its front. Origin: chosen, a torso is no
#: mirror.
FRONT_FLOOR: Final = 0.3
#: Groups of static paths that drift independently of each other. Origin: chosen; fewer look like one slow gain.
N_DRIFT_GROUPS: Final = 12
#: Slow drift: periods from 40 min to 48 h. Origin: chosen, heating cycles to day and night.
DRIFT_BAND_HZ: Final = (1 / 172_800, 1 / 2_400)
#: Restlessness of the static field within a minute, relative to the drift of a day (`Scene.drift`). Origin:
#: measured, quiet recordings: the energy of a 20-s difference is 5–20 % above that of neighbouring frames.
UNREST: Final = 0.16
UNREST_BAND_HZ: Final = (1 / 200, 1 / 6)


class Channel:
    """One transmitter heard by one node on a regular grid of tones.

    Parameters
    ----------
    offsets_hz : (n_tones,) evenly spaced, relative to the carrier
    streams : the drift of this channel
    """

    def __init__(
        self,
        scene: Scene,
        transmitter: Point,
        node: Point,
        offsets_hz: NDArray[np.float64],
        freq_mhz: int,
        streams: Streams,
    ) -> None:
        self._carrier_hz = freq_mhz * 1e6
        self._wavelength_m = SPEED_OF_LIGHT / self._carrier_hz
        self._offsets_hz = offsets_hz
        self._drift = scene.drift
        self._from = mirror(scene.room, transmitter, MOVING_ORDER)
        self._to = mirror(scene.room, node, MOVING_ORDER)
        self._node, self._transmitter = np.array(node), np.array(transmitter)
        step_hz = float(offsets_hz[1] - offsets_hz[0])
        self._n_fine = int(np.ceil(np.sqrt(len(offsets_hz))))
        n_coarse = -(-len(offsets_hz) // self._n_fine)
        self._fine_hz = step_hz * np.arange(self._n_fine)
        self._coarse_hz = float(offsets_hz[0]) + step_hz * self._n_fine * np.arange(n_coarse)
        self._static = self._static_paths(scene, transmitter)
        rng = streams.generator("drift")
        n = len(self._static)
        self._slow = Wobble(rng, 2 * n, *DRIFT_BAND_HZ)
        self._restless = Wobble(rng, 2 * n, *UNREST_BAND_HZ, tilt=1.2)

    def response(self, times: Times, scatters: list[Scatter], blockers: list[Blocker]) -> NDArray[np.complex64]:
        """(n_times, n_tones) complex amplitude, 1 = the transmitter's field at λ/4π metres.

        Scatterers and blockers are given at `times`.
        """
        weights = self._weights(times)
        for blocker in blockers:
            weights[: len(self._from.gain)] *= self._shade(blocker)
        response = (weights.T.astype(np.complex64)) @ self._static
        for scatter in scatters:
            response += self._scattered(scatter)
        return response

    def _static_paths(self, scene: Scene, transmitter: Point) -> NDArray[np.complex64]:
        """(n_groups, n_tones): each image of low order by itself, then the rest in drift groups."""
        images = mirror(scene.room, transmitter, STATIC_ORDER)
        distance = np.linalg.norm(images.position - self._node, axis=1)
        amplitude = images.gain * free_space(distance, self._wavelength_m)
        positions, root_section = clutter_arrays(scene.clutter)
        there = np.linalg.norm(positions - self._transmitter, axis=1)
        back = np.linalg.norm(positions - self._node, axis=1)
        clutter = scattered(there, back, root_section, self._wavelength_m)
        delay = np.concatenate([distance, there + back]) / SPEED_OF_LIGHT
        paths = np.concatenate([amplitude, clutter])[:, None] * np.exp(
            -2j * np.pi * (self._carrier_hz + self._offsets_hz) * delay[:, None]
        )
        n_single = len(self._from.gain)
        rest = [paths[n_single + k :: N_DRIFT_GROUPS].sum(axis=0) for k in range(N_DRIFT_GROUPS)]
        return np.vstack([paths[:n_single], rest]).astype(np.complex64)

    def _weights(self, times: Times) -> NDArray[np.complex128]:
        """(n_groups, n_times) factor of each static group: 1 and its drift."""
        n = len(self._static)
        if self._drift == 0:
            return np.ones((n, len(times)), complex)
        ends = times[[0, -1]]
        slow = self._slow.at(ends)
        part = (times - ends[0]) / max(ends[1] - ends[0], 1e-9)
        change = slow[:, :1] + (slow[:, 1:] - slow[:, :1]) * part + UNREST * self._restless.at(times)
        return np.asarray(1 + self._drift * (change[:n] + 1j * change[n:]) / np.sqrt(2))

    def _shade(self, blocker: Blocker) -> NDArray[np.complex128]:
        """(n_images, n_times): the last leg of each image ray, and the first leg by the images of the node."""
        shape = (
            blocker.centre, blocker.half_length, blocker.half_width, blocker.heading, blocker.bottom, blocker.top,
        )  # fmt: skip
        n = len(self._from.gain)
        last = transmission(
            self._from.position, np.broadcast_to(self._node, (n, 3)), *shape, wavelength_m=self._wavelength_m
        )
        first = transmission(
            np.broadcast_to(self._transmitter, (n, 3)), self._to.position, *shape, wavelength_m=self._wavelength_m
        )
        first[0] = 1.0
        return np.asarray(1 + blocker.strength * (last * first - 1))

    def _scattered(self, scatter: Scatter) -> NDArray[np.complex64]:
        """(n_times, n_tones): every moving point, directly and over one reflection on either leg."""
        toward = self._from.position[:, None, None] - scatter.position
        onward = self._to.position[:, None, None] - scatter.position
        there = np.sqrt(np.einsum("ipts,ipts->ipt", toward, toward))
        back = np.sqrt(np.einsum("ipts,ipts->ipt", onward, onward))
        sight_there = np.einsum("ipts,pts->ipt", toward, scatter.normal) / there
        sight_back = np.einsum("ipts,pts->ipt", onward, scatter.normal) / back
        has_front = np.any(scatter.normal, axis=(1, 2))
        n = len(there)
        both = [(i, j, p) for i in range(n) for j in range(n) for p in np.flatnonzero(has_front)]
        one = [(i, j, p) for i in range(n) for j in range(n) if i * j == 0 for p in np.flatnonzero(~has_front)]
        i, j, p = np.array(both + one).T
        facing = FRONT_FLOOR + (1 - FRONT_FLOOR) * np.maximum(0.5 * (sight_there[i, p] + sight_back[j, p]), 0.0)
        facing[len(both) :] = 1.0
        amplitude = (
            (self._from.gain[i] * self._to.gain[j])[:, None]
            * facing
            * scattered(there[i, p], back[j, p], scatter.root_section[p], self._wavelength_m)
        )
        return self._sum_paths(amplitude.T, (there[i, p] + back[j, p]).T / SPEED_OF_LIGHT)

    def _sum_paths(self, amplitude: NDArray[np.float64], delay: NDArray[np.float64]) -> NDArray[np.complex64]:
        """(n_times, n_paths) amplitudes and delays → (n_times, n_tones)."""
        start = np.mod((self._carrier_hz + self._coarse_hz[0]) * delay, 1.0)
        coarse = _turn(start[..., None] + (self._coarse_hz - self._coarse_hz[0]) * delay[..., None])
        fine = _turn(self._fine_hz * delay[..., None])
        coarse *= amplitude[..., None].astype(np.float32)
        total = coarse.transpose(0, 2, 1) @ fine
        return np.asarray(total.reshape(len(delay), -1)[:, : len(self._offsets_hz)])


def _turn(turns: NDArray[np.float64]) -> NDArray[np.complex64]:
    """exp(−j2π·turns)."""
    angle = (-2 * np.pi * turns).astype(np.float32)
    value = np.empty(angle.shape, np.complex64)
    np.cos(angle, out=value.real)
    np.sin(angle, out=value.imag)
    return value
