"""What one slow tick costs: two boards with three known links each, a minute at 20 Hz, a taught room, somebody sitting.

python -m benchmarks.slow_tick [--nodes 2] [--links 3] [--ticks 60] [--repeats 5]

CPU time of the thread that does it. A tick is a pure function, so each is done several times and the cheapest counts:
what it has to do is in every repetition, what other processes do to the caches is not. Least and median of the ticks;
with addresses (format 2) and without (format 1: labels are matched anew every tick). `wire.decode` is timed beside it:
its cost over that on an idle machine says by how much the machine was slowed down.
"""

import argparse
import os
import time
from dataclasses import replace
from typing import Final

import numpy as np

from benchmarks.room_lab import Lab
from ruview_engine.room.changes import BaselineCaptured
from ruview_engine.room.window import RoomInputs
from ruview_engine.simulate import scenes
from ruview_engine.simulate.scene import FrameShare, Scene
from ruview_engine.wire import decode

#: Of every link, frames per second. Origin: ARCHITECTURE, "Budgets".
RATE_HZ: Final = 20.0
#: One tick, ms of CPU. Origin: ARCHITECTURE, "Budgets"; on an idle machine.
BUDGET_MS: Final = 25.0
#: Furniture, neighbours and noise. Origin: chosen, the first home in which all anchors are accepted.
SEED: Final = 1
#: The room's window is full, and the person has settled. Origin: `life.WINDOW_S`.
SETTLE_S: Final = 75


def home(nodes: int, links: int, version: int) -> Scene:
    """Boards that hear `links` transmitters equally often and about equally well."""
    scene = scenes.living_room(nodes=nodes, layout=64, n_others=links - 1, version=version, seed=SEED)
    shares = tuple(FrameShare(transmitter=k, layout="64", share=1.0 / links) for k in range(links))
    sites = tuple(replace(site, frames=shares, rate_hz=links * RATE_HZ) for site in scene.nodes)
    transmitters = tuple(replace(one, power_dbm=scene.transmitters[0].power_dbm) for one in scene.transmitters)
    return replace(scene, nodes=sites, transmitters=transmitters)


def decoding_us(lab: Lab) -> float:
    """What decoding one of the home's frames costs now, µs; the least of many."""
    (_, _, datagram), *_ = lab.simulator.second()
    lab.at_s += 1.0
    times = []
    for _ in range(400):
        began = time.thread_time_ns()
        decode(datagram)
        decode(datagram)
        times.append((time.thread_time_ns() - began) / 2e3)
    return min(times)


def measure(nodes: int, links: int, version: int, n_ticks: int, n_repeats: int) -> None:
    """Teach the room, let somebody sit down, and time the ticks."""
    lab = Lab(scene=home(nodes, links, version), seed=SEED)
    captured = lab.calibrate()
    assert isinstance(captured, BaselineCaptured), captured
    lab.enrol()
    lab.train()
    lab.act("sit")
    lab.run(SETTLE_S)
    costs, counts = [], []
    for _ in range(n_ticks):
        lab.run(1, is_ticking=False)
        windows = lab.windows()
        job = lab.room.slow_job(RoomInputs(at_s=lab.at_s, windows=windows))
        spent = []
        for _ in range(n_repeats):
            began = time.thread_time()
            result = job()
            spent.append(1e3 * (time.thread_time() - began))
        costs.append(min(spent))
        lab.room.apply(result)
        counts.append((len(windows), sum(map(len, windows))))
    heard, frames = np.median(counts, axis=0)
    kinds = [] if lab.room.bank is None else sorted(kind.value for kind in lab.room.bank.kinds)
    print(
        f"format {version}: {len(captured.baseline.links)} known links, {heard:.0f} heard, {frames:.0f} frames, "
        f"bank {kinds}: least {min(costs):.1f} ms, median {np.median(costs):.1f}, most {max(costs):.1f} "
        f"(budget {BUDGET_MS:g}); load {os.getloadavg()[0]:.1f}, decode {decoding_us(lab):.2f} µs",
        flush=True,
    )


def main() -> None:
    """One line with addresses, one without."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--links", type=int, default=3, help="of every board")
    parser.add_argument("--ticks", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for version in (2, 1):
        measure(options.nodes, options.links, version, options.ticks, options.repeats)


if __name__ == "__main__":
    main()
