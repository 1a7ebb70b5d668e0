"""The other packets of the firmware, with the values real boards send: mostly noise, whoever is in the room.

Source: upstream report §1.3–1.8 and the 236 vitals of the two-board recording. That these values know nothing about the
person is the point: nothing may be learnt from them.
"""

from typing import Final

import numpy as np

from ..wire import ClockSync, EdgeVitals, FeatureState, FeatureVector, LinkStatus, encode
from .randomness import Streams

#: Vitals, feature vector and feature state. Origin: spec, firmware default 1000 ms; measured 0.98–1.08 s.
INTERVAL_S: Final = 1.01
#: CSI callbacks between two clock syncs and between two link status packets. Origin: spec, upstream report §1.8.
SYNC_EVERY: Final = 20
STATUS_EVERY: Final = 600

#: Origin: measured, two-board recording: score 1–43 (median ≈ 6), breathing 12–40 (σ 6.2), heart 66–104 (σ 7),
#: presence bit in 6 of 236 packets, four persons in all.
_SCORE_LOG_MEAN: Final = np.log(6.0)
_SCORE_LOG_SD: Final = 0.7
_PRESENT_SHARE: Final = 6 / 236
_N_PERSONS: Final = 4
_FLAG_PRESENT: Final = 0x01
_FLAG_MOTION: Final = 0x04


class Firmware:
    """One board's own opinions.

    Parameters
    ----------
    kinds : which packets this firmware sends: any of "vitals", "feature", "state", "sync", "status"
    """

    def __init__(self, node_id: int, kinds: frozenset[str], streams: Streams) -> None:
        self._node_id = node_id
        self._kinds = kinds
        self._rng = streams.generator("firmware")
        self._next_s: float | None = None
        self._numbers = {"feature": 0, "state": 0}
        self._since_sync = 0
        self._since_status = 0

    def restart(self) -> None:
        """After a reboot everything counts from zero."""
        self._numbers = {"feature": 0, "state": 0}
        self._since_sync = self._since_status = 0

    def periodic(self, begin_s: float, end_s: float, boot_s: float, rssi_dbm: int) -> list[tuple[float, bytes]]:
        """Packets with a clock of their own in [begin_s, end_s)."""
        if self._next_s is None or self._next_s < begin_s:
            self._next_s = begin_s + float(self._rng.random()) * INTERVAL_S
        packets: list[tuple[float, bytes]] = []
        while self._next_s < end_s:
            packets += self._report(self._next_s, self._next_s - boot_s, rssi_dbm)
            self._next_s += INTERVAL_S + 0.015 * float(self._rng.standard_normal())
        return packets

    def after_frame(
        self, at_s: float, boot_s: float, next_sequence: int, channel: int, bssid: bytes, rssi_dbm: int
    ) -> list[tuple[float, bytes]]:
        """Packets that are sent every so many CSI callbacks."""
        self._since_sync += 1
        self._since_status += 1
        packets: list[tuple[float, bytes]] = []
        uptime_us = int((at_s - boot_s) * 1e6)
        if "sync" in self._kinds and self._since_sync >= SYNC_EVERY:
            self._since_sync = 0
            sync = ClockSync(
                version=1,
                node_id=self._node_id,
                flags=0x06,
                local_us=uptime_us,
                mesh_us=int(at_s * 1e6 + 104 * self._rng.standard_normal()) % 2**63,
                next_sequence=next_sequence,
            )
            packets.append((at_s + 1e-4, encode(sync)))
        if "status" in self._kinds and self._since_status >= STATUS_EVERY:
            self._since_status = 0
            status = LinkStatus(
                node_id=self._node_id, flags=1, channel=channel, bssid=bssid, rssi_dbm=rssi_dbm, n_associations=1
            )
            packets.append((at_s + 2e-4, encode(status)))
        return packets

    def announce_association(self) -> None:
        """The next frame is followed by a link status, as after a roam."""
        self._since_status = STATUS_EVERY

    def _report(self, at_s: float, uptime_s: float, rssi_dbm: int) -> list[tuple[float, bytes]]:
        rng = self._rng
        score = float(np.exp(_SCORE_LOG_MEAN + _SCORE_LOG_SD * rng.standard_normal()))
        breathing = float(np.clip(24 + 6.2 * rng.standard_normal(), 12, 40))
        heart = float(np.clip(83 + 7 * rng.standard_normal(), 66, 104))
        flags = _FLAG_MOTION | (_FLAG_PRESENT if rng.random() < _PRESENT_SHARE else 0)
        uptime_us = max(int(uptime_s * 1e6), 0)
        packets: list[tuple[float, bytes]] = []
        if "vitals" in self._kinds:
            vitals = EdgeVitals(
                node_id=self._node_id,
                flags=flags,
                breathing_bpm=round(breathing, 2),
                heart_bpm=round(heart, 4),
                rssi_dbm=rssi_dbm,
                n_persons=_N_PERSONS,
                motion_energy=score,
                presence_score=score,
                uptime_ms=(uptime_us // 1000) % 2**32,
            )
            packets.append((at_s, encode(vitals)))
        if "feature" in self._kinds:
            scaled = min(score / 10, 1.0)
            values = (scaled, scaled, breathing / 30, heart / 120, 1.0, _N_PERSONS / 4, 0.0, (rssi_dbm + 100) / 100)
            vector = FeatureVector(
                node_id=self._node_id, sequence=self._count("feature"), uptime_us=uptime_us, values=values
            )
            packets.append((at_s + 2e-4, encode(vector)))
        if "state" in self._kinds:
            state = FeatureState(
                node_id=self._node_id,
                mode=1,
                sequence=self._count("state"),
                uptime_us=uptime_us,
                motion=min(score, 1.0),
                presence=score,
                respiration_bpm=breathing,
                respiration_confidence=min(score, 1.0),
                heart_bpm=heart,
                heart_confidence=0.8,
                anomaly=0.0,
                environment_shift=0.0,
                coherence=1.0,
                quality=0x07,
            )
            packets.append((at_s + 4e-4, encode(state)))
        return packets

    def _count(self, kind: str) -> int:
        number = self._numbers[kind]
        self._numbers[kind] = (number + 1) % 2**16
        return number
