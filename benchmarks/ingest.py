"""From the socket to an accepted packet: throughput, loss, memory, and what a flood does to a known board.

    python benchmarks/ingest.py [--seconds 10] [--rate 20000] [--json OUT]

A child process sends over loopback, this process listens with the CLI's own transport and receiver. A probe board sends
50 frames a second from its own socket all the while, each with its sending time inside; its latency is the time from
`sendto` to the accepted packet, through kernel, event loop, decoder and gate. A benchmark, never a test: it reports.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ruview_engine.cli.transport import Listener  # noqa: E402 - the path above makes it importable
from ruview_engine.ingest import Receiver  # noqa: E402

HEADER = struct.Struct("<IBBHIIbbBB")
STAMP = struct.Struct("<d")
PROBE_NODE = 200
PROBE_HZ = 50
N_NODES = 20
N_PAIRS = 192


def csi(node_id: int, sequence: int, iq: bytes) -> bytes:
    return HEADER.pack(0xC5110001, node_id, 1, len(iq) // 2, 2437, sequence, -55, -95, 0, 0) + iq


def paced(seconds: float, rate: float, send: Callable[[int], object]) -> int:
    """Call `send(i)` at `rate` for `seconds`, or as fast as it goes when `rate` is 0; how many."""
    began = time.perf_counter()
    i = 0
    while True:
        now = time.perf_counter() - began
        if now >= seconds:
            return i
        due = int(now * rate) if rate else i + 64
        while i < due:
            send(i)
            i += 1
        if rate:
            time.sleep(0.0005)


def boards(port: int, seconds: float, rate: float, sent: Any) -> None:
    """Twenty boards with 192-pair frames, `rate` a second in all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        iq = os.urandom(2 * N_PAIRS)
        sent.value = paced(seconds, rate, lambda i: sock.send(csi(1 + i % N_NODES, i // N_NODES, iq)))


def strangers(port: int, seconds: float, rate: float, sent: Any) -> None:
    """Valid frames of boards nobody knows, from 250 addresses."""
    sockets = []
    for i in range(250):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((f"127.9.{i}.1", 0))
        sock.connect(("127.0.0.1", port))
        sockets.append(sock)
    datagrams = [csi(i, 7, os.urandom(2 * N_PAIRS)) for i in range(256)]
    sent.value = paced(seconds, rate, lambda i: sockets[i % 250].send(datagrams[i * 7 % 256]))


def garbage(port: int, seconds: float, rate: float, sent: Any) -> None:
    """Bytes that are no packet, or almost one, from the boards' own address."""
    rnd = random.Random(1)
    rubbish = [rnd.randbytes(rnd.randrange(1, 600)) for _ in range(256)]
    rubbish += [csi(1, 0, rnd.randbytes(2 * N_PAIRS))[: rnd.randrange(4, 400)] for _ in range(256)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sent.value = paced(seconds, rate, lambda i: sock.send(rubbish[i % 512]))


def probe(port: int, seconds: float) -> None:
    """The known board whose latency counts."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.2", 0))
        sock.connect(("127.0.0.1", port))
        filler = bytes(2 * N_PAIRS - STAMP.size)
        for sequence in range(int(seconds * PROBE_HZ)):
            sock.send(csi(PROBE_NODE, sequence, STAMP.pack(time.monotonic()) + filler))
            time.sleep(1 / PROBE_HZ)


def resident_kib() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4
    except OSError:
        return 0


async def measure(name: str, load: Callable[..., None] | None, rate: float, seconds: float) -> dict[str, Any]:
    """One run: the probe alone, or beside a load."""
    receiver = Receiver()
    latencies: list[float] = []

    def take(datagram: bytes, source: tuple[str, int], at_s: float) -> None:
        arrival = receiver.feed(datagram, source, at_s)
        if arrival is not None and arrival.node.node_id == PROBE_NODE:
            latencies.append(time.monotonic() - STAMP.unpack_from(datagram, HEADER.size)[0])

    listener = await Listener.open(take, "127.0.0.1", 0)
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    sent = context.Value("q", 0)
    children = [context.Process(target=probe, args=(listener.port, seconds + 2))]
    if load is not None:
        children.append(context.Process(target=load, args=(listener.port, seconds, rate, sent)))
    children[0].start()
    await asyncio.sleep(1.0)  # the probe is a known board before the load begins
    resident = [resident_kib()]
    cpu = time.process_time()
    before = receiver.counters
    for child in children[1:]:
        child.start()
    for _ in range(4):
        await asyncio.sleep(seconds / 4)
        resident.append(resident_kib())
    cpu = time.process_time() - cpu
    await asyncio.sleep(1.5)
    for child in children:
        child.join()
    await asyncio.sleep(0.2)
    await listener.close()
    counters = receiver.counters
    probes = receiver.nodes[str(PROBE_NODE)].status(time.monotonic()).sequence
    n_probes_sent = int((seconds + 2) * PROBE_HZ)
    n_load = counters.n_received - len(latencies)
    latencies.sort()
    return {
        "run": name,
        "sent_per_s": round(sent.value / seconds),
        "sent": sent.value,
        "received": n_load,
        "lost_before_us": max(0, sent.value - n_load),
        "accepted": counters.n_accepted - len(latencies),
        "probe_sent": n_probes_sent,
        "probe_accepted": len(latencies),
        "probe_last_sequence": probes,
        "latency_ms_p50": round(1000 * latencies[len(latencies) // 2], 3),
        "latency_ms_p99": round(1000 * latencies[int(len(latencies) * 0.99)], 3),
        "latency_ms_max": round(1000 * latencies[-1], 3),
        "cpu_us_per_datagram": round(1e6 * cpu / max(1, counters.n_received - before.n_received), 2),
        "resident_kib": resident,
        "nodes": len(receiver.nodes),
        "granted_buffer_kib": listener.granted_bytes // 1024,
    }


async def run(seconds: float, rate: float) -> list[dict[str, Any]]:
    flood = 2 * rate
    return [
        await measure("probe alone", None, 0, seconds),
        await measure(f"{N_NODES} boards", boards, rate, seconds),
        await measure("strangers", strangers, flood, seconds),
        await measure("garbage", garbage, flood, seconds),
        await measure("strangers, unpaced", strangers, 0, seconds),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20_000.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},")
    print(f"load {os.getloadavg()[0]:.1f} before the start (other work on this machine makes all figures worse)")
    results = asyncio.run(run(arguments.seconds, arguments.rate))
    for result in results:
        print()
        for key, value in result.items():
            print(f"{key:>22}  {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
