"""Recordings made worse on purpose: what links, boards and clocks do to frames between the room and the engine."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from benchmarks.recordings import newest_at
from benchmarks.take import Take
from ruview_engine.ingest.rows import RecordedDatagram
from ruview_engine.wire import CsiFrame, decode, encode

type Fault = Callable[[Take], Take]


def _chosen(take: Take, keep: np.ndarray) -> Take:
    rows = np.flatnonzero(keep)
    return replace(take, datagrams=tuple(take.datagrams[i] for i in rows), labels=take.labels[rows])


def lossy(take: Take) -> Take:
    """A fifth of the frames are lost, at random."""
    return _chosen(take, np.random.default_rng(1).random(len(take.datagrams)) > 0.2)


def holes(take: Take) -> Take:
    """Three seconds of every twenty are lost."""
    return _chosen(take, take.times % 20.0 < 17.0)


def at_rate(rate_hz: float) -> Fault:
    """One frame per 1/rate s, the newest before each tick."""
    return lambda take: _chosen(take, newest_at(take.times, rate_hz))


def jittered(take: Take) -> Take:
    """Arrival times scatter by 30 ms (uniform ± 30), the order kept."""
    times = np.sort(take.times + np.random.default_rng(2).uniform(-0.03, 0.03, len(take.datagrams)))
    times -= min(times[0], 0.0)
    return replace(take, datagrams=tuple(d._replace(at_s=float(t)) for d, t in zip(take.datagrams, times, strict=True)))


def _frames(take: Take, change: Callable[[int, float, CsiFrame], CsiFrame]) -> Take:
    out = []
    for i, item in enumerate(take.datagrams):
        packet = decode(item.datagram)
        if isinstance(packet, CsiFrame):
            item = item._replace(datagram=encode(change(i, item.at_s, packet)))
        out.append(item)
    return replace(take, datagrams=tuple(out))


def gain_steps(take: Take) -> Take:
    """The receiver's gain falls by 6 dB for seven seconds of every 14: amplitudes and RSSI."""

    def change(_: int, at_s: float, frame: CsiFrame) -> CsiFrame:
        if at_s % 14.0 < 7.0:
            return frame
        halved = np.rint(np.frombuffer(frame.iq, np.int8) * 0.5).astype(np.int8)
        return replace(frame, iq=halved.tobytes(), rssi_dbm=max(frame.rssi_dbm - 6, -127))

    return _frames(take, change)


def saturated(take: Take) -> Take:
    """One frame in a hundred is clipped at the ends of eight bits."""
    hit = np.random.default_rng(3).random(len(take.datagrams)) < 0.01

    def change(i: int, _: float, frame: CsiFrame) -> CsiFrame:
        if not hit[i]:
            return frame
        loud = np.clip(np.frombuffer(frame.iq, np.int8).astype(np.int64) * 8, -128, 127).astype(np.int8)
        return replace(frame, iq=loud.tobytes())

    return _frames(take, change)


def interleaved(take: Take) -> Take:
    """A second transmitter is heard between the frames: another shape, 4 dB off, a quarter as often, no address."""
    rng = np.random.default_rng(4)
    heard = rng.random(len(take.datagrams)) <= 0.25
    other = _another_transmitter(take, rng)
    out: list[RecordedDatagram] = []
    for item, is_followed in zip(take.datagrams, heard, strict=True):
        out.append(item)
        if is_followed:
            out.append(item._replace(at_s=item.at_s + 1e-3, datagram=encode(next(other))))
    labels = np.repeat(take.labels, 1 + heard)
    order = np.argsort([item.at_s for item in out], kind="stable")
    both = replace(take, datagrams=tuple(out[i] for i in order), labels=labels[order])
    return _frames(both, lambda i, _, frame: replace(frame, sequence=i))  # a number heard twice is a repetition


def _another_transmitter(take: Take, rng: np.random.Generator) -> Iterator[CsiFrame]:
    """Frames like the first of a recording, through a channel of six half-waves that stays as it is, and noise."""
    first = decode(take.datagrams[0].datagram)
    assert isinstance(first, CsiFrame)
    own = np.frombuffer(first.iq, np.int8).astype(np.float64)
    x = np.linspace(0.0, np.pi, len(own) // 2)
    shape = np.repeat(np.exp(0.5 * sum(a * np.cos(k * x) for k, a in enumerate(rng.normal(size=6), 1))), 2)
    steady = 0.63 * own * shape / shape.mean()
    noise = 0.03 * np.abs(own).mean() * (own != 0)
    while True:
        iq = np.clip(np.rint(steady + noise * rng.normal(size=len(own))), -128, 127).astype(np.int8)
        yield replace(first, iq=iq.tobytes(), rssi_dbm=max(first.rssi_dbm - 4, -127))


FAULTS: Mapping[str, Fault] = {
    "none": lambda take: take,
    "lossy": lossy,
    "holes": holes,
    "20hz": at_rate(20.0),
    "10hz": at_rate(10.0),
    "5hz": at_rate(5.0),
    "jitter": jittered,
    "gain": gain_steps,
    "saturated": saturated,
    "interleaved": interleaved,
}
