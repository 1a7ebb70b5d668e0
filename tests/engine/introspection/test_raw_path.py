"""From raw frames to regime: gain steps, interleaved transmitters and foreign frames must not look like a change."""

import numpy as np
import pytest

from ruview_engine.introspection.introspector import ChangeModel, Introspector
from ruview_engine.introspection.snapshot import Regime
from ruview_engine.links.demux import Demux
from ruview_engine.links.motion import MotionMeter
from ruview_engine.links.quiet import QuietModel
from ruview_engine.wire.packet import CsiFrame

N = 64
FS = 20.0


def _shape(phase):
    return 1.0 + 0.45 * np.sin(np.arange(N) / 6.0 + phase)


class Room:
    """One node that hears transmitters in turn; gain and foreign frames as told."""

    def __init__(self, rng, n_transmitters=1, gain=1.0, steps=False, foreign=0.0, smooth_foreign=0.0):
        self.rng, self.gain, self.steps, self.foreign = rng, gain, steps, foreign
        self.smooth_foreign = smooth_foreign
        self.shapes = [_shape(2.1 * k) for k in range(n_transmitters)]
        self.demux = Demux("1")
        self.taps = {}
        self.at_s, self.i = 1000.0, 0

    def sample(self, moved=0.0):
        self.i += 1
        self.at_s += 1.0 / FS
        rng = self.rng
        amplitude = self.shapes[self.i % len(self.shapes)] * (1.0 + 0.02 * rng.normal(size=N))
        amplitude *= 1.0 + moved * np.cos(np.arange(N) / 8.0 + 0.45 * self.i)
        if rng.random() < self.foreign:
            amplitude = np.abs(1.0 + 0.5 * rng.normal(size=N))
        # now and then one frame of somebody who is never heard twice in a row
        if self.i % 3 == 0 and rng.random() < 3.0 * self.smooth_foreign:
            amplitude = _shape(rng.uniform(0.0, 6.28)) * (1.0 + 0.02 * rng.normal(size=N))
        level = 40.0 * self.gain * (rng.choice([0.7, 1.0, 1.4]) if self.steps and self.i % 40 < 20 else 1.0)
        iq = np.zeros(2 * N, dtype=np.int8)
        iq[1::2] = np.clip(np.round(level * amplitude), 0, 127)
        frame = CsiFrame(
            version=1, node_id=1, n_antennas=1, n_pairs=N, freq_mhz=2437, sequence=self.i, rssi_dbm=-50,
            noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
        )  # fmt: skip
        return self.demux.feed(frame, self.at_s)

    def calibrate(self, seconds=60.0):
        for _ in range(int(seconds * FS)):
            self.sample()
        for link in self.demux.links.values():
            window = link.window(50.0, self.at_s)
            if len(window) < 150:
                continue
            quiet = QuietModel.fit([window])
            fs_hz = link.fs_hz
            change = ChangeModel.fit([window.profiles], fs_hz=fs_hz)
            self.taps[link.id] = Introspector(link.id, link.active, change=change, fs_hz=fs_hz), MotionMeter(quiet)

    def run(self, seconds, moved=0.0):
        """Snapshots of calibrated links."""
        out = []
        for i in range(int(seconds * FS)):
            if i % int(FS) == 0:
                for tap, _ in self.taps.values():
                    if (job := tap.job()) is not None:
                        tap.take(job())
            sample = self.sample(moved)
            if sample is not None and sample.link in self.taps:
                tap, meter = self.taps[sample.link]
                out.append(tap.update(sample, meter.update(sample)))
        return out


@pytest.mark.parametrize(
    "room",
    [
        {},
        {"gain": 0.25},
        {"gain": 2.0},
        {"steps": True},
        {"n_transmitters": 2},
        {"n_transmitters": 3, "steps": True},
        {"foreign": 0.07},
    ],
    ids=lambda r: ",".join(f"{k}={v}" for k, v in r.items()) or "plain",
)
def test_a_quiet_room_stays_quiet_and_movement_is_still_seen(rng, room):
    room = Room(rng, **room)
    room.calibrate()
    assert room.taps
    assert not any(s.regime_changed for s in room.run(40))
    moving = room.run(4, moved=0.3)
    assert any(s.regime_changed for s in moving)


def test_single_frames_of_others_seldom_look_like_a_change():
    """Two within a moment do, whatever they are: in 4 of 24 such rooms in 40 s, in 3 or 4 with other rules of links."""
    n_changed = n_seen = 0
    for seed in range(8):
        room = Room(np.random.default_rng(seed), smooth_foreign=0.07)
        room.calibrate()
        n_changed += any(s.regime_changed for s in room.run(40))
        n_seen += any(s.regime is Regime.CHAOTIC for s in room.run(4, moved=0.3))
    assert n_changed <= 2
    assert n_seen >= 7, "one movement may begin as another transmitter, whose link is not calibrated here"


@pytest.mark.parametrize("factor", [0.1, 0.3, 3.0, 10.0])
def test_another_level_than_the_baseline_is_no_change(rng, factor):
    """Distance or gain, from one day to the next: also where integers become as coarse as a twelfth of a tone."""
    room = Room(rng, gain=0.3 if factor > 1.0 else 1.2)
    room.calibrate()
    room.gain *= factor
    shots = room.run(40)
    assert not any(s.regime_changed for s in shots)
    assert any(s.regime_changed for s in room.run(4, moved=0.4))
