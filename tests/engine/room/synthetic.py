"""Links with known content: a smooth static profile, receiver noise, and whatever a test adds."""

from dataclasses import replace

import numpy as np

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.window import LinkWindow

LINK = LinkId("1", "64", "a")
N_PAIRS = 64
ACTIVE = np.r_[1:27, 38:64]


def smooth(rng: np.random.Generator, n: int = N_PAIRS, width: int = 10) -> np.ndarray:
    """A pattern over frequency with the channel's coherence width, unit rms."""
    raw = np.convolve(rng.standard_normal(n + 4 * width), np.hanning(2 * width), "same")[2 * width : 2 * width + n]
    return raw / np.sqrt(np.mean(raw**2))


def window(
    rng: np.random.Generator,
    *,
    seconds: float = 60.0,
    rate_hz: float = 20.0,
    start_s: float = 0.0,
    noise: float = 0.02,
    base_seed: int = 0,
    breath_bpm: float | None = None,
    breath: float = 0.02,
    shift: float = 0.0,
    shift_seed: int = 1,
    moving: float = 0.0,
    link: LinkId = LINK,
    level: float = 12.0,
    rssi_dbm: float = -50.0,
) -> LinkWindow:
    """One link's window.

    noise : relative, independent per bin and frame · breath : log units · shift : static, log units rms
    moving : amplitude of a random walk-like movement, log units
    """
    n = int(seconds * rate_hz)
    times = start_s + (np.arange(n) + rng.uniform(-0.1, 0.1, n)) / rate_hz
    logs = 0.3 * smooth(np.random.default_rng(base_seed))[None, :].repeat(n, axis=0)
    logs = logs + shift * smooth(np.random.default_rng(shift_seed))
    if breath_bpm is not None:
        phase = np.sin(2 * np.pi * breath_bpm / 60 * times)
        logs = logs + breath * phase[:, None] * smooth(np.random.default_rng(7))
    if moving:
        for k in range(3):
            walk = np.convolve(rng.standard_normal(n + 20), np.hanning(9) / 3, "same")[10 : 10 + n]
            logs = logs + moving * walk[:, None] * smooth(np.random.default_rng(20 + k))
    amplitude = np.exp(logs) * (1 + noise * rng.standard_normal(logs.shape))
    profiles = np.zeros((n, N_PAIRS), np.float32)
    dense = np.maximum(amplitude[:, ACTIVE], 0.01)
    profiles[:, ACTIVE] = dense / dense.mean(axis=1, keepdims=True)
    return LinkWindow(
        link=link,
        times=times,
        profiles=profiles,
        levels=np.full(n, level) * (1 + 0.05 * rng.standard_normal(n)),
        rssi_dbm=np.full(n, rssi_dbm) + rng.integers(-1, 2, n),
        frequency_mhz=2437,
    )


def joined(first: LinkWindow, then: LinkWindow) -> LinkWindow:
    """One window after the other."""
    columns = ("times", "profiles", "levels", "rssi_dbm")
    both = {name: np.concatenate([getattr(first, name), getattr(then, name)]) for name in columns}
    return replace(then, **both).cleaned()
