"""What one board's radio makes of the frames in the air: through the channel, off the bodies, into I/Q bytes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .body import Blocker, Scatter
from .channel import Channel
from .faults import Faults, GainStep, LayoutChange, NodeMoved, PowerStep
from .randomness import Streams, Times
from .receiver import FrontEnd
from .scene import NodeSite, Point, Scene, Transmitter
from .timeline import Timeline
from .tones import ToneLayout, tone_layout

#: A foreign frame: how much weaker, and by how much that varies. Origin: measured, `pulse vacio_02`: 4 dB off.
GLITCH_DB: Final = -4.0
GLITCH_SPREAD_DB: Final = 2.0
#: Paths of a foreign frame and their largest delay. Origin: chosen; shapes must not agree with each other.
GLITCH_PATHS: Final = 6
GLITCH_DELAY_S: Final = 250e-9


class Radio:
    """Belongs to a board. Channels and front ends are kept until something moves."""

    def __init__(
        self,
        scene: Scene,
        site: NodeSite,
        timeline: Timeline,
        streams: Streams,
        *,
        faults: Faults,
        rng: np.random.Generator,
    ) -> None:
        self._scene, self._site, self._timeline = scene, site, timeline
        self._streams = streams
        self._faults = faults
        self._rng = rng
        self._channels: dict[tuple[object, ...], tuple[Channel, NDArray[np.int64]]] = {}
        self._front_ends: dict[tuple[int, str], FrontEnd] = {}

    def measure(
        self,
        times: Times,
        kinds: NDArray[np.int64],
        foreign: NDArray[np.bool_],
        transmitters: list[Transmitter],
        freq_mhz: int,
    ) -> tuple[list[bytes], NDArray[np.int64], list[ToneLayout]]:
        """The I/Q bytes, RSSI and layout of each frame.

        Parameters
        ----------
        times, kinds, foreign : (n,) when, which of the site's frames, and whether it came another way
        transmitters, freq_mhz : where and how loud they are, and what is listened to, during all of `times`
        """
        scatters, blockers = self._bodies(times)
        node_id = self._site.node_id
        gain_db = sum(step.level_db for step in self._faults.active(GainStep, node_id, times[0]))
        power_steps = list(self._faults.active(PowerStep, node_id, times[0]))
        payload: list[bytes] = [b""] * len(times)
        layouts: list[ToneLayout] = [tone_layout(64)] * len(times)
        rssi = np.zeros(len(times), np.int64)
        responses: dict[tuple[int, float], tuple[NDArray[np.int64], NDArray[np.complex64], NDArray[np.int64]]] = {}
        for number, frame in enumerate(self._site.frames):
            chosen = np.flatnonzero(kinds == number)
            if not len(chosen):
                continue
            layout = self._layout(frame.layout, float(times[0]))
            key = (frame.transmitter, layout.spacing_hz)
            if key not in responses:
                members = [
                    k for k, other in enumerate(self._site.frames)
                    if (other.transmitter, self._layout(other.layout, float(times[0])).spacing_hz) == key
                ]  # fmt: skip
                at = np.flatnonzero(np.isin(kinds, members))
                channel, grid = self._channel(
                    frame.transmitter,
                    transmitters[frame.transmitter].position,
                    freq_mhz,
                    layout.spacing_hz,
                    float(times[0]),
                )
                response = channel.response(
                    times[at], [_scatter_at(s, at) for s in scatters], [_blocker_at(b, at) for b in blockers]
                )
                responses[key] = (at, response, grid)
            at, response, grid = responses[key]
            rows = response[np.searchsorted(at, chosen)]
            power = np.full(len(chosen), transmitters[frame.transmitter].power_dbm)
            power += sum(step.power_db for step in power_steps if step.transmitter == frame.transmitter)
            strange = foreign[chosen]
            if strange.any():
                rows, power = self._foreign(rows, power, strange, grid, layout.spacing_hz)
            frames = self._front_end(number, layout, grid).receive(rows, power, np.full(len(chosen), float(gain_db)))
            rssi[chosen] = frames.rssi_dbm
            for k, iq in zip(chosen, frames.iq, strict=True):
                payload[k], layouts[k] = iq.tobytes(), layout
        return payload, rssi, layouts

    def _bodies(self, times: Times) -> tuple[list[Scatter], list[Blocker]]:
        bodies = [person.body(times) for person in (*self._timeline.people, *self._timeline.pets)]
        present = [body for body in bodies if body is not None]
        scatters = [scatter for scatter, _ in present] + [mover.scatter(times) for mover in self._timeline.movers]
        return scatters, [blocker for _, blocker in present]

    def _layout(self, name: str, at_s: float) -> ToneLayout:
        for change in self._faults.active(LayoutChange, self._site.node_id, at_s):
            if change.old == name:
                name = change.new
        return tone_layout(name)

    def _channel(
        self, transmitter: int, where: Point, freq_mhz: int, spacing_hz: float, at_s: float
    ) -> tuple[Channel, NDArray[np.int64]]:
        """The channel over every tone that any layout of this transmitter needs; kept until something moves."""
        site = self._site
        position = np.array(site.position)
        for moved in self._faults.active(NodeMoved, site.node_id, at_s):
            position = position + moved.offset
        names = tuple(
            self._layout(frame.layout, at_s).name for frame in site.frames if frame.transmitter == transmitter
        )
        key = (transmitter, spacing_hz, where, tuple(position), freq_mhz, names)
        if key not in self._channels:
            layouts = [layout for layout in map(tone_layout, names) if layout.spacing_hz == spacing_hz]
            used = np.concatenate([layout.tone[layout.used] for layout in layouts])
            grid = np.arange(used.min(), used.max() + 1)
            channel = Channel(
                self._scene,
                where,
                (float(position[0]), float(position[1]), float(position[2])),
                grid * spacing_hz,
                freq_mhz,
                self._streams.child("channel", transmitter),
            )
            self._channels[key] = (channel, grid)
        return self._channels[key]

    def _front_end(self, number: int, layout: ToneLayout, grid: NDArray[np.int64]) -> FrontEnd:
        key = (number, layout.name)
        if key not in self._front_ends:
            self._front_ends[key] = FrontEnd(
                layout, grid, level=self._site.level, streams=self._streams.child("front", number, layout.name)
            )
        return self._front_ends[key]

    def _foreign(
        self,
        rows: NDArray[np.complex64],
        power: NDArray[np.float64],
        foreign: NDArray[np.bool_],
        grid: NDArray[np.int64],
        spacing_hz: float,
    ) -> tuple[NDArray[np.complex64], NDArray[np.float64]]:
        """Replace frames by ones that came another way."""
        n = int(foreign.sum())
        rng = self._rng
        delay = rng.uniform(0, GLITCH_DELAY_S, (n, GLITCH_PATHS, 1))
        gain = rng.standard_normal((n, GLITCH_PATHS, 1)) + 1j * rng.standard_normal((n, GLITCH_PATHS, 1))
        shape = (gain * np.exp(-2j * np.pi * grid * spacing_hz * delay)).sum(axis=1)
        shape /= np.sqrt(np.mean(np.abs(shape) ** 2, axis=1, keepdims=True))
        rows, power = rows.copy(), power.copy()
        rows[foreign] = shape * np.sqrt(np.mean(np.abs(rows[foreign]) ** 2, axis=1, keepdims=True))
        power[foreign] += GLITCH_DB + GLITCH_SPREAD_DB * rng.standard_normal(n)
        return rows, power


def _scatter_at(scatter: Scatter, at: NDArray[np.int64]) -> Scatter:
    return Scatter(
        position=scatter.position[:, at], normal=scatter.normal[:, at], root_section=scatter.root_section[:, at]
    )


def _blocker_at(blocker: Blocker, at: NDArray[np.int64]) -> Blocker:
    return Blocker(**{name: getattr(blocker, name)[at] for name in Blocker.__slots__})
