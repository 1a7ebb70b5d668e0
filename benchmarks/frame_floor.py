"""What the arithmetic of one frame costs without any logic: the bare array calls of the frame path, one after another.

    python benchmarks/frame_floor.py [--repeats 2000]

Sizes are those of `frame_path.py`: 192 pairs in three fields, 30 rows of motion, 41 of novelty against 136 known
shapes, 16 bands, 20 signatures of 64. Every result goes nowhere, no state is kept, nothing is checked: the frame path
cannot be cheaper than this without other mathematics or compiled code. Least of the repetitions, CPU time of a thread.
"""

import argparse
import time

import numpy as np

N_PAIRS = 192


def calls(rng: np.random.Generator) -> dict[str, list]:
    """Per stage its array calls, ready to be made."""
    f32 = np.float32
    iq, table = bytes(2 * N_PAIRS), rng.random(65536).astype(f32)
    pairs, means = rng.random(N_PAIRS).astype(f32), np.ones(3, f32)
    fields, expand = rng.random((3, N_PAIRS)).astype(f32), rng.random((3, N_PAIRS)).astype(f32)
    bins, shape, shapes = np.arange(0, N_PAIRS, 3), rng.random(64).astype(f32), rng.random((96, 64)).astype(f32)
    ring, likeness = np.zeros((384, N_PAIRS), np.float16), rng.random(136).astype(f32)
    blocks, block, sums = rng.random((30, N_PAIRS)).astype(f32), rng.random(30).astype(f32), rng.random((128, 30))
    lags, parts, steps, total = rng.random((3, 8)), rng.random((30, 2)), rng.random((3, 30)), rng.random(30)
    squares, summed = np.empty_like(steps), np.empty_like(total)
    rows = (9, 8, 7, 6, 6, 5, 3, 2)
    waves, wave, known = (
        rng.random((41, N_PAIRS)).astype(f32),
        rng.random(41).astype(f32),
        rng.random((136, 41)).astype(f32),
    )
    smooth, part, norms = known[:, :25].copy(), wave[:25].copy(), rng.random(136).astype(f32)
    bands, band, vector, other = (
        rng.random((16, N_PAIRS)).astype(f32),
        rng.random(16).astype(f32),
        rng.random(16),
        rng.random(16),
    )
    number, moved = np.array(0.5), np.empty(16)
    n, n_rows = 20, 64
    n_cells = n * (n_rows + 1)
    columns, offset = rng.random((18, n_cells)), rng.random(16)
    sums_float, sums_bits = np.empty(n_cells), np.ones(n_cells, np.uint64)
    running, cells, relative = (np.ones(n_cells, np.int64) for _ in range(3))
    cost, paid, tolls = np.ones(n * n_rows, np.int64), np.ones(n, np.int64), np.ones(n, np.int64)
    buffers = [np.ones((32 + n_rows) * n, np.int64) for _ in range(2)]
    here, there = (buffer[32 * n :] for buffer in buffers)
    before = [buffers[k % 2][(32 - 2**k) * n : -(2**k) * n] for k in range(6)]
    starts, sample = cells.view(np.uint16)[::4], rng.random(18)
    clock, lag, limit = (np.ones(n_cells, np.uint16) for _ in range(3))
    outside, dead = np.zeros(n_cells, np.bool_), np.array(1 << 61)
    bits, one, begin = np.array(16, np.uint64), np.array(1, np.uint16), np.array(5)
    begun, inner = cells[:n], cells[n:]
    sums_here, sums_before, from_here, from_before = running[n:], running[:-n], relative[n:], relative[:-n]
    add, subtract, multiply = np.add, np.subtract, np.multiply
    return {
        "demux: amplitudes, gain, nearest of 96 shapes, ring": [
            lambda: table.take(np.frombuffer(iq, np.uint16, N_PAIRS)),
            lambda: fields.dot(pairs),
            lambda: np.reciprocal(means, means),
            lambda: means.dot(expand),
            lambda: pairs * pairs,
            lambda: pairs[bins],
            lambda: shape.dot(shape),
            lambda: shape * 1.0,
            lambda: shapes.dot(shape),
            lambda: likeness.argmax(),
            lambda: shape.dot(shape),
            lambda: shapes.__setitem__(5, shape),
            lambda: ring.__setitem__(5, pairs),
        ],
        "motion: 30 rows, two lags and the noise": [
            lambda: blocks.dot(pairs),
            lambda: block - block,
            lambda: add(total, block, summed),
            lambda: sums.__setitem__(5, total),
            lambda: lags.dot(sums.take(rows, 0, None, "wrap")),
            lambda: multiply(steps, steps, squares),
            lambda: steps.dot(parts).tolist(),
            lambda: block - block,
            lambda: block.dot(block),
        ],
        "change: 41 rows, nearest of 136 shapes": [
            lambda: waves.dot(pairs) - wave,
            lambda: smooth.dot(part),
            lambda: subtract(norms, norms, likeness),
            lambda: likeness.argmax(),
            lambda: wave - known[7],
            lambda: part.dot(part),
            lambda: part.dot(part),
            lambda: known.__setitem__(7, wave),
            lambda: smooth.__setitem__(7, part),
        ],
        "signatures: features, idle": [
            lambda: bands.dot(pairs),
            lambda: subtract(band, vector, moved),
            lambda: multiply(vector, number, moved),
            lambda: add(vector, other, moved),
            lambda: subtract(vector, other, moved),
            lambda: vector.dot(vector),
            lambda: multiply(vector, number, moved),
            lambda: add(vector, other, moved),
        ],
        "signatures: one column of 1300 cells": [
            lambda: subtract(vector, other, offset),
            lambda: offset.dot(offset),
            lambda: sample.dot(columns, sums_float),
            lambda: np.left_shift(sums_bits, bits, sums_bits),
            lambda: add(paid, begin, begun),
            lambda: subtract(sums_here, sums_before, cost),
            lambda: subtract(cells, running, relative),
            lambda: np.minimum(from_here, from_before, here),
            lambda: add(here, cost, here),
            *(lambda k=k: np.minimum((here, there)[k % 2], before[k], (there, here)[k % 2]) for k in range(6)),
            lambda: add(here, sums_here, inner),
            lambda: add(clock, one, clock),
            lambda: subtract(clock, starts, lag),
            lambda: np.greater(lag, limit, outside),
            lambda: np.putmask(cells, outside, dead),
            lambda: subtract(paid, tolls, paid),
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2000)
    args = parser.parse_args()
    stages = calls(np.random.default_rng(1))
    clock = time.thread_time_ns
    spent = np.zeros((args.repeats, len(stages)))
    for turn in spent:
        for k, stage in enumerate(stages.values()):
            began = clock()
            for call in stage:
                call()
            turn[k] = clock() - began
    empty = min(-clock() + clock() for _ in range(1000))
    least = (spent.min(axis=0) - empty) / 1e3
    for (name, stage), us in zip(stages.items(), least, strict=True):
        print(f"{name:52s} {len(stage):3d} calls {us:6.1f} µs")
    print(f"{'all':52s} {sum(map(len, stages.values())):3d} calls {least.sum():6.1f} µs")


if __name__ == "__main__":
    main()
