"""What a home of four nodes takes of the event loop: CPU of its turns, frames, ticks and the slow job's copies in all.

    python benchmarks/loop_turns.py [--seconds 40]

Four nodes hear three transmitters each, 50 frames a second of 192 pairs per link, in two calibrated rooms with 20
signatures. The worst that can happen is taken for the rule: all twelve frames of an instant wait together for one turn.
Nothing sleeps: time is virtual, and what is measured is CPU time of the thread, so other work on the machine does not
count. The slow job itself runs elsewhere; what its threads cost the loop by the interpreter's lock is not in here.
"""

import argparse
import os
import time
from dataclasses import replace

import numpy as np
from frame_path import frames, learn, library

from ruview_engine.engine import Engine
from ruview_engine.links.link_id import LinkId
from ruview_engine.settings import RoomSettings
from ruview_engine.wire.csi import encode
from ruview_engine.wire.packet import CsiFrame
from ruview_engine.wire.registry import decode

N_NODES = 4
TRANSMITTERS = tuple(bytes([2, 0, 0, 0, 0, k]) for k in range(3))
FS_HZ = 50.0
#: p99 of a turn, ms. Origin: chosen; a tenth of the 50 ms from which a person sees that something is late.
BUDGET_MS = 5.0
#: Seconds not counted: caches, first allocations, warm-up of the estimators.
SETTLE_S = 10.0


def turns(n_frames: int, rng: np.random.Generator) -> list[list[tuple[bytes, str]]]:
    """Per instant one datagram of every link, with the address it comes from."""
    out = []
    for i, data in enumerate(frames(n_frames, rng)):
        packet = decode(data)
        assert isinstance(packet, CsiFrame)
        out.append(
            [
                (encode(_heard(packet, node, k, 3 * i + k)), f"192.0.2.{node}")
                for node in range(1, N_NODES + 1)
                for k in range(len(TRANSMITTERS))
            ]
        )
    return out


def _heard(frame: CsiFrame, node: int, transmitter: int, sequence: int) -> CsiFrame:
    return replace(frame, version=2, node_id=node, transmitter=TRANSMITTERS[transmitter], sequence=sequence)


def home(rng: np.random.Generator) -> Engine:
    """Two rooms of two nodes, every link calibrated."""
    engine = Engine()
    _, quiet, change = learn(rng)
    for name, nodes in (("one", ("1", "2")), ("two", ("3", "4"))):
        room = engine.add_room(RoomSettings(room_id=name, nodes=frozenset(nodes)), 0.0)
        links = [LinkId(node, "192", transmitter.hex()) for node in nodes for transmitter in TRANSMITTERS]
        engine.expect(room, dict.fromkeys(links, quiet), dict.fromkeys(links, change))
        room.set_library(library(20, rng))
    return engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    engine = home(rng)
    spent: list[float] = []
    due_s = 1.0
    for i, turn in enumerate(turns(int(args.seconds * FS_HZ), rng)):
        at_s = i / FS_HZ
        jobs = []
        began = time.thread_time_ns()
        for datagram, source in turn:
            engine.feed(datagram, source, at_s)
        if at_s >= due_s:
            engine.tick(at_s)
            jobs = [(room, room.slow_job(at_s)) for room in engine.rooms.values()]
        ended = time.thread_time_ns()
        for room, job in jobs:
            room.apply(job())
            due_s = at_s + 1.0
        if at_s >= SETTLE_S:
            spent.append((ended - began) / 1e6)
    p50, p99 = np.median(spent), np.percentile(spent, 99)
    print(
        f"load {os.getloadavg()[0]:.1f}; {len(engine.taps)} links at {FS_HZ:g} Hz, {len(spent)} turns of 12 frames; CPU"
    )
    print(f"a turn: p50 {p50:.2f}, p99 {p99:.2f}, most {max(spent):.2f} ms; budget {BUDGET_MS:g} ms")
    print(f"a core: {np.sum(spent) / 10.0 / (len(spent) / FS_HZ):.1f} %, {1e3 * np.mean(spent) / 12:.0f} µs per frame")


if __name__ == "__main__":
    main()
