"""What one frame costs, from datagram to snapshot, stage by stage, with the budget beside it.

    python benchmarks/frame_path.py [--frames 3000] [--repeats 7] [--signatures 20]

192 pairs, signatures of 64 × 16, a calibrated room, 20 Hz of virtual time, motion in every fifth second.

The same frames are fed to a new engine `--repeats` times, and of every frame the cheapest repetition counts: work that
belongs to a frame (a bootstrap once a second) is in every repetition, what other processes do to the caches is not. CPU
time of the thread is what is judged; wall time stands beside it. `wire.decode` is timed between the frames: on an idle
machine it costs `DECODE_US`, and its cost in the run says by how much the machine was slowed down.
"""

import argparse
import os
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ruview_engine.engine import Engine
from ruview_engine.ingest.receiver import Receiver
from ruview_engine.introspection.introspector import ChangeModel, Introspector
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.signature import FeatureKind, Signature
from ruview_engine.links.demux import Demux
from ruview_engine.links.link import Link
from ruview_engine.links.motion import MotionMeter
from ruview_engine.links.quiet import QuietModel
from ruview_engine.live_room import LiveRoom
from ruview_engine.settings import EngineSettings, RoomSettings
from ruview_engine.wire.csi import encode
from ruview_engine.wire.packet import CsiFrame
from ruview_engine.wire.registry import decode

N_PAIRS = 192
FS_HZ = 20.0
#: p99, µs. Origin: ARCHITECTURE, "Budgets"; on an idle machine.
BUDGET_US = 60.0
#: What each stage may take of it, µs. Origin: chosen, the parts of the design.
STAGES = {
    "receiver: decode, guard": 5.0,
    "demux: gain, transmitter": 13.0,
    "motion": 12.0,
    "introspection": 25.0,
    "room": 5.0,
}
#: wire.decode of one such frame where nothing disturbs, µs. Origin: measured 2026-11-30, least of 40 runs.
DECODE_US = 1.08
#: Frames not counted: caches, first allocations, warm-up of the estimators.
SETTLE = 200
#: Frames the quiet models are learnt from.
N_QUIET = 1200


def frames(n: int, rng: np.random.Generator, *, is_quiet: bool = False) -> list[bytes]:
    """Datagrams of a room: a fixed channel, tone jitter, and somebody walking in every fifth second."""
    shape = 30.0 * (1.0 + 0.4 * np.sin(np.arange(N_PAIRS) / 9.0))
    out = []
    for i in range(n):
        amplitude = shape * (1.0 + 0.02 * rng.normal(size=N_PAIRS))
        if not is_quiet and (i // 20) % 5 == 4:
            amplitude = amplitude * (1.0 + 0.2 * np.sin(0.3 * i + np.arange(N_PAIRS) / 15.0))
        parts = np.zeros(2 * N_PAIRS, dtype=np.int8)
        parts[1::2] = np.clip(np.round(amplitude), 0, 127)
        for start, stop in ((0, 1), (27, 38), (93, 100), (157, 164)):
            parts[2 * start : 2 * stop] = 0
        frame = CsiFrame(
            version=1,
            node_id=1,
            n_antennas=1,
            n_pairs=N_PAIRS,
            freq_mhz=2437,
            sequence=i,
            rssi_dbm=-50,
            noise_floor_dbm=-95,
            ppdu=0,
            flags=0,
            iq=parts.tobytes(),
        )
        out.append(encode(frame))
    return out


def library(n: int, rng: np.random.Generator) -> Library:
    """N random smooth signatures of 64 × 16."""
    signatures = {}
    for k in range(n):
        vectors = np.cumsum(rng.normal(size=(64, 16)), axis=0) * 0.02
        signatures[f"s{k}"] = Signature(
            id=f"s{k}",
            label=f"s{k}",
            captured_at="2026-01-01T00:00:00Z",
            feature_kind=FeatureKind.PROFILE_DELTA,
            vectors=vectors,
        )
    return Library(signatures=signatures)


def learn(rng: np.random.Generator) -> tuple[Link, QuietModel, ChangeModel]:
    """A link's quiet, as a baseline would have left it."""
    demux = Demux("1")
    for i, data in enumerate(frames(N_QUIET, rng, is_quiet=True)):
        packet = decode(data)
        assert isinstance(packet, CsiFrame)
        demux.feed(packet, 10.0 + i / FS_HZ)
    link = max(demux.links.values(), key=lambda entry: entry.frames)
    window = link.window(60.0, 10.0 + N_QUIET / FS_HZ)
    quiet = QuietModel.fit([window])
    return link, quiet, ChangeModel.fit([window.profiles], fs_hz=FS_HZ)


class Bench:
    """One kind of frames, and engines that know the room."""

    def __init__(
        self, n_frames: int, n_signatures: int, *, is_introspecting: bool = True, is_watched: bool = False
    ) -> None:
        rng = np.random.default_rng(1)
        self.link, self.quiet, self.change = learn(rng)
        self.datagrams = frames(n_frames + SETTLE, rng)
        self.library = library(n_signatures, rng)
        self.is_introspecting = is_introspecting
        self.is_watched = is_watched

    def engine(self) -> tuple[Engine, LiveRoom]:
        """A new one, calibrated, signatures installed."""
        engine = Engine(EngineSettings(is_introspecting=self.is_introspecting))
        room = engine.add_room(RoomSettings(room_id="bench", nodes=None), 99.0)
        engine.expect(room, {self.link.id: self.quiet}, {self.link.id: self.change})
        room.set_library(self.library)
        if self.is_watched:
            assert room.subscribers.open() is not None
        return engine, room

    def whole(self) -> tuple[NDArray[np.float64], float]:
        """(n, 2) CPU and wall µs of `Engine.feed` per frame, and the decode beside it in µs."""
        engine, room = self.engine()
        cpu, wall = time.thread_time_ns, time.perf_counter_ns
        spent = np.zeros((len(self.datagrams), 2))
        decoding = np.zeros(len(self.datagrams))
        at_s = 100.0
        for i, data in enumerate(self.datagrams):
            at_s += 1.0 / FS_HZ
            w0 = wall()
            c0 = cpu()
            engine.feed(data, "192.0.2.1", at_s)
            c1 = cpu()
            w1 = wall()
            spent[i] = c1 - c0, w1 - w0
            if i % 16 == 0:
                c0 = cpu()
                for _ in range(8):
                    decode(data)
                decoding[i] = (cpu() - c0) / 8.0
        assert not self.is_introspecting or room.snapshot is not None
        return spent / 1e3, float(np.median(decoding[::16])) / 1e3

    def stages(self) -> NDArray[np.float64]:
        """(n, stages) CPU µs; the parts are driven by hand, as the engine drives them."""
        _, room = self.engine()
        demux, receiver = Demux("1"), Receiver()
        demux.seed(self.link.id, self.quiet.reference)
        meter = MotionMeter(self.quiet, self.link.active)
        tap = Introspector(self.link.id, self.link.active, change=self.change, library=self.library, fs_hz=FS_HZ)
        _, real = self.engine()
        clock = time.thread_time_ns
        helper, _ = self.engine()
        arrival = helper.feed(self.datagrams[0], "192.0.2.1", 100.0)
        owner = next(iter(helper.taps.values()))
        room.attach(owner, helper.nodes["1"])
        del real, arrival
        spent = np.zeros((len(self.datagrams), len(STAGES)))
        at_s = 100.0
        for i, data in enumerate(self.datagrams):
            at_s += 1.0 / FS_HZ
            t0 = clock()
            arrived = receiver.feed(data, "192.0.2.1", at_s)
            t1 = clock()
            assert arrived is not None
            sample = demux.feed(arrived.packet, at_s)
            t2 = clock()
            assert sample is not None
            motion = meter.update(sample)
            t3 = clock()
            snapshot = tap.update(sample, motion)
            t4 = clock()
            owner.motion = motion
            t5 = clock()
            room.observe(sample, owner, snapshot)
            t6 = clock()
            spent[i] = t1 - t0, t2 - t1, t3 - t2, t4 - t3, t6 - t5
        return spent / 1e3


def overhead() -> float:
    """µs between two looks at the clock."""
    clock = time.thread_time_ns
    return float(np.median([-clock() + clock() for _ in range(5000)])) / 1e3


def cheapest(run: Callable[[], NDArray[np.float64]], n_repeats: int) -> NDArray[np.float64]:
    """Per frame and column the least of several identical runs, the settling left out."""
    return np.min([run() for _ in range(n_repeats)], axis=0)[SETTLE:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--signatures", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--watched", action="store_true", help="with a subscriber, as the panel is")
    parser.add_argument("--no-introspection", action="store_true")
    parser.add_argument("--whole-only", action="store_true")
    args = parser.parse_args()
    bench = Bench(args.frames, args.signatures, is_introspecting=not args.no_introspection, is_watched=args.watched)
    empty = overhead()
    decodes: list[float] = []

    def once() -> NDArray[np.float64]:
        spent, decoding = bench.whole()
        decodes.append(decoding)
        return spent - empty

    whole = cheapest(once, args.repeats)
    slow = max(min(decodes) / DECODE_US, 1.0)
    load = os.getloadavg()[0]
    print(f"load {load:.1f}; clock {empty:.2f} µs (taken off); decode {min(decodes):.2f} µs, idle {DECODE_US}")
    print(f"frames {len(whole)} × {args.repeats}, signatures {args.signatures}; µs; idle = CPU ÷ {slow:.2f}")
    print(f"{'':28s} {'p50':>7s} {'p99':>7s} {'idle p50':>9s} {'p99':>7s}  budget")
    if not (args.whole_only or args.no_introspection):
        parts = cheapest(bench.stages, args.repeats) - empty
        for (name, budget), column in zip(STAGES.items(), parts.T, strict=True):
            _row(name, column, slow, budget)
    _row("datagram → snapshot, CPU", whole[:, 0], slow, BUDGET_US)
    _row("the same, wall", whole[:, 1], slow, BUDGET_US)


def _row(name: str, column: NDArray[np.float64], slow: float, budget: float) -> None:
    p50, p99 = np.median(column), np.percentile(column, 99)
    print(f"{name:28s} {p50:7.1f} {p99:7.1f} {p50 / slow:9.1f} {p99 / slow:7.1f} {budget:7.0f}")


if __name__ == "__main__":
    main()
