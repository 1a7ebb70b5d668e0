"""A small synthetic air: transmitters as sums of echoes, a body as two more echoes that move."""

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.wire.packet import CsiFrame

ACTIVE = np.r_[1:27, 38:64]
TONES = np.where(np.arange(64) < 32, np.arange(64), np.arange(64) - 64)


def frame_of(pairs: NDArray[np.complexfloating], **changes: object) -> CsiFrame:
    """A frame that carries these complex values, imaginary part first."""
    return next(frames_of(pairs[None], **changes))


def frames_of(
    rows: NDArray[np.complexfloating], levels_dbm: Sequence[int] = (), **changes: object
) -> Iterator[CsiFrame]:
    """A frame for each row, all else alike."""
    n_pairs = rows.shape[1]
    iq = np.empty((len(rows), 2 * n_pairs), dtype=np.int8)
    iq[:, 0::2] = np.clip(np.round(rows.imag), -127, 127)
    iq[:, 1::2] = np.clip(np.round(rows.real), -127, 127)
    fields: dict[str, object] = {
        "version": 1,
        "node_id": 1,
        "n_antennas": 1,
        "n_pairs": n_pairs,
        "freq_mhz": 2412,
        "sequence": 0,
        "noise_floor_dbm": -90,
        "ppdu": 0,
        "flags": 0,
    }
    for row, level in zip(iq, levels_dbm or repeat(-50), strict=False):
        yield CsiFrame(**(fields | {"iq": row.tobytes(), "rssi_dbm": level} | changes))  # type: ignore[arg-type]


class Air:
    """One transmitter heard in one room, 64 pairs, 2.4 % tone jitter, random phase and gain per frame."""

    def __init__(self, seed: int, level: float = 40.0, jitter: float = 0.024) -> None:
        self.rng = np.random.default_rng(seed)
        self.level = level
        self.jitter = jitter
        delays = self.rng.uniform(0.0, 0.2e-6, 5)
        weights = self.rng.normal(size=5) + 1j * self.rng.normal(size=5)
        weights[0] += 3.0
        self.static = np.exp(-2j * np.pi * np.outer(TONES * 312_500.0, delays)) @ weights
        self.static /= np.abs(self.static[ACTIVE]).mean()

    def pairs(self, body_m: float | None = None) -> NDArray[np.complexfloating]:
        """One frame's values; `body_m` is the length of the body's detour, None for an empty room."""
        return self.rows(1, None if body_m is None else np.array([body_m]))[0]

    def rows(self, n_frames: int, body_m: NDArray[np.float64] | None = None) -> NDArray[np.complexfloating]:
        """(n_frames, 64) values of as many frames; the same whether asked for at once or one by one."""
        channel = np.tile(self.static, (n_frames, 1))
        if body_m is not None:
            for gain, detours_m in ((0.15, body_m[:, None]), (0.08, 1.6 * body_m[:, None] + 2.0)):
                echoes = np.exp(-2j * np.pi * (2.412e9 + TONES * 312_500.0) * detours_m / 3e8)
                channel += gain * 6.0 / detours_m * echoes
        gains = np.empty((n_frames, 1), dtype=complex)
        for k in range(n_frames):
            channel[k] += self.jitter * (self.rng.normal(size=64) + 1j * self.rng.normal(size=64))
            gains[k] = self.level * self.rng.uniform(0.8, 1.2) * np.exp(1j * self.rng.uniform(0, 2 * np.pi))
        out = np.zeros((n_frames, 64), dtype=complex)
        out[:, ACTIVE] = (channel * gains)[:, ACTIVE]
        return out


def walk(times: NDArray[np.float64], seed: int = 5) -> NDArray[np.float64]:
    """Detour of a body that walks to and fro at about 1 m/s, in metres."""
    rng = np.random.default_rng(seed)
    phases = rng.uniform(0, 2 * np.pi, 3)
    return 6.0 + 1.5 * np.sin(0.9 * times + phases[0]) + 0.8 * np.sin(2.1 * times + phases[1])


def stretch(
    air: Air, fs_hz: float, seconds: float, *, moving: bool, start_s: float = 0.0
) -> list[tuple[float, CsiFrame]]:
    """Frames at a steady rate."""
    times = start_s + np.arange(round(fs_hz * seconds)) / fs_hz
    rows = air.rows(len(times), walk(times) if moving else None)
    return list(zip(times.tolist(), frames_of(rows), strict=True))


def samples_of(profiles: NDArray[np.float32], fs_hz: float, start_s: float = 0.0) -> Iterator[Sample]:
    """Samples of one link with these profiles."""
    for index, profile in enumerate(profiles):
        yield Sample(
            link=LinkId("1", "64", "a"),
            at_s=start_s + index / fs_hz,
            index=index,
            profile=profile,
            level=30.0,
            rssi_dbm=-50,
            gap_s=None if index == 0 else 1 / fs_hz,
        )
