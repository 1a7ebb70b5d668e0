"""One node at work: frames of all its transmitters, second by second, as datagrams."""

from dataclasses import replace
from typing import Final

import numpy as np

from ..wire import CsiFrame, encode
from .arrivals import Arrivals, Imperfections
from .faults import (
    AddressChange,
    ChannelChange,
    Faults,
    Frozen,
    Loss,
    RateChange,
    Reboot,
    Roam,
    Silence,
    TransmitterGone,
)  # fmt: skip
from .firmware import Firmware
from .radio import Radio
from .randomness import Streams, Times
from .scene import NodeSite, Scene, channel_mhz
from .timeline import Timeline
from .tones import ToneLayout

type Sent = tuple[float, tuple[str, int], bytes]
"""Arrival in seconds, source address, datagram."""

#: Reported noise floor. Origin: measured, ESP32 boards report −92 to −96.
NOISE_FLOOR_DBM: Final = -94

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
        self._scene, self._site = scene, site
        self._faults = faults
        self._imperfections = imperfections
        self._rng = streams.generator("board")
        self._arrivals = Arrivals(site.rate_hz, imperfections, streams)
        self._firmware = Firmware(site.node_id, chatter, streams)
        self._radio = Radio(scene, site, timeline, streams, faults=faults, rng=self._rng)
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
        payload, rssi, layouts = self._radio.measure(times, kinds, glitched, self._transmitters, self._freq_mhz)
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


_CSI_MAGICS: Final = frozenset(magic.to_bytes(4, "little") for magic in (0xC511_0001, 0xC511_0008, 0xC511_000A))
