"""What one frame costs, stage by stage, with the budget beside it.

    python benchmarks/frame_path.py [--frames 6000]

192 pairs, 20 signatures of 64 × 16, baseline calibrated, 20 Hz of virtual time; motion in every fifth second. The
snapshot is built every frame. Use `taskset -c 1` and an idle machine for figures worth quoting.
"""

import argparse
import time

import numpy as np

from ruview_engine.introspection.introspector import ChangeModel, Introspector
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.signature import FeatureKind, Signature
from ruview_engine.links.demux import Demux
from ruview_engine.links.motion import MotionMeter
from ruview_engine.links.quiet import QuietModel
from ruview_engine.wire.csi import encode
from ruview_engine.wire.packet import CsiFrame
from ruview_engine.wire.registry import decode

N_PAIRS = 192
#: p50/p99 µs. Origin: ARCHITECTURE, "Budgets".
BUDGET_US = 60.0


def frames(n: int, rng: np.random.Generator) -> list[bytes]:
    """Datagrams of a room: a fixed channel, tone jitter, and somebody walking in every fifth second."""
    shape = 30.0 * (1.0 + 0.4 * np.sin(np.arange(N_PAIRS) / 9.0))
    out = []
    for i in range(n):
        amplitude = shape * (1.0 + 0.02 * rng.normal(size=N_PAIRS))
        if (i // 20) % 5 == 4:
            amplitude = amplitude * (1.0 + 0.2 * np.sin(0.3 * i + np.arange(N_PAIRS) / 15.0))
        parts = np.zeros(2 * N_PAIRS, dtype=np.int8)
        parts[1::2] = np.clip(np.round(amplitude), 0, 127)
        for start, stop in ((0, 1), (27, 38), (93, 100), (157, 164)):
            parts[2 * start : 2 * stop] = 0
        out.append(
            encode(
                CsiFrame(
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
            )
        )
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=6000)
    parser.add_argument("--signatures", type=int, default=20)
    parser.add_argument("--cpu", action="store_true", help="CPU time of this thread: on a busy machine")
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    datagrams = frames(args.frames + 1200, rng)
    demux = Demux("1")
    windows = []
    at_s = 100.0
    for i in range(1200):
        at_s += 0.05
        packet = decode(datagrams[i % 80])
        assert isinstance(packet, CsiFrame)
        demux.feed(packet, at_s)
    link = max(demux.links.values(), key=lambda entry: entry.frames)
    windows = [link.window(60.0, at_s)]
    quiet = QuietModel.fit(windows)
    began = time.perf_counter()
    change = ChangeModel.fit([w.profiles for w in windows], fs_hz=20.0, quiet=quiet)
    print(f"fitting the change model, 60 s at 20 Hz: {1e3 * (time.perf_counter() - began):.0f} ms (slow path)")
    tap = Introspector(link.id, link.active, change=change, library=library(args.signatures, rng), fs_hz=20.0)
    meter = MotionMeter(quiet, link.active)
    clock = time.thread_time_ns if args.cpu else time.perf_counter_ns
    spent = np.zeros((args.frames, 4))
    n_changed = 0
    for i, data in enumerate(datagrams[1200:]):
        at_s += 0.05
        t0 = clock()
        packet = decode(data)
        t1 = clock()
        sample = demux.feed(packet, at_s)
        t2 = clock()
        motion = meter.update(sample) if sample is not None else None
        t3 = clock()
        if sample is not None:
            n_changed += tap.update(sample, motion).regime_changed
        t4 = clock()
        spent[i] = (t1 - t0, t2 - t1, t3 - t2, t4 - t3)
    spent = spent[200:] / 1e3
    print(f"{'stage':28s} {'p50':>7s} {'p99':>7s} µs")
    for name, column in zip(("decode", "demux, gain, link", "motion z", "introspection"), spent.T, strict=True):
        print(f"{name:28s} {np.median(column):7.1f} {np.percentile(column, 99):7.1f}")
    total = spent.sum(axis=1)
    print(
        f"{'datagram → snapshot':28s} {np.median(total):7.1f} {np.percentile(total, 99):7.1f}   budget p99 {BUDGET_US}"
    )
    print(f"regime changes seen {n_changed}, signatures {args.signatures}, frames {len(spent)}")


if __name__ == "__main__":
    main()
