"""One node at work: frames of all its transmitters, second by second, as datagrams."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..wire import CsiFrame, encode
from .arrivals import Arrivals, Imperfections
from .body import Blocker, Scatter
from .channel import Channel
from .faults import (
    AddressChange,
    ChannelChange,
    Faults,
    Frozen,
    GainStep,
    LayoutChange,
    Loss,
    NodeMoved,
    PowerStep,
    RateChange,
    Reboot,
    Roam,
    Silence,
    TransmitterGone,
)  # fmt: skip
from .firmware import Firmware
from .randomness import Streams, Times
from .receiver import FrontEnd
from .scene import NodeSite, Scene, channel_mhz
from .timeline import Timeline
from .tones import ToneLayout, tone_layout

type Sent = tuple[float, tuple[str, int], bytes]
"""Arrival in seconds, source address, datagram."""

#: Reported noise floor. Origin: measured, ESP32 boards report −92 to −96.
NOISE_FLOOR_DBM: Final = -94
#: A foreign frame: how much weaker, and by how much that varies. Origin: measured, `pulse vacio_02`: 4 dB off.
GLITCH_DB: Final = -4.0
GLITCH_SPREAD_DB: Final = 2.0
#: Paths of a foreign frame and their largest delay. Origin: chosen; shapes must not agree with each other.
GLITCH_PATHS: Final = 6
GLITCH_DELAY_S: Final = 250e-9

#: What firmware 0.8 sends besides CSI.
CHATTER: Final = frozenset({"vitals", "feature", "sync", "status"})


class Board:
    """A node of a scene."""

    def __init__(
        self,
        scene: Scene,
        site: NodeSite,
        timeline: Timeline,
        streams: Streams,
        *,
        imperfections: Imperfections,
        faults: Faults,
        chatter: frozenset[str] = CHATTER,
    ) -> None:
        self._scene, self._site, self._timeline = scene, site, timeline
        self._streams = streams
        self._faults = faults
        self._imperfections = imperfections
        self._rng = streams.generator("board")
        self._arrivals = Arrivals(site.rate_hz, imperfections, streams)
        self._firmware = Firmware(site.node_id, chatter, streams)
        self._channels: dict[tuple[object, ...], tuple[Channel, NDArray[np.int64]]] = {}
        self._front_ends: dict[tuple[int, str], FrontEnd] = {}
        self._shares = np.array([frame.share for frame in site.frames])
        self._sequence = int(self._rng.integers(0, 20_000))
        self._boot_s = -float(self._rng.uniform(60, 80_000))
        self._rx_sequence = int(self._rng.integers(0, 4096))
        self._last: tuple[bytes, int, int, int, ToneLayout] | None = None
        self._rssi_dbm = -50
        self._transmitters = list(scene.transmitters)
        self._freq_mhz = scene.freq_mhz

    def advance(self, begin_s: float, end_s: float) -> list[Sent]:
        """Everything that arrives from this board between two full seconds, in order."""
        node_id = self._site.node_id
        self._apply_changes(begin_s, end_s)
        source = self._site.address
        for change in self._faults.active(AddressChange, node_id, begin_s):
            source = change.address
        rate = 1.0
        for slower in self._faults.active(RateChange, node_id, begin_s):
            rate *= slower.factor
        times = self._arrivals.between(begin_s, end_s, rate)
        sent = self._frames(times) if len(times) else []
        sent += self._firmware.periodic(begin_s, end_s, self._boot_s, self._rssi_dbm)
        sent = [(at_s, data) for at_s, data in sent if not self._is_silent(at_s, data)]
        lost = sum(fault.share for fault in self._faults.active(Loss, node_id, begin_s))
        kept = ~self._arrivals.chosen(len(sent), self._imperfections.lost + lost)
        late = self._arrivals.delays(len(sent))
        arrived = [
            (at_s + float(delay), source, data)
            for (at_s, data), delay, is_kept in zip(sent, late, kept, strict=True)
            if is_kept
        ]
        arrived.sort(key=lambda item: item[0])
        return arrived

    def _apply_changes(self, begin_s: float, end_s: float) -> None:
        """Bring channels and counters up to date with the faults of this second."""
        node_id = self._site.node_id
        transmitters = list(self._scene.transmitters)
        for roam in self._faults.active(Roam, node_id, begin_s):
            transmitters[roam.transmitter] = replace(
                transmitters[roam.transmitter], position=roam.position, mac=roam.mac
            )
        if transmitters != self._transmitters:
            self._transmitters = transmitters
            self._firmware.announce_association()
        self._freq_mhz = self._scene.freq_mhz
        for change in self._faults.active(ChannelChange, node_id, begin_s):
            self._freq_mhz = channel_mhz(change.channel)
        if self._faults.ended(Reboot, node_id, begin_s, end_s):
            self._sequence, self._boot_s = 0, begin_s
            self._firmware.restart()

    def _is_silent(self, at_s: float, data: bytes) -> bool:
        node_id = self._site.node_id
        if any(True for _ in self._faults.active(Reboot, node_id, at_s)):
            return True
        is_csi = data[:4] in _CSI_MAGICS
        return any(is_csi or not silence.csi_only for silence in self._faults.active(Silence, node_id, at_s))

    def _frames(self, times: Times) -> list[tuple[float, bytes]]:
        """Numbered and encoded CSI frames, with the packets that count frames."""
        n = len(times)
        kinds = self._rng.choice(len(self._shares), n, p=self._shares)
        glitched = self._arrivals.glitches(n)
        payload, rssi, layouts = self._measure(times, kinds, glitched)
        repeated = self._arrivals.chosen(n, self._imperfections.repeated)
        skipped = self._arrivals.chosen(n, self._imperfections.skipped)
        node_id = self._site.node_id
        gone = {fault.transmitter for fault in self._faults.active(TransmitterGone, node_id, times[0])}
        is_frozen = any(True for _ in self._faults.active(Frozen, node_id, times[0]))
        packets: list[tuple[float, bytes]] = []
        for k, kind in enumerate(kinds):
            transmitter = self._site.frames[kind].transmitter
            self._sequence += 1 + int(skipped[k])
            self._rx_sequence = (self._rx_sequence + 1) % 4096
            if transmitter in gone:
                continue
            current = (payload[k], int(rssi[k]), transmitter, self._rx_sequence, layouts[k])
            if self._last is not None and (is_frozen or repeated[k]):
                current = self._last
            self._last = current
            packets.append((float(times[k]), self._encode(*current)))
            self._rssi_dbm = current[1]
            packets += self._firmware.after_frame(
                float(times[k]),
                self._boot_s,
                self._sequence + 1,
                (self._freq_mhz - 2407) // 5,
                self._transmitters[0].mac,
                self._rssi_dbm,
            )
        return packets

    def _encode(self, iq: bytes, rssi: int, transmitter: int, rx_sequence: int, layout: ToneLayout) -> bytes:
        version = self._site.version
        return encode(
            CsiFrame(
                version=version,
                node_id=self._site.node_id,
                n_antennas=1,
                n_pairs=layout.n_pairs,
                freq_mhz=self._freq_mhz,
                sequence=self._sequence % 2**32,
                rssi_dbm=rssi,
                noise_floor_dbm=NOISE_FLOOR_DBM,
                ppdu=layout.ppdu,
                flags=layout.flags,
                iq=iq,
                transmitter=self._transmitters[transmitter].mac if version > 1 else None,
                rx_sequence=rx_sequence << 4 if version == 3 else None,
            )
        )

    def _measure(
        self, times: Times, kinds: NDArray[np.int64], glitched: NDArray[np.bool_]
    ) -> tuple[list[bytes], NDArray[np.int64], list[ToneLayout]]:
        """The I/Q bytes, RSSI and layout of each frame."""
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
                channel, grid = self._channel(frame.transmitter, layout.spacing_hz, float(times[0]))
                response = channel.response(
                    times[at], [_scatter_at(s, at) for s in scatters], [_blocker_at(b, at) for b in blockers]
                )
                responses[key] = (at, response, grid)
            at, response, grid = responses[key]
            rows = response[np.searchsorted(at, chosen)]
            power = np.full(len(chosen), self._transmitters[frame.transmitter].power_dbm)
            power += sum(step.power_db for step in power_steps if step.transmitter == frame.transmitter)
            foreign = glitched[chosen]
            if foreign.any():
                rows, power = self._foreign(rows, power, foreign, grid, layout.spacing_hz)
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

    def _channel(self, transmitter: int, spacing_hz: float, at_s: float) -> tuple[Channel, NDArray[np.int64]]:
        """The channel over every tone that any layout of this transmitter needs; kept until something moves."""
        site = self._site
        position = np.array(site.position)
        for moved in self._faults.active(NodeMoved, site.node_id, at_s):
            position = position + moved.offset
        names = tuple(
            self._layout(frame.layout, at_s).name for frame in site.frames if frame.transmitter == transmitter
        )
        where = self._transmitters[transmitter].position
        key = (transmitter, spacing_hz, where, tuple(position), self._freq_mhz, names)
        if key not in self._channels:
            layouts = [layout for layout in map(tone_layout, names) if layout.spacing_hz == spacing_hz]
            used = np.concatenate([layout.tone[layout.used] for layout in layouts])
            grid = np.arange(used.min(), used.max() + 1)
            channel = Channel(
                self._scene,
                where,
                (float(position[0]), float(position[1]), float(position[2])),
                grid * spacing_hz,
                self._freq_mhz,
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


_CSI_MAGICS: Final = frozenset(magic.to_bytes(4, "little") for magic in (0xC511_0001, 0xC511_0008, 0xC511_000A))
