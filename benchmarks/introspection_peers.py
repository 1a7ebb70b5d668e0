"""Our per-frame update against other libraries, in the same run on the same data.

    python benchmarks/introspection_peers.py [--quick]

Peers are the optional extra `bench` (dtaidistance, tslearn, nolds, neurokit2); one that is not installed is skipped.
DTW peers recompute a subsequence alignment of the newest 2 × length samples for every frame; ours takes one column per
frame. Ratios are peer / ours. Where the problem is the same, results are compared first.
"""

import argparse
import importlib
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ruview_engine.dsp.neighbours import squared_distances
from ruview_engine.dsp.spring import SpringBank
from ruview_engine.introspection.lyapunov import Lyapunov

DIMS = 16


def peer(name: str) -> ModuleType | None:
    """The module, or None with a line saying how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"  {name}: not installed ({error}); skipped")
        return None


def micros(call: Callable[[], Any], n: int) -> float:
    """Median µs of n calls, CPU time of this thread."""
    spent = []
    for _ in range(n):
        began = time.thread_time_ns()
        call()
        spent.append(time.thread_time_ns() - began)
    return float(np.median(spent)) / 1e3


def dtw(n_signatures: int, length: int, *, quick: bool) -> None:
    """One frame against all signatures."""
    rng = np.random.default_rng(3)
    templates = [rng.normal(size=(length, DIMS)) for _ in range(n_signatures)]
    stream = rng.normal(size=(2 * length, DIMS))
    bank = SpringBank(templates, bands=[8] * n_signatures)
    rows = iter(np.tile(stream, (600, 1)))
    ours = micros(lambda: bank.update(next(rows)), 400)
    print(f"{n_signatures:4d} signatures × {length:3d} × {DIMS}: ours, band 8            {ours:10.1f} µs")
    n = 1 if quick else 3
    for name, run in PEERS:
        module = peer(name)
        if module is None:
            continue
        one = micros(lambda run=run, module=module: run(module, templates[0], stream), n)
        total = one * n_signatures
        print(f"{'':25s} {name:26s} {total:10.0f} µs   ratio {total / ours:8.0f}  ({one:.0f} µs per signature)")


def _dtaidistance(module: ModuleType, template: np.ndarray, stream: np.ndarray) -> float:
    from dtaidistance.subsequence.dtw import subsequence_alignment

    return float(subsequence_alignment(template, stream).best_match().value)


def _tslearn(module: ModuleType, template: np.ndarray, stream: np.ndarray) -> float:
    from tslearn.metrics import dtw_subsequence_path

    return float(dtw_subsequence_path(template, stream)[1])


PEERS: tuple[tuple[str, Callable[[ModuleType, np.ndarray, np.ndarray], float]], ...] = (
    ("dtaidistance", _dtaidistance),
    ("tslearn", _tslearn),
)


def same_problem() -> None:
    """Symmetric1 without band is what tslearn solves: smallest end cost over the stream, square root."""
    module = peer("tslearn")
    if module is None:
        return
    rng = np.random.default_rng(4)
    template, stream = rng.normal(size=(20, 3)), rng.normal(size=(80, 3))
    # the band must not cut anything: as wide as the stream is long
    bank = SpringBank([template], bands=[80], diagonal_weight=1)
    ours = []
    for x in stream:
        bank.update(x)
        ours.append(bank.distances()[0, -1])
    theirs = _tslearn(module, template, stream)
    print(
        f"subsequence DTW, symmetric1: ours {np.sqrt(min(ours)):.6f}, tslearn {theirs:.6f}, "
        f"allclose {np.allclose(np.sqrt(min(ours)), theirs, rtol=1e-4)}"
    )


def lyapunov(n: int) -> None:
    """One exponent from n points."""
    x = np.empty(n + 40)
    x[0] = 0.37
    for i in range(1, len(x)):
        x[i] = 4.0 * x[i - 1] * (1.0 - x[i - 1])
    points = np.stack([x[k : k + n + 20] for k in range(3)], axis=1)
    estimator = Lyapunov(n)
    ours = micros(lambda: estimator.read(squared_distances(points[:n], 4), 1.0), 200)
    print(f"Lyapunov, n = {n:3d}: ours {ours:6.1f} µs per report (distances and interval included)")
    nolds = peer("nolds")
    if nolds is not None:
        theirs = micros(lambda: nolds.lyap_r(x[:n], emb_dim=3, lag=1, min_tsep=4, trajectory_len=8), 3)
        print(f"{'':18s} nolds {theirs:8.0f} µs   ratio {theirs / ours:6.0f}")
    neurokit2 = peer("neurokit2")
    if neurokit2 is not None:
        theirs = micros(lambda: neurokit2.complexity_lyapunov(x[:n], delay=1, dimension=3, separation=4), 3)
        print(f"{'':18s} neurokit2 {theirs:8.0f} µs   ratio {theirs / ours:6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one repetition of the slow peers")
    args = parser.parse_args()
    same_problem()
    for length in (64, 256):
        for n_signatures in (3, 20, 100):
            dtw(n_signatures, length, quick=args.quick)
    for n in (64, 96, 256):
        lyapunov(n)


if __name__ == "__main__":
    main()
