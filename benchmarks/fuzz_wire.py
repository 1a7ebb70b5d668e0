"""Throw mutated datagrams at the decoder and the receiver: no exception, exact or refused, no growth.

    python benchmarks/fuzz_wire.py                       ten million, about four minutes
    python benchmarks/fuzz_wire.py --runs 100000         what the default tests do
    python benchmarks/fuzz_wire.py --engine atheris      coverage guided (package atheris), decoder only

Seeds are the golden bytes of tests/engine/wire/golden.py. The invariant is one sentence: `decode` returns a packet that
`encode` turns back into the very same bytes, or an `Undecodable`; `Receiver.feed` returns, and counts every datagram
exactly once.
"""

import argparse
import gc
import random
import struct
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

#: Growth of traced memory over a hundred thousand datagrams that counts as a leak: one byte each. Looked for in runs of
#: a million and more; before that the rings of the nodes still fill.
MAX_GROWTH = 100_000
TRACED = 100_000
MIN_RUNS_TRACED = 1_000_000


class Mutator:
    """Seeds → datagrams. Seeded, so a failure happens again."""

    def __init__(self, seeds: list[bytes], seed: int) -> None:
        self._random = random.Random(seed)
        self._seeds = seeds
        self._magics = [data[:4] for data in seeds]

    def next(self) -> bytes:
        """One datagram: mostly a golden one with a few wounds, sometimes something else."""
        rnd = self._random.random
        pick = self._random.randrange
        choice = rnd()
        if choice < 0.03:
            return self._random.randbytes(pick(80))
        if choice < 0.08:
            return self._magics[pick(len(self._magics))] + self._random.randbytes(pick(120))
        data = bytearray(self._seeds[pick(len(self._seeds))])
        for _ in range(pick(5)):
            if not data:
                break
            kind = pick(8)
            at = pick(len(data))
            if kind == 0:
                data[at] ^= 1 << pick(8)
            elif kind == 1:
                data[at] = (0, 0xFF, 0x7F, 0x80)[pick(4)]
            elif kind == 2:
                data[at] = pick(256)
            elif kind == 3:
                del data[at:]
            elif kind == 4:
                data += self._random.randbytes(pick(24))
            elif kind == 5:
                del data[at : at + 1 + pick(4)]
            elif kind == 6:
                other = self._seeds[pick(len(self._seeds))]
                data[at:] = other[pick(len(other)) :]
            else:
                width = (2, 4)[pick(2)]
                value = (0, 1, 2, 24, 48, 64, 1024, 1025, 0xFFFF, pick(1 << 16))[pick(10)]
                data[at : at + width] = value.to_bytes(width, "little")
        if rnd() < 0.2 and len(data) > 20:  # let checksummed packets through to their fields
            data[-4:] = crc32(data[:-4]).to_bytes(4, "little")
        return bytes(data)


def fuzz(runs: int, seed: int = 1, *, report_every: int = 1_000_000) -> dict[str, object]:
    """Run the loop. Raises AssertionError (or whatever escaped) with the datagram in its notes."""
    from ruview_engine.ingest import Receiver
    from ruview_engine.wire import Undecodable, decode, encode
    from tests.engine.wire.golden import GOLDEN

    mutator = Mutator([data for data, _ in GOLDEN.values()], seed)
    sources = [(f"10.0.0.{i}", 40_000 + i) for i in range(1, 9)]
    receiver = Receiver()
    outcomes: Counter[str] = Counter()
    traced: list[int] = []
    resident = [resident_kib()]
    began = time.perf_counter()
    trace, warm_up = runs >= MIN_RUNS_TRACED, runs // 2
    for index in range(runs):
        data = mutator.next()
        try:
            outcome = decode(data)
            if isinstance(outcome, Undecodable):
                outcomes[outcome.reason.value] += 1
            else:
                outcomes["accepted"] += 1
                assert encode(outcome) == data, "accepted, but not kept to the byte"
            receiver.feed(data, sources[index & 7], index * 1e-3)
        except Exception as error:
            error.add_note(f"datagram {index}, seed {seed}: {data.hex()}")
            raise
        if trace and index == warm_up:
            tracemalloc.start()
        if trace and index in (
            warm_up + TRACED,
            warm_up + 2 * TRACED,
        ):  # the first stretch only replaces untraced objects
            gc.collect()
            traced.append(tracemalloc.get_traced_memory()[0])
            if len(traced) == 2:
                tracemalloc.stop()
        if index and index % report_every == 0:
            resident.append(resident_kib())
            rate = index / (time.perf_counter() - began)
            print(f"{index:>11,} datagrams  {rate:>9,.0f}/s  resident {resident[-1]:,} KiB", flush=True)
    resident.append(resident_kib())
    counters = receiver.counters
    accounted = (
        counters.n_accepted
        + counters.n_rejected
        + counters.n_limited
        + counters.n_limited_strangers
        + counters.n_duplicates
        + counters.n_late
        + counters.n_held
        + counters.n_refused
        + counters.n_unattributed
    )
    assert accounted == counters.n_received == runs, f"{runs} fed, {accounted} accounted for"
    assert len(receiver.nodes) <= 32
    growth = traced[1] - traced[0] if trace else 0
    assert growth < MAX_GROWTH, f"traced memory grew by {growth} bytes in {TRACED} datagrams"
    return {
        "datagrams": runs,
        "seconds": round(time.perf_counter() - began, 1),
        "outcomes": dict(sorted(outcomes.items())),
        "nodes": len(receiver.nodes),
        f"traced growth over {TRACED:,} datagrams, bytes": growth if trace else None,
        "resident, KiB: start, after warm-up, end": (resident[0], resident[len(resident) // 2], resident[-1]),
    }


def resident_kib() -> int:
    """Resident memory of this process; 0 where /proc is missing."""
    try:
        fields = Path("/proc/self/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * 4


def fuzz_with_atheris(runs: int, seed: int) -> None:
    """Coverage-guided search by libFuzzer. Ends the process."""
    import tempfile

    import atheris

    with atheris.instrument_imports(include=["ruview_engine"]):
        from ruview_engine.wire import Undecodable, decode, encode
    from tests.engine.wire.golden import GOLDEN

    def one(data: bytes) -> None:
        # libFuzzer does not guess checksums: also try the datagram with its last four bytes made right.
        for candidate in (data, data[:-4] + struct.pack("<I", crc32(data[:-4])) if len(data) > 20 else b""):
            outcome = decode(candidate)
            assert isinstance(outcome, Undecodable) or encode(outcome) == candidate

    with tempfile.TemporaryDirectory() as corpus:
        for name, (data, _) in GOLDEN.items():
            (Path(corpus) / name).write_bytes(data)
        atheris.Setup([sys.argv[0], f"-runs={runs}", f"-seed={seed}", "-max_len=700", "-rss_limit_mb=512", corpus], one)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["mutate", "atheris"], default="mutate")
    arguments = parser.parse_args()
    if arguments.engine == "atheris":
        fuzz_with_atheris(arguments.runs, arguments.seed)
        return 0
    for name, value in fuzz(arguments.runs, arguments.seed).items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
